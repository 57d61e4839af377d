"""Tasks for the people who sell: handed to their system, or taken from here as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .database import Tx
from .naming import Table


class CrmTask(Table, table=True):
    """One task about one contact. Moments are milliseconds."""

    __tablename__ = "crm_tasks"
    __table_args__ = (Index("ix_crm_tasks_made_at", "made_at"), Index("ix_crm_tasks_contact_id", "contact_id"))

    message_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    contact_id: int = Field(sa_type=Key)
    account: str = Field(default="", sa_type=Text)  # by which it was handed over; "": it waits in the list
    kind: str = Field(sa_type=Text)  # task, call, email, meeting
    title: str = Field(sa_type=Text)
    description: str = Field(default="", sa_type=Text)
    owner: str = Field(default="", sa_type=Text)
    value: str = Field(default="", sa_type=Text)  # a decimal number
    currency: str = Field(default="", sa_type=Text)
    made_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)
    status: str = Field(default="open", sa_type=Text)  # open, taken, done
    reference: str = Field(default="", sa_type=Text)  # what the other system calls it
    done_at: int | None = Field(default=None, sa_type=BigInteger)


COLUMNS = (
    "message_id, contact_id, account, kind, title, description, owner, value, currency, made_at, due_at, status, "
    "reference, done_at"
)


@dataclass(frozen=True, slots=True)
class Task:
    """A task with whom it is about, as lists show it."""

    message_id: int
    contact_id: int
    account: str
    kind: str
    title: str
    description: str
    owner: str
    value: str
    currency: str
    made_at: int
    due_at: int
    status: str
    reference: str
    done_at: int | None
    external_id: str
    email: str
    phone: str


def put(tx: Tx, rows: Sequence[Sequence[object]]) -> None:
    """Write tasks: all `COLUMNS`. Once, however often it is tried."""
    marks = ", ".join("?" * 14)
    tx.many(f"INSERT INTO crm_tasks ({COLUMNS}) VALUES ({marks}) ON CONFLICT (message_id) DO NOTHING", rows)


def everyone(tx: Tx, status: str = "", after: int = 0, limit: int = 500) -> list[Task]:
    """Tasks in the order they were made, those after one, all or of a status."""
    return _found(
        tx, "t.message_id > ? AND (? = '' OR t.status = ?) ORDER BY t.message_id", (after, status, status), limit
    )


def latest(tx: Tx, status: str = "", limit: int = 200) -> list[Task]:
    """The newest tasks first."""
    return _found(tx, "(? = '' OR t.status = ?) ORDER BY t.made_at DESC, t.message_id DESC", (status, status), limit)


def counts(tx: Tx) -> dict[str, int]:
    """How many there are, by status."""
    return dict(tx.rows("SELECT status, count(*) FROM crm_tasks GROUP BY status"))


def set_status(tx: Tx, message_id: int, status: str, now_ms: int) -> bool:
    """Open, taken by another system, or done. False when there is no such task."""
    done_at = now_ms if status == "done" else None
    done = tx.run("UPDATE crm_tasks SET status = ?, done_at = ? WHERE message_id = ?", (status, done_at, message_id))
    return done.rowcount == 1


def done_there(tx: Tx, account: str, reference: str, now_ms: int) -> int:
    """The other system says it is done: by what it calls the task, or by our own number. Returns how many were."""
    own = int(reference) if reference.isascii() and reference.isdigit() and len(reference) < 19 else -1
    return tx.run(
        "UPDATE crm_tasks SET status = 'done', done_at = ? "
        "WHERE account = ? AND status <> 'done' AND ((reference = ? AND reference <> '') OR message_id = ?)",
        (now_ms, account, reference, own),
    ).rowcount


def _found(tx: Tx, where: str, values: tuple[object, ...], limit: int) -> list[Task]:
    columns = ", ".join(f"t.{name}" for name in COLUMNS.split(", "))
    rows = tx.rows(
        f"SELECT {columns}, coalesce(c.external_id, ''), coalesce(c.email, ''), coalesce(c.phone, '') "
        f"FROM crm_tasks t JOIN contacts c ON c.id = t.contact_id WHERE {where} LIMIT ?",
        (*values, limit),
    )
    return [Task(*row) for row in rows]
