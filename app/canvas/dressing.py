"""Letters of blocks carry how they look, so that what leaves is what was seen and approved on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...runtime.content.dressed import is_bare
from .history import Change

Kit = Callable[[], Mapping[str, Any]]  # the brand kit in force


def dress(change: Change, kit: Kit | None) -> None:
    """A letter that brings no kit keeps the one it had; a new one gets the one in force."""
    for part, (before, after) in list(change.parts.items()):
        if part[0] == "letter" and is_bare(after) and kit is not None:
            own = before.get("kit") if before is not None else None
            change.set(part, before, {**after, "kit": own or dict(kit())})
