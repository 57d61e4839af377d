"""Batches for nodes: a few contacts at one moment, with the facts a node asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from sojourn.nodes.step import Batch, Need

NOON_MS = 1_767_268_800_000  # 2026-01-01 12:00 UTC, a Thursday

MakeBatch = Callable[..., Batch]


@pytest.fixture
def batch() -> MakeBatch:
    """Makes a batch of ``size`` contacts (ids 1, 2, …) who arrived an hour before ``now_ms``."""

    def make(
        size: int = 3,
        facts: Mapping[Need, Sequence[Any]] | None = None,
        outcome: Sequence[str | None] = (),
        now_ms: int = NOON_MS,
        since_ms: Sequence[int] | None = None,
        rows: list[int] | None = None,
    ) -> Batch:
        since = since_ms or [now_ms - 3_600_000] * size
        rows = list(range(size)) if rows is None else rows
        return Batch(now_ms, "here", rows, range(1, size + 1), since, since, outcome, facts or {})

    return make
