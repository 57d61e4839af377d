"""How a count and its noun are written, wherever a sentence has one."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 letter, 2 letters; ``many`` where an s at the end is not enough."""
    return f"{count:,}".replace(",", "\u2009") + " " + (one if count == 1 else many or one + "s")
