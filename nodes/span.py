"""A length of time as people write it: an amount and a unit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .node import NodeSettings
from .step import DAY_MS, HOUR_MS, MINUTE_MS

UNIT_MS = {"minutes": MINUTE_MS, "hours": HOUR_MS, "days": DAY_MS, "weeks": 7 * DAY_MS}
LONGEST_DAYS = 3650


class Span(NodeSettings):
    """Settings of whatever lasts; a day is 24 hours, whatever the clocks of the zone do."""

    amount: float = Field(1, gt=0, description="How many of the unit.")
    unit: Literal["minutes", "hours", "days", "weeks"] = Field("days", description="minutes, hours, days or weeks.")

    @model_validator(mode="after")
    def ends_one_day(self) -> Span:
        if self.ms > LONGEST_DAYS * DAY_MS:
            raise PydanticCustomError("span", "is longer than ten years; choose a shorter time")
        return self

    @property
    def ms(self) -> int:
        """Milliseconds."""
        return round(self.amount * UNIT_MS[self.unit])

    def words(self) -> str:
        return f"{self.amount:g} {self.unit if self.amount != 1 else self.unit[:-1]}"
