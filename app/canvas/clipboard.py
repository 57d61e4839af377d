"""Copied steps: kept on the server for each person, so that they can be pasted into any journey."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import parts
from .contents import named
from .parts import Content

MOST_CLIPS = 200  # people whose last copy is remembered


@dataclass(frozen=True, slots=True)
class Clip:
    """Steps with their places, the edges between them, and the letters they send."""

    steps: dict[str, dict[str, Any]]
    places: dict[str, tuple[float, float]]
    edges: dict[tuple[str, str], str]
    letters: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, content: Content, ids: Sequence[str], places: Mapping[str, Any]) -> Clip:
        """A copy of these steps as they are now."""
        kept = dict.fromkeys(ids)
        steps = {key: parts.part_of(content, ("step", key)) for key in kept}
        letters = content["letters"]
        sent = [name for step in steps.values() for name in named(step.get("settings") or {})]
        return cls(
            steps,
            {key: parts.part_of(content, ("at", key)) or tuple(places.get(key, (0.0, 0.0))) for key in kept},
            {
                (source, port): target
                for (source, port), target in parts.edges(content).items()
                if source in kept and target in kept
            },
            {name: letters[name] for name in sent if name in letters},
        )

    @property
    def corner(self) -> tuple[float, float]:
        """The upper left corner."""
        return min(x for x, _ in self.places.values()), min(y for _, y in self.places.values())


class Clipboard:
    """The last copy of each person."""

    def __init__(self) -> None:
        self._clips: OrderedDict[int, Clip] = OrderedDict()

    def put(self, person: int, clip: Clip) -> None:
        """Remember a copy."""
        self._clips[person] = clip
        self._clips.move_to_end(person)
        while len(self._clips) > MOST_CLIPS:
            self._clips.popitem(last=False)

    def drop(self, person: int) -> None:
        """A copy failed: what was copied before is not what they mean to paste."""
        self._clips.pop(person, None)

    def get(self, person: int) -> Clip | None:
        """Their last copy."""
        return self._clips.get(person)
