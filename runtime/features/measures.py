"""What the owner's events mean, and where the life cycle's stages part: the definitions all figures follow."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...storage import settings as rows
from ...storage.database import Tx
from ...storage.events import OURS

KEY = "features.measures"


class MeasureProblem(Exception):
    """A definition cannot be kept; the sentence says which and what it may be."""


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in given if name.strip()))
    if any(len(name) > 200 for name in names):
        raise ValueError("has a name longer than 200 characters")
    return names


Names = Annotated[tuple[str, ...], Field(max_length=20), AfterValidator(_names)]


class Measures(BaseModel):
    """Every definition with its default. Where several properties are named, the first that says something counts."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    purchases: Names = Field(default=("purchased",), title="Events that are orders")
    refunds: Names = Field(default=("refunded",), title="Events that are refunds")
    total: Names = Field(default=("total", "revenue", "value"), title="Where an order says what it came to")
    refund: Names = Field(default=("amount", "refund", "total"), title="Where a refund says how much was given back")
    order_id: Names = Field(default=("order_id",), title="Where both say which order it is")
    products: Names = Field(default=("products", "lines"), title="Where an event lists its products")
    category: Names = Field(default=("category",), title="Where a product or a page says its category")
    views: Names = Field(default=("viewed_category", "viewed_product"), title="Events that look at a category")
    silent: Names = Field(default=("refunded", "churn_signal"), title="Events that are no sign of life")
    half_life_days: float = Field(default=30, ge=1, le=365, title="Days after which engagement counts half")
    loyal_orders: int = Field(default=3, ge=2, le=100, title="Orders that make somebody loyal")
    loyal_days: float = Field(default=365, ge=1, le=3_650, title="Days in which they have to lie")
    at_risk_days: float = Field(default=60, ge=1, le=3_650, title="Days of silence until somebody is at risk")
    lost_days: float = Field(default=150, ge=1, le=3_650, title="Days of silence until somebody is lost")

    @model_validator(mode="after")
    def _in_order(self) -> Measures:
        if self.lost_days <= self.at_risk_days:
            raise ValueError("People are lost later than they are at risk: give lost more days than at risk")
        return self

    def is_life(self, event: str) -> bool:
        """Whether somebody who does this event is there."""
        return event not in OURS and event not in self.silent and not event.startswith("$")

    @property
    def telling(self) -> tuple[str, ...]:
        """The events whose properties are read."""
        return (*self.purchases, *self.refunds, *self.views)


def load(tx: Tx) -> Measures:
    """The definitions as they are now; what this release no longer allows falls to the defaults."""
    try:
        return Measures.model_validate(rows.fetch(tx, KEY) or {})
    except ValidationError:
        return Measures()


def save(tx: Tx, measures: Measures) -> None:
    """Keep the definitions; `marks.fill_again` makes everybody's figures follow them."""
    rows.store(tx, KEY, measures.model_dump(mode="json"))


def changed(known: Measures, values: dict[str, Any]) -> Measures:
    """The definitions with these values instead. Raises MeasureProblem with a sentence."""
    try:
        return Measures.model_validate({**known.model_dump(), **values})
    except ValidationError as error:
        first = error.errors()[0]
        title = Measures.model_fields[str(first["loc"][0])].title if first["loc"] else None
        said = str(first["msg"]).removeprefix("Value error, ")
        raise MeasureProblem(f"{title}: {said[:1].lower()}{said[1:]}." if title else f"{said}.") from None
