"""What arrives teaches: the notes of the door become hours, days, and what each event usually looks like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ...storage import arrivals, contracts
from ...storage.database import Tx
from .tally import merge

PAGE = 2_000  # notes in one transaction
ENOUGH = 20  # events before anything is called required
SPECIAL = ("$identify", "$group", "$alias")  # about who somebody is; they have no contract of their own


def fold(tx: Tx, now_ms: int, most: int = PAGE) -> int:
    """Put a page of notes into hours, days and contracts; returns how many notes there were."""
    rows = arrivals.noted(tx, most)
    if not rows:
        return 0
    volumes: dict[tuple[str, int], list[int]] = {}
    presences: Counter[tuple[str, int, str]] = Counter()
    news: dict[str, dict[str, Any]] = {}
    violations: Counter[str] = Counter()
    for _, name, hour, n, duplicates, broken, seen in rows:
        entry = volumes.setdefault((name, hour), [0, 0, 0])
        for place, value in enumerate((n, duplicates, broken)):
            entry[place] += value
        for key, kinds in seen.items():
            if there := sum(count for kind, count in kinds.items() if kind != "null"):
                presences[name, hour // 24, key] += there
        violations[name] += broken
        if name not in SPECIAL and n:
            merge(news.setdefault(name, {}), n, seen)
    known = contracts.learnt(tx, news)
    for name, what in news.items():
        before = known.setdefault(name, {})
        merge(before, what["n"], what["properties"])
    arrivals.fold(tx, [row[0] for row in rows], volumes, presences)
    contracts.learn(tx, known, now_ms)
    contracts.count_violations(tx, +violations)
    return len(rows)


def derive(learnt: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what was seen so far: every type that came, and what was never missing as required."""
    n = learnt.get("n", 0)
    properties: dict[str, Any] = {}
    required = []
    for name, kinds in sorted((learnt.get("properties") or {}).items()):
        there = sum(count for kind, count in kinds.items() if kind != "null")
        types = sorted(kinds)
        if "number" in types and "integer" in types:
            types.remove("integer")  # every whole number is a number
        properties[name] = {"type": types[0] if len(types) == 1 else types} if types else {}
        if n >= ENOUGH and there >= n:
            required.append(name)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def effective(form: Mapping[str, Any], learnt: Mapping[str, Any]) -> dict[str, Any]:
    """What a contract says now: what somebody wrote, else what was learnt."""
    return dict(form) if form else derive(learnt)
