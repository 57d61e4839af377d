"""Who is told of which events, and what became of each telling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field, col, select

from .columns import Json, Key, Moment, load
from .contracts import touch
from .database import Row, Tx
from .naming import Table


class Webhook(Table, table=True):
    """An address that is told of events. ``sealed`` is its secret, readable by this instance alone."""

    __tablename__ = "webhooks"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    title: str = Field(sa_type=Text)
    url: str = Field(sa_type=Text)
    sealed: str = Field(sa_type=Text)
    events: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    segments: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    status: str = Field(default="on", sa_type=Text)  # on, off, disabled (after failing too long)
    failing_since: datetime | None = Field(default=None, sa_type=Moment)
    next_at: datetime | None = Field(default=None, sa_type=Moment)  # nothing is tried before
    created_at: datetime = Field(sa_type=Moment)
    created_by: str = Field(default="", sa_type=Text)


class Delivery(Table, table=True):
    """One event to be told to one address."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),
        Index("ix_webhook_deliveries_event_id", "event_id"),
        Index(
            "ix_webhook_deliveries_due_at", "due_at", sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    webhook_id: int = Field(sa_type=Key)
    event_id: int = Field(sa_type=Key)  # 0: a test, sent by hand
    due_at: int | None = Field(default=None, sa_type=BigInteger)  # empty once it is over
    status: str = Field(default="waiting", sa_type=Text)  # waiting, delivered, failed
    attempts: int = 0
    code: int | None = None  # what was answered
    said: str = Field(default="", sa_type=Text)  # the start of the answer, or why there was none
    created_at: datetime = Field(sa_type=Moment)
    tried_at: datetime | None = Field(default=None, sa_type=Moment)


def wanted(tx: Tx) -> list[tuple[int, list[str], list[str]]]:
    """``(id, events, segments)`` of the webhooks that are on."""
    rows = tx.rows("SELECT id, events, segments FROM webhooks WHERE status = 'on' ORDER BY id")
    return [(webhook, load(events), load(segments)) for webhook, events, segments in rows]


def queue(tx: Tx, rows: Sequence[tuple[int, int]], now_ms: int) -> None:
    """``(webhook, event)`` are to be told."""
    tx.insert(
        "webhook_deliveries",
        "webhook_id,event_id,due_at,status,attempts,said,created_at",
        [(webhook, event, now_ms, "waiting", 0, "", now_ms) for webhook, event in rows],
    )


def everyone(tx: Tx) -> list[Webhook]:
    """All webhooks."""
    return list(tx.session.exec(select(Webhook).order_by(col(Webhook.id))))


def get(tx: Tx, webhook_id: int) -> Webhook | None:
    """One webhook."""
    return tx.session.get(Webhook, webhook_id)


def keep(tx: Tx, webhook: Webhook) -> int:
    """Write a webhook, and let the door know; returns its id."""
    tx.session.add(webhook)
    tx.session.flush()
    touch(tx)
    assert webhook.id is not None
    return webhook.id


def remove(tx: Tx, webhook_id: int) -> None:
    """Forget a webhook and its log."""
    tx.run("DELETE FROM webhook_deliveries WHERE webhook_id = ?", (webhook_id,))
    tx.run("DELETE FROM webhooks WHERE id = ?", (webhook_id,))
    touch(tx)


def ready(tx: Tx, now_ms: int) -> list[Row]:
    """``(id, url, sealed)`` of the webhooks that may be tried now and have something to tell."""
    return tx.rows(
        "SELECT w.id, w.url, w.sealed FROM webhooks w WHERE w.status = 'on' AND (w.next_at IS NULL OR w.next_at <= ?)"
        " AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.due_at <= ?) ORDER BY w.id",
        (now_ms, now_ms),
    )


def due(tx: Tx, webhook_id: int, now_ms: int, most: int) -> list[Row]:
    """``(delivery, attempts, event id, name, at, properties, contact id, external_id, email, phone, contact's
    properties)`` to be told to one address, the oldest first."""
    return tx.rows(
        "SELECT d.id, d.attempts, d.event_id, e.name, e.at, e.properties, c.id, c.external_id, c.email, c.phone,"
        " c.properties FROM webhook_deliveries d LEFT JOIN events e ON e.id = d.event_id"
        " LEFT JOIN contacts c ON c.id = e.contact_id"
        " WHERE d.webhook_id = ? AND d.due_at IS NOT NULL AND d.due_at <= ? ORDER BY d.due_at, d.id LIMIT ?",
        (webhook_id, now_ms, most),
    )


def tried(tx: Tx, rows: Sequence[tuple[str, int | None, int | None, str, int, int]]) -> None:
    """Write down ``(status, next due or None, code, what was said, now, delivery)``."""
    tx.many(
        "UPDATE webhook_deliveries SET status = ?, due_at = ?, code = ?, said = ?, tried_at = ?,"
        " attempts = attempts + 1 WHERE id = ?",
        rows,
    )


def answered(tx: Tx, webhook_id: int) -> None:
    """The address works."""
    tx.run("UPDATE webhooks SET failing_since = NULL, next_at = NULL WHERE id = ?", (webhook_id,))


def failing(tx: Tx, webhook_id: int, now_ms: int, next_ms: int) -> int:
    """The address does not work; returns since when."""
    return tx.value(
        "UPDATE webhooks SET failing_since = coalesce(failing_since, ?), next_at = ? WHERE id = ?"
        " RETURNING failing_since",
        (now_ms, next_ms, webhook_id),
    )


def disable(tx: Tx, webhook_id: int) -> None:
    """It failed for too long."""
    tx.run("UPDATE webhooks SET status = 'disabled' WHERE id = ?", (webhook_id,))
    touch(tx)


def log(tx: Tx, webhook_id: int, limit: int = 100) -> list[Row]:
    """``(id, event name, status, attempts, code, said, created_at, tried_at, due_at)``, the latest first."""
    return tx.rows(
        "SELECT d.id, e.name, d.status, d.attempts, d.code, d.said, d.created_at, d.tried_at, d.due_at"
        " FROM webhook_deliveries d LEFT JOIN events e ON e.id = d.event_id"
        " WHERE d.webhook_id = ? ORDER BY d.id DESC LIMIT ?",
        (webhook_id, limit),
    )


def counts(tx: Tx) -> dict[int, dict[str, int]]:
    """How many tellings are in which state, by webhook."""
    found: dict[int, dict[str, int]] = {}
    rows = tx.rows("SELECT webhook_id, status, count(*) FROM webhook_deliveries GROUP BY webhook_id, status")
    for webhook, status, n in rows:
        found.setdefault(webhook, {})[status] = n
    return found


def again(tx: Tx, webhook_id: int, now_ms: int) -> None:
    """Turn a webhook on again; what failed is tried once more."""
    tx.run("UPDATE webhooks SET status = 'on', failing_since = NULL, next_at = NULL WHERE id = ?", (webhook_id,))
    tx.run(
        "UPDATE webhook_deliveries SET status = 'waiting', due_at = ?, attempts = 0"
        " WHERE webhook_id = ? AND status = 'failed'",
        (now_ms, webhook_id),
    )
    touch(tx)


def age_out(tx: Tx, before_ms: int) -> None:
    """Let go of what was told long ago."""
    tx.run("DELETE FROM webhook_deliveries WHERE due_at IS NULL AND created_at < ?", (before_ms,))


def forget(tx: Tx, contacts: Sequence[int]) -> None:
    """What waited to be told about somebody who is erased is not told, and no answer about them is kept."""
    among, ids = tx.among(contacts)
    tx.run(
        "DELETE FROM webhook_deliveries WHERE event_id IN (SELECT id FROM events WHERE contact_id " + among + ")",
        (ids,),
    )
