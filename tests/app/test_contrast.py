"""The colours of the house can be read: 4.5 to 1 for words, by day and by night, by the formula of WCAG."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = Path(__file__).parents[2] / "assets" / "style" / "sojourn.css"
GROUNDS = ("bg", "card", "raised", "sunk")
TINTED = ("good", "warn", "bad", "trigger", "logic", "timing", "channel", "action")
PAIRS = [
    *((words, ground) for words in ("ink", "soft", "accent") for ground in GROUNDS),
    *((words, "card") for words in TINTED),
    *((words, f"{words}-bg") for words in TINTED),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("on-accent", "accent"),
]


def tokens(mode: str) -> dict[str, str]:
    block = re.search(rf"body\.body--{mode} \{{(.*?)\n\}}", SHEET.read_text("utf-8"), re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--sj-([a-z-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_stand_out_from_their_ground(mode: str, words: str, ground: str) -> None:
    found = tokens(mode)
    assert contrast(found[words], found[ground]) >= 4.5, f"{words} {found[words]} on {ground} {found[ground]}"
