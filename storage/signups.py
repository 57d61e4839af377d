"""Sign-up forms, the exact sentences people agreed to, and sign-ups that wait to be confirmed."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .database import Tx
from .naming import Table

FORM = ("name", "words", "topics", "fields", "then_url", "archived_at", "changed_at")
SIGNUP = (
    "id", "form", "contact_id", "email", "language", "topics", "fields", "wording", "ip", "agent", "asked_at",
    "confirmed_at",
)  # fmt: skip


class Form(Table, table=True):
    """A hosted sign-up form. ``words`` is language → title, lead, consent (what they agree to) and button."""

    __tablename__ = "forms"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    words: dict[str, dict[str, str]] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    topics: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    fields: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    then_url: str = Field(default="", sa_type=Text)  # where people go when they have confirmed; "" stays here
    archived_at: int | None = Field(default=None, sa_type=Key)
    changed_at: int = Field(sa_type=Key)


class Wording(Table, table=True):
    """A sentence somebody agreed to, under the digest of its text: kept as long as the ledger names it."""

    __tablename__ = "wordings"

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    language: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    first_at: int = Field(sa_type=Key)


class SignUp(Table, table=True):
    """Somebody entered an address. It says nothing of consent before they confirm; then the ledger does."""

    __tablename__ = "signups"
    __table_args__ = (Index("ix_signups_email", "email", "asked_at"), Index("ix_signups_asked_at", "asked_at"))

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    form: str = Field(sa_type=Text)
    contact_id: int = Field(sa_type=Key)
    email: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    topics: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    wording: str = Field(sa_type=Text)
    ip: str = Field(default="", sa_type=Text)
    agent: str = Field(default="", sa_type=Text)
    asked_at: int = Field(sa_type=Key)
    confirmed_at: int | None = Field(default=None, sa_type=Key)


def forms(tx: Tx, archived: bool = False) -> list[Form]:
    """The forms by name."""
    found = [_form(row) for row in tx.rows(f"SELECT {', '.join(FORM)} FROM forms ORDER BY name")]
    return [form for form in found if archived or form.archived_at is None]


def form(tx: Tx, name: str) -> Form | None:
    """A form that is not archived."""
    row = tx.one(f"SELECT {', '.join(FORM)} FROM forms WHERE name = ? AND archived_at IS NULL", (name,))
    return _form(row) if row else None


def keep_form(tx: Tx, one: Form) -> None:
    """Write a form, new or changed."""
    values = one.model_dump()
    row = [dump(values[name]) if name in ("words", "topics", "fields") else values[name] for name in FORM]
    sets = ", ".join(f"{name} = excluded.{name}" for name in FORM[1:])
    tx.run(
        f"INSERT INTO forms ({', '.join(FORM)}) VALUES ({', '.join('?' * len(FORM))}) "
        f"ON CONFLICT (name) DO UPDATE SET {sets}",
        row,
    )


def word(tx: Tx, text: str, language: str, now_ms: int) -> str:
    """Keep a sentence; returns the digest it is known by."""
    digest = sha256(f"{language}\n{text}".encode()).hexdigest()[:24]
    tx.run(
        "INSERT INTO wordings (digest, language, text, first_at) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        (digest, language, text, now_ms),
    )
    return digest


def text_of(tx: Tx, digest: str) -> str | None:
    """The sentence under a digest."""
    return tx.value("SELECT text FROM wordings WHERE digest = ?", (digest,))


def ask(tx: Tx, one: SignUp) -> int:
    """Write a sign-up that waits; returns its id."""
    values = one.model_dump()
    row = [dump(values[name]) if name in ("topics", "fields") else values[name] for name in SIGNUP[1:]]
    return tx.value(
        f"INSERT INTO signups ({', '.join(SIGNUP[1:])}) VALUES ({', '.join('?' * len(row))}) RETURNING id", row
    )


def signup(tx: Tx, id_: int) -> SignUp | None:
    """A sign-up."""
    row = tx.one(f"SELECT {', '.join(SIGNUP)} FROM signups WHERE id = ?", (id_,))
    if row is None:
        return None
    values = dict(zip(SIGNUP, row, strict=True))
    return SignUp(**{**values, "topics": load(values["topics"]), "fields": load(values["fields"])})


def confirm(tx: Tx, id_: int, now_ms: int) -> bool:
    """Note that it was confirmed; False when it was before."""
    return (
        tx.run("UPDATE signups SET confirmed_at = ? WHERE id = ? AND confirmed_at IS NULL", (now_ms, id_)).rowcount == 1
    )


def asked_lately(tx: Tx, email: str, after_ms: int) -> int:
    """How often this address was entered since."""
    return tx.value("SELECT count(*) FROM signups WHERE email = ? AND asked_at > ?", (email, after_ms))


def counts(tx: Tx) -> dict[str, tuple[int, int]]:
    """Form → how many asked, how many of them confirmed."""
    rows = tx.rows("SELECT form, count(*), count(confirmed_at) FROM signups GROUP BY form")
    return {name: (asked, confirmed) for name, asked, confirmed in rows}


def forget_before(tx: Tx, asked_ms: int, most: int) -> int:
    """Let go of sign-ups nobody confirmed, asked before then; returns how many went."""
    return tx.run(
        "DELETE FROM signups WHERE id IN "
        "(SELECT id FROM signups WHERE asked_at < ? AND confirmed_at IS NULL ORDER BY id LIMIT ?)",
        (asked_ms, most),
    ).rowcount


def _form(row: Any) -> Form:
    values = dict(zip(FORM, row, strict=True))
    parsed = {name: load(values[name]) for name in ("words", "topics", "fields")}
    return Form(**{**values, **parsed})
