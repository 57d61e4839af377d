"""A test of what somebody did, or of the messages they got: how often, since when, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from nicegui import ui

from ....nodes.happened import COUNTS
from ....nodes.operators import OPERATORS
from ....nodes.rule import EventTest
from .conditions import Conditions
from .field import ABSENT, fields_of
from .line import Line
from .named import property_options
from .stretch import Stretch, unsaid
from .widget import Fault, field_props

VERBS = {"sent": "been sent", "opened": "opened", "clicked": "clicked in"}
WHERE = replace(next(field for field in fields_of(EventTest) if field.name == "where"), help="")
WAYS = {"times": "counting the times", "days": "counting the days", "sum": "adding up a property"}
COUNT_WORDS = {name: words for name, (words, _) in COUNTS.items()}
SUM_WORDS = {name: OPERATORS[name].words for name in ("at_least", "more_than", "at_most", "less_than", "equals")}
SUBJECTS = {
    "times": "The number of times", "days": "The number of days", "to_days": "The number of days",
    "between": "The two days", "value": "The sum", "sum": "The property", "event": "The event",
}  # fmt: skip


class EventLine(Line):
    """What they did, with what the events have to look like."""

    key = "event"
    asked = "Say which event."
    subjects: ClassVar = SUBJECTS

    def draw(self) -> None:
        self._did = self.select("did", {True: "did", False: "did not do"}, True, "Whether they did it")
        self._way = ui.select(WAYS, value=way_of(self.test), on_change=lambda e: self._choose(e.value))
        field_props(self._way, "way", self.around.readonly).props('options-dense aria-label="What is counted"')
        self.named("event", "Event", self._events).input.classes("sj-form-wide")
        with ui.element("div").classes("sj-form-line sj-form-wide") as self._counting:
            self.select("count", COUNT_WORDS, "at_least", "How to count")
            self.number("times", "Times", 1, whole=True)
        with ui.element("div").classes("sj-form-line sj-form-wide is-over") as self._adding:
            self.named("sum", "Property", self._properties)
            self.select("op", SUM_WORDS, "at_least", "How to compare the sum")
            self.number("value", "Sum")
        Stretch(self, since=self.around.inside)
        for name in ("sum", "on_days"):
            self.follow(name, lambda _value: self._fit())
        subject = self.around.about(lambda: str(self.test.get("event") or "") or None)
        with ui.element("div").classes("sj-form-wide"):
            self._where = Conditions([WHERE], self.test, subject, self._narrowed)
        self._fit()

    def show(self, test: Mapping[str, Any]) -> None:
        super().show(test)
        self._where.show(test)

    def complain(self, faults: list[Fault]) -> None:
        where = [fault for fault in faults if fault[0][:1] == ("where",)]
        self._where.complain(where)
        super().complain([fault for fault in faults if fault not in where])

    def waiting(self) -> list[str]:
        half = way_of(self.test) == "sum" and not (self.test["sum"] and self.test.get("value") is not None)
        adding = ["Say which property to add up, and what to compare the sum with."] if half else []
        return [*super().waiting(), *adding, *unsaid(self.test)]

    def _choose(self, way: str | None) -> None:
        if way is None or way == way_of(self.test):
            return
        fresh: dict[str, Any] = dict.fromkeys(("on_days", "sum", "op", "value"), ABSENT)
        if way == "sum":
            fresh |= {"sum": "", "did": ABSENT, "times": ABSENT, "count": ABSENT}
        elif way == "days":
            fresh["on_days"] = True
        self.put(fresh)
        self._fit()

    def _fit(self) -> None:
        way = way_of(self.test)
        self._way.set_value(way)
        self._did.set_enabled(way != "sum" and not self.around.readonly)
        self._did.set_value(self.test.get("did", True))
        self._counting.visible, self._adding.visible = way != "sum", way == "sum"

    async def _events(self) -> list[Any]:
        return [*await self.around.events()]

    async def _properties(self) -> list[Any]:
        return await property_options(self.around, str(self.test.get("event") or "") or None)

    def _narrowed(self) -> None:
        self.put({"where": self._where.value or ABSENT})


class MessageLine(Line):
    """What became of the messages they got."""

    key = "message"
    asked = "Say what happened with the message."
    subjects: ClassVar = SUBJECTS

    def draw(self) -> None:
        self.select("did", {True: "have", False: "have not"}, True, "Whether it happened")
        self.select("message", VERBS, "", "What happened with the message")
        steps = {each.value: each.note or each.value for each in self.around.senders()}
        if self.around.inside or self.test.get("step"):
            self._of("step", {"": "any message", **steps}, "Which message")
        if self.test.get("channel") or not self.around.inside:
            self._of("channel", {"": "any channel", "email": "e-mail"}, "Channel")
        with ui.element("div").classes("sj-form-line sj-form-wide"):
            self.select("count", COUNT_WORDS, "at_least", "How to count")
            self.number("times", "Times", 1, whole=True)
        Stretch(self)

    def waiting(self) -> list[str]:
        return [*super().waiting(), *unsaid(self.test)]

    def _of(self, name: str, options: Mapping[Any, str], says: str) -> None:
        self.select(name, options, "", says).classes("sj-form-wide")


def way_of(test: Mapping[str, Any]) -> str:
    """What a test of events looks at: how many times, on how many days, or what they add up to."""
    return "sum" if test.get("sum") is not None else "days" if test.get("on_days") else "times"
