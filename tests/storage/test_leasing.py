"""Senders take the better class first, and one place in eight goes to whoever has waited longest."""

from __future__ import annotations

from collections.abc import Iterable

from sojourn.storage import leasing
from sojourn.storage.database import Database

NOW, MINUTE = 1_790_000_000_000, 60_000


def queue(db: Database, rows: Iterable[tuple[int, int, int, int]]) -> None:
    """``(id, rank, weight, due at)``."""
    columns = (
        "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,"
        "rank,weight"
    )
    whole = [
        (key, key, 1, 0, 1, 1, 1, "email", "a", "queued", due, due, 0, rank, weight) for key, rank, weight, due in rows
    ]
    db.write(lambda tx: tx.insert("messages", columns, whole))


def lease(db: Database, limit: int, worker: str = "a") -> list[int]:
    return [one.id for one in db.write(lambda tx: leasing.lease(tx, worker, ["email"], NOW, limit))]


def test_the_better_class_then_the_larger_weight_then_the_older(db: Database) -> None:
    queue(db, [(1, 3, 50, NOW - 9), (2, 0, 50, NOW), (3, 1, 10, NOW - 5), (4, 1, 90, NOW - 1), (5, 1, 10, NOW - 6)])
    assert lease(db, 9) == [2, 4, 5, 3, 1]
    assert lease(db, 9) == []


def test_nobody_waits_for_ever_behind_a_better_class(db: Database) -> None:
    queue(db, [(1, 3, 50, NOW - 90 * MINUTE), (2, 2, 50, NOW - 80 * MINUTE)])
    queue(db, [(10 + n, 0, 50, NOW - n) for n in range(40)])
    assert 1 in lease(db, 8) and 2 in lease(db, 8)


def test_two_senders_never_take_the_same(db: Database) -> None:
    queue(db, [(n, n % 4, 50, NOW) for n in range(1, 31)])
    first, second = lease(db, 12), lease(db, 40, "b")
    assert len(first) == 12 and sorted(first + second) == list(range(1, 31))


def test_what_is_not_due_or_on_pause_stays(db: Database) -> None:
    queue(db, [(1, 0, 50, NOW + 1)])
    assert lease(db, 9) == []
    queue(db, [(2, 0, 50, NOW)])
    db.write(
        lambda tx: tx.run(
            "INSERT INTO journeys (id, name, title, status, draft, priority, created_at, changed_at)"
            " VALUES (1, 'j', 'J', 'paused', '{}', 0, 0, 0)"
        )
    )
    assert lease(db, 9) == []


def test_what_stands_still_is_looked_through_once_and_again_when_a_journey_goes_on(db: Database) -> None:
    def due(at: int) -> list[int]:
        return [one.id for one in db.write(lambda tx: leasing.due(tx, ["email"], at, 9, standing))]

    standing = leasing.Standing()
    db.write(
        lambda tx: tx.run(
            "INSERT INTO journeys (id, name, title, status, draft, priority, created_at, changed_at)"
            " VALUES (1, 'j', 'J', 'paused', '{}', 0, 0, 0)"
        )
    )
    queue(db, [(n, 3, 50, NOW - 10 * MINUTE) for n in range(1, 4)])
    assert due(NOW) == [] and standing.up_to(3, "email") == NOW - MINUTE
    queue(db, [(4, 3, 50, NOW - 2 * MINUTE), (5, 3, 50, NOW)])
    db.write(lambda tx: tx.run("UPDATE messages SET journey_id = 2 WHERE id > 3"))
    assert due(NOW) == [5]
    standing.forget()  # something was put back that was due before
    assert due(NOW) == [4, 5]
    db.write(lambda tx: tx.run("UPDATE journeys SET status = 'live'"))
    assert due(NOW) == [1, 2, 3, 4, 5]
    assert due(NOW + 60 * MINUTE) == [1, 2, 3, 4, 5]
