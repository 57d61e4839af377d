"""Colours that can be read: contrast as WCAG 2.2 counts it, and the nearest shade that has enough of it."""

from __future__ import annotations

from functools import lru_cache

READABLE = 4.5  # WCAG 2.2 AA for text of a usual size
INK, PAPER = "#14171f", "#ffffff"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as #rrggbb, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def on(ground: str) -> str:
    """What to write with on a ground: white where it can be read, else the darker of the two inks."""
    return PAPER if contrast(PAPER, ground) >= READABLE else max((INK, PAPER), key=lambda ink: contrast(ink, ground))


@lru_cache(maxsize=1024)
def readable(colour: str, ground: str) -> str:
    """The colour, moved towards black or white only as far as it takes to be read on the ground."""
    target = max(("#000000", "#ffffff"), key=lambda end: contrast(end, ground))
    for step in range(21):
        shade = mixed(colour, target, step / 20)
        if contrast(shade, ground) >= READABLE:
            return shade
    return target


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with so much (0 to 1) of another."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
