"""Devices and browsers that said they may be pushed to, by the token their push service gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .database import Tx
from .naming import Table

MOST = 20  # of one contact and one medium
FRESH_MS = 86_400_000  # seen so lately, nothing is written


class Device(Table, table=True):
    """One token. ``keys`` holds what a browser's subscription needs beside its address. Moments are milliseconds."""

    __tablename__ = "devices"
    __table_args__ = (
        Index("ux_devices_token_carrier", "token", "carrier", unique=True),
        Index("ix_devices_contact_id", "contact_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    contact_id: int = Field(sa_type=Key)
    medium: str = Field(sa_type=Text)  # push, web_push
    carrier: str = Field(sa_type=Text)  # fcm, apns, web_push
    token: str = Field(sa_type=Text)
    keys: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    app: str = Field(default="", sa_type=Text)  # the bundle or package it runs in
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)


class Seen(NamedTuple):
    """A device of a contact, as it was told."""

    contact_id: int
    medium: str
    carrier: str
    token: str
    app: str
    keys: Mapping[str, Any]


def register(tx: Tx, seen: Sequence[Seen], now_ms: int) -> int:
    """Write devices down, or that they are still there; returns how many are new or have another owner now.

    A device belongs to whoever used it last. What has not changed and was seen within `FRESH_MS` is not written.
    """
    last = {(one.carrier, one.token): one for one in seen}
    among, tokens = tx.among([token for _, token in last])
    known = {
        (carrier, token): (contact, app, load(keys), at)
        for carrier, token, contact, app, keys, at in tx.rows(
            f"SELECT carrier, token, contact_id, app, keys, seen_at FROM devices WHERE token {among}", (tokens,)
        )
    }
    changed = [one for key, one in last.items() if known.get(key, ())[:3] != (one.contact_id, one.app, dict(one.keys))]
    still = [key for key, one in last.items() if one not in changed and known[key][3] < now_ms - FRESH_MS]
    tx.many("UPDATE devices SET seen_at = ? WHERE carrier = ? AND token = ?", [(now_ms, *key) for key in still])
    tx.many(
        "INSERT INTO devices (contact_id, medium, carrier, token, app, keys, created_at, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (carrier, token) DO UPDATE SET contact_id = excluded.contact_id,"
        " app = excluded.app, keys = excluded.keys, seen_at = excluded.seen_at",
        [(*one[:5], dump(dict(one.keys)), now_ms, now_ms) for one in changed],
    )
    if changed:
        _keep_the_newest(tx, sorted({one.contact_id for one in changed}))
    return sum(known.get((one.carrier, one.token), (None,))[0] != one.contact_id for one in changed)


def _keep_the_newest(tx: Tx, contacts: Sequence[int]) -> None:
    """Nobody has more than `MOST` phones, or browsers; who seems to, has old ones among them."""
    among, ids = tx.among(contacts)
    tx.run(
        "DELETE FROM devices WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER"
        " (PARTITION BY contact_id, medium ORDER BY seen_at DESC, id DESC) AS place"
        f" FROM devices WHERE contact_id {among}) AS placed WHERE place > ?)",
        (ids, MOST),
    )


def of(tx: Tx, contacts: Sequence[int], medium: str) -> dict[int, list[tuple[str, str, str, dict[str, Any]]]]:
    """``(carrier, token, app, keys)`` of every device of these contacts, by contact, in one query.

    ``keys`` says also when it was ``seen_at``.
    """
    among, ids = tx.among(contacts)
    found: dict[int, list[tuple[str, str, str, dict[str, Any]]]] = {}
    for contact, carrier, token, app, keys, seen_at in tx.rows(
        "SELECT contact_id, carrier, token, app, keys, seen_at FROM devices"
        f" WHERE medium = ? AND contact_id {among} ORDER BY id",
        (medium, ids),
    ):
        found.setdefault(contact, []).append((carrier, token, app, {**load(keys), "seen_at": seen_at}))
    return found


class Listed(NamedTuple):
    """A device as a page shows it."""

    medium: str
    carrier: str
    token: str
    app: str
    since: int
    seen_at: int


def listed(tx: Tx, contact_id: int) -> list[Listed]:
    """The devices of one contact, those seen last first."""
    rows = tx.rows(
        "SELECT medium, carrier, token, app, created_at, seen_at FROM devices WHERE contact_id = ?"
        " ORDER BY seen_at DESC, id DESC",
        (contact_id,),
    )
    return [Listed(*row) for row in rows]


def keys_of(tx: Tx, carrier: str, token: str) -> dict[str, Any]:
    """What the device's subscription needs beside its address."""
    found = tx.one("SELECT keys FROM devices WHERE carrier = ? AND token = ?", (carrier, token))
    return load(found[0]) if found else {}


def owner(tx: Tx, medium: str, token: str) -> int | None:
    """Whose device it is."""
    return tx.value("SELECT max(contact_id) FROM devices WHERE medium = ? AND token = ?", (medium, token))


def forget_tokens(tx: Tx, gone: Sequence[str]) -> int:
    """Forget devices; returns how many there were."""
    among, tokens = tx.among(list(dict.fromkeys(gone)))
    return tx.run(f"DELETE FROM devices WHERE token {among}", (tokens,)).rowcount
