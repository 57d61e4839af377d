"""Segments: their rules and versions, who is in them since when, and how many that were day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field, col, select

from .columns import Json, Key, Moment, dump, load
from .database import Row, Tx
from .naming import Table


class Segment(Table, table=True):
    """People who have something in common, by a rule. Members are those of ``filled`` (a revision; 0: never filled).

    ``mark`` is how far the refreshing has looked: see `runtime.segment_refresh`.
    """

    __tablename__ = "segments"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    title: str = Field(sa_type=Text)
    kind: str = Field(default="behavioural", sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    owner: str = Field(default="", sa_type=Text)
    tags: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    rule: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    revision: int = Field(default=1, sa_type=Integer)
    filled: int = Field(default=0, sa_type=Integer)
    size: int = Field(default=0, sa_type=BigInteger)
    mark: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    trouble: str = Field(default="", sa_type=Text)  # why it is not kept up to date, as a sentence
    archived_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    refreshed_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)


class SegmentVersion(Table, table=True):
    """A rule a segment had, who wrote it and when."""

    __tablename__ = "segment_versions"
    __table_args__ = (Index("ux_segment_versions_segment_id_revision", "segment_id", "revision", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    segment_id: int = Field(sa_type=Key)
    revision: int = Field(sa_type=Integer)
    rule: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    author: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)


class SegmentMember(Table, table=True):
    """Somebody who is in a segment, since when."""

    __tablename__ = "segment_members"
    __table_args__ = (
        Index("ix_segment_members_contact_id", "contact_id", "segment_id"),
        {"sqlite_with_rowid": False},
    )

    segment_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    since_at: int = Field(sa_type=BigInteger)


class SegmentSize(Table, table=True):
    """How many were in a segment at the end of a day (days since 1970, UTC), and how many came and went that day."""

    __tablename__ = "segment_sizes"

    segment_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    day: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = Field(default=0, sa_type=BigInteger)
    joined: int = Field(default=0, sa_type=BigInteger)
    gone: int = Field(default=0, sa_type=BigInteger)


# ── the library ───────────────────────────────────────────────────────────────────────────────────────


def segments(tx: Tx, archived: bool = False) -> list[Segment]:
    """Every segment, by name; ``archived`` asks for those put away instead."""
    put_away = col(Segment.archived_at).is_not(None) if archived else col(Segment.archived_at).is_(None)
    return list(tx.session.exec(select(Segment).where(put_away).order_by(col(Segment.name))).all())


def segment_named(tx: Tx, name: str) -> Segment | None:
    """The segment with this short name."""
    return tx.session.exec(select(Segment).where(col(Segment.name) == name)).first()


def rules(tx: Tx) -> dict[str, Any]:
    """The rule of every segment by its name, those put away included."""
    return dict(tx.session.exec(select(Segment.name, Segment.rule)).all())


def titles(tx: Tx) -> dict[str, str]:
    """What people call every segment, by its name, those put away included."""
    return dict(tx.session.exec(select(Segment.name, Segment.title)).all())


def versions(tx: Tx, segment_id: int) -> list[SegmentVersion]:
    """Every rule a segment had, the newest first."""
    newest = select(SegmentVersion).where(col(SegmentVersion.segment_id) == segment_id)
    return list(tx.session.exec(newest.order_by(col(SegmentVersion.revision).desc())).all())


def remove(tx: Tx, segment_id: int) -> None:
    """Take a segment away with everything that was kept of it."""
    tx.session.flush()
    for table in ("segment_members", "segment_sizes", "segment_versions"):
        tx.run(f"DELETE FROM {table} WHERE segment_id = ?", (segment_id,))
    tx.run("DELETE FROM segments WHERE id = ?", (segment_id,))


# ── who is in ─────────────────────────────────────────────────────────────────────────────────────────


def member_page(tx: Tx, segment_id: int, after: int, limit: int) -> list[Row]:
    """``(contact, since)`` in order of contacts, those after one."""
    return tx.rows(
        "SELECT contact_id, since_at FROM segment_members WHERE segment_id = ? AND contact_id > ?"
        " ORDER BY contact_id LIMIT ?",
        (segment_id, after, limit),
    )


def member_ids(tx: Tx, segment_id: int) -> set[int]:
    """Everybody who is in."""
    return {
        contact for (contact,) in tx.run("SELECT contact_id FROM segment_members WHERE segment_id = ?", (segment_id,))
    }


def members_among(tx: Tx, segment_id: int, contacts: Sequence[int]) -> set[int]:
    """Which of these contacts are in."""
    among, wanted = tx.among(contacts)
    rows = tx.rows(
        f"SELECT contact_id FROM segment_members WHERE segment_id = ? AND contact_id {among}", (segment_id, wanted)
    )
    return {contact for (contact,) in rows}


def size(tx: Tx, segment_id: int) -> int:
    """How many are in."""
    return tx.value("SELECT count(*) FROM segment_members WHERE segment_id = ?", (segment_id,))


def clear(tx: Tx, segment_id: int) -> None:
    """Let everybody go."""
    tx.run("DELETE FROM segment_members WHERE segment_id = ?", (segment_id,))


def of_contact(tx: Tx, contact_id: int) -> list[Row]:
    """``(name, title, kind, since)`` of the segments somebody is in."""
    return tx.rows(
        "SELECT s.name, s.title, s.kind, m.since_at FROM segment_members m JOIN segments s ON s.id = m.segment_id"
        " WHERE m.contact_id = ? AND s.archived_at IS NULL ORDER BY s.name",
        (contact_id,),
    )


def sizes(tx: Tx, segment_id: int, since_day: int = 0) -> list[Row]:
    """``(day, size, joined, left)`` of the days that are known, the first one first."""
    return tx.rows(
        "SELECT day, size, joined, gone FROM segment_sizes WHERE segment_id = ? AND day >= ? ORDER BY day",
        (segment_id, since_day),
    )


def put_members(tx: Tx, segment_id: int, joined: Sequence[int], left: Sequence[int], now_ms: int) -> None:
    """Write who came in and who went out."""
    among, gone = tx.among(left)
    if left:
        tx.run(f"DELETE FROM segment_members WHERE segment_id = ? AND contact_id {among}", (segment_id, gone))
    tx.insert(
        "segment_members", "segment_id,contact_id,since_at", [(segment_id, contact, now_ms) for contact in joined]
    )


def note_size(tx: Tx, segment_id: int, day: int, size: int, joined: int, left: int) -> None:
    """Keep the size of today, and add to who came and went."""
    tx.run(
        "INSERT INTO segment_sizes (segment_id, day, size, joined, gone) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (segment_id, day) DO UPDATE SET size = excluded.size,"
        " joined = segment_sizes.joined + excluded.joined, gone = segment_sizes.gone + excluded.gone",
        (segment_id, day, size, joined, left),
    )


def held_mark(tx: Tx, segment_id: int) -> dict[str, Any] | None:
    """How far the refreshing has come; nobody else goes on with it in this transaction. None for a deleted segment."""
    locked = " FOR UPDATE" if tx.postgres else ""
    row = tx.one(f"SELECT mark FROM segments WHERE id = ?{locked}", (segment_id,))
    return None if row is None else load(row[0])


def save_progress(
    tx: Tx, segment_id: int, *, size: int, filled: int, mark: dict[str, Any], now_ms: int, trouble: str = ""
) -> None:
    """How far the refreshing has come."""
    tx.run(
        "UPDATE segments SET size = ?, filled = ?, mark = ?, refreshed_at = ?, trouble = ? WHERE id = ?",
        (size, filled, dump(mark), now_ms, trouble, segment_id),
    )


def save_trouble(tx: Tx, segment_id: int, trouble: str) -> None:
    """Why a segment is not kept up to date."""
    tx.run("UPDATE segments SET trouble = ? WHERE id = ?", (trouble, segment_id))
