"""The engine's own statements: claim what is due, write a batch of walks, fold the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .database import Row, Tx

CLAIMED = "e.id, e.contact_id, e.node, e.seq, e.entered_at, e.since_at, e.outcome, e.interrupt, e.event_id, e.outbox"
RANKS = range(4)  # the classes of messages, see `messages`
GONE = -1  # an interrupt that ends the stay: the contact was erased, or is somebody else now
REST = ("node", "seq", "due_at", "wait_event", "outbox", "outcome", "interrupt", "since_at", "ended_at", "reason")
CONVERTED = "INSERT INTO conversions (enrollment_id, node, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
REST_TYPES = "integer,integer,bigint,text,integer,text,integer,bigint,bigint,text"


@dataclass(slots=True)
class Written:
    """Everything one batch of walks leaves behind, as rows ready for the store."""

    enrollments: list[Row]  # REST columns, then the id
    walks: list[Row]  # enrollment_id, seq, path_id, at
    messages: list[Row]  # see MESSAGE
    caps: list[Row]  # contact_id, hour, channel, journey_id
    deltas: list[Row]  # version_id, node, port, day, n
    conversions: list[Row]  # enrollment_id, node, at
    profiles: list[Row]  # properties as text, changed_at, contact id


MESSAGE = (
    "enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,"
    "turn,rank,weight"
)


def first_due(tx: Tx) -> list[tuple[int, int]]:
    """``(version, earliest due_at)`` of each version with anybody due some time: a skip through the index."""
    found: list[tuple[int, int]] = []
    last = -1
    while row := tx.one(
        "SELECT version_id, due_at FROM enrollments WHERE due_at IS NOT NULL AND version_id > ?"
        " ORDER BY version_id, due_at LIMIT 1",
        (last,),
    ):
        last = row[0]
        found.append((row[0], row[1]))
    return found


def next_due(tx: Tx, after_ms: int) -> int | None:
    """The first moment after ``after_ms`` at which anybody is due."""
    moments = [
        tx.value(
            "SELECT due_at FROM enrollments WHERE version_id = ? AND due_at > ? ORDER BY due_at LIMIT 1",
            (version, after_ms),
        )
        for version, _ in first_due(tx)
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def next_message_due(tx: Tx, after_ms: int) -> int | None:
    """The first moment after ``after_ms`` at which a waiting message may go."""
    sql = (
        "SELECT due_at FROM messages WHERE status = 'queued' AND rank = ? AND channel = ? AND due_at > ?"
        " ORDER BY due_at LIMIT 1"
    )
    moments = [tx.value(sql, (rank, channel, after_ms)) for rank in RANKS for channel in _queued_on(tx, rank)]
    return min((moment for moment in moments if moment is not None), default=None)


def _queued_on(tx: Tx, rank: int) -> Iterator[str]:
    """The channels messages of a class wait for: one step in the index for each."""
    channel = ""
    while channel := tx.value(
        "SELECT min(channel) FROM messages WHERE status = 'queued' AND rank = ? AND channel > ?", (rank, channel)
    ):
        yield channel


def claim(tx: Tx, version_id: int, now_ms: int, limit: int) -> list[Row]:
    """Up to ``limit`` due enrollments of one version (CLAIMED columns), in order of their ids.

    On PostgreSQL the contact rows are locked too, so that one contact is never walked by two workers
    at once and never while an event of theirs is being taken in.
    """
    sql = f"SELECT {CLAIMED} FROM enrollments e"
    where = " WHERE e.version_id = ? AND e.due_at <= ? ORDER BY e.due_at LIMIT ?"
    if tx.postgres:
        sql += " JOIN contacts c ON c.id = e.contact_id"
        where += " FOR UPDATE OF e, c SKIP LOCKED"
    rows = tx.rows(sql + where, (version_id, now_ms, limit))
    rows.sort()
    return rows


def put_off(tx: Tx, version_id: int, now_ms: int, until_ms: int) -> int:
    """Let the first who is due in a version rest until a later moment; returns how many that were."""
    ids = [row[0] for row in claim(tx, version_id, now_ms, 1)]
    tx.many("UPDATE enrollments SET due_at = ? WHERE id = ?", [(until_ms, key) for key in ids])
    return len(ids)


def write(tx: Tx, written: Written) -> None:
    """Write a batch of walks. The caller's transaction makes it all or nothing."""
    tx.update("enrollments", REST, written.enrollments, REST_TYPES)
    tx.insert("walks", "enrollment_id,seq,path_id,at", written.walks)
    tx.insert("messages", MESSAGE, written.messages)
    reserve(tx, written.caps)
    tx.insert("node_deltas", "version_id,node,port,day,n", written.deltas)
    convert(tx, written.conversions)
    tx.update("contacts", ("properties", "changed_at"), written.profiles, "jsonb,bigint")


def reserve(tx: Tx, rows: Sequence[Row]) -> None:
    """Count one message against each contact, in its hour, channel and journey."""
    if not rows:
        return
    more = "ON CONFLICT (contact_id, hour, channel, journey_id) DO UPDATE SET n = caps.n + 1"
    if tx.postgres:
        tx.run(
            "INSERT INTO caps (contact_id, hour, channel, journey_id, n)"
            f" SELECT *, 1 FROM unnest(?::bigint[], ?::integer[], ?::text[], ?::bigint[]) {more}",
            [list(column) for column in zip(*rows, strict=True)],
        )
    else:
        tx.many(f"INSERT INTO caps (contact_id, hour, channel, journey_id, n) VALUES (?, ?, ?, ?, 1) {more}", rows)


def convert(tx: Tx, rows: Sequence[Row]) -> None:
    """Write down who reached a goal; the first time counts."""
    tx.many(CONVERTED, rows)


def convert_one(tx: Tx, row: Row) -> bool:
    """Write down that one enrollment reached a goal; False when it had before."""
    return tx.run(CONVERTED, row).rowcount > 0


def paths(tx: Tx, version_id: int, steps: Sequence[str]) -> dict[str, int]:
    """The ids of these paths, given to those that are new."""
    for text in steps:
        tx.run("INSERT INTO paths (version_id, steps) VALUES (?, ?) ON CONFLICT DO NOTHING", (version_id, text))
    among, wanted = tx.among(list(steps))
    found = tx.rows(f"SELECT steps, id FROM paths WHERE version_id = ? AND steps {among}", (version_id, wanted))
    return dict(found)  # type: ignore[arg-type]


def fold(tx: Tx, limit: int = 20_000) -> int:
    """Fold deltas into the counts by day; returns how many rows were folded."""
    top = tx.value("SELECT max(id) FROM (SELECT id FROM node_deltas ORDER BY id LIMIT ?) AS d", (limit,))
    if top is None:
        return 0
    if tx.postgres:  # one folder at a time; another one simply finds nothing to do
        if not tx.value("SELECT pg_try_advisory_xact_lock(7340, 1)"):
            return 0
        gone = (
            "WITH gone AS (DELETE FROM node_deltas WHERE id <= ? RETURNING version_id, node, port, day, n)"
            " INSERT INTO node_counts (version_id, node, port, day, n)"
            " SELECT version_id, node, port, day, sum(n) FROM gone GROUP BY 1, 2, 3, 4"
        )
        tx.run(gone + _ADD, (top,))
        return limit
    tx.run(
        "INSERT INTO node_counts (version_id, node, port, day, n)"
        " SELECT version_id, node, port, day, sum(n) FROM node_deltas WHERE id <= ? GROUP BY 1, 2, 3, 4" + _ADD,
        (top,),
    )
    return tx.run("DELETE FROM node_deltas WHERE id <= ?", (top,)).rowcount


_ADD = " ON CONFLICT (version_id, node, port, day) DO UPDATE SET n = node_counts.n + excluded.n"


def counts(tx: Tx, version_ids: Sequence[int]) -> dict[tuple[int, int], dict[str, int]]:
    """Counts by ``(version, node index)``: "in", each port, each "left:reason"; folded and not yet folded together."""
    among, wanted = tx.among(list(version_ids))
    found: dict[tuple[int, int], dict[str, int]] = {}
    for version, node, port, n in tx.rows(
        f"SELECT version_id, node, port, sum(n) FROM node_counts WHERE version_id {among} GROUP BY 1, 2, 3"
        f" UNION ALL SELECT version_id, node, port, sum(n) FROM node_deltas WHERE version_id {among} GROUP BY 1, 2, 3",
        (wanted, wanted),
    ):
        node_counts = found.setdefault((version, node), {})
        node_counts[port] = node_counts.get(port, 0) + int(n)
    return found


def message_counts(tx: Tx, version_ids: Sequence[int]) -> list[Row]:
    """``(version, node, status, messages, opened, clicked, channel)`` for each step that sends."""
    among, wanted = tx.among(list(version_ids))
    return tx.rows(
        "SELECT version_id, node, status, count(*), count(opened_at), count(clicked_at), channel FROM messages"
        f" WHERE version_id {among} GROUP BY 1, 2, 3, 7",
        (wanted,),
    )


def stray(tx: Tx) -> list[Row]:
    """Live enrollments that nothing will ever move: must be empty, whatever happened. ``(id, node)``."""
    return tx.rows(
        "SELECT e.id, e.node FROM enrollments e WHERE e.ended_at IS NULL AND e.due_at IS NULL AND e.wait_event IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.enrollment_id = e.id AND m.seq = e.seq"
        " AND m.status IN ('queued', 'leased', 'sending')) ORDER BY e.id"
    )
