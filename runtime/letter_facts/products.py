"""Products for grids: ``products(category="Shoes", limit=3)``, ``products(source="event")``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...storage import products
from ...storage.database import Tx
from ...storage.handover import Filling
from ...storage.letter_facts import figures
from ...storage.products import Which
from ..content.asked import language_of
from ..content.selections import Selection
from ..features import measures
from ..features.measures import Measures
from .lines import bought_by, lines_of, shown, sku_of, together
from .provider import Around, Provider

SPARE = 60  # products read beyond those shown, since some of them were bought before
BOUGHT_MS = 730 * 86_400_000  # so long ago counts as bought before
SAMPLES = 2  # in the cart of a preview without an event
FAVOURITE = "favourite_category"

Products = list[dict[str, Any]]


def load(tx: Tx, fillings: Sequence[Filling], wanted: frozenset[str], around: Around) -> list[dict[str, Products]]:
    """By the key of each selection, what it comes to for each reader."""
    reading = _Reading(tx, fillings, around)
    found: list[dict[str, Products]] = [{} for _ in fillings]
    for key in sorted(wanted):
        selection = Selection.from_key(key)
        for mine, answer in zip(found, reading.of(selection), strict=True):
            mine[key] = answer
    return found


class _Reading:
    """One chunk: what several selections need is read once."""

    def __init__(self, tx: Tx, fillings: Sequence[Filling], around: Around) -> None:
        self._tx, self._fillings, self._around = tx, fillings, around
        self._people = sorted({one.contact_id for one in fillings})
        self._measures: Measures = around.kept.of("measures", lambda: measures.load(tx))
        self._bought: dict[int, set[str]] | None = None
        self._favourites: dict[int, dict[str, Any]] | None = None

    def of(self, selection: Selection) -> list[Products]:
        """What a selection comes to for each reader."""
        if selection.source == "event":
            found = self._of_events(selection)
            if self._around.samples and not any(one.event for one in self._fillings):
                return self.of(replace(selection, source="catalogue", limit=min(selection.limit, SAMPLES)))
            return found
        bought = self._bought_before() if selection.fresh else {}
        return [
            self._fitting(selection, self._candidates(selection, one), one, bought.get(one.contact_id, set()))
            for one in self._fillings
        ]

    def _of_events(self, selection: Selection) -> list[Products]:
        carts = [[(line, sku_of(line)) for line in lines_of(one.event, self._measures)] for one in self._fillings]
        skus = [sku for cart in carts for _, sku in cart if sku]
        known = {one["sku"]: shown(one) for one in products.of(self._tx, skus)} if skus else {}
        bought = self._bought_before() if selection.fresh else {}
        return [
            self._fitting(
                selection, [together(line, known.get(sku)) for line, sku in cart], one,
                bought.get(one.contact_id, set()),
            )
            for one, cart in zip(self._fillings, carts, strict=True)
        ]  # fmt: skip

    def _candidates(self, selection: Selection, filling: Filling) -> Products:
        category = selection.category
        if selection.favourite:
            category = self._favourite_of(filling.contact_id) or category
        which = Which(
            selection.ids, (category,) if category else (), selection.tag, selection.in_stock,
            selection.margin_above, selection.price_below,
        )  # fmt: skip
        room = selection.limit + SPARE

        def read() -> Products:
            found = [shown(one) for one in products.found(self._tx, which, selection.order, room)]
            if selection.ids:
                place = {sku: at for at, sku in enumerate(selection.ids)}
                found.sort(key=lambda one: place[one["sku"]])
            return found

        return self._around.kept.of(f"products {selection.key} {category}", read)

    def _fitting(self, selection: Selection, found: Products, filling: Filling, bought: set[str]) -> Products:
        """Those that this reader is shown: all the tests again for an event's lines, which no query has seen."""
        language = language_of(filling.contact)
        fitting = [
            one
            for one in found
            if one["sku"] not in bought
            and not (one.get("language") and language and not language.startswith(str(one["language"]).lower()[:2]))
            and (selection.source != "event" or _passes(one, selection))
        ]
        if selection.source == "event" and selection.order in ("cheapest", "dearest"):
            fitting.sort(key=_price, reverse=selection.order == "dearest")
        return fitting[: selection.limit]

    def _bought_before(self) -> dict[int, set[str]]:
        if self._bought is None:
            since = self._around.now_ms - BOUGHT_MS
            rows = products.bought(self._tx, self._people, self._measures.purchases, since)
            self._bought = bought_by(rows, self._measures)
        return self._bought

    def _favourite_of(self, contact: int) -> str:
        if self._favourites is None:
            self._favourites = figures(self._tx, self._people, [FAVOURITE], self._around.now_ms)
        return self._favourites.get(contact, {}).get(FAVOURITE) or ""


def _passes(one: dict[str, Any], selection: Selection) -> bool:
    stock, margin = one.get("stock"), one.get("margin")
    return (
        (not selection.ids or one["sku"] in selection.ids)
        and (not selection.category or one.get("category") == selection.category)
        and (not selection.tag or selection.tag in (one.get("tags") or ()))
        and (not selection.in_stock or stock is None or (isinstance(stock, int | float) and stock > 0))
        and (selection.margin_above is None or (isinstance(margin, int | float) and margin > selection.margin_above))
        and (selection.price_below is None or _price(one) < selection.price_below)
    )


def _price(one: dict[str, Any]) -> float:
    price = one.get("price")
    return float(price) if isinstance(price, int | float) else float("inf")


PROVIDER = Provider("products", load, given="_products")
