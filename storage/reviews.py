"""Reviews of drafts: who asked, what exactly they showed, who decided; and whose hand is in a draft."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field, col, select

from .columns import LAST_KEY, Json, Key, Moment, dump
from .database import Tx
from .naming import Table


class Review(Table, table=True):
    """One request to look at a draft. ``content`` is what was shown; whatever is decided holds for its hash alone."""

    __tablename__ = "reviews"
    __table_args__ = (
        Index("ix_reviews_journey_id", "journey_id", "id"),
        Index(
            "ux_reviews_open",
            "journey_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    journey_id: int = Field(sa_type=Key)
    content_hash: str = Field(sa_type=Text)
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    state: str = Field(default="open", sa_type=Text)  # open, approved, sent_back, withdrawn
    asked_by: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=Moment)
    note: str = Field(default="", sa_type=Text)  # what the asker says
    editors: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))  # whose hand is in it
    checks: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    decided_by: str | None = Field(default=None, sa_type=Text)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    comment: str = Field(default="", sa_type=Text)  # what the decider says
    version_id: int | None = Field(default=None, sa_type=Key)  # what was published on its strength


class DraftEdit(Table, table=True):
    """Somebody changed the draft since the last version was published. Moments are milliseconds."""

    __tablename__ = "draft_edits"

    journey_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    editor: str = Field(sa_column=Column(Text, primary_key=True))
    first_at: int = Field(sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)


# ── reviews ───────────────────────────────────────────────────────────────────────────────────────────


def review(tx: Tx, review_id: int) -> Review | None:
    """One review."""
    return tx.session.get(Review, review_id) if abs(review_id) <= LAST_KEY else None


def latest(tx: Tx, journey_id: int) -> Review | None:
    """The newest review of a journey: the only one that may still mean anything."""
    newest = select(Review).where(col(Review.journey_id) == journey_id).order_by(col(Review.id).desc()).limit(1)
    return tx.session.exec(newest).first()


def reviews(tx: Tx, journey_id: int, limit: int = 20) -> list[Review]:
    """The reviews of a journey, the newest first."""
    newest = select(Review).where(col(Review.journey_id) == journey_id).order_by(col(Review.id).desc()).limit(limit)
    return list(tx.session.exec(newest).all())


def open_reviews(tx: Tx) -> list[tuple[int, str, str, str, int, bool]]:
    """``(review, journey's name, title, asked by, asked at, whether its journey is live)``, the oldest first."""
    rows = tx.rows(
        "SELECT r.id, j.name, j.title, r.asked_by, r.asked_at, j.live_version IS NOT NULL FROM reviews r"
        " JOIN journeys j ON j.id = r.journey_id WHERE r.state = 'open' ORDER BY r.id"
    )
    return [(*row[:5], bool(row[5])) for row in rows]


def decided_reviews(tx: Tx, limit: int = 20) -> list[tuple[int, str, str, str, str, int]]:
    """``(review, title, state, asked by, decided by, decided at)`` of what was decided, the last first."""
    return tx.rows(
        "SELECT r.id, j.title, r.state, r.asked_by, r.decided_by, r.decided_at FROM reviews r"
        " JOIN journeys j ON j.id = r.journey_id WHERE r.state IN ('approved', 'sent_back')"
        " ORDER BY r.decided_at DESC, r.id DESC LIMIT ?",
        (limit,),
    )  # type: ignore[return-value]


def count_open(tx: Tx) -> int:
    """How many reviews, and changes of the policy, wait for somebody."""
    return tx.value(
        "SELECT (SELECT count(*) FROM reviews WHERE state = 'open')"
        " + (SELECT count(*) FROM policies WHERE status = 'proposed')"
    )


def close(tx: Tx, review_id: int, state: str, by: str, now_ms: int, comment: str, editors: Iterable[str]) -> bool:
    """Decide an open review, once: False when somebody else was faster."""
    done = tx.run(
        "UPDATE reviews SET state = ?, decided_by = ?, decided_at = ?, comment = ?, editors = ?"
        " WHERE id = ? AND state = 'open'",
        (state, by, now_ms, comment, dump(sorted(editors)), review_id),
    )
    return done.rowcount == 1


def use_up(tx: Tx, review_id: int, version_id: int) -> None:
    """An approval publishes one version and no other."""
    tx.run("UPDATE reviews SET version_id = ? WHERE id = ?", (version_id, review_id))


def doings(tx: Tx, event: str, since_ms: int) -> tuple[int, int]:
    """How often an event happened since a moment, and to how many people."""
    row = tx.one(
        "SELECT count(*), count(DISTINCT contact_id) FROM events WHERE name = ? AND at >= ?", (event, since_ms)
    )
    return (row[0], row[1]) if row else (0, 0)


# ── whose hand is in a draft ──────────────────────────────────────────────────────────────────────────


def edited(tx: Tx, journey_id: int, editor: str, now_ms: int) -> None:
    """Remember that somebody changed the draft."""
    tx.run(
        "INSERT INTO draft_edits (journey_id, editor, first_at, last_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (journey_id, editor) DO UPDATE SET last_at = excluded.last_at",
        (journey_id, editor, now_ms, now_ms),
    )


def edits(tx: Tx, journey_id: int) -> list[tuple[str, int, int]]:
    """``(editor, first, last)`` of everybody who changed the draft since it was last published, the last first."""
    return tx.rows(
        "SELECT editor, first_at, last_at FROM draft_edits WHERE journey_id = ? ORDER BY last_at DESC, editor",
        (journey_id,),
    )  # type: ignore[return-value]


def forget_edits(tx: Tx, journey_id: int) -> None:
    """The draft is a version now."""
    tx.run("DELETE FROM draft_edits WHERE journey_id = ?", (journey_id,))
