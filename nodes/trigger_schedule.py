"""Start at moments: by a cron line, or around a date in the profile such as a birthday."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Literal

from cronsim import CronSim, CronSimError
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from .comparison import NAME
from .node import Face, OnSchedule
from .trigger import AGAIN, RuledTriggerSettings, Trigger
from .zones import TimeOfDay, ZoneName


class ScheduleTriggerSettings(RuledTriggerSettings):
    cron: str | None = Field(
        None,
        max_length=NAME,
        title="Cron line",
        description="When everyone who meets the rule starts, such as 0 9 * * 1 for Mondays at nine.",
    )
    date_property: str | None = Field(
        None,
        max_length=NAME,
        title="Date of their own",
        description="Or: the property with each contact’s own date, such as birthday.",
        json_schema_extra={"format": "property"},
    )
    offset_days: int = Field(
        0, ge=-3650, le=3650, title="Days after it", description="So many days after their date; negative is before."
    )
    yearly: bool = Field(
        False, title="Every year", description="On every anniversary of their date, not only that once."
    )
    at: TimeOfDay = Field("09:00", title="Time of day", description="At what time of the day of their date.")
    zone: ZoneName = Field(
        "UTC", title="Time zone", description="The time zone of the cron line or of the time of day."
    )
    reentry: Literal["once", "always", "after"] = Field(
        "always",
        title="Coming in again",
        description="Who came in before may come in again never, at any time, or after some days.",
        json_schema_extra=AGAIN,
    )

    @field_validator("cron")
    @classmethod
    def cron_comes_one_day(cls, line: str | None) -> str | None:
        if line is None:
            return None
        try:
            next(CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)))
        except StopIteration:
            raise PydanticCustomError("cron", "“{line}” is a date that never comes", {"line": line}) from None
        except CronSimError as error:
            raise PydanticCustomError(
                "cron",
                "“{line}” is no cron line ({why}); five fields are minute, hour, day, month, weekday: 0 9 * * 1",
                {"line": line, "why": str(error)},
            ) from None
        return line

    @model_validator(mode="after")
    def one_way_to_say_when(self) -> ScheduleTriggerSettings:
        if (self.cron is None) == (self.date_property is None):
            raise PydanticCustomError("schedule", "needs either a cron line or a date of their own, and not both")
        return self


class ScheduleTrigger(Trigger):
    kind = "trigger_schedule"
    face = Face("Schedule", "calendar_month", "Triggers", "People start at set times, or around a date of their own.")
    Settings = ScheduleTriggerSettings
    example: ClassVar = {
        "date_property": "birthday",
        "offset_days": -3,
        "yearly": True,
        "at": "09:00",
        "zone": "Europe/Prague",
    }

    def entry(self) -> OnSchedule:
        s = self.settings
        return OnSchedule(
            s.cron, s.date_property, s.offset_days, s.yearly, s.at, s.zone, rule=s.rule, reentry=s.again()
        )

    def summary(self) -> str:
        s = self.settings
        if s.cron:
            return f"{s.cron} ({s.zone})"
        days = f"{abs(s.offset_days)} day{'' if abs(s.offset_days) == 1 else 's'} "
        side = "on" if s.offset_days == 0 else days + ("after" if s.offset_days > 0 else "before")
        return f"{side} {s.date_property}{', every year' if s.yearly else ''}, {s.at} {s.zone}"
