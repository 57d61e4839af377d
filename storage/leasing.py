"""Which messages a sender takes next: the better class first, and one place in eight for who has waited longest."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Row, Tx
from .messages import Leased
from .walking import RANKS

OLDEST = 8  # of so many places one goes by age alone, so that no class waits for ever behind a better one

DUE = (
    "SELECT m.id, m.due_at, m.rank, m.weight, m.version_id, m.contact_id, m.channel, m.content, m.attempts"
    " FROM messages m WHERE m.status = 'queued' AND m.rank = ? AND m.channel = ? AND m.due_at BETWEEN ? AND ?"
    " AND m.journey_id NOT IN (SELECT id FROM journeys WHERE status = 'paused')"
    " ORDER BY m.due_at LIMIT ? {lock}"  # among equals as the index has them: else PostgreSQL sorts a whole campaign
)
PAUSED = "SELECT id FROM journeys WHERE status = 'paused' ORDER BY id"
TRUSTED_MS = 30_000  # how long what was looked through is not looked through again
LATE_MS = 60_000  # a message may be written so long after the moment it is due at
TAKE = "UPDATE messages SET status = 'leased', worker = ? WHERE id {among}"


class Standing:
    """Up to which moment all that is due on a channel stands still with its journey: not looked through each time.

    A journey may be stopped with a million messages waiting. This is trusted for a short while, and until another
    journey stops or goes on; forget it when something is put back that was due long ago.
    """

    def __init__(self) -> None:
        self._paused: list[Row] = []
        self._at_ms = 0
        self._up_to: dict[tuple[int, str], int] = {}

    def look(self, tx: Tx, now_ms: int) -> None:
        """Begin to look for what is due."""
        paused = tx.rows(PAUSED)
        if paused != self._paused or not 0 <= now_ms - self._at_ms < TRUSTED_MS:
            self._paused, self._at_ms, self._up_to = paused, now_ms, {}

    def up_to(self, rank: int, channel: str) -> int:
        """What was due before stands still."""
        return self._up_to.get((rank, channel), 0)

    def found(self, rank: int, channel: str, first_ms: int) -> None:
        """The first that may go is due then."""
        if self._paused:
            self._up_to[rank, channel] = first_ms

    def forget(self) -> None:
        """Look everything through again."""
        self._up_to = {}


def due(tx: Tx, channels: Sequence[str], now_ms: int, limit: int, standing: Standing | None = None) -> list[Leased]:
    """Up to ``limit`` due messages of these channels, best first; journeys on pause are left alone.

    Nobody else takes them while the transaction lasts; `take` keeps them for longer.
    """
    chosen = _chosen(_candidates(tx, channels, now_ms, limit, standing or Standing()), limit)
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


def _candidates(tx: Tx, channels: Sequence[str], now_ms: int, limit: int, standing: Standing) -> list[Row]:
    """Channel by channel, so that what waits for a closed one is not looked through to find what may go."""
    sql = DUE.format(lock="FOR UPDATE OF m SKIP LOCKED" if tx.postgres else "")
    standing.look(tx, now_ms)
    found: list[Row] = []
    for rank in RANKS:
        if (most := max(limit - len(found), limit // OLDEST)) < 1:
            continue
        those: list[Row] = []
        for channel in channels:
            rows = tx.rows(sql, (rank, channel, standing.up_to(rank, channel), now_ms, most))
            standing.found(rank, channel, rows[0][1] if rows else now_ms - LATE_MS)
            those += rows
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
