"""Texts and buttons can be read: in the light, in the letter's own dark, and where a program darkens by itself."""

from __future__ import annotations

from collections.abc import Iterator

from ..around import Around
from ..colours import contrast, forced_dark, hex_of, over
from ..finding import Finding
from ..look import Look as Check
from ..page import Page
from ..styles import DARK, LIGHT, Look
from ..tree import Element

CODE = "contrast"
NORMAL, LARGE = 4.5, 3.0  # WCAG 2.2, 1.4.3, level AA
BIG, BIG_BOLD = 24.0, 18.7  # pixels: 18 and 14 points
UNREADABLE = 2.0  # what programs make of colours by themselves is judged mildly: each has its own way


def look(page: Page, _around: Around) -> Iterator[Finding]:
    """Every piece of text against what it stands on."""
    said: set[tuple[str, ...]] = set()
    for element, text in page.texts:
        for finding, key in (*_judged(page, element, text, LIGHT), *_in_the_dark(page, element, text)):
            if key not in said:
                said.add(key)
                yield finding


def _judged(page: Page, element: Element, text: str, look: Look) -> Iterator[tuple[Finding, tuple[str, ...]]]:
    ground = page.styles.ground(element, look)
    if ground is None:
        return
    colour = over(page.styles.colour(element, look), ground)
    ratio, wanted = contrast(colour, ground), _wanted(page, element, look)
    if ratio + 0.005 < wanted:
        how = "In dark mode, " if look.dark else ""
        sentence = f"{how}“{_short(text)}” is hard to read: {hex_of(colour)} on {hex_of(ground)} has a contrast of "
        sentence += f"{ratio:.1f}, and {wanted:g} is needed."
        yield (
            page.finding(CODE, "warning", sentence, "Take a darker or lighter colour for one of them.", element),
            (str(look.dark), hex_of(colour), hex_of(ground)),
        )


def _in_the_dark(page: Page, element: Element, text: str) -> Iterator[tuple[Finding, tuple[str, ...]]]:
    if page.styles.has_dark:
        yield from _judged(page, element, text, DARK)
        return
    ground = page.styles.ground(element)
    if ground is None:
        return
    colour = over(page.styles.colour(element), ground)
    dark_ground, dark_colour = forced_dark(ground, True), forced_dark(colour, False)
    if contrast(dark_colour, dark_ground) < UNREADABLE <= contrast(colour, ground):
        sentence = f"“{_short(text)}” may vanish where a program darkens letters by itself: {hex_of(colour)} on "
        sentence += f"{hex_of(ground)} becomes about {hex_of(dark_colour)} on {hex_of(dark_ground)}."
        yield (
            page.finding(
                CODE, "hint", sentence, "Take colours further apart, or give the letter dark colours.", element
            ),
            ("forced", hex_of(colour), hex_of(ground)),
        )


def _wanted(page: Page, element: Element, look: Look) -> float:
    size = page.styles.size(element, look)
    weight = page.styles.get(element, "font-weight", look)
    bold = weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 700) or element.tag in ("b", "strong")
    return LARGE if size >= BIG or (bold and size >= BIG_BOLD) else NORMAL


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


LOOK = Check(
    CODE,
    "Contrast",
    "warning",
    "WCAG 2.2 level AA asks for 4.5 to 1, and 3 to 1 for large letters, in the light and in the dark. Where the letter "
    "has no dark colours, it is estimated what programs make of it.",
    page=look,
)
