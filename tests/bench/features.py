"""What it costs to keep figures right: CPU a contact that did something, beside the same in a small store."""

from __future__ import annotations

from random import Random

from sojourn.runtime.clock import ManualClock
from sojourn.runtime.features.refresh import Refresh
from sojourn.runtime.program import ProgramShelf
from sojourn.storage.database import Database, Tx

from .engine import Cpu, sqlite
from .figures import Figure
from .workload import DAY, T0

EVENTS = 10_000  # new ones


def refresh(count: int = 200_000) -> list[Figure]:
    """CPU µs a contact after 10,000 new events among ``count`` people, the limit being the same among a tenth of them.

    ``fill`` is the same for the first filling, when everybody is worked out; each has ten events in the past.
    """
    fills, costs = {}, {}
    for people in (count // 10, count):
        with sqlite() as db:
            db.write(lambda tx, people=people: _shop(tx, people))
            clock, shelf = ManualClock(T0), ProgramShelf()
            fills[people] = _cpu(db, clock, shelf) / people
            touched = db.write(lambda tx, people=people: _more(tx, people))
            costs[people] = _cpu(db, clock, shelf) / touched
            if db.look(lambda tx: tx.value("SELECT count(*) FROM features WHERE last_seen_at = ?", (T0,))) != touched:
                raise SystemExit("Somebody who did something was not worked out again.")
    more = {"people": count, "fill": round(fills[count], 1)}
    return [Figure("features.refresh", costs[count], "CPU µs/contact", costs[count // 10], more)]


def _cpu(db: Database, clock: ManualClock, shelf: ProgramShelf) -> float:
    spent = Cpu()
    Refresh(db, shelf, clock, budget_s=3_600).run()
    return spent.seconds() * 1e6


def _shop(tx: Tx, people: int) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    tx.run(
        f"INSERT INTO contacts (id, properties, created_at, changed_at) {numbers}"
        f" SELECT i, '{{}}', {T0} - (i * 7919 % 180) * {DAY}, 0 FROM n",
        (people,),
    )
    tx.run(
        f"INSERT INTO events (contact_id, name, at, received_at, properties) {numbers}"
        f" SELECT i % {people} + 1, CASE i / {people} WHEN 0 THEN 'purchased' ELSE 'viewed_product' END,"
        f" {T0} - (i * 7717 % 180 + 1) * {DAY}, {T0},"
        """ '{"category": "c' || (i % 7) || '", "price": ' || (i % 90) || ', "total": ' || (i % 200) || '}' FROM n""",
        (people * 10,),
    )
    tx.run("ANALYZE")


def _more(tx: Tx, people: int) -> int:
    """New events of people drawn by chance; returns how many people that are."""
    dice = Random(1)
    who = [dice.randrange(1, people + 1) for _ in range(EVENTS)]
    tx.insert(
        "events",
        "contact_id,name,at,received_at,properties",
        [(contact, "viewed_product", T0, T0, '{"category": "c1"}') for contact in who],
    )
    return len(set(who))
