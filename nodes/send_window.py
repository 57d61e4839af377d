"""Let people through only at good hours, by the clock on their own wall."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from .node import Face, Node, NodeSettings
from .step import Answers, Batch, Go, Hold, Need, ProfileNeed
from .zones import TimeOfDay, ZoneName, clock, first_instant, must_be_a_zone, zone

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CONTACT = "contact"


def opening(now_ms: int, where: ZoneInfo, days: Container[str], start: time, end: time) -> int | None:
    """When the window next opens, in milliseconds; None when it is open now.

    The window belongs to the day it opens on; an ``end`` not after ``start`` is on the next day. Where the clocks
    swallow the whole window of a day, that day has none.
    """
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(where).date()
    for day in (today + timedelta(days=n) for n in range(-1, 16)):  # two weeks: one window may be swallowed
        if WEEK[day.weekday()] in days:
            opens = first_instant(day, start, where)
            closes = first_instant(day if start < end else day + timedelta(days=1), end, where)
            if now_ms < closes and opens < closes:
                return None if opens <= now_ms else opens
    return now_ms + 7 * 86_400_000  # unreachable with real zones; asking again next week is harmless


class SendWindowSettings(NodeSettings):
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(
        WEEK, min_length=1, description="Days on which the window opens."
    )
    from_: TimeOfDay = Field("09:00", alias="from", description="When it opens, such as 09:00.")
    to: TimeOfDay = Field(
        "20:00", description="When it closes; earlier than it opens is on the next day, the same time is a whole day."
    )
    zone: Annotated[str, AfterValidator(lambda name: name if name == CONTACT else must_be_a_zone(name))] = Field(
        CONTACT,
        description="Whose clock: each contact’s own (their property timezone), or one such as Europe/Prague.",
        json_schema_extra={"format": "zone", "examples": [CONTACT]},
    )
    fallback_zone: ZoneName = Field(
        "UTC",
        title="Otherwise",
        description="Where each contact’s own clock counts: for those whose zone is not known.",
    )

    @field_validator("days")
    @classmethod
    def days_once(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(days)) != len(days):
            raise PydanticCustomError("days", "names a day twice")
        return days


class SendWindow(Node):
    kind = "send_window"
    face = Face("Send window", "schedule", "Timing", "People pass only at these hours; outside they wait for the next.")
    Settings = SendWindowSettings
    example: ClassVar = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:30"}

    def step(self, batch: Batch) -> Answers:
        answers: dict[Go | Hold, list[int]] = {}
        for where, rows in self._by_zone(batch):
            opens = self._opening(batch.now_ms, where)
            answers.setdefault(Go("next") if opens is None else Hold(opens), []).extend(rows)
        return list(answers.items())

    def needs(self) -> tuple[Need, ...]:
        return (ProfileNeed(),) if self.settings.zone == CONTACT else ()

    def _opening(self, now_ms: int, where: ZoneInfo) -> int | None:
        s = self.settings
        return opening(now_ms, where, s.days, clock(s.from_), clock(s.to))

    def _by_zone(self, batch: Batch) -> list[tuple[ZoneInfo, list[int]]]:
        if self.settings.zone != CONTACT:
            return [(ZoneInfo(self.settings.zone), batch.rows)]
        profiles = batch.facts[ProfileNeed()]
        by_name: dict[object, list[int]] = {}
        for row in batch.rows:
            name = profiles[row].get("timezone")
            by_name.setdefault(name if isinstance(name, str) else None, []).append(row)
        fallback = ZoneInfo(self.settings.fallback_zone)
        return [(zone(name) or fallback, rows) for name, rows in by_name.items()]

    def because(self, batch: Batch, row: int) -> str:
        where = next(where for where, rows in self._by_zone(batch) if row in rows)
        return f"it is {datetime.fromtimestamp(batch.now_ms / 1000, UTC).astimezone(where):%a %H:%M} in {where.key}"

    def summary(self) -> str:
        s = self.settings
        days = "every day" if len(s.days) == len(WEEK) else ", ".join(s.days)
        return f"{days} {s.from_}-{s.to}, {'their own time' if s.zone == CONTACT else s.zone}"
