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
    seen: dict[tuple[str, int], Counter[tuple[str, type]]] = {}
    for message in new:
        key = (message.name, message.at_ms // HOUR_MS)
        entry = counts.get(key)
        if entry is None:
            entry = counts[key] = [0, 0, 0]
            seen[key] = Counter()
        entry[0] += 1
        seen[key].update([(name, value.__class__) for name, value in message.properties.items()])
    for message in again:
        counts.setdefault((message.name, message.at_ms // HOUR_MS), [0, 0, 0])[1] += 1
    left = Counter(broken or {})
    for message in refused:
        counts.setdefault((message.name, message.at_ms // HOUR_MS), [0, 0, 0])
    for (name, _), entry in counts.items():
        entry[2] += left.pop(name, 0)
    return [
        (name, hour, n, twice, bad, _readable(seen.get((name, hour))))
        for (name, hour), (n, twice, bad) in sorted(counts.items())
    ]


def _readable(seen: Counter[tuple[str, type]] | None) -> dict[str, dict[str, int]]:
    answer: dict[str, dict[str, int]] = {}
    for (name, kind), n in (seen or {}).items():
        if name in answer or len(answer) < PROPERTIES:
            answer.setdefault(name, {})[KINDS.get(kind, "null")] = n
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
