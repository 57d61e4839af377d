"""Two contacts become one by somebody's word or ours, and two again."""

from __future__ import annotations

from ..storage import matches, merging, people, undoing
from ..storage.columns import dump, load
from ..storage.database import Row, Tx
from ..storage.merges import Merged
from ..storage.merging import Pair
from .person import MAX_PROFILE

REASONS = {
    "device": "they signed in on the same device",
    "email": "they gave the same e-mail address",
    "phone": "they gave the same phone number",
    "id": "another system knows them by the same id",
    "alias": "the site said that both are one person",
    "hand": "somebody said that both are one person",
    "match": "they were as alike as the owner asks for",
}


class NotTwo(Exception):
    """Both have to be contacts that are there: one of them was merged or erased meanwhile. Look at them anew."""


def merge_two(tx: Tx, one: int, other: int, reason: str, actor: str, now_ms: int) -> Pair:
    """Make one of two contacts and return who went into whom. Raises `NotTwo`.

    Who has a user id stays, else who has an address, else who came first; the one who stays is believed.
    """
    rows = {row[0]: row for row in people.locked(tx, sorted({one, other}))}
    if len(rows) != 2 or any(row[5] is not None or people.is_erased(tx, row[0]) for row in rows.values()):
        raise NotTwo(NotTwo.__doc__)
    stays, goes = sorted(rows.values(), key=lambda row: (row[1] is None, row[2] is None, row[0]))
    pair = Pair(goes[0], stays[0], reason)
    merging.merge(tx, [pair], now_ms, actor)
    properties = dict(load(stays[4]))
    for name, value in load(goes[4]).items():
        if len(properties) < MAX_PROFILE:
            properties.setdefault(name, value)
    people.change(tx, [(*_addressed(stays, goes), dump(properties), now_ms, stays[0])])
    matches.decide(tx, one, other, "merged", actor, now_ms)
    return pair


def take_back(tx: Tx, merge_id: int, actor: str, now_ms: int) -> Merged:
    """Make two contacts of one again; they are not suggested as one any more. Raises `undoing.CannotUndo`."""
    undone = undoing.undo(tx, merge_id, now_ms, actor)
    matches.decide(tx, undone.loser, undone.winner, "denied", actor, now_ms)
    return undone


def _addressed(stays: Row, goes: Row) -> tuple[str | None, ...]:
    return tuple(stays[at] or goes[at] for at in (1, 2, 3))
