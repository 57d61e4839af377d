"""What a decision of the gate costs: messages due at one instant, three caps, quiet hours where people live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sojourn.runtime.no_garbage import no_garbage
from sojourn.runtime.policy.hygiene import Silence
from sojourn.runtime.policy.policies import propose
from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.policy.sieve import Sieve
from sojourn.storage import leasing
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

from . import postgres, workload
from .engine import Cpu, sqlite
from .figures import Figure
from .workload import DAY, T0

LEASE = 1_000
WANTED = 20_000  # decisions a CPU second
ZONES = ("Europe/Prague", "Europe/London", "America/New_York", "Asia/Tokyo", "Australia/Sydney")
PAST = (0, 1, 3, 6)  # days ago somebody was written to; the first is today
POLICY = {
    "caps": [
        {"name": "a-day", "max": 1, "in": "24 hours"},
        {"name": "a-week", "max": 4, "in": "7 days", "window": "calendar"},
        {"name": "promos", "max": 6, "in": "30 days", "classes": ["promo"], "channels": ["email"], "when_hit": "skip"},
    ],
    "quiet_hours": [{"channels": ["email", "sms"], "from": "21:00", "to": "08:00"}],
}


def decisions(count: int = 100_000) -> list[Figure]:
    """Decisions per CPU second, leasing and writing included, on both stores; the limit is what was promised."""
    with sqlite() as db:
        seconds, said = _gate(db, count, Cpu)
    figures = [Figure("gate.decisions.100k", count / seconds, "decisions/CPU s", WANTED, said)]
    with postgres.server() as server, server.database() as db:
        seconds, said = _gate(db, count, server.cpu)
    return [*figures, Figure("gate.decisions.100k.postgres", count / seconds, "decisions/CPU s", WANTED, said)]


def growth() -> list[Figure]:
    """CPU per decision with a million messages due, the limit being the same with ten thousand."""
    cost = {}
    for count in (10_000, 1_000_000):
        with sqlite() as db:
            cost[count] = _gate(db, count, Cpu)[0] / count * 1e6
    return [Figure("gate.growth", cost[1_000_000], "CPU µs/decision", cost[10_000])]


def _gate(db: Database, count: int, cpu: Callable[[], Cpu]) -> tuple[float, dict[str, Any]]:
    db.write(lambda tx: propose(tx, Policy.model_validate(POLICY), "bench", T0))
    workload.people(db, count)
    db.write(lambda tx: workload.publish(tx, workload.journey()))
    for first in range(1, count + 1, 50_000):
        db.write(lambda tx, first=first: _queue(tx, range(first, min(first + 50_000, count + 1))))
    db.write(lambda tx: tx.run("ANALYZE"))
    sieve, went, decided = Sieve(), 0, 0

    def job(tx: Tx) -> tuple[int, int]:
        with no_garbage():  # as the outbox does it
            found = leasing.due(tx, ["email"], T0, LEASE)
            passed = sieve.sift(tx, None, found, T0, Silence())
            leasing.take(tx, "bench", passed)
            return len(found), len(passed)

    spent = cpu()
    while True:
        asked, passed = db.write(job)
        if not asked:
            break
        decided, went = decided + asked, went + passed
    seconds = spent.seconds()
    held = db.look(lambda tx: dict(tx.rows("SELECT status, count(*) FROM messages GROUP BY status")))
    if decided != count or not count // 10 < went < count * 9 // 10 or held.get("leased") != went:
        raise SystemExit(f"The gate decided {decided} of {count}, and let {went} go: {held}.")
    return seconds, {"went": went, "later": held.get("queued", 0), "never": held.get("skipped", 0)}


def _queue(tx: Tx, numbers: range) -> None:
    """A message for each of these contacts, and what they had before."""
    tx.many(
        "UPDATE contacts SET properties = ? WHERE id = ?",
        [(dump({"first_name": f"U{n}", "timezone": ZONES[n % len(ZONES)]}), n) for n in numbers],
    )
    tx.insert(
        "enrollments",
        "id,journey_id,version_id,contact_id,node,seq,outbox,entered_at,since_at",
        [(n, 1, 1, n, 0, 1, 1, T0, T0) for n in numbers],
    )
    tx.insert(
        "messages",
        "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,"
        "rank,weight",
        [(n, n, 1, 0, 1, 1, n, "email", "a", "queued", T0, T0, 0, 3, 50) for n in numbers],
    )
    far = 10_000_000
    tx.insert(
        "touches",
        "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node,arrived_at",
        [
            (far + 4 * n + place, n, T0 - ago * DAY - 3_600_000, "email", "marketing", 3, 1, far + n, 0, 0)
            for n in numbers
            for place, ago in enumerate(PAST)
            if (n + place) % 3
        ],
    )
