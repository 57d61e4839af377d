"""Who looked at a letter and at which of its links: people, machines that fetch ahead, scanners; never an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Text
from sqlmodel import Field

from . import features
from .columns import Key
from .database import Tx
from .naming import Table

HUMAN, MACHINE, SCANNER, UNKNOWN = "human", "machine", "scanner", "unknown"
PIXEL = 0  # the place of the picture that counts an opening; links stand at 1 and on
MOST = 9_999  # what one row counts to


class Opening(Table, table=True):
    """What one kind of reader did with one link of one message; the picture is place 0. Moments are milliseconds."""

    __tablename__ = "openings"
    __table_args__ = (
        Index("ix_openings_version_id_node", "version_id", "node", "link"),
        Index("ix_openings_last_at", "last_at"),
    )

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    link: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    url: str = Field(sa_column=Column(Text, primary_key=True))  # without what is personal in it
    kind: str = Field(sa_column=Column(Text, primary_key=True))  # human, machine, scanner, unknown
    why: str = Field(sa_type=Text)  # a key of runtime.tracking.readers.WHY
    n: int = Field(default=1, sa_type=Integer)
    first_at: int = Field(sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)
    version_id: int = Field(sa_type=Key)
    node: int = Field(sa_type=Integer)


class About(NamedTuple):
    """The message that was looked at. ``untracked``: the contact does not want it to be known."""

    message_id: int
    contact_id: int
    version_id: int
    node: int
    channel: str
    sent_at: int | None
    untracked: bool


class Row(NamedTuple):
    """One look, as it is written. ``at`` is in milliseconds."""

    message_id: int
    link: int
    url: str
    kind: str
    why: str
    at: int


def about(tx: Tx, message_ids: Sequence[int]) -> dict[int, About]:
    """The messages among these that went to somebody who is still there."""
    among, ids = tx.among(sorted(set(message_ids)))
    rows = tx.rows(
        "SELECT m.id, m.contact_id, m.version_id, m.node, m.channel, m.sent_at, COALESCE(w.untracked, 0)"
        " FROM messages m JOIN contacts c ON c.id = m.contact_id LEFT JOIN wishes w ON w.contact_id = m.contact_id"
        f" WHERE m.id {among} AND c.erased_at IS NULL ORDER BY m.id",
        (ids,),
    )
    return {
        message: About(message, contact, version, node, channel, sent, bool(untracked))
        for message, contact, version, node, channel, sent, untracked in rows
    }


def add(tx: Tx, looks: Sequence[Row], known: dict[int, About]) -> None:
    """Write looks at known messages down: a row for each link and kind, counted up."""
    sums: dict[tuple[int, int, str, str], list[int | str]] = {}
    for one in looks:
        found = sums.setdefault(one[:4], [one.why, 0, one.at, one.at])
        found[1:] = [int(found[1]) + 1, min(int(found[2]), one.at), max(int(found[3]), one.at)]
    tx.many(
        "INSERT INTO openings (message_id, link, url, kind, why, n, first_at, last_at, version_id, node)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id, link, url, kind) DO UPDATE SET"
        " n = CASE WHEN openings.n + excluded.n > ? THEN openings.n ELSE openings.n + excluded.n END,"
        " first_at = CASE WHEN excluded.first_at < openings.first_at THEN excluded.first_at ELSE openings.first_at END,"
        " last_at = CASE WHEN excluded.last_at > openings.last_at THEN excluded.last_at ELSE openings.last_at END",
        [(*key, *row, known[key[0]].version_id, known[key[0]].node, MOST) for key, row in sorted(sums.items())],
    )


def clicks(tx: Tx, message_ids: Sequence[int], since_ms: int) -> list[tuple[int, int, str, int]]:
    """``(message, link, url, moment)`` of everything that was clicked since then, by moment."""
    among, ids = tx.among(message_ids)
    rows = tx.rows(
        "SELECT message_id, link, url, MAX(CASE WHEN first_at >= ? THEN first_at ELSE last_at END) AS at FROM openings"
        f" WHERE message_id {among} AND link > 0 AND last_at >= ? GROUP BY message_id, link, url ORDER BY at",
        (since_ms, ids, since_ms),
    )
    return [(int(message), int(link), str(url), int(at)) for message, link, url, at in rows]


def seen(tx: Tx, opened: Sequence[tuple[int, int]], clicked: Sequence[tuple[int, int]]) -> list[int]:
    """First openings and clicks ``(message, moment)`` by people; returns the messages opened for the first time."""
    contacts: set[int] = set()
    fresh: list[int] = []
    for column, rows in (("opened_at", [*opened, *clicked]), ("clicked_at", clicked)):
        for message, at in sorted(rows):  # in one order, so that nobody waits for one another
            found = tx.one(
                f"UPDATE messages SET {column} = ? WHERE id = ? AND {column} IS NULL RETURNING contact_id",
                (at, message),
            )
            if found is not None:
                contacts.add(found[0])
                fresh += [message] if column == "opened_at" else []
    features.touch(tx, sorted(contacts))
    return fresh


def wake(tx: Tx, message_ids: Sequence[int], now_ms: int) -> int:
    """People who wait at the step that sent these, for whether they are opened, need wait no longer."""
    among, ids = tx.among(message_ids)
    return tx.run(
        "UPDATE enrollments SET due_at = ? WHERE ended_at IS NULL AND outbox = 0 AND outcome IS NOT NULL"
        f" AND due_at > ? AND EXISTS (SELECT 1 FROM messages m WHERE m.id {among}"
        " AND m.enrollment_id = enrollments.id AND m.node = enrollments.node)"
        f" AND id IN (SELECT m.enrollment_id FROM messages m WHERE m.id {among})",
        (now_ms, now_ms, ids, ids),
    ).rowcount


def turn(tx: Tx, message_id: int, from_ms: int, until_ms: int, why: str, counted: Sequence[str]) -> bool:
    """What began between these moments was a scanner's after all: told apart now, and no longer what people did.

    ``counted`` are the kinds whose opening counts as one. True when a person was taken to have opened it first, and
    now nobody has.
    """
    place = (message_id, from_ms, until_ms)
    by_person = tx.one(
        "SELECT 1 FROM messages m JOIN openings o ON o.message_id = m.id AND o.kind = 'human'"
        " AND o.first_at = m.opened_at WHERE m.id = ? AND m.opened_at BETWEEN ? AND ? LIMIT 1",
        place,
    )
    tx.run(
        "INSERT INTO openings (message_id, link, url, kind, why, n, first_at, last_at, version_id, node)"
        " SELECT message_id, link, url, 'scanner', CAST(? AS text), n, first_at, last_at, version_id, node"
        " FROM openings WHERE message_id = ? AND kind <> 'scanner' AND first_at >= ? AND first_at <= ?"
        " ON CONFLICT (message_id, link, url, kind) DO UPDATE SET n = openings.n + excluded.n,"
        " first_at = CASE WHEN excluded.first_at < openings.first_at THEN excluded.first_at ELSE openings.first_at END",
        (why, *place),
    )
    tx.run("DELETE FROM openings WHERE message_id = ? AND kind <> 'scanner' AND first_at >= ? AND first_at <= ?", place)
    among, kinds = tx.among(list(counted))
    first = "SELECT MIN(first_at) FROM openings o WHERE o.message_id = messages.id"
    changed = tx.rows(
        "UPDATE messages SET"
        f" clicked_at = CASE WHEN clicked_at BETWEEN ? AND ? THEN ({first} AND o.link > 0 AND o.kind = 'human')"
        " ELSE clicked_at END,"
        f" opened_at = CASE WHEN opened_at BETWEEN ? AND ? THEN ({first} AND (o.kind = 'human' OR o.link = 0 AND"
        f" o.kind {among})) ELSE opened_at END"
        " WHERE id = ? AND (clicked_at BETWEEN ? AND ? OR opened_at BETWEEN ? AND ?) RETURNING contact_id, opened_at",
        (from_ms, until_ms, from_ms, until_ms, kinds, message_id, from_ms, until_ms, from_ms, until_ms),
    )
    features.touch(tx, [contact for contact, _ in changed])
    return by_person is not None and any(opened_at is None for _, opened_at in changed)


def forget(tx: Tx, contacts: Sequence[int]) -> None:
    """What these contacts looked at goes; that they opened and clicked stays in the totals of the messages."""
    among, ids = tx.among(contacts)
    tx.run(f"DELETE FROM openings WHERE message_id IN (SELECT id FROM messages WHERE contact_id {among})", (ids,))


def age_out(tx: Tx, before_ms: int, limit: int) -> int:
    """Forget looks nobody added to since then, up to ``limit`` messages; returns how many rows went."""
    return tx.run(
        "DELETE FROM openings WHERE last_at < ? AND message_id IN"
        " (SELECT message_id FROM openings WHERE last_at < ? ORDER BY last_at LIMIT ?)",
        (before_ms, before_ms, limit),
    ).rowcount
