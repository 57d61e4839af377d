"""What a request says about its events: how many, and which properties they had, of which type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

HOUR_MS = 3_600_000
KINDS = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
PROPERTIES = 200  # different ones noted of one event in one go; an event with more has data for names


class Arrived(Protocol):
    """What of an event counting it needs."""

    @property
    def name(self) -> str: ...
    @property
    def at_ms(self) -> int: ...
    @property
    def properties(self) -> dict[str, Any]: ...


def tally(
    new: Iterable[Arrived],
    again: Iterable[Arrived] = (),
    broken: Mapping[str, int] | None = None,
    refused: Sequence[Arrived] = (),
) -> list[tuple[str, int, int, int, int, dict[str, dict[str, int]]]]:
    """``(name, hour, n, duplicates, violations, {property: {type: count}})``, one for each event and hour."""
    counts: dict[tuple[str, int], list[int]] = {}
    shapes: dict[tuple[str, int], dict[tuple[Any, ...], int]] = {}
    for message in new:
        key = (message.name, message.at_ms // HOUR_MS)
        of_key = shapes.get(key)
        if of_key is None:
            of_key = shapes[key] = {}
            counts[key] = [0, 0, 0]
        properties = message.properties  # events of a name mostly look alike: shapes are counted, not properties
        shape = (*properties, *map(type, properties.values()))
        of_key[shape] = of_key.get(shape, 0) + 1
    for key, of_key in shapes.items():
        counts[key][0] = sum(of_key.values())
    for message in again:
        counts.setdefault((message.name, message.at_ms // HOUR_MS), [0, 0, 0])[1] += 1
    left = Counter(broken or {})
    for message in refused:
        counts.setdefault((message.name, message.at_ms // HOUR_MS), [0, 0, 0])
    for (name, _), entry in counts.items():
        entry[2] += left.pop(name, 0)
    return [
        (name, hour, n, twice, bad, _readable(shapes.get((name, hour), {})))
        for (name, hour), (n, twice, bad) in sorted(counts.items())
    ]


def _readable(shapes: Mapping[tuple[Any, ...], int]) -> dict[str, dict[str, int]]:
    answer: dict[str, dict[str, int]] = {}
    for shape, n in shapes.items():
        half = len(shape) // 2
        for name, type_ in zip(shape[:half], shape[half:], strict=True):
            if name in answer or len(answer) < PROPERTIES:
                kind, kinds = KINDS.get(type_, "null"), answer.setdefault(name, {})
                kinds[kind] = kinds.get(kind, 0) + n
    return answer


def merge(into: dict[str, Any], n: int, seen: Mapping[str, Mapping[str, int]], most: int = 300) -> None:
    """Add what was seen to what is known: ``{"n": …, "properties": {name: {type: count}}}``."""
    into["n"] = into.get("n", 0) + n
    properties = into.setdefault("properties", {})
    for name, kinds in seen.items():
        if name not in properties and len(properties) >= most:
            continue
        known = properties.setdefault(name, {})
        for kind, count in kinds.items():
            known[kind] = known.get(kind, 0) + count
