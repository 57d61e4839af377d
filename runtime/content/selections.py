"""Which products a grid shows: said in the letter by names and values, the same words as the canvas of a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import orjson

MOST = 24  # products of one grid
ORDERS = ("", "newest", "cheapest", "dearest", "margin", "title")
TEXT = 200  # characters of a category or tag


class SelectionProblem(Exception):
    """Which products are meant cannot be understood."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Products of the catalogue, or of the event that started the journey (``source="event"``), as far as these hold.

    ``fresh``: not bought before. ``favourite``: of the category the contact likes best. ``margin_above`` is in per
    cent of the price.
    """

    source: str = "catalogue"
    ids: tuple[str, ...] = ()
    category: str = ""
    tag: str = ""
    order: str = ""
    limit: int = 6
    in_stock: bool = False
    margin_above: float | None = None
    price_below: float | None = None
    fresh: bool = False
    favourite: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Selection:
        """A selection from what stands in the letter. Raises `SelectionProblem`."""
        said = {key: value for key, value in given.items() if value not in (None, "")}
        if unknown := said.keys() - set(cls.__slots__):
            raise SelectionProblem(f"products() knows no “{min(unknown)}”.")
        said["ids"] = _ids(said.get("ids", ()))
        for name in ("category", "tag", "source", "order"):
            if not isinstance(said.get(name, ""), str) or len(said.get(name, "")) > TEXT:
                raise SelectionProblem(f"The {name} of products() is a text.")
        if said.get("source", "catalogue") not in ("catalogue", "event"):
            raise SelectionProblem('The source of products() is "catalogue" or "event".')
        if said.get("order", "") not in ORDERS:
            raise SelectionProblem(f"The order of products() is one of {', '.join(ORDERS[1:])}.")
        for name in ("limit", "margin_above", "price_below"):
            if name in said:
                said[name] = _number(name, said[name])
        if "limit" in said:
            said["limit"] = min(max(int(said["limit"]), 1), MOST)
        for name in ("in_stock", "fresh", "favourite"):
            if name in said:
                said[name] = said[name] in (True, 1, "true", "yes", "1")
        return cls(**said)

    @property
    def key(self) -> str:
        """The same for the same selection."""
        return orjson.dumps({name: value for name, value in asdict(self).items() if value != _PLAIN[name]}).decode()

    @classmethod
    def from_key(cls, key: str) -> Selection:
        """The selection with this key."""
        return cls.of(orjson.loads(key))


_PLAIN = {name: getattr(Selection(), name) for name in Selection.__slots__}


@lru_cache(maxsize=1024)
def key_of(given: tuple[tuple[str, Any], ...]) -> str:
    """The key of what stands in a letter."""
    return Selection.of(dict(given)).key


def _ids(given: Any) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else list(given)
    return tuple(str(one).strip()[:TEXT] for one in parts if str(one).strip())[:MOST]


def _number(name: str, given: Any) -> float:
    try:
        return float(given)
    except (TypeError, ValueError):
        raise SelectionProblem(f"The {name.replace('_', ' ')} of products() is a number.") from None
