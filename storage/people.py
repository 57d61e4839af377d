"""Queries about who somebody is: identities found, taken and moved; contacts locked, made, changed and merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .columns import dump
from .database import Row, Tx


class IdentityRace(Exception):
    """Two transactions met over the same identity: run the job again, it will find what the other one wrote."""

    sqlstate = "40001"  # what PostgreSQL calls a transaction worth repeating; the write door repeats it


def identities(tx: Tx, kind: str, values: Sequence[str]) -> list[Row]:
    """``(value, contact id)`` of the identities that are known."""
    if not values:
        return []
    among, wanted = tx.among(values)
    return tx.rows(f"SELECT value, contact_id FROM identities WHERE kind = ? AND value {among}", (kind, wanted))


def locked(tx: Tx, ids: Sequence[int]) -> list[Row]:
    """``(id, external_id, email, phone, properties, merged_into)``, in order of id, nobody else may write them now."""
    among, wanted = tx.among(ids)
    return tx.rows(
        "SELECT id, external_id, email, phone, properties, merged_into FROM contacts "
        f"WHERE id {among} ORDER BY id" + (" FOR UPDATE" if tx.postgres else ""),
        (wanted,),
    )


def fresh_ids(tx: Tx, table: str, count: int) -> Sequence[int]:
    """``count`` new keys for ``table`` (a name of ours, never a person's word)."""
    if tx.postgres:
        rows = tx.rows(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, ?)", (count,))
        return sorted(row[0] for row in rows)
    first = tx.value(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
    return range(first, first + count)


def add(tx: Tx, rows: Sequence[Sequence[object]]) -> None:
    """New contacts: ``(id, external_id, email, phone, properties text, created_at, changed_at)``."""
    tx.insert("contacts", "id,external_id,email,phone,properties,created_at,changed_at", rows)


def change(tx: Tx, rows: Sequence[Sequence[object]]) -> None:
    """Changed contacts: ``(external_id, email, phone, properties text, changed_at, id)``."""
    names = ["external_id", "email", "phone", "properties", "changed_at"]
    tx.update("contacts", names, rows, "text,text,text,jsonb,bigint")


def take(tx: Tx, rows: Iterable[tuple[str, str, int]], now_ms: int) -> None:
    """Write new identities ``(kind, value, contact id)``; raises `IdentityRace` when one was taken meanwhile."""
    ordered = sorted(rows)  # always in this order, so that two of us never wait for each other
    if not ordered:
        return
    if not tx.postgres:
        tx.insert("identities", "kind,value,contact_id,created_at", [(*row, now_ms) for row in ordered])
        return
    kinds, values, ids = (list(column) for column in zip(*ordered, strict=True))
    taken = tx.rows(
        "INSERT INTO identities (kind, value, contact_id, created_at) "
        "SELECT k, v, c, ? FROM unnest(?::text[], ?::text[], ?::bigint[]) AS n(k, v, c) "
        "ON CONFLICT (kind, value) DO NOTHING RETURNING 1",
        (now_ms, kinds, values, ids),
    )
    if len(taken) < len(ordered):
        raise IdentityRace(IdentityRace.__doc__)


def move(tx: Tx, rows: Sequence[tuple[int, str, str]]) -> None:
    """Give identities to another contact: ``(contact id, kind, value)``."""
    tx.many("UPDATE identities SET contact_id = ? WHERE kind = ? AND value = ?", rows)


def merge(tx: Tx, pairs: Sequence[tuple[int, int]], now_ms: int) -> None:
    """Merge contacts, ``(loser, winner)`` each: what the loser did, was called and refused becomes the winner's.

    The loser's row stays and points to the winner. Its live journeys end, its waiting messages are not sent: the
    same person may stand in the same journeys already.
    """
    if not pairs:
        return
    _carry_consents(tx, pairs, now_ms)
    _end_journeys(tx, [loser for loser, _ in pairs], now_ms)
    moved = [(winner, loser) for loser, winner in pairs]
    tx.many("UPDATE identities SET contact_id = ? WHERE contact_id = ?", moved)
    tx.many("UPDATE events SET contact_id = ? WHERE contact_id = ?", moved)
    tx.many(
        "UPDATE contacts SET merged_into = ?, external_id = NULL, email = NULL, phone = NULL, properties = '{}', "
        "changed_at = ? WHERE id = ?",
        [(winner, now_ms, loser) for winner, loser in moved],
    )


def _end_journeys(tx: Tx, losers: Sequence[int], now_ms: int) -> None:
    among, ids = tx.among(losers)
    stays = tx.rows(
        "UPDATE enrollments SET ended_at = ?, reason = 'merged', due_at = NULL, wait_event = NULL, outbox = 0 "
        f"WHERE contact_id {among} AND ended_at IS NULL RETURNING version_id, node",
        (now_ms, ids),
    )
    day = now_ms // 86_400_000
    tx.insert("node_deltas", "version_id,node,port,day,n", [(*stay, "left:merged", day, 1) for stay in stays])
    tx.run(
        f"UPDATE messages SET status = 'skipped', reason = ? WHERE contact_id {among} AND status = 'queued'",
        ("The contact was merged into another one before this message was sent.", ids),
    )


def _carry_consents(tx: Tx, pairs: Sequence[tuple[int, int]], now_ms: int) -> None:
    """A refusal always comes along; a grant only where the winner has said nothing."""
    among, ids = tx.among([contact for pair in pairs for contact in pair])
    state: dict[tuple[int, str, str], str] = {}
    for contact, channel, topic, action in tx.rows(
        f"SELECT contact_id, channel, topic, action FROM consents WHERE contact_id {among} ORDER BY id", (ids,)
    ):
        state[contact, channel, topic] = action
    carried = []
    for loser, winner in pairs:
        for (contact, channel, topic), action in list(state.items()):
            if contact != loser or state.get((winner, channel, topic)) == action:
                continue
            if action == "granted" and (winner, channel, topic) in state:
                continue
            state[winner, channel, topic] = action
            carried.append((winner, channel, topic, action, "merge", now_ms, dump({"merged_contact": loser})))
    tx.insert("consents", "contact_id,channel,topic,action,source,at,evidence", carried)
