"""What the reader should do can be seen without scrolling."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..measuring import Measured, buttons
from ..page import Page

CODE = "call-to-action"
FOLD = {"desktop": 640.0, "phone": 600.0}  # pixels of a letter most windows show under the lines of the program
SURE = 1.1  # the estimate may be off by so much
MANY = 3  # main buttons compete from here


def look(page: Page, around: Around) -> Iterator[Finding]:
    """The first button, as far down as it is estimated to stand."""
    found = buttons(page)
    if not found:
        if around.marketing and len(page.body.text) > 120:
            yield page.finding(
                CODE, "hint", "The letter has no button: what shall the reader do?",
                "Give it one button with a verb: “See your basket”.",
            )  # fmt: skip
        return
    first = found[0]
    for name, width in (("desktop", 600.0), ("phone", 375.0)):
        measured = Measured(page, width)
        top = measured.bottom_of(first)
        if top > FOLD[name] * SURE:
            where = "on a phone" if name == "phone" else "on a desk"
            yield page.finding(
                CODE, "hint" if name == "phone" or measured.is_guess(first) else "warning",
                f"The first button, “{first.text[:40]}”, stands about {top:.0f} pixels down {where}; about "
                f"{FOLD[name]:.0f} are seen without scrolling.",
                "Move it up, or shorten what stands before it.", first,
            )  # fmt: skip
            return
    places = {one.attributes.get("href", "") for one in found}
    if len(places) > MANY * 2:
        yield page.finding(
            CODE, "hint", f"{len(places)} buttons lead to different places: none of them is the one that matters.",
            "Keep one main button; make the others links.",
        )  # fmt: skip


LOOK = Look(
    CODE, "Button above the fold", "warning",
    "Many look at the first screen only. Where the button stands is estimated from sizes, texts and pictures at "
    "600 and 375 pixels.", page=look,
)  # fmt: skip
