"""About 600 pixels wide, so that no window cuts it."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..measuring import pixels
from ..page import Page

CODE = "width"
NARROWEST, WIDEST, PHONE = 480, 680, 375


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """The widest thing that says its width in pixels."""
    widest, what = 0.0, None
    for element in page.body.walk():
        own = page.styles.own(element)
        said = own.get("max-width") or own.get("width") or element.attributes.get("width", "")
        if not said.strip().endswith("%") and element.tag in ("div", "table", "td", "img"):
            found = pixels(said, 0)
            if found > widest:
                widest, what = found, element
    if widest > WIDEST:
        yield page.finding(
            CODE, "warning", f"The letter is {widest:.0f} pixels wide: reading panes show 600 to 640.",
            "Make it 600 pixels wide.", what,
        )  # fmt: skip
    elif 0 < widest < NARROWEST and len(page.body.text) > 200:
        yield page.finding(CODE, "hint", f"The letter is only {widest:.0f} pixels wide.", "600 pixels is usual.", what)


LOOK = Look(
    CODE, "Width", "warning", "Reading panes are 600 to 700 pixels wide; wider letters are cut or scroll sideways.",
    page=look,
)  # fmt: skip
