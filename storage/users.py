"""Who may come in: people, API keys, the audit trail, and the instance's own settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from .columns import Json, Key, Moment, dump, from_ms, load
from .database import Tx
from .naming import Table


class User(Table, table=True):
    """Somebody who signs in. ``stamp`` changes with the password and ends every older session."""

    __tablename__ = "users"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    email: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    name: str = Field(default="", sa_type=Text)
    role: str = Field(default="owner", sa_type=Text)
    password_hash: str = Field(sa_type=Text)
    stamp: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    signed_in_at: datetime | None = Field(default=None, sa_type=Moment)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)
    vouched_by: str = Field(default="", sa_type=Text)  # who last gave them their role or a way in
    vouched_at: datetime | None = Field(default=None, sa_type=Moment)


class SignIn(Table, table=True):
    """One browser of somebody who signed in, under the digest of its key, with the stamp the user had then."""

    __tablename__ = "sign_ins"

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    user_id: int = Field(sa_type=Key)
    stamp: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class ApiKey(Table, table=True):
    """A key for programs. Only its digest is kept; ``hint`` are its first characters."""

    __tablename__ = "api_keys"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(default="", sa_type=Text)
    kind: str = Field(default="write", sa_type=Text)  # write (events in) or admin
    digest: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    hint: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class AuditEntry(Table, table=True):
    """Who did what to what, and when. Append-only."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_at", "at"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    at: datetime = Field(sa_type=Moment)
    actor: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    subject: str = Field(default="", sa_type=Text)
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


class Setting(Table, table=True):
    """A setting the owner changes while the instance runs. Which there are stands in `runtime.settings`."""

    __tablename__ = "settings"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    value: Any = Field(default=None, sa_column=Column(Json))


# ── queries ───────────────────────────────────────────────────────────────────────────────────────────


class EmailTaken(Exception):
    """Somebody with this e-mail address is here already: choose another address, or change that person."""


class LastOwner(Exception):
    """This is the only owner: make somebody else an owner first."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody signed in, as pages and handlers know them."""

    id: int
    email: str
    name: str
    role: str


def digest(key: str) -> str:
    """What is kept of a key: its SHA-256, which is enough for keys of 128 random bits and more."""
    return sha256(key.encode()).hexdigest()


def any_user(tx: Tx) -> bool:
    """Whether anybody can sign in at all."""
    return tx.value("SELECT 1 FROM users LIMIT 1") is not None


def user_by_email(tx: Tx, email: str) -> User | None:
    """The person with this address, whatever its case."""
    return tx.session.exec(select(User).where(col(User.email) == email.strip().lower())).first()


def add_user(
    tx: Tx, email: str, password_hash: str, stamp: str, now_ms: int, *, role: str = "owner", name: str = ""
) -> User:
    """A new person. Raises `EmailTaken`."""
    if user_by_email(tx, email):
        raise EmailTaken(EmailTaken.__doc__)
    user = User(
        email=email.strip().lower(),
        name=name,
        role=role,
        password_hash=password_hash,
        stamp=stamp,
        created_at=from_ms(now_ms),
    )
    tx.session.add(user)
    tx.session.flush()
    return user


def vouch(tx: Tx, email: str, by: str, now_ms: int) -> None:
    """Remember who gave this account its role or a way in."""
    tx.run("UPDATE users SET vouched_by = ?, vouched_at = ? WHERE email = ?", (by, now_ms, email))


def people(tx: Tx) -> list[User]:
    """Everybody, also who may no longer come in, by address."""
    return list(tx.session.exec(select(User).order_by(col(User.email))))


def change_role(tx: Tx, user_id: int, role: str) -> None:
    """Another role, from this moment on. Raises LastOwner."""
    tx.run("UPDATE users SET role = ? WHERE id = ?", (role, user_id))
    _keep_an_owner(tx)


def disable(tx: Tx, user_id: int, at_ms: int | None) -> None:
    """Nobody comes in with this account any more; None lets them in again. Raises LastOwner."""
    tx.run("UPDATE users SET disabled_at = ? WHERE id = ?", (at_ms, user_id))
    if at_ms is not None:
        tx.run("DELETE FROM sign_ins WHERE user_id = ?", (user_id,))
    _keep_an_owner(tx)


def change_password(tx: Tx, user_id: int, password_hash: str, stamp: str, keep: str | None = None) -> None:
    """A new password; every browser signed in with the old one is out, but the one under the key ``keep``."""
    tx.run("UPDATE users SET password_hash = ?, stamp = ? WHERE id = ?", (password_hash, stamp, user_id))
    kept = digest(keep) if keep else ""
    tx.run("DELETE FROM sign_ins WHERE user_id = ? AND digest <> ?", (user_id, kept))
    tx.run("UPDATE sign_ins SET stamp = ? WHERE digest = ? AND user_id = ?", (stamp, kept, user_id))


def new_stamp(tx: Tx, user_id: int, stamp: str) -> None:
    """End links made before; browsers that are signed in stay so."""
    tx.run("UPDATE users SET stamp = ? WHERE id = ?", (stamp, user_id))
    tx.run("UPDATE sign_ins SET stamp = ? WHERE user_id = ?", (stamp, user_id))


def _keep_an_owner(tx: Tx) -> None:
    if tx.postgres:
        tx.run("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")  # two owners must not take the role from each other
    if tx.value("SELECT 1 FROM users WHERE role = 'owner' AND disabled_at IS NULL") is None:
        raise LastOwner(LastOwner.__doc__)


def begin_sign_in(tx: Tx, key: str, user_id: int, stamp: str, now_ms: int) -> None:
    """Remember a browser under its key."""
    tx.run(
        "INSERT INTO sign_ins (digest, user_id, stamp, at) VALUES (?, ?, ?, ?)", (digest(key), user_id, stamp, now_ms)
    )
    tx.run("UPDATE users SET signed_in_at = ? WHERE id = ?", (now_ms, user_id))


def end_sign_in(tx: Tx, key: str) -> None:
    """Forget a browser."""
    tx.run("DELETE FROM sign_ins WHERE digest = ?", (digest(key),))


def signed_in(tx: Tx, key: str, not_before_ms: int) -> Who | None:
    """Who this browser belongs to, as long as their stamp is still the same and they may come in."""
    row = tx.one(
        "SELECT u.id, u.email, u.name, u.role FROM sign_ins s JOIN users u ON u.id = s.user_id"
        " WHERE s.digest = ? AND s.stamp = u.stamp AND s.at >= ? AND u.disabled_at IS NULL",
        (digest(key), not_before_ms),
    )
    return Who(*row) if row else None


def add_key(tx: Tx, key: str, kind: str, name: str, now_ms: int) -> int:
    """Remember an API key by its digest."""
    row = ApiKey(name=name, kind=kind, digest=digest(key), hint=key[:8], created_at=from_ms(now_ms))
    tx.session.add(row)
    tx.session.flush()
    assert row.id is not None
    return row.id


def key_of(tx: Tx, key: str) -> ApiKey | None:
    """The key as long as it has not been revoked."""
    found = select(ApiKey).where(col(ApiKey.digest) == digest(key), col(ApiKey.revoked_at).is_(None))
    return tx.session.exec(found).first()


def keys(tx: Tx) -> list[ApiKey]:
    """All keys, the newest first."""
    return list(tx.session.exec(select(ApiKey).order_by(col(ApiKey.id).desc())))


def revoke_key(tx: Tx, key_id: int, now_ms: int) -> None:
    """The key opens nothing any more."""
    tx.run("UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now_ms, key_id))


def note(tx: Tx, actor: str, action: str, subject: str, now_ms: int, details: dict[str, Any] | None = None) -> None:
    """One line of the audit trail."""
    tx.run(
        "INSERT INTO audit_entries (at, actor, action, subject, details) VALUES (?, ?, ?, ?, ?)",
        (now_ms, actor, action, subject, dump(details or {})),
    )


def done_since(tx: Tx, actor: str, action: str, since_ms: int) -> int:
    """How often somebody did something since a moment."""
    return tx.value(
        "SELECT count(*) FROM audit_entries WHERE at > ? AND actor = ? AND action = ?", (since_ms, actor, action)
    )


def trail(tx: Tx, limit: int = 50) -> list[AuditEntry]:
    """The last lines of the audit trail, the newest first."""
    rows = tx.rows(
        "SELECT id, at, actor, action, subject, details FROM audit_entries ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [
        AuditEntry(id=i, at=from_ms(at), actor=actor, action=action, subject=subject, details=load(details))
        for i, at, actor, action, subject, details in rows
    ]
