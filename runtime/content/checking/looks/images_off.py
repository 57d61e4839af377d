"""With pictures off, the letter still says what it has to say."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..finding import Finding
from ..look import Look
from ..measuring import buttons
from ..page import Page

CODE = "images-off"
ENOUGH = 120  # characters of text without which a letter with pictures says nothing


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """Text against pictures, and buttons that are pictures."""
    if not page.pictures:
        return
    said = sum(len(text) for element, text in page.texts if element not in page.small_print)
    if said < ENOUGH:
        yield page.finding(
            CODE, "warning", f"Without its pictures the letter has {said} characters left: nearly all is a picture.",
            "Write as text what has to be read; pictures only help.",
        )  # fmt: skip
    linked = (element for element, href in page.links if href and not element.text)
    picture = next((one for element in linked for one in element.find("img")), None)
    if picture is not None and not buttons(page):
        yield page.finding(
            CODE, "warning", "The only way on is a picture: with pictures off there is nothing to click on.",
            "Add a button made of text.", picture,
        )  # fmt: skip


LOOK = Look(
    CODE, "Pictures off", "warning",
    "Outlook and many companies show no pictures until asked; filters distrust letters that are one picture.",
    page=look,
)  # fmt: skip
