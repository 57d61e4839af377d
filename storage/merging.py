"""Two contacts become one: everything the loser did, was called and refused is the winner's from here on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from . import consents, ending, features, merges, people, turned_away, wishes
from .columns import dump, load
from .database import Row, Tx

HELD = "The contact was merged into another one that is in this journey already."


class Pair(NamedTuple):
    """Who goes, who stays, and why (a key of runtime.merging.REASONS)."""

    loser: int
    winner: int
    reason: str


FOLLOW = (  # what goes over with the contact, and back by nobody
    "alerts",
    "coupons",
    "crm_tasks",
    "devices",
    "mail_pieces",
    "setbacks",
    "touches",
    "waiting_messages",
)


def merge(tx: Tx, pairs: Sequence[Pair], now_ms: int, actor: str = "") -> None:
    """Merge contacts. The loser's row stays, empty, and points to the winner; `undoing.undo` can take it back.

    Stays in journeys go on as the winner's, unless the winner is in the same journey: then the loser's ends.
    """
    if not pairs:
        return
    was = {row[0]: _contact(row) for row in people.locked(tx, sorted({key for pair in pairs for key in pair[:2]}))}
    into = {pair.loser: pair.winner for pair in pairs}
    losers = list(into)
    had: dict[int, dict[str, Any]] = {key: defaultdict(list) for key in losers}
    for contact, kind, value in _of(tx, "identities", "contact_id, kind, value", losers):
        had[contact]["identities"].append([kind, value])
    for table in ("events", "enrollments", "messages"):
        for contact, key in _of(tx, table, "contact_id, id", losers):
            had[contact][table].append(key)
    consents.carry(tx, list(into.items()), now_ms)
    wishes.carry(tx, list(into.items()))
    turned_away.carry(tx, list(into.items()))
    features.touch(tx, [*into, *into.values()])
    _end_doubles(tx, into, now_ms)
    for contact, hour, channel, journey, n in _of(tx, "caps", "contact_id, hour, channel, journey_id, n", losers):
        had[contact]["caps"].append([hour, channel, journey, n])
    _carry_caps(tx, had, into)
    moved = [(winner, loser) for loser, winner in into.items()]
    for table in ("identities", "events", "enrollments", "messages", *FOLLOW):
        tx.many(f"UPDATE {table} SET contact_id = ? WHERE contact_id = ?", moved)
    tx.many(
        "UPDATE contacts SET merged_into = ?, external_id = NULL, email = NULL, phone = NULL, properties = '{}', "
        "changed_at = ? WHERE id = ?",
        [(winner, now_ms, loser) for winner, loser in moved],
    )
    tx.many("UPDATE contacts SET changed_at = ? WHERE id = ?", [(now_ms, winner) for winner, _ in moved])
    merges.write(
        tx,
        [
            (*pair, actor, now_ms, dump({"loser": was[pair.loser], "winner": was[pair.winner], **had[pair.loser]}))
            for pair in pairs
        ],
    )


def _of(tx: Tx, table: str, columns: str, contacts: Sequence[int]) -> list[Row]:
    among, ids = tx.among(contacts)
    return tx.rows(f"SELECT {columns} FROM {table} WHERE contact_id {among}", (ids,))


def _contact(row: Row) -> dict[str, Any]:
    _, external_id, email, phone, properties, _ = row
    return {"external_id": external_id, "email": email, "phone": phone, "properties": load(properties)}


def _end_doubles(tx: Tx, into: dict[int, int], now_ms: int) -> None:
    """Nobody is twice in one journey: of two live stays the winner's goes on, else the one that began first."""
    among, ids = tx.among(sorted({*into, *into.values()}))
    stays = tx.rows(
        f"SELECT id, contact_id, journey_id, entered_at FROM enrollments WHERE ended_at IS NULL AND contact_id {among}",
        (ids,),
    )
    taken = set()
    over = []
    for stay in sorted(stays, key=lambda stay: (stay[1] in into, stay[3], stay[0])):
        key, contact, journey, _ = stay
        place = (into.get(contact, contact), journey)
        if place in taken:
            over.append(key)
        taken.add(place)
    ending.end(tx, over, "merged", HELD, now_ms)


def _carry_caps(tx: Tx, had: dict[int, dict[str, Any]], into: dict[int, int]) -> None:
    """What one of them got counts for the one person they are."""
    tx.many(
        "INSERT INTO caps (contact_id, hour, channel, journey_id, n) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (contact_id, hour, channel, journey_id) DO UPDATE SET n = caps.n + excluded.n",
        [(into[loser], *cap) for loser, things in had.items() for cap in things["caps"]],
    )
    among, ids = tx.among(list(had))
    tx.run(f"DELETE FROM caps WHERE contact_id {among}", (ids,))
