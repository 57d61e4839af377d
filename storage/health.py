"""Queries about how far behind the instance is."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError

from .database import Tx
from .doors import StorageError

TROUBLE = (StorageError, DBAPIError, sqlite3.OperationalError, psycopg.OperationalError)  # the store cannot serve now
ENOUGH = 10_000  # counting further would cost more than it tells


def health(tx: Tx, now_ms: int) -> dict[str, float | int]:
    """How late the oldest due contact is (seconds), and how much waits; counts stop at 10,000."""
    oldest = tx.value(
        "SELECT min(due) FROM (SELECT (SELECT min(e.due_at) FROM enrollments e "
        "WHERE e.version_id = v.id AND e.due_at IS NOT NULL) AS due "
        "FROM versions v JOIN journeys j ON j.id = v.journey_id WHERE j.status = 'live') AS firsts"
    )
    due = tx.value(
        "SELECT count(*) FROM (SELECT 1 FROM enrollments e JOIN versions v ON v.id = e.version_id "
        "JOIN journeys j ON j.id = v.journey_id "
        f"WHERE e.due_at IS NOT NULL AND e.due_at <= ? AND j.status = 'live' LIMIT {ENOUGH}) AS few",
        (now_ms,),
    )
    queued = tx.value(
        f"SELECT count(*) FROM (SELECT 1 FROM messages WHERE status = 'queued' AND due_at <= ? LIMIT {ENOUGH}) AS few",
        (now_ms,),
    )
    lag = max(0, now_ms - oldest) / 1000 if oldest is not None else 0.0
    return {"engine_lag_seconds": lag, "contacts_due": due, "messages_queued": queued}
