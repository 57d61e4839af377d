"""Pools of coupons and their codes: who was given which, so that none is ever given twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, Text, text
from sqlmodel import Field, col, select

from .columns import Key
from .database import Row, Tx
from .naming import Table

FREE = "message_id IS NULL AND contact_id IS NULL"
OPEN = "message_id IS NOT NULL AND given_at IS NULL"


class CouponPool(Table, table=True):
    """Codes for one purpose. ``per`` is message or contact, ``when_empty`` wait or leave_out; moments in ms.

    ``seen`` is the last event that was looked at for codes that were used: those named ``event`` say it in
    ``property``.
    """

    __tablename__ = "coupon_pools"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    title: str = Field(default="", sa_type=Text)
    per: str = Field(default="message", sa_type=Text)
    when_empty: str = Field(default="wait", sa_type=Text)
    low: int = Field(default=100, sa_type=Integer)  # so few left are worth a warning
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    event: str = Field(default="purchased", sa_type=Text)
    property: str = Field(default="coupon", sa_type=Text)
    seen: int = Field(default=0, sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(default="", sa_type=Text)


class Coupon(Table, table=True):
    """One code. Reserved for a message (and its contact) before it is written, given once it has left."""

    __tablename__ = "coupons"
    __table_args__ = (
        Index("ux_coupons_pool_id_code", "pool_id", "code", unique=True),
        Index("ix_coupons_free", "pool_id", "id", sqlite_where=text(FREE), postgresql_where=text(FREE)),
        Index("ix_coupons_open", "reserved_at", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_coupons_message_id", "message_id"),
        Index("ix_coupons_contact_id", "contact_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    pool_id: int = Field(sa_type=Key)
    code: str = Field(sa_type=Text)
    contact_id: int | None = Field(default=None, sa_type=Key)
    message_id: int | None = Field(default=None, sa_type=Key)
    reserved_at: int | None = Field(default=None, sa_type=BigInteger)
    given_at: int | None = Field(default=None, sa_type=BigInteger)
    redeemed_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)


class Stock(NamedTuple):
    """How a pool stands."""

    left: int
    reserved: int
    given: int
    redeemed: int


def pools(tx: Tx) -> list[CouponPool]:
    """Every pool, by name."""
    return list(tx.session.exec(select(CouponPool).order_by(col(CouponPool.name))).all())


def pool_named(tx: Tx, name: str) -> CouponPool | None:
    """The pool of that name."""
    return tx.session.exec(select(CouponPool).where(col(CouponPool.name) == name)).first()


def keep(tx: Tx, pool: CouponPool) -> int:
    """Write a pool; returns its id."""
    tx.session.add(pool)
    tx.session.flush()
    assert pool.id is not None
    return pool.id


def remove(tx: Tx, pool_id: int) -> None:
    """Take a pool away with its codes."""
    tx.session.flush()
    tx.run("DELETE FROM coupons WHERE pool_id = ?", (pool_id,))
    tx.run("DELETE FROM coupon_pools WHERE id = ?", (pool_id,))


def add(tx: Tx, pool_id: int, codes: Sequence[str], expires_at: int | None = None) -> int:
    """Put codes into a pool; returns how many were new to it."""
    tx.session.flush()
    before = tx.value("SELECT count(*) FROM coupons WHERE pool_id = ?", (pool_id,))
    tx.many(
        "INSERT INTO coupons (pool_id, code, expires_at) VALUES (?, ?, ?) ON CONFLICT (pool_id, code) DO NOTHING",
        [(pool_id, code, expires_at) for code in codes],
    )
    return tx.value("SELECT count(*) FROM coupons WHERE pool_id = ?", (pool_id,)) - before


def stocks(tx: Tx, now_ms: int) -> dict[int, Stock]:
    """How every pool stands, by its id."""
    rows = tx.rows(
        f"SELECT pool_id, sum(CASE WHEN {FREE} AND (expires_at IS NULL OR expires_at > ?) THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN {OPEN} THEN 1 ELSE 0 END), sum(CASE WHEN given_at IS NOT NULL THEN 1 ELSE 0 END),"
        " sum(CASE WHEN redeemed_at IS NOT NULL THEN 1 ELSE 0 END) FROM coupons GROUP BY pool_id",
        (now_ms,),
    )
    return {row[0]: Stock(*map(int, row[1:])) for row in rows}


def codes(tx: Tx, pool_id: int, after: int, limit: int) -> list[Row]:
    """``(id, code, reserved_at, given_at, redeemed_at, expires_at)`` of a pool's codes, those after one."""
    return tx.rows(
        "SELECT id, code, reserved_at, given_at, redeemed_at, expires_at FROM coupons"
        " WHERE pool_id = ? AND id > ? ORDER BY id LIMIT ?",
        (pool_id, after, limit),
    )


# ── giving ────────────────────────────────────────────────────────────────────────────────────────────


def reserve(tx: Tx, wanted: Sequence[tuple[int, int, str]], now_ms: int) -> dict[tuple[int, str], str | None]:
    """Codes for ``(message, contact, pool)``, by message and pool; None where the pool has none left.

    A message gets the code it was reserved before, whatever happened since; with a pool "per contact" so does the
    contact. Whoever reserves from a pool holds its row, so nobody else does so at the same time.
    """
    among, names = tx.among(sorted({pool for _, _, pool in wanted}))
    lock = " FOR UPDATE" if tx.postgres else ""
    known = {
        row[1]: row
        for row in tx.rows(
            f"SELECT id, name, per, expires_at FROM coupon_pools WHERE name {among} ORDER BY id{lock}", (names,)
        )
    }
    given: dict[tuple[int, str], str | None] = {}
    for name in dict.fromkeys(pool for _, _, pool in wanted):
        asking = [(message, contact) for message, contact, pool in wanted if pool == name]
        if name not in known or (known[name][3] or now_ms + 1) <= now_ms:
            given |= {(message, name): None for message, _ in asking}
            continue
        pool_id, _, per, _ = known[name]
        codes = _reserved(tx, pool_id, asking, per == "contact", now_ms)
        given |= {(message, name): codes.get(message) for message, _ in asking}
    return given


def _reserved(
    tx: Tx, pool_id: int, asking: Sequence[tuple[int, int]], per_contact: bool, now_ms: int
) -> dict[int, str]:
    messages, message_ids = tx.among([message for message, _ in asking])
    own = dict(
        tx.rows(
            f"SELECT message_id, code FROM coupons WHERE message_id {messages} AND pool_id = ?"
            " AND (expires_at IS NULL OR expires_at > ?)",
            (message_ids, pool_id, now_ms),
        )
    )
    theirs: dict[int, str] = {}
    if per_contact:
        people, contact_ids = tx.among([contact for _, contact in asking])
        theirs = dict(
            tx.rows(
                f"SELECT contact_id, code FROM coupons WHERE contact_id {people} AND pool_id = ?"
                " AND (expires_at IS NULL OR expires_at > ?) ORDER BY id DESC",
                (contact_ids, pool_id, now_ms),
            )
        )  # type: ignore[arg-type]
    lacking: dict[int, tuple[int, int]] = {}
    for message, contact in asking:
        if message not in own and not (per_contact and contact in theirs):
            lacking.setdefault(contact if per_contact else message, (message, contact))
    free = tx.rows(
        f"SELECT id, code FROM coupons WHERE pool_id = ? AND {FREE} AND (expires_at IS NULL OR expires_at > ?)"
        " ORDER BY id LIMIT ?",
        (pool_id, now_ms, len(lacking)),
    )
    taken = list(zip(lacking.values(), free, strict=False))
    tx.update(
        "coupons",
        ("message_id", "contact_id", "reserved_at"),
        [(message, contact, now_ms, key) for (message, contact), (key, _) in taken],
        "bigint,bigint,bigint",
    )
    own |= {message: code for (message, _), (_, code) in taken}  # type: ignore[misc]
    if per_contact:
        theirs |= {contact: code for (_, contact), (_, code) in taken}
        own |= {message: theirs[contact] for message, contact in asking if message not in own and contact in theirs}
    return own  # type: ignore[return-value]


def settle(tx: Tx, limit: int) -> tuple[int, int]:
    """Codes of messages that left become given; those of messages that certainly never left go back to their pools.

    Certain is what was skipped or failed before it was ever handed over; a code "per contact" may have left in another
    of their messages all the same. Returns how many of each.
    """
    rows = tx.rows(
        "SELECT c.id, m.status, m.sent_at, m.attempts,"
        " CASE WHEN p.per = 'contact' AND (c.contact_id IS NULL OR EXISTS (SELECT 1 FROM messages o"
        " WHERE o.contact_id = c.contact_id AND o.id <> c.message_id"
        " AND (o.status NOT IN ('failed', 'skipped') OR o.attempts > 0))) THEN 1 ELSE 0 END"
        " FROM coupons c JOIN coupon_pools p ON p.id = c.pool_id LEFT JOIN messages m ON m.id = c.message_id"
        " WHERE c.message_id IS NOT NULL AND c.given_at IS NULL"
        " AND (m.id IS NULL OR m.status IN ('sent', 'in_doubt', 'failed', 'skipped')) ORDER BY c.reserved_at LIMIT ?",
        (limit,),
    )
    back = [row[0] for row in rows if row[1] in ("failed", "skipped") and not row[3] and row[2] is None and not row[4]]
    gone = [(row[2] or 0, row[0]) for row in rows if row[0] not in set(back)]
    tx.many("UPDATE coupons SET given_at = CASE WHEN ? > 0 THEN ? ELSE reserved_at END WHERE id = ?",
            [(at, at, key) for at, key in gone])  # fmt: skip
    among, ids = tx.among(back)
    tx.run(
        "UPDATE coupons SET message_id = NULL, contact_id = NULL, reserved_at = NULL"
        f" WHERE id {among} AND given_at IS NULL",
        (ids,),
    )
    return len(gone), len(back)


# ── using ─────────────────────────────────────────────────────────────────────────────────────────────


def newest_event(tx: Tx) -> int:
    """The id of the event that came last."""
    return tx.value("SELECT coalesce(max(id), 0) FROM events")


def told(tx: Tx, event: str, after: int, upto: int) -> list[Row]:
    """``(at, properties)`` of the events of a name with ids in ``(after, upto]``."""
    return tx.rows(
        "SELECT at, properties FROM events WHERE id > ? AND id <= ? AND name = ? ORDER BY id", (after, upto, event)
    )


def redeem(tx: Tx, pool_id: int, used: Sequence[tuple[int, str]], upto: int) -> None:
    """These codes were used at these moments; the events up to one have been looked at."""
    tx.many(
        "UPDATE coupons SET redeemed_at = ? WHERE pool_id = ? AND code = ? AND redeemed_at IS NULL",
        [(at, pool_id, code) for at, code in used],
    )
    tx.run("UPDATE coupon_pools SET seen = ? WHERE id = ?", (upto, pool_id))
