"""Contacts that may be the same person: what they are found by, and what was suggested and decided about each pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field

from . import settings
from .columns import Json, Key, Moment, dump, load
from .database import Row, Tx
from .naming import Table

CROWD = 30  # contacts that share a key: a key of more says nothing
MARK = "matches.mark"  # how far changes have been looked at


class MatchKey(Table, table=True):
    """Contacts with the same key are compared. ``shared``: both held the same device, whatever they are called."""

    __tablename__ = "match_keys"
    __table_args__ = (Index("ix_match_keys_contact_id", "contact_id"), {"sqlite_with_rowid": False})

    key: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    shared: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))


class MatchSuggestion(Table, table=True):
    """Two contacts who may be one, the lower id first. ``score`` is per cent; ``reasons`` are sentences."""

    __tablename__ = "match_suggestions"
    __table_args__ = (
        Index("ux_match_suggestions_one_other", "one", "other", unique=True),
        Index("ix_match_suggestions_other", "other"),
        Index("ix_match_suggestions_status_score", "status", "score", "id"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    one: int = Field(sa_type=Key)
    other: int = Field(sa_type=Key)
    score: int = Field(sa_type=Integer)
    reasons: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    status: str = Field(default="open", sa_type=Text)  # open, merged, denied
    found_at: datetime = Field(sa_type=Moment)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    decided_by: str = Field(default="", sa_type=Text)


@dataclass(frozen=True, slots=True)
class Suggested:
    """A pair that waits for a person's word."""

    id: int
    one: int
    other: int
    score: int
    reasons: list[str]
    found_at: int


def key_of(text: str) -> int:
    """A key from what it is made of: a number of 64 bits, so that nothing can be read in it."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


# ── keys and pairs ────────────────────────────────────────────────────────────────────────────────────


def add_shared(tx: Tx, rows: Iterable[tuple[str, str, int, int]], now_ms: int) -> None:
    """A thing went from one contact to another: ``(kind, value, before, now)``. Both are looked at again."""
    kept = [(key_of(f"{kind}:{value}"), contact, 1) for kind, value, before, now in rows for contact in (before, now)]
    tx.many(
        "INSERT INTO match_keys (key, contact_id, shared) VALUES (?, ?, ?) ON CONFLICT (key, contact_id) DO NOTHING",
        kept,
    )
    tx.many("UPDATE contacts SET changed_at = ? WHERE id = ?", [(now_ms, contact) for _, contact, _ in kept])


def set_keys(tx: Tx, keys: dict[int, set[int]]) -> None:
    """The keys of contacts, in place of those they had; what they shared stays."""
    among, ids = tx.among(list(keys))
    tx.run(f"DELETE FROM match_keys WHERE shared = 0 AND contact_id {among}", (ids,))
    tx.many(
        "INSERT INTO match_keys (key, contact_id) VALUES (?, ?) ON CONFLICT (key, contact_id) DO NOTHING",
        [(key, contact) for contact, own in keys.items() for key in sorted(own)],
    )


def pairs(tx: Tx, contacts: Sequence[int]) -> dict[tuple[int, int], bool]:
    """Whom to compare with each of these contacts, the lower id first; True where they shared a device."""
    among, ids = tx.among(contacts)
    keys = tx.rows(
        f"WITH k AS (SELECT DISTINCT key FROM match_keys WHERE contact_id {among}) SELECT key FROM k WHERE"
        " (SELECT count(*) FROM (SELECT 1 FROM match_keys m WHERE m.key = k.key LIMIT ?) AS few) BETWEEN 2 AND ?",
        (ids, CROWD + 1, CROWD),
    )
    among, wanted = tx.among([key for (key,) in keys])
    blocks: dict[int, list[tuple[int, int]]] = {}
    for key, contact, shared in tx.rows(f"SELECT key, contact_id, shared FROM match_keys WHERE key {among}", (wanted,)):
        blocks.setdefault(key, []).append((contact, shared))
    asked, found = set(contacts), {}
    for block in blocks.values():
        for one, by_one in block:
            for other, by_other in block:
                if one < other and (one in asked or other in asked):
                    found[one, other] = found.get((one, other), False) or bool(by_one and by_other)
    return found


# ── what changed ──────────────────────────────────────────────────────────────────────────────────────


def mark(tx: Tx) -> tuple[int, int]:
    """The last change that was looked at: its moment and contact."""
    at, contact = settings.stored(tx).get(MARK) or (0, 0)
    return at, contact


def set_mark(tx: Tx, at_ms: int, contact: int) -> None:
    """Remember how far changes have been looked at."""
    settings.store(tx, MARK, [at_ms, contact])


def changed(tx: Tx, after: tuple[int, int], until_ms: int, limit: int) -> list[Row]:
    """``(changed_at, id, alive)`` of contacts changed after a mark, in the order of their change."""
    return tx.rows(
        "SELECT changed_at, id, merged_into IS NULL AND erased_at IS NULL FROM contacts"
        " WHERE (changed_at, id) > (?, ?) AND changed_at <= ? ORDER BY changed_at, id LIMIT ?",
        (*after, until_ms, limit),
    )


# ── suggestions ───────────────────────────────────────────────────────────────────────────────────────


def suggest(tx: Tx, asked: Sequence[int], rows: Sequence[tuple[int, int, int, list[str]]], now_ms: int) -> None:
    """Keep ``(one, other, score, reasons)`` of the contacts asked about; open pairs of theirs that are none go."""
    among, ids = tx.among(asked)
    still = {(one, other) for one, other, _, _ in rows}
    before = tx.rows(
        f"SELECT id, one, other FROM match_suggestions WHERE status = 'open' AND (one {among} OR other {among})",
        (ids, ids),
    )
    tx.many(
        "DELETE FROM match_suggestions WHERE id = ?",
        [(key,) for key, one, other in before if (one, other) not in still],
    )
    tx.many(
        "INSERT INTO match_suggestions (one, other, score, reasons, status, found_at, decided_by)"
        " VALUES (?, ?, ?, ?, 'open', ?, '') ON CONFLICT (one, other) DO UPDATE"
        " SET score = excluded.score, reasons = excluded.reasons WHERE match_suggestions.status = 'open'",
        [(one, other, score, dump(reasons), now_ms) for one, other, score, reasons in rows],
    )


_LIVE = (
    " JOIN contacts a ON a.id = s.one AND a.merged_into IS NULL AND a.erased_at IS NULL"
    " JOIN contacts b ON b.id = s.other AND b.merged_into IS NULL AND b.erased_at IS NULL"
)
_SUGGESTED = f"SELECT s.id, s.one, s.other, s.score, s.reasons, s.found_at FROM match_suggestions s{_LIVE}"


def waiting(tx: Tx, limit: int = 20, about: int | None = None) -> list[Suggested]:
    """Pairs that wait for a person's word, the surest first; ``about`` one contact only."""
    only, values = ("", ()) if about is None else (" AND (s.one = ? OR s.other = ?)", (about, about))
    rows = tx.rows(
        f"{_SUGGESTED} WHERE s.status = 'open'{only} ORDER BY s.score DESC, s.id DESC LIMIT ?", (*values, limit)
    )
    return [_suggested(row) for row in rows]


def suggestion(tx: Tx, suggestion_id: int) -> Suggested | None:
    """One pair that waits; None once it was decided, or one of the two is gone."""
    row = tx.one(f"{_SUGGESTED} WHERE s.status = 'open' AND s.id = ?", (suggestion_id,))
    return None if row is None else _suggested(row)


def is_open(tx: Tx, one: int, other: int) -> bool:
    """Whether nobody has decided about a pair yet."""
    return (
        tx.one(
            "SELECT 1 FROM match_suggestions WHERE one = ? AND other = ? AND status = 'open'",
            (min(one, other), max(one, other)),
        )
        is not None
    )


def count_waiting(tx: Tx, most: int = 1_000) -> int:
    """How many pairs wait, counted up to ``most``."""
    return tx.value(
        f"SELECT count(*) FROM (SELECT 1 FROM match_suggestions s{_LIVE} WHERE s.status = 'open' LIMIT ?) AS few",
        (most,),
    )


def decide(tx: Tx, one: int, other: int, status: str, actor: str, now_ms: int) -> None:
    """Remember what was decided about a pair, so that it is not asked about again."""
    tx.run(
        "INSERT INTO match_suggestions (one, other, score, reasons, status, found_at, decided_at, decided_by)"
        " VALUES (?, ?, 0, '[]', ?, ?, ?, ?) ON CONFLICT (one, other) DO UPDATE"
        " SET status = excluded.status, decided_at = excluded.decided_at, decided_by = excluded.decided_by",
        (min(one, other), max(one, other), status, now_ms, now_ms, actor),
    )


def forget(tx: Tx, contacts: Sequence[int]) -> None:
    """Nothing of these contacts stays: they are gone, or somebody else by now."""
    among, ids = tx.among(contacts)
    tx.run(f"DELETE FROM match_keys WHERE contact_id {among}", (ids,))
    tx.run(f"DELETE FROM match_suggestions WHERE one {among} OR other {among}", (ids, ids))


def leave(tx: Tx, contacts: Sequence[int]) -> None:
    """Contacts that were merged are no longer compared; what was decided about them stays known."""
    among, ids = tx.among(contacts)
    tx.run(f"DELETE FROM match_keys WHERE shared = 0 AND contact_id {among}", (ids,))
    tx.run(f"DELETE FROM match_suggestions WHERE status = 'open' AND (one {among} OR other {among})", (ids, ids))


def _suggested(row: Row) -> Suggested:
    key, one, other, score, reasons, found_at = row
    return Suggested(key, one, other, score, load(reasons), found_at)


def live(tx: Tx, contacts: Sequence[int]) -> list[Row]:
    """``(id, external_id, email, phone, properties)`` of those of these contacts who are there."""
    among, ids = tx.among(contacts)
    return [
        (key, external_id, email, phone, load(properties))
        for key, external_id, email, phone, properties in tx.rows(
            "SELECT id, external_id, email, phone, properties FROM contacts"
            f" WHERE merged_into IS NULL AND erased_at IS NULL AND id {among}",
            (ids,),
        )
    ]
