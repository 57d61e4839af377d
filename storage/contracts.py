"""What each event should look like: its schema, how strictly it is meant, what was learnt, and what broke it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from . import settings
from .columns import Json, Key, Moment, dump, load
from .database import Row, Tx
from .naming import Table

REVISION = "door.revision"  # changes with every contract and webhook, so that the door reads them anew
KEPT = 1_000  # violations kept of one event; all are counted


class Contract(Table, table=True):
    """The contract of one event. ``learnt`` is ``{"n": …, "properties": {name: {type: count}}}``."""

    __tablename__ = "contracts"
    __table_args__ = (Index("ux_contracts_name", "name", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_type=Text)
    title: str = Field(default="", sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    form: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))  # its JSON Schema
    mode: str = Field(default="learn", sa_type=Text)  # learn, warn, strict
    origin: str = Field(default="learnt", sa_type=Text)  # shipped, learnt, edited
    learnt: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    violations: int = 0
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    changed_by: str = Field(default="", sa_type=Text)


class Violation(Table, table=True):
    """An event that broke its contract: refused, or kept with a remark."""

    __tablename__ = "violations"
    __table_args__ = (Index("ix_violations_name_id", "name", "id"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)
    refused: int = 0
    reason: str = Field(sa_type=Text)
    message_id: str = Field(default="", sa_type=Text)
    sample: str = Field(default="", sa_type=Text)


def revision(tx: Tx) -> str:
    """A word that changes whenever the door has to read its rules anew."""
    return str(tx.value("SELECT value FROM settings WHERE key = ?", (REVISION,)) or "")


def touch(tx: Tx) -> None:
    """Make the door read its rules anew. Drawn by lot: what was rolled back is never mistaken for what came after."""
    settings.store(tx, REVISION, token_hex(8))


def rules(tx: Tx) -> list[tuple[str, str, dict[str, Any]]]:
    """``(name, mode, schema)`` of the contracts that are enforced."""
    found = tx.rows("SELECT name, mode, form FROM contracts WHERE mode <> 'learn'")
    return [(name, mode, load(form)) for name, mode, form in found]


def everyone(tx: Tx) -> list[Contract]:
    """All contracts by name."""
    return list(tx.session.exec(select(Contract).order_by(col(Contract.name))))


def named(tx: Tx, name: str) -> Contract | None:
    """One contract."""
    return tx.session.exec(select(Contract).where(col(Contract.name) == name)).first()


def names(tx: Tx) -> list[str]:
    """The names of all events that have a contract."""
    return [name for (name,) in tx.rows("SELECT name FROM contracts ORDER BY name")]


def properties(tx: Tx, event: str) -> list[str]:
    """The properties an event should or was seen to have."""
    row = tx.one("SELECT form, learnt FROM contracts WHERE name = ?", (event,))
    if row is None:
        return []
    form, learnt = load(row[0]), load(row[1])
    return sorted({*(form.get("properties") or {}), *(learnt.get("properties") or {})})


def keep(tx: Tx, contract: Contract) -> None:
    """Write a contract, and let the door know."""
    tx.session.add(contract)
    tx.session.flush()
    touch(tx)


def remove(tx: Tx, name: str) -> None:
    """Forget a contract and what broke it."""
    tx.run("DELETE FROM contracts WHERE name = ?", (name,))
    tx.run("DELETE FROM violations WHERE name = ?", (name,))
    touch(tx)


def learn(tx: Tx, learnt: Mapping[str, Mapping[str, Any]], now_ms: int) -> None:
    """Write what was learnt, by event; an event without a contract gets one that learns."""
    if not learnt:
        return
    tx.many(
        "INSERT INTO contracts (name, title, description, form, mode, origin, learnt, violations, created_at,"
        " changed_at, changed_by) VALUES (?, '', '', '{}', 'learn', 'learnt', ?, 0, ?, ?, '')"
        " ON CONFLICT (name) DO UPDATE SET learnt = excluded.learnt",
        [(name, dump(dict(what)), now_ms, now_ms) for name, what in sorted(learnt.items())],
    )


def learnt(tx: Tx, events: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What is known of these events so far."""
    among, wanted = tx.among(sorted(events))
    return {
        name: load(what) for name, what in tx.rows(f"SELECT name, learnt FROM contracts WHERE name {among}", (wanted,))
    }


def violated(tx: Tx, rows: Sequence[tuple[str, int, int, str, str, str]]) -> None:
    """Keep ``(name, at, refused, reason, message_id, sample)``."""
    tx.insert("violations", "name,at,refused,reason,message_id,sample", rows)


def count_violations(tx: Tx, counts: Mapping[str, int]) -> None:
    """Add to the contracts' counts, and let go of all but the latest violations."""
    tx.many(
        "UPDATE contracts SET violations = violations + ? WHERE name = ?", [(n, name) for name, n in counts.items()]
    )
    for name in counts:
        oldest = tx.value("SELECT id FROM violations WHERE name = ? ORDER BY id DESC LIMIT 1 OFFSET ?", (name, KEPT))
        if oldest is not None:
            tx.run("DELETE FROM violations WHERE name = ? AND id <= ?", (name, oldest))


def violations(tx: Tx, name: str, limit: int = KEPT) -> list[Row]:
    """``(at, refused, reason, message_id, sample)`` of one event, the latest first."""
    return tx.rows(
        "SELECT at, refused, reason, message_id, sample FROM violations WHERE name = ? ORDER BY id DESC LIMIT ?",
        (name, limit),
    )


def forget(tx: Tx, values: Sequence[str]) -> None:
    """Blank the samples that hold one of these values (addresses, ids) of somebody who is erased."""
    for value in values:
        tx.run("UPDATE violations SET sample = '', message_id = '' WHERE sample LIKE ? ESCAPE '!'", (like(value),))


def like(value: str) -> str:
    """A pattern that finds a value anywhere in a text, for LIKE … ESCAPE '!'."""
    plain = value.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{plain}%"
