"""Which messages a sender takes next: the better class first, and one place in eight for who has waited longest."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Row, Tx
from .messages import Leased
from .walking import RANKS

OLDEST = 8  # of so many places one goes by age alone, so that no class waits for ever behind a better one

DUE = (
    "SELECT m.id, m.due_at, m.rank FROM messages m WHERE m.status = 'queued' AND m.rank = ? AND m.due_at <= ?"
    " AND m.channel {channels} AND m.journey_id NOT IN (SELECT id FROM journeys WHERE status = 'paused')"
    " ORDER BY m.due_at, m.id LIMIT ? {lock}"
)
TAKE = (
    "UPDATE messages SET status = 'leased', worker = ? WHERE id {among}"
    " RETURNING rank, weight, due_at, id, version_id, contact_id, channel, content, attempts"
)


def lease(tx: Tx, worker: str, channels: Sequence[str], now_ms: int, limit: int) -> list[Leased]:
    """Take up to ``limit`` due messages of these channels, best first; journeys on pause are left alone."""
    chosen = _chosen(_candidates(tx, channels, now_ms, limit), limit)
    if not chosen:
        return []
    among, ids = tx.among(chosen)
    rows = tx.rows(TAKE.format(among=among), (worker, ids))
    rows.sort(key=lambda row: (row[0], -row[1], row[2], row[3]))
    return [
        Leased(key, version, contact, channel, content, attempts, due_at)
        for _, _, due_at, key, version, contact, channel, content, attempts in rows
    ]


def _candidates(tx: Tx, channels: Sequence[str], now_ms: int, limit: int) -> list[Row]:
    among, names = tx.among(channels)
    sql = DUE.format(channels=among, lock="FOR UPDATE OF m SKIP LOCKED" if tx.postgres else "")
    found: list[Row] = []
    for rank in RANKS:
        found += tx.rows(sql, (rank, now_ms, names, max(limit - len(found), limit // OLDEST)))
    return found


def _chosen(found: list[Row], limit: int) -> list[int]:
    """Ids of the oldest, then of the best; ``found`` stands in order of rank and age."""
    if len(found) <= limit:
        return [row[0] for row in found]
    oldest = sorted(found, key=lambda row: (row[1], row[0]))[: limit // OLDEST]
    chosen = dict.fromkeys(row[0] for row in oldest)
    for row in found:
        if len(chosen) >= limit:
            break
        chosen.setdefault(row[0])
    return list(chosen)
