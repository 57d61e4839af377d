"""Queries about who somebody is: identities found, taken and moved; contacts locked, made, changed and merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import merges
from .columns import LAST_KEY, dump, load
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


def all_there(tx: Tx, ids: Sequence[int]) -> bool:
    """Whether none of these contacts was erased; they are locked by the caller."""
    among, wanted = tx.among(ids)
    return tx.one(f"SELECT 1 FROM contacts WHERE id {among} AND erased_at IS NOT NULL LIMIT 1", (wanted,)) is None


def is_erased(tx: Tx, contact_id: int) -> bool:
    """Whether somebody was erased at their wish."""
    return tx.one("SELECT 1 FROM contacts WHERE id = ? AND erased_at IS NOT NULL", (contact_id,)) is not None


def whose(tx: Tx, text: str) -> int | None:
    """Who goes by this, merges followed: a user id, an address, a number, any other name, else the contact's number."""
    wanted = text.strip()
    for kind, value in (("user", wanted), ("email", wanted.lower()), ("phone", wanted)):
        contact = tx.value("SELECT contact_id FROM identities WHERE kind = ? AND value = ?", (kind, value))
        if contact is not None:
            return contact
    found = tx.value("SELECT contact_id FROM identities WHERE value = ? ORDER BY id DESC LIMIT 1", (wanted,))
    if found is None:  # an address two people share is the identity of one of them, or of none
        found = tx.value(
            "SELECT id FROM contacts WHERE email = ? AND merged_into IS NULL ORDER BY id DESC LIMIT 1",
            (wanted.lower(),),
        )
    if found is None and wanted.isascii() and wanted.isdigit() and int(wanted) <= LAST_KEY:
        found = merges.root(tx, int(wanted))
    return _only_one_with_number(tx, wanted) if found is None else found


def _only_one_with_number(tx: Tx, text: str) -> int | None:
    """Whose phone number it is, where numbers are no names; nobody's when two people share it."""
    number = "".join(letter for letter in text if letter.isdigit() or letter == "+")
    if len(number) < 7 or any(letter.isalpha() for letter in text):
        return None
    rows = tx.rows("SELECT id FROM contacts WHERE phone = ? AND merged_into IS NULL LIMIT 2", (number,))
    return rows[0][0] if len(rows) == 1 else None


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


def take(tx: Tx, rows: Iterable[tuple[str, str, int]], now_ms: int, source: str = "") -> None:
    """Write new identities ``(kind, value, contact id)`` and where they came from.

    Raises `IdentityRace` when one was taken meanwhile.
    """
    ordered = sorted(rows)  # always in this order, so that two of us never wait for each other
    if not ordered:
        return
    if not tx.postgres:
        tx.insert("identities", "kind,value,contact_id,created_at,source", [(*row, now_ms, source) for row in ordered])
        return
    kinds, values, ids = (list(column) for column in zip(*ordered, strict=True))
    taken = tx.rows(
        "INSERT INTO identities (kind, value, contact_id, created_at, source) "
        "SELECT k, v, c, ?, ? FROM unnest(?::text[], ?::text[], ?::bigint[]) AS n(k, v, c) "
        "ON CONFLICT (kind, value) DO NOTHING RETURNING 1",
        (now_ms, source, kinds, values, ids),
    )
    if len(taken) < len(ordered):
        raise IdentityRace(IdentityRace.__doc__)


def move(tx: Tx, rows: Sequence[tuple[int, str, str]]) -> None:
    """Give identities to another contact: ``(contact id, kind, value)``."""
    tx.many("UPDATE identities SET contact_id = ? WHERE kind = ? AND value = ?", rows)


def root(tx: Tx, contact_id: int) -> int | None:
    """Who a contact is by now, merges followed; None for one that was erased or never was."""
    known: int | None = contact_id
    while known is not None:
        row = tx.one("SELECT merged_into, erased_at FROM contacts WHERE id = ?", (known,))
        if row is None or row[1] is not None:
            return None
        if row[0] is None:
            return known
        known = row[0]
    return None


def learn(tx: Tx, learnt: Sequence[tuple[int, dict[str, Any]]], now_ms: int) -> None:
    """Write ``(message, properties)`` to the profiles of those the messages went to; None takes a property away."""
    among, ids = tx.among([message for message, _ in learnt])
    rows = tx.rows(
        "SELECT m.id, c.id, c.properties FROM messages m JOIN contacts c ON c.id = m.contact_id "
        f"WHERE m.id {among} AND c.erased_at IS NULL{' ORDER BY c.id FOR UPDATE OF c' if tx.postgres else ''}",
        (ids,),
    )
    of = {message: (contact, load(properties)) for message, contact, properties in rows}
    profiles: dict[int, dict[str, Any]] = {}
    for message, values in learnt:
        if message in of:
            contact, known = of[message]
            profile = profiles.setdefault(contact, dict(known))
            profile.update(values)
    written = [
        (dump({key: value for key, value in profile.items() if value is not None}), now_ms, contact)
        for contact, profile in sorted(profiles.items())
    ]
    tx.update("contacts", ("properties", "changed_at"), written, "jsonb,bigint")
