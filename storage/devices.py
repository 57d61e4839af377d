"""Devices and browsers that said they may be pushed to, by the token their push service gave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, load
from .database import Tx
from .naming import Table


class Device(Table, table=True):
    """One token. ``keys`` holds what a browser's subscription needs beside its address. Moments are milliseconds."""

    __tablename__ = "devices"
    __table_args__ = (
        Index("ux_devices_carrier_token", "carrier", "token", unique=True),
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


def of(tx: Tx, contacts: Sequence[int], medium: str) -> dict[int, list[tuple[str, str, str, dict[str, Any]]]]:
    """``(carrier, token, app, keys)`` of every device of these contacts, by contact, in one query."""
    among, ids = tx.among(contacts)
    found: dict[int, list[tuple[str, str, str, dict[str, Any]]]] = {}
    for contact, carrier, token, app, keys in tx.rows(
        f"SELECT contact_id, carrier, token, app, keys FROM devices WHERE medium = ? AND contact_id {among} ORDER BY id",
        (medium, ids),
    ):
        found.setdefault(contact, []).append((carrier, token, app, load(keys)))
    return found


def forget_tokens(tx: Tx, gone: Sequence[str]) -> None:
    """Forget devices that exist no longer."""
    tx.many("DELETE FROM devices WHERE token = ?", [(token,) for token in gone])
