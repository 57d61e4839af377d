"""A merge is taken back: the loser gets what was theirs, as far as the winner still has it."""

from __future__ import annotations

from typing import Any

from . import consents, features, merges, people
from .columns import dump, load
from .consents import DENIED, GRANTED, WITHDRAWN, Said
from .database import Tx
from .merges import UNDO_MS, Merged

COLUMNS = ("external_id", "email", "phone")
REFUSALS = (DENIED, WITHDRAWN)


class CannotUndo(Exception):
    """This merge cannot be undone: it does not exist, or it was undone before."""


class TooLate(CannotUndo):
    """This merge is older than 30 days, and what the two contacts were before is no longer known."""


class MergedSince(CannotUndo):
    """The contact has itself become part of another one since: undo that merge first, then this one."""


def undo(tx: Tx, merge_id: int, now_ms: int, actor: str) -> Merged:
    """Make two contacts of one again. Raises `CannotUndo`.

    What they were called, did and were sent until the merge goes back; what came since stays with the winner. A
    refusal counts for both from here on; a grant the winner only had from the loser is taken back.
    """
    found = merges.merge_of(tx, merge_id)
    if found is None or found[0].undone_at is not None:
        raise CannotUndo(CannotUndo.__doc__)
    merge, before = found[0], load(found[1])
    if not before or merge.at < now_ms - UNDO_MS:
        raise TooLate(TooLate.__doc__)
    now = {row[0]: row for row in people.locked(tx, sorted((merge.loser, merge.winner)))}
    again = merges.merge_of(tx, merge_id)
    if again is None or again[0].undone_at is not None:  # somebody else undid it while we waited for the lock
        raise CannotUndo(CannotUndo.__doc__)
    if now[merge.winner][5] is not None:
        raise MergedSince(MergedSince.__doc__)
    _give_back(tx, merge, before)
    _part_consents(tx, merge, now_ms)
    names = {tuple(name) for name in before.get("identities", ())}
    kept = {
        (kind, value)
        for kind, value in tx.rows("SELECT kind, value FROM identities WHERE contact_id = ?", (merge.loser,))
    }
    was = before["loser"]
    if was["external_id"] and ("user", was["external_id"]) in names - kept:
        was["external_id"] = None  # somebody else is called so by now
    _, *columns, properties, _ = now[merge.winner]
    winner = _without(dict(zip(COLUMNS, columns, strict=True)), was, before["winner"])
    rest = _without(dict(load(properties)), was["properties"], before["winner"]["properties"])
    tx.run("UPDATE contacts SET merged_into = NULL WHERE id = ?", (merge.loser,))
    people.change(
        tx,
        [
            (*(was[name] for name in COLUMNS), dump(was["properties"]), now_ms, merge.loser),
            (*(winner.get(name) for name in COLUMNS), dump(rest), now_ms, merge.winner),
        ],
    )
    features.touch(tx, [merge.loser, merge.winner])
    merges.undone(tx, merge_id, actor, now_ms)
    return merge


def _give_back(tx: Tx, merge: Merged, before: dict[str, Any]) -> None:
    tx.many(
        "UPDATE identities SET contact_id = ? WHERE kind = ? AND value = ? AND contact_id = ?",
        [(merge.loser, kind, value, merge.winner) for kind, value in before.get("identities", ())],
    )
    for table in ("events", "enrollments", "messages"):
        among, ids = tx.among(before.get(table, []))
        tx.run(
            f"UPDATE {table} SET contact_id = ? WHERE id {among} AND contact_id = ?", (merge.loser, ids, merge.winner)
        )
    caps = before.get("caps", ())
    tx.many(
        "UPDATE caps SET n = CASE WHEN n > ? THEN n - ? ELSE 0 END"
        " WHERE contact_id = ? AND hour = ? AND channel = ? AND journey_id = ?",
        [(n, n, merge.winner, hour, channel, journey) for hour, channel, journey, n in caps],
    )
    tx.insert("caps", "contact_id,hour,channel,journey_id,n", [(merge.loser, *cap) for cap in caps])


def _part_consents(tx: Tx, merge: Merged, now_ms: int) -> None:
    """Refusals said since the merge may have been either's; grants that came with the merge were the loser's alone."""
    evidence = {"merge": merge.id}
    last: dict[tuple[str, str], tuple[str, str, Any]] = {}
    refused: dict[tuple[str, str], str] = {}
    for channel, topic, action, source, at, known in tx.rows(
        "SELECT channel, topic, action, source, at, evidence FROM consents WHERE contact_id = ? ORDER BY id",
        (merge.winner,),
    ):
        last[channel, topic] = (action, source, load(known))
        if at >= merge.at and action in REFUSALS and source != "merge":
            refused[channel, topic] = action
    said = [
        Said(merge.loser, channel, action, "merge undone", topic, evidence=evidence)
        for (channel, topic), action in refused.items()
        if last[channel, topic][0] in REFUSALS
    ]
    said += [
        Said(merge.winner, channel, WITHDRAWN, "merge undone", topic, evidence=evidence)
        for (channel, topic), (action, source, known) in last.items()
        if action == GRANTED and source == "merge" and known.get("merged_contact") == merge.loser
    ]
    consents.append(tx, said, now_ms)


def _without(now: dict[str, Any], losers: dict[str, Any], winners: dict[str, Any]) -> dict[str, Any]:
    """The winner's values without those that came with the loser and were not changed since."""
    parted = dict(now)
    for name, value in losers.items():
        if now.get(name) == value and winners.get(name) != value:
            if winners.get(name) is None:
                parted.pop(name, None)
            else:
                parted[name] = winners[name]
    return parted
