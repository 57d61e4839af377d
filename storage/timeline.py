"""Everything that happened to one contact, in one order, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from . import merges
from .columns import load
from .database import Tx
from .events import FOUND

PAGE = 40
Place = tuple[int, int, int]  # a moment, the rank of a source, a row in it: the later the larger


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``kind`` is a key of `KINDS`, ``what`` says which, ``detail`` is what it says."""

    at: int
    kind: str
    what: str
    detail: dict[str, Any]
    place: Place


KINDS = {
    "events": "What they did",
    "messages": "Messages",
    "journeys": "Journeys",
    "segments": "Segments and stages",
    "consents": "Consent",
    "merges": "Merges",
}


@dataclass(frozen=True, slots=True)
class _Source:
    """Where entries of one sort come from: columns by the name they have in an entry, and which rows."""

    kind: str
    what: str
    moment: str
    row: str
    columns: dict[str, str]
    where: str


_FOUND = ", ".join(f"'{name}'" for name in FOUND)
_LETTER = {"letter": "m.content", "title": "j.title", "status": "m.status", "reason": "m.reason"}
_SENT = "FROM messages m JOIN journeys j ON j.id = m.journey_id WHERE m.contact_id = ?"
_STAYED = "FROM enrollments e JOIN journeys j ON j.id = e.journey_id WHERE e.contact_id = ?"
_DID = "FROM events e WHERE e.contact_id = ?"
_EVENT = {"name": "e.name", "properties": "e.properties"}
_MERGED = "FROM merges m WHERE m.loser {among}"
_BOTH = {"loser": "m.loser", "winner": "m.winner"}
_CONSENT = {name: f"c.{name}" for name in ("action", "channel", "topic", "source")}


def _message(what: str, moment: str, more: str) -> _Source:
    return _Source("messages", what, f"m.{moment}", "m.id", _LETTER, f"{_SENT} AND m.{more}")


SOURCES = (  # where moments are equal, the later in this list comes first on the page
    _Source("consents", "said", "c.at", "c.id", _CONSENT, "FROM consents c WHERE c.contact_id = ?"),
    _Source("events", "did", "e.at", "e.id", _EVENT, f"{_DID} AND e.name NOT IN ({_FOUND})"),
    _Source("segments", "found", "e.at", "e.id", _EVENT, f"{_DID} AND e.name IN ({_FOUND})"),
    _Source("journeys", "entered", "e.entered_at", "e.id", {"title": "j.title"}, _STAYED),
    _message("queued", "queued_at", "sent_at IS NULL"),
    _message("sent", "sent_at", "sent_at IS NOT NULL"),
    _message("delivered", "delivered_at", "delivered_at IS NOT NULL"),
    _message("opened", "opened_at", "opened_at IS NOT NULL"),
    _message("clicked", "clicked_at", "clicked_at IS NOT NULL"),
    _Source(
        "journeys",
        "left",
        "e.ended_at",
        "e.id",
        {"title": "j.title", "reason": "e.reason"},
        f"{_STAYED} AND e.ended_at IS NOT NULL",
    ),
    _Source("merges", "merged", "m.at", "m.id", {**_BOTH, "reason": "m.reason", "actor": "m.actor"}, _MERGED),
    _Source(
        "merges",
        "undone",
        "m.undone_at",
        "m.id",
        {**_BOTH, "actor": "m.undone_by"},
        f"{_MERGED} AND m.undone_at IS NOT NULL",
    ),
)


def timeline(
    tx: Tx, contact_id: int, kinds: Sequence[str] = (), before: Place | None = None, limit: int = PAGE
) -> list[Entry]:
    """What happened, the last first; ``kinds`` of none are all, ``before`` is the place of the last one shown."""
    entries: list[Entry] = []
    for rank, source in enumerate(SOURCES):
        if kinds and source.kind not in kinds:
            continue
        where, values = source.where, [contact_id]
        if source.kind == "merges":
            among, family = tx.among(merges.family(tx, contact_id))
            where, values = where.format(among=among), [family]
        moment, key = source.moment, source.row
        if before is not None:
            at, shown, row = before
            if rank == shown:
                where, values = f"{where} AND ({moment} < ? OR {moment} = ? AND {key} < ?)", [*values, at, at, row]
            else:
                where, values = f"{where} AND {moment} {'<=' if rank < shown else '<'} ?", [*values, at]
        rows = tx.rows(
            f"SELECT {moment}, {key}, {', '.join(source.columns.values())} {where}"
            f" ORDER BY {moment} DESC, {key} DESC LIMIT ?",
            (*values, limit),
        )
        for at, row, *said in rows:
            detail = {name: _plain(name, value) for name, value in zip(source.columns, said, strict=True)}
            entries.append(Entry(at, source.kind, source.what, detail, (at, rank, row)))
    return nlargest(limit, entries, key=lambda entry: entry.place)


def _plain(name: str, value: Any) -> Any:
    return load(value) if name == "properties" else value
