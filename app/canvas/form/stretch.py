"""When something happened: at any time, lately, longer ago, between two days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from .field import ABSENT
from .line import Line
from .number import spelt
from .widget import field_props

WAYS = {
    "ever": "at any time",
    "last": "in the last … days",
    "older": "more than … days ago",
    "range": "between … and … days ago",
    "dates": "from one day to another",
}
ENTERED = "since they came in"
BEGIN: dict[str, dict[str, Any]] = {
    "last": {"days": 30},
    "older": {"to_days": 30},
    "range": {"days": 60, "to_days": 30},
    "dates": {"between": ["", ""]},
}
SHOWN = {"last": ("days",), "older": ("to_days",), "range": ("days", "to_days"), "dates": ("from", "to")}


class Stretch:
    """Draws into the line it belongs to. ``since`` also offers the time since they came into the journey."""

    def __init__(self, line: Line, since: bool = False) -> None:
        self._line = line
        ways = {**WAYS, "entered": ENTERED} if since or line.test.get("since") == "entered" else WAYS
        with ui.element("div").classes("sj-form-line sj-form-wide") as self._place:
            self._way = ui.select(ways, value=way_of(line.test), on_change=lambda e: self._choose(e.value))
            field_props(self._way, "when", line.around.readonly).props('options-dense aria-label="When"')
            self._inputs = {
                "days": line.number("days", "Days", ABSENT),
                "to_days": line.number("to_days", "Up to days ago", ABSENT),
                "from": self._day(0, "First day"),
                "to": self._day(1, "Last day"),
            }
        for name in ("days", "to_days", "between", "since"):
            line.follow(name, lambda _value: self.show())
        self._fit()

    def _choose(self, way: str | None) -> None:
        if way is None or way == way_of(self._line.test):
            return
        fresh: dict[str, Any] = dict.fromkeys(("days", "to_days", "between", "since"), ABSENT)
        fresh |= {"since": "entered"} if way == "entered" else BEGIN.get(way, {})
        if way in ("last", "range") and self._line.test.get("days"):
            fresh["days"] = max(self._line.test["days"], 31 if way == "range" else 0)
        self._line.put(fresh)
        self.show()

    def _day(self, at: int, label: str) -> ui.input:
        def take(written: str | None) -> None:
            if way_of(self._line.test) == "dates":
                days = [*self._days()]
                days[at] = written or ""
                self._line.put({"between": days})

        made = ui.input(label, value=self._days()[at], on_change=lambda e: take(e.value))
        made.props('type="date" stack-label')
        return field_props(made, ("from", "to")[at], self._line.around.readonly)

    def _days(self) -> tuple[str, str]:
        given = self._line.test.get("between")
        days = [*map(str, given)] if isinstance(given, list | tuple) else []
        return (days[0], days[1]) if len(days) == 2 else ("", "")

    def show(self) -> None:
        """Every input as the test has it now."""
        test = self._line.test
        self._way.set_value(way_of(test))
        for name in ("days", "to_days"):
            self._inputs[name].set_value(spelt(test.get(name)))
        for name, day in zip(("from", "to"), self._days(), strict=True):
            self._inputs[name].set_value(day)
        self._fit()

    def _fit(self) -> None:
        shown = SHOWN.get(way_of(self._line.test), ())
        for name, made in self._inputs.items():
            made.visible = name in shown
        self._place.classes("is-over") if len(shown) > 1 else self._place.classes(remove="is-over")
        self._inputs["days"].props["label"] = "From days ago" if "to_days" in shown else "Days"


def way_of(test: Mapping[str, Any]) -> str:
    """How a test says when."""
    if test.get("between") is not None:
        return "dates"
    if test.get("days") is not None:
        return "last" if test.get("to_days") is None else "range"
    return "entered" if test.get("since") == "entered" else "ever" if test.get("to_days") is None else "older"


def unsaid(test: Mapping[str, Any]) -> list[str]:
    """What is missing of the time."""
    between = test.get("between")
    missing = isinstance(between, list | tuple) and not all(between)
    return ["Say from which day to which."] if missing else []
