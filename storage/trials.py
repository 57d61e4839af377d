"""One contact on trial: rows that are written and rolled back, and the samples a trial starts from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .columns import dump, load
from .database import Row, Tx
from .entering import ENTERED, enter
from .walking import CLAIMED

TRIAL = 0  # the version a trial runs under; versions are numbered from 1
SENDER = "trial"


@dataclass(frozen=True, slots=True)
class Rest:
    """Where the contact on trial stands after a walk."""

    id: int
    node: int
    seq: int
    due_at: int | None
    wait_event: str | None
    outbox: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """An event as it came in. ``theirs``: it is the contact's own, not somebody else's."""

    at: int
    properties: dict[str, Any]
    theirs: bool


def sample(tx: Tx, contact_id: int, event: str) -> Sample | None:
    """The last such event of the contact, else of anybody; None when nobody ever did it."""
    for where, given in ((" AND contact_id = ?", (event, contact_id)), ("", (event,))):
        row = tx.one(
            f"SELECT at, properties, contact_id FROM events WHERE name = ?{where} ORDER BY at DESC LIMIT 1", given
        )
        if row is not None:
            return Sample(row[0], load(row[1]) or {}, row[2] == contact_id)
    return None


def did(tx: Tx, contact_id: int, names: Iterable[str], after_ms: int) -> list[Row]:
    """``(at, name, properties)`` of what the contact did after a moment, the first first."""
    among, wanted = tx.among(sorted(set(names)))
    rows = tx.rows(
        f"SELECT at, name, properties FROM events WHERE contact_id = ? AND name {among} AND at > ? ORDER BY at, id",
        (contact_id, wanted, after_ms),
    )
    return [(at, name, load(properties) or {}) for at, name, properties in rows]


def inside_since(tx: Tx, contact_id: int, journey_id: int) -> int | None:
    """When the contact came into a journey they are in now."""
    return tx.value(
        "SELECT entered_at FROM enrollments WHERE contact_id = ? AND journey_id = ? AND ended_at IS NULL",
        (contact_id, journey_id),
    )


def begin(
    tx: Tx, contact_id: int, journey_id: int, node: int, event: tuple[str, dict[str, Any]] | None, now_ms: int
) -> None:
    """Let the contact in at a node, as if the event had just come in; a real stay is out of the way meanwhile."""
    tx.run(
        "UPDATE enrollments SET ended_at = ? WHERE contact_id = ? AND journey_id = ? AND ended_at IS NULL",
        (now_ms, contact_id, journey_id),
    )
    event_id = None if event is None else happen(tx, contact_id, *event, now_ms)
    row = (journey_id, TRIAL, contact_id, node, 0, now_ms, 0, None, now_ms, now_ms, event_id)
    assert len(row) == len(ENTERED.split(","))
    enter(tx, [row])


def happen(tx: Tx, contact_id: int, name: str, properties: dict[str, Any], now_ms: int) -> int:
    """Store an event; returns its id."""
    return tx.value(
        "INSERT INTO events (contact_id, name, at, received_at, properties) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (contact_id, name, now_ms, now_ms, dump(properties)),
    )


def rest(tx: Tx) -> Rest:
    """Where the contact stands."""
    row = tx.one(
        "SELECT id, node, seq, due_at, wait_event, outbox, ended_at FROM enrollments WHERE version_id = ?", (TRIAL,)
    )
    assert row is not None
    return Rest(*row)


def claim(tx: Tx) -> list[Row]:
    """The stay as the engine claims it."""
    return tx.rows(f"SELECT {CLAIMED} FROM enrollments e WHERE e.version_id = ?", (TRIAL,))


def take_message(tx: Tx, stay: Rest) -> tuple[int, str, str, int]:
    """``(id, channel, letter, turn)`` of the message the contact waits for, taken out of the outbox's sight."""
    row = tx.one(
        "UPDATE messages SET status = 'leased', worker = ? WHERE enrollment_id = ? AND seq = ? AND status = 'queued'"
        " RETURNING id, channel, content, turn",
        (SENDER, stay.id, stay.seq),
    )
    assert row is not None
    return row[0], row[1], row[2], row[3]
