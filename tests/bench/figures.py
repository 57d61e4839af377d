"""Each figure beside the limit it is measured against, in the same run."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from typing import Any

from sojourn.storage.database import Tx

from . import engine
from .engine import Cpu


@dataclass(frozen=True, slots=True)
class Figure:
    """``ratio`` is value over limit; what is better, higher or lower, the name and unit say."""

    name: str
    value: float
    unit: str
    limit: float
    more: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "limit": round(self.limit, 3),
            "ratio": round(self.value / self.limit, 3) if self.limit else None,
            **(self.more or {}),
        }


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def engine_sqlite(count: int = 100_000) -> list[Figure]:
    """Steps per CPU second, the limit being raw driver writes of the same rows."""
    phases: list[list[Any]] = []
    with engine.sqlite() as db:
        engine.set_out(db, count)
        steps, seconds = engine.go_through(db, Cpu, phases)
        engine.check(db, count)
    with engine.sqlite() as db:
        engine.set_out(db, count)
        limit = engine.write_again(db, phases, Cpu)
    more = {"steps": steps, "cpu_s": round(seconds, 2), "limit_cpu_s": round(limit, 2), "memory_mb": _memory_mb()}
    return [Figure("engine.sqlite.100k", steps / seconds, "steps/CPU s", steps / limit, more)]


def engine_growth() -> list[Figure]:
    """CPU per step with a million contacts, the limit being the same with ten thousand."""
    cost = {}
    for count in (10_000, 1_000_000):
        with engine.sqlite() as db:
            engine.set_out(db, count)
            steps, seconds = engine.go_through(db, Cpu)
            engine.check(db, count)
            cost[count] = seconds / steps * 1e6
    more = {"memory_mb": _memory_mb()}
    return [Figure("engine.sqlite.growth", cost[1_000_000], "CPU µs/step", cost[10_000], more)]


def engine_history(count: int = 100_000, rows: int = 10_000_000) -> list[Figure]:
    """Steps per CPU second with ten million rows already there, the limit being an empty past."""
    speed = []
    for past in (rows, 0):
        with engine.sqlite() as db:
            if past:
                db.write(lambda tx, past=past: _grow_old(tx, past))
            engine.set_out(db, count)
            steps, seconds = engine.go_through(db, Cpu)
            speed.append(steps / seconds)
    return [Figure("engine.sqlite.history", speed[0], "steps/CPU s", speed[1], {"rows": rows})]


def _grow_old(tx: Tx, rows: int) -> None:
    """A past: four parts walks, two of messages, two of finished enrollments, two of events."""
    part, far = rows // 10, 1_000_000_000
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    tx.run(
        f"INSERT INTO enrollments (id, journey_id, version_id, contact_id, node, seq, outbox, entered_at, since_at,"
        f" ended_at, reason) {numbers} SELECT {far} + i, 2, 2, i % 1000000 + 1, 9, 2, 0, i * 1000, i * 1000,"
        " i * 1000 + 5, 'done' FROM n",
        (2 * part,),
    )
    tx.run(
        f"INSERT INTO walks {numbers} SELECT {far} + i / 2, i % 2 + 1, i % 7, i * 1000 FROM n",
        (4 * part,),
    )
    tx.run(
        "INSERT INTO messages (enrollment_id, seq, node, journey_id, version_id, contact_id, channel, content, status,"
        f" queued_at, due_at, attempts, sent_at) {numbers} SELECT {far} + i, 1, 3, 2, 2, i % 1000000 + 1, 'email', 'a',"
        " 'sent', i * 1000, i * 1000, 1, i * 1000 FROM n",
        (2 * part,),
    )
    tx.run(
        "INSERT INTO events (contact_id, name, at, received_at, message_key, properties)"
        f" {numbers} SELECT i % 1000000 + 1, 'viewed_product', i * 1000, i * 1000, NULL, '{{}}' FROM n",
        (2 * part,),
    )


def engine_postgres(count: int = 100_000) -> list[Figure]:
    """Steps per CPU second, worker and server together, the limit being COPY and UPDATE of the same rows."""
    from . import postgres

    phases: list[list[Any]] = []
    with postgres.server() as server:
        with server.database() as db:
            engine.set_out(db, count)
            steps, seconds = engine.go_through(db, server.cpu, phases)
            engine.check(db, count)
        with server.database() as db:
            engine.set_out(db, count)
            limit = engine.write_again(db, phases, server.cpu)
    more = {"steps": steps, "cpu_s": round(seconds, 2), "limit_cpu_s": round(limit, 2)}
    return [Figure("engine.postgres.100k", steps / seconds, "steps/CPU s", steps / limit, more)]
