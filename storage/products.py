"""The catalogue: what the shop sells, with price, stock and margin, as letters show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Float, Index, SmallInteger, Text
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .database import Row, Tx
from .naming import Table


class Product(Table, table=True):
    """One product. ``margin`` is in per cent of the price, ``stock`` unknown where it is empty; moments in ms."""

    __tablename__ = "products"
    __table_args__ = (
        Index("ux_products_sku", "sku", unique=True),
        Index("ix_products_category", "category", "published_at"),
        Index("ix_products_published_at", "published_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    sku: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    url: str = Field(default="", sa_type=Text)
    image: str = Field(default="", sa_type=Text)
    price: float | None = Field(default=None, sa_type=Float)
    old_price: float | None = Field(default=None, sa_type=Float)
    currency: str = Field(default="", sa_type=Text)
    category: str = Field(default="", sa_type=Text)
    tags: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    stock: int | None = Field(default=None, sa_type=BigInteger)
    margin: float | None = Field(default=None, sa_type=Float)
    language: str = Field(default="", sa_type=Text)
    published_at: int | None = Field(default=None, sa_type=BigInteger)
    active: int = Field(default=1, sa_type=SmallInteger)
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    changed_at: int = Field(sa_type=BigInteger)


COLUMNS = (
    "sku", "title", "url", "image", "price", "old_price", "currency", "category", "tags", "stock", "margin",
    "language", "published_at", "active", "extra",
)  # fmt: skip
ORDERS = {  # by which column, and where those without stand
    "newest": "published_at IS NULL, published_at DESC, id DESC",
    "cheapest": "price IS NULL, price, id",
    "dearest": "price IS NULL, price DESC, id",
    "margin": "margin IS NULL, margin DESC, id",
    "title": "title, id",
    "": "id",
}
KEPT = ", ".join(COLUMNS)


class Which(NamedTuple):
    """What products are asked for; what is empty is not asked."""

    skus: Sequence[str] = ()
    categories: Sequence[str] = ()
    tag: str = ""
    in_stock: bool = False
    margin_above: float | None = None
    price_below: float | None = None


def put(tx: Tx, products: Sequence[dict[str, Any]], now_ms: int) -> None:
    """Write products by their sku: new ones, and what is said anew of known ones; what is not said stays."""
    known = {row["sku"]: row for row in of(tx, [one["sku"] for one in products], hidden=True)}
    rows = []
    for one in {one["sku"]: one for one in products}.values():
        whole = {**PLAIN, **known.get(one["sku"], {}), **one}
        whole["title"] = whole["title"] or whole["sku"]
        document = {"tags": dump(whole["tags"]), "extra": dump(whole["extra"]), "active": int(whole["active"])}
        rows.append((*({**whole, **document}[name] for name in COLUMNS), now_ms))
    sets = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS[1:], "changed_at"))
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    tx.many(f"INSERT INTO products ({KEPT}, changed_at) VALUES ({marks}) ON CONFLICT (sku) DO UPDATE SET {sets}", rows)


def of(tx: Tx, skus: Sequence[str], hidden: bool = False) -> list[dict[str, Any]]:
    """The products with these skus; ``hidden``: also those that are sold no more."""
    among, wanted = tx.among(list(dict.fromkeys(skus)))
    shown = "" if hidden else " AND active = 1"
    return [_product(row) for row in tx.rows(f"SELECT {KEPT} FROM products WHERE sku {among}{shown}", (wanted,))]


def found(tx: Tx, which: Which, order: str, limit: int) -> list[dict[str, Any]]:
    """The products that meet all of it, in an order of `ORDERS`."""
    tests, params = ["active = 1"], []
    for column, values in (("sku", which.skus), ("category", which.categories)):
        if values:
            among, wanted = tx.among(list(values))
            tests.append(f"{column} {among}")
            params.append(wanted)
    if which.tag:
        tests.append("tags @> ?::jsonb" if tx.postgres else "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)")
        params.append(dump([which.tag]) if tx.postgres else which.tag)
    if which.in_stock:
        tests.append("(stock IS NULL OR stock > 0)")
    if which.margin_above is not None:
        tests.append("margin > ?")
        params.append(which.margin_above)
    if which.price_below is not None:
        tests.append("price < ?")
        params.append(which.price_below)
    sql = f"SELECT {KEPT} FROM products WHERE {' AND '.join(tests)} ORDER BY {ORDERS[order]} LIMIT ?"
    return [_product(row) for row in tx.rows(sql, (*params, limit))]


def listed(tx: Tx, words: str, after: str, limit: int) -> list[dict[str, Any]]:
    """Products in order of their titles and skus, those with ``words`` in one of them, after a sku; for a page."""
    like = f"%{words.lower().replace('~', '~~').replace('%', '~%').replace('_', '~_')}%"
    sql = (
        f"SELECT {KEPT} FROM products WHERE (lower(title) LIKE ? ESCAPE '~' OR lower(sku) LIKE ? ESCAPE '~'"
        " OR lower(category) LIKE ? ESCAPE '~') AND sku > ? ORDER BY sku LIMIT ?"
    )
    return [_product(row) for row in tx.rows(sql, (like, like, like, after, limit))]


def count(tx: Tx) -> int:
    """How many products there are, those sold no more included."""
    return tx.value("SELECT count(*) FROM products")


def hide_others(tx: Tx, since_ms: int, now_ms: int) -> int:
    """Sell no more what a whole feed did not name: what was not written since then. Returns how many."""
    return tx.run(
        "UPDATE products SET active = 0, changed_at = ? WHERE active = 1 AND changed_at < ?", (now_ms, since_ms)
    ).rowcount


def bought(tx: Tx, contacts: Sequence[int], events: Sequence[str], since_ms: int) -> list[Row]:
    """``(contact, properties)`` of what these contacts bought since then."""
    people, ids = tx.among(contacts)
    names, wanted = tx.among(events)
    return tx.rows(
        f"SELECT contact_id, properties FROM events WHERE contact_id {people} AND name {names} AND at >= ?",
        (ids, wanted, since_ms),
    )


PLAIN: dict[str, Any] = {
    "title": "", "url": "", "image": "", "price": None, "old_price": None, "currency": "", "category": "", "tags": [],
    "stock": None, "margin": None, "language": "", "published_at": None, "active": True, "extra": {},
}  # fmt: skip


def _product(row: Row) -> dict[str, Any]:
    one: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    one["tags"], one["extra"], one["active"] = load(one["tags"]), load(one["extra"]), bool(one["active"])
    return one
