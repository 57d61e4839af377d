"""Rules compiled to closures that narrow lists of rows: no object and no call by name for each contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .operators import Test, reader
from .step import Batch, Need

Chooser = Callable[[Batch, list[int]], list[int]]  # those of the rows that meet it, in order


def tested(need: Need, path: str, test: Test, inside: str | None = None) -> Chooser:
    """Rows whose property passes; ``inside`` names the part of the fact that holds the properties."""
    read = reader(path)

    def choose(batch: Batch, rows: list[int]) -> list[int]:
        column, now = batch.facts[need], batch.now_ms
        if inside:
            return [row for row in rows if test(read(_mapping(column[row].get(inside))), now)]
        return [row for row in rows if test(read(column[row]), now)]

    return choose


def measured(need: Need, holds: Callable[[Any], bool]) -> Chooser:
    """Rows whose fact holds: a count, a sum, a state."""

    def choose(batch: Batch, rows: list[int]) -> list[int]:
        column = batch.facts[need]
        return [row for row in rows if holds(column[row])]

    return choose


def weighed(need: Need, test: Test) -> Chooser:
    """Rows whose fact itself passes a test of an operator."""

    def choose(batch: Batch, rows: list[int]) -> list[int]:
        column, now = batch.facts[need], batch.now_ms
        return [row for row in rows if test(column[row], now)]

    return choose


def all_of(parts: list[Chooser]) -> Chooser:
    def choose(batch: Batch, rows: list[int]) -> list[int]:
        for part in parts:
            rows = part(batch, rows)
        return rows

    return choose


def any_of(parts: list[Chooser]) -> Chooser:
    def choose(batch: Batch, rows: list[int]) -> list[int]:
        found: set[int] = set()
        for part in parts:
            found.update(part(batch, [row for row in rows if row not in found]))
        return [row for row in rows if row in found]

    return choose


def none_of(part: Chooser) -> Chooser:
    def choose(batch: Batch, rows: list[int]) -> list[int]:
        found = set(part(batch, rows))
        return [row for row in rows if row not in found]

    return choose


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
