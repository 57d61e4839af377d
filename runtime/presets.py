"""Segments to start from: each a file in ``assets/segments`` in the written form of a segment."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..nodes.rule import Rule
from ..storage import segments as rows
from ..storage.database import Tx
from ..storage.segments import Segment
from . import segment_file, segments
from .segment_checks import KINDS

FOLDER = Path(__file__).parent.parent / "assets" / "segments"
LATER = "Segments by prediction, such as a chance to leave above 60 %, come with the first model that is trained here."


class NoSuchPreset(Exception):
    """There is no segment to start from of that name."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A segment ready to use, with what it is for."""

    name: str
    title: str
    kind: str
    description: str
    written: dict[str, Any]  # shared by everybody who asks: copy it before changing it

    def words(self) -> str:
        """Its rule as a sentence."""
        return Rule.model_validate(self.written["rule"]).words()


@cache
def presets() -> tuple[Preset, ...]:
    """All of them, kind by kind, in the order of their titles."""
    found = [segment_file.read(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.yaml"))]
    kinds = list(KINDS)
    found.sort(key=lambda each: (kinds.index(each["kind"]), each["title"]))
    return tuple(Preset(each["name"], each["title"], each["kind"], each["description"], each) for each in found)


def preset(name: str) -> Preset:
    """The preset of that name. Raises NoSuchPreset."""
    for each in presets():
        if each.name == name:
            return each
    raise NoSuchPreset(NoSuchPreset.__doc__)


def there(tx: Tx) -> set[str]:
    """The names of the presets that stand in the library already."""
    return {segment.name for segment in rows.segments(tx)} & {each.name for each in presets()}


def add(tx: Tx, name: str, actor: str, now_ms: int) -> Segment:
    """Put a preset into the library as a segment; one of its name that is there already stays as it is."""
    wanted = preset(name)
    known = rows.segment_named(tx, wanted.name)
    return known if known is not None else segments.save(tx, deepcopy(wanted.written), actor, now_ms)
