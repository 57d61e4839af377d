"""Colours as numbers: read from CSS, laid over each other, compared as WCAG 2.2 compares them, turned to the dark."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls

from .. import colours

Colour = tuple[float, float, float, float]  # red, green, blue, 0-255; how much it covers, 0-1

HEX = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})", re.I)
FUNCTION = re.compile(r"rgba?\(([^)]*)\)", re.I)
WHITE: Colour = (255, 255, 255, 1)
BLACK: Colour = (0, 0, 0, 1)
NAMED: dict[str, Colour] = {
    "black": BLACK, "white": WHITE, "transparent": (0, 0, 0, 0), "red": (255, 0, 0, 1), "green": (0, 128, 0, 1),
    "blue": (0, 0, 255, 1), "gray": (128, 128, 128, 1), "grey": (128, 128, 128, 1), "silver": (192, 192, 192, 1),
    "navy": (0, 0, 128, 1), "yellow": (255, 255, 0, 1), "orange": (255, 165, 0, 1), "purple": (128, 0, 128, 1),
    "maroon": (128, 0, 0, 1), "olive": (128, 128, 0, 1), "teal": (0, 128, 128, 1), "lime": (0, 255, 0, 1),
    "aqua": (0, 255, 255, 1), "fuchsia": (255, 0, 255, 1), "lightgray": (211, 211, 211, 1),
    "lightgrey": (211, 211, 211, 1), "darkgray": (169, 169, 169, 1), "darkgrey": (169, 169, 169, 1),
    "pink": (255, 192, 203, 1), "gold": (255, 215, 0, 1), "tomato": (255, 99, 71, 1), "crimson": (220, 20, 60, 1),
}  # fmt: skip


def read_colour(text: str) -> Colour | None:
    """A colour from the beginning of a CSS value, None when it is none that we know."""
    text = text.strip().lower()
    if found := HEX.match(text):
        digits = found[1]
        if len(digits) < 5:
            digits = "".join(digit * 2 for digit in digits)
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
        return (red, green, blue, int(digits[6:8], 16) / 255 if len(digits) == 8 else 1)
    if found := FUNCTION.match(text):
        parts = [part for part in re.split(r"[\s,/]+", found[1]) if part]
        try:
            numbers = [float(part[:-1]) * 2.55 if part.endswith("%") else float(part) for part in parts[:3]]
            covers = float(parts[3].rstrip("%")) / (100 if parts[3].endswith("%") else 1) if len(parts) > 3 else 1.0
        except ValueError:
            return None
        return (numbers[0], numbers[1], numbers[2], covers) if len(numbers) == 3 else None
    word = re.match(r"[a-z]+", text)
    return NAMED.get(word[0]) if word else None


def over(colour: Colour, below: Colour) -> Colour:
    """One colour laid over another that covers all."""
    share = max(0.0, min(1.0, colour[3]))
    red, green, blue = (colour[at] * share + below[at] * (1 - share) for at in range(3))
    return (red, green, blue, 1)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    return colours.contrast(hex_of(one), hex_of(other))


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (_linear(max(0.0, min(255.0, part)) / 255) for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def forced_dark(colour: Colour, is_background: bool) -> Colour:
    """What a mail program that darkens letters by itself makes of it: light grounds turn dark, dark texts light.

    Outlook.com and the Gmail apps turn the lightness over and leave what is dark (as a ground) or light (as a text)
    already: https://www.hteumeuleu.com/2021/emails-react-outlook-com-dark-mode/.
    """
    hue, light, full = rgb_to_hls(*(max(0.0, min(255.0, part)) / 255 for part in colour[:3]))
    if is_background is (light > 0.5):
        light = 1 - light
        if is_background:
            light = 0.12 + light * 0.88  # never quite black
        red, green, blue = (part * 255 for part in hls_to_rgb(hue, light, full))
        return (red, green, blue, colour[3])
    return colour


def hex_of(colour: Colour) -> str:
    """As people write it."""
    return "#" + "".join(f"{round(max(0.0, min(255.0, part))):02x}" for part in colour[:3])


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
