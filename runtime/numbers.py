"""How numbers, and counts with their noun, are written wherever a sentence has one."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 letter, 2 letters; ``many`` where an s at the end is not enough."""
    return f"{thousands(count)} {one if count == 1 else many or one + 's'}"


def thousands(value: float) -> str:
    """A whole number with its thousands apart, as everywhere in the product: 12 000, by a thin space."""
    return f"{value:,.0f}".replace(",", "\u2009")
