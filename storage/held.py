"""Who of a journey got nothing so far and why: the last decision on each message that waits, was skipped or failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .database import Tx
from .messages import HELD


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one step that one thing holds back. ``said`` is the sentence of the newest of them.

    ``verdict`` is the last decision's, ``rule`` the word for what decided ("" where it was not the gate), ``name``
    the cap's. ``next_ms`` is when the first of those that wait is asked again, ``last_ms`` the newest decision.
    """

    version_id: int
    node: int
    status: str
    verdict: str
    rule: str
    name: str
    count: int
    next_ms: int | None
    last_ms: int | None
    said: str


LAST = "SELECT max(x.id) FROM decisions x WHERE x.message_id = m.id"
INPUT = {False: "json_extract(d.inputs, '$.{}')", True: "d.inputs ->> '{}'"}


def groups(tx: Tx, journey_id: int, since_ms: int) -> list[Group]:
    """What holds back messages that were queued since then, and of those that still wait, whenever that was."""
    rule, name = (f"COALESCE({INPUT[tx.postgres].format(key)}, '')" for key in ("rule", "name"))
    rows = tx.rows(
        f"SELECT m.version_id, m.node, m.status, COALESCE(d.verdict, ''), {rule}, {name}, count(*),"
        " min(CASE WHEN m.status = 'queued' THEN m.due_at END), max(d.at), max(m.id)"
        f" FROM messages m LEFT JOIN decisions d ON d.id = ({LAST})"
        f" WHERE m.journey_id = ? AND m.{HELD} AND (m.status = 'queued' OR m.queued_at >= ?)"
        " GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7 DESC, 10",
        (journey_id, since_ms),
    )
    said = _said(tx, [row[9] for row in rows])
    return [Group(*row[:9], said=said.get(row[9]) or "") for row in rows]


def again(tx: Tx, reason: str, now_ms: int) -> int:
    """Messages that wait for this very reason are due now; returns how many."""
    return tx.run(
        "UPDATE messages SET due_at = ? WHERE status = 'queued' AND reason = ? AND due_at > ?", (now_ms, reason, now_ms)
    ).rowcount


def try_again(tx: Tx, rule: str, now_ms: int, *, journey_id: int | None = None, contact_id: int | None = None) -> int:
    """What one rule put off is due now: of a journey, or of a contact. Returns how many messages."""
    column, key = ("contact_id", contact_id) if journey_id is None else ("journey_id", journey_id)
    why = INPUT[tx.postgres].format("rule")
    return tx.run(
        f"UPDATE messages SET due_at = ? WHERE {column} = ? AND status = 'queued' AND due_at > ? AND id IN ("
        f"SELECT m.id FROM messages m JOIN decisions d ON d.id = ({LAST}) WHERE m.{column} = ?"
        f" AND m.status = 'queued' AND {why} = ?)",
        (now_ms, key, now_ms, key, rule),
    ).rowcount


def is_paused(tx: Tx, journey_id: int) -> bool:
    """Whether the journey stands still: what waits in it is not even looked at."""
    return tx.value("SELECT status FROM journeys WHERE id = ?", (journey_id,)) == "paused"


def _said(tx: Tx, messages: Sequence[int]) -> dict[int, str | None]:
    among, ids = tx.among(messages)
    return dict(tx.rows(f"SELECT id, reason FROM messages WHERE id {among}", (ids,)))


def agreed(tx: Tx, journey_id: int, channels: Sequence[str], topic: str, most: int) -> tuple[int, int]:
    """Of up to ``most`` of the newest people inside: how many there are, and how many agreed to the topic on any of
    these channels."""
    among, wanted = tx.among(channels)
    row = tx.one(
        "SELECT count(*), count(CASE WHEN EXISTS (SELECT 1 FROM consents k WHERE k.contact_id = e.contact_id"
        f" AND k.channel {among} AND k.topic = ? AND k.action = 'granted' AND NOT EXISTS (SELECT 1 FROM consents l"
        " WHERE l.contact_id = k.contact_id AND l.channel = k.channel AND l.topic = k.topic AND l.id > k.id))"
        " THEN 1 END) FROM (SELECT contact_id FROM enrollments WHERE journey_id = ? AND ended_at IS NULL"
        " ORDER BY id DESC LIMIT ?) e",
        (wanted, topic, journey_id, most),
    )
    assert row is not None
    return int(row[0]), int(row[1])
