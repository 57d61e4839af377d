"""Which messages a sender takes next: the better class first, and one place in eight for who has waited longest."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Row, Tx
from .messages import Leased
from .walking import RANKS

OLDEST = 8  # of so many places one goes by age alone, so that no class waits for ever behind a better one

DUE = (
    "SELECT m.id, m.due_at, m.rank, m.weight, m.version_id, m.contact_id, m.channel, m.content, m.attempts"
    " FROM messages m WHERE m.status = 'queued' AND m.rank = ? AND m.due_at <= ?"
    " AND m.channel = ? AND m.journey_id NOT IN (SELECT id FROM journeys WHERE status = 'paused')"
    " ORDER BY m.due_at, m.id LIMIT ? {lock}"
)
TAKE = "UPDATE messages SET status = 'leased', worker = ? WHERE id {among}"


def due(tx: Tx, channels: Sequence[str], now_ms: int, limit: int) -> list[Leased]:
    """Up to ``limit`` due messages of these channels, best first; journeys on pause are left alone.

    Nobody else takes them while the transaction lasts; `take` keeps them for longer.
    """
    chosen = _chosen(_candidates(tx, channels, now_ms, limit), limit)
    chosen.sort(key=lambda row: (row[2], -row[3], row[1], row[0]))
    return [
        Leased(key, version, contact, channel, content, attempts, due_at)
        for key, due_at, _, _, version, contact, channel, content, attempts in chosen
    ]


def take(tx: Tx, worker: str, found: Sequence[Leased]) -> None:
    """These are this worker's now."""
    if found:
        among, ids = tx.among([one.id for one in found])
        tx.run(TAKE.format(among=among), (worker, ids))


def lease(tx: Tx, worker: str, channels: Sequence[str], now_ms: int, limit: int) -> list[Leased]:
    """Take up to ``limit`` due messages at once."""
    found = due(tx, channels, now_ms, limit)
    take(tx, worker, found)
    return found


def _candidates(tx: Tx, channels: Sequence[str], now_ms: int, limit: int) -> list[Row]:
    """Channel by channel, so that what waits for a closed one is not looked through to find what may go."""
    sql = DUE.format(lock="FOR UPDATE OF m SKIP LOCKED" if tx.postgres else "")
    found: list[Row] = []
    for rank in RANKS:
        most = max(limit - len(found), limit // OLDEST)
        those = [row for channel in channels for row in tx.rows(sql, (rank, now_ms, channel, most))]
        found += sorted(those, key=lambda row: (row[1], row[0]))[:most]
    return found


def _chosen(found: list[Row], limit: int) -> list[Row]:
    """The oldest, then the best; ``found`` stands in order of rank and age."""
    if len(found) <= limit:
        return found
    oldest = sorted(found, key=lambda row: (row[1], row[0]))[: limit // OLDEST]
    chosen = {row[0]: row for row in oldest}
    for row in found:
        if len(chosen) >= limit:
            break
        chosen.setdefault(row[0], row)
    return list(chosen.values())
