"""Products as letters see them: those of the catalogue, and what an event says of the ones in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...storage.columns import load
from ...storage.database import Row
from ..features.measures import Measures

SKU = ("sku", "product_id", "id")  # where a line of an event says which product it is
SAME = {"name": "title", "link": "url", "picture_url": "image", "image_url": "image"}  # what events call it
LINES = 100  # of one event


def lines_of(said: Mapping[str, Any], measures: Measures) -> list[Mapping[str, Any]]:
    """The lines of a cart or an order; an event about one product is a line itself."""
    for name in measures.products:
        lines = said.get(name)
        if isinstance(lines, list):
            return [line for line in lines[:LINES] if isinstance(line, Mapping)]
    return [said] if sku_of(said) and any(said.get(name) for name in ("name", "title", "price")) else []


def sku_of(line: Mapping[str, Any]) -> str:
    """Which product a line is about; "" where it does not say."""
    for name in SKU:
        value = line.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)
    return ""


def shown(product: Mapping[str, Any]) -> dict[str, Any]:
    """A product of the catalogue as letters have it: everything in one piece."""
    own = {name: _plain(value) for name, value in product.items() if name not in ("extra", "active")}
    return {**product["extra"], **own, "name": own["title"]}


def together(line: Mapping[str, Any], product: dict[str, Any] | None) -> dict[str, Any]:
    """A line of an event with what the catalogue knows better: its price and stock now, its picture."""
    said = {SAME.get(name, name): value for name, value in line.items()}
    known = {name: value for name, value in (product or {}).items() if value not in (None, "", [])}
    both = {**said, **known, "sku": sku_of(line)}
    both.setdefault("name", both.get("title", ""))
    return both


def bought_by(rows: Sequence[Row], measures: Measures) -> dict[int, set[str]]:
    """Which products each contact has bought, from ``(contact, properties)`` of orders."""
    found: dict[int, set[str]] = {}
    for contact, properties in rows:
        said = load(properties)
        if isinstance(said, Mapping):
            found.setdefault(contact, set()).update(filter(None, map(sku_of, lines_of(said, measures))))
    return found


def _plain(value: Any) -> Any:
    """A price of 80 as people write it, not as 80.0."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
