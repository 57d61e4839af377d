"""Letters of blocks that come without a brand kit get the one in force, so that what is approved is what leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...storage.database import Tx
from .. import settings
from .kit import Kit


def dressed(tx: Tx, content: dict[str, Any]) -> dict[str, Any]:
    """The content of a journey, each of its letters of blocks with a kit."""
    letters = content.get("letters")
    if not isinstance(letters, Mapping) or not any(is_bare(letter) for letter in letters.values()):
        return content
    kit = in_force(tx)
    return {
        **content,
        "letters": {name: {**letter, "kit": kit} if is_bare(letter) else letter for name, letter in letters.items()},
    }


def in_force(tx: Tx) -> dict[str, Any]:
    """The brand kit as letters carry it."""
    return Kit.of(settings.load(tx)).as_dict()


def is_bare(letter: Any) -> bool:
    """Whether it is made of blocks and says nothing of how they look."""
    return isinstance(letter, Mapping) and bool(letter.get("blocks")) and not letter.get("kit")
