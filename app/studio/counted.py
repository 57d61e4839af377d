"""What is counted of a letter: openings and clicks, the words behind its links, and how long orders are its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from . import blocks
from .bench import Bench

UTM = {"source": "Source", "medium": "Medium", "campaign": "Campaign", "content": "Content", "term": "Term"}
COUNTED = {"opens": "Count who opens it", "clicks": "Count who clicks in it"}
LONGEST_DAYS = 365


class Counted:
    """Draws where it is made."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._silent = bench, False
        self._fields: dict[tuple[str, str], Any] = {}
        with ui.expansion("Tracking and conversions").classes("st-more").props("dense") as place:
            place.props["data-mark"] = "counted"
            with ui.element("div").classes("st-form"):
                for name, words in COUNTED.items():
                    made = ui.switch(words, on_change=partial(self._said, "tracking", name))
                    self._fields["tracking", name] = made.classes("sj-form-switch")
                self._days()
                ui.label("Words behind its links (UTM)").classes("sj-form-label")
                with ui.element("div").classes("st-two"):
                    for name, words in UTM.items():
                        made = ui.input(words, on_change=partial(self._said, "utm", name))
                        made.props('outlined dense maxlength="200"').classes("sj-form-input").props["data-utm"] = name
                        self._fields["utm", name] = made
                ui.label("What is left empty is not put behind them.").classes("sj-form-help")
        for made in self._fields.values():
            made.set_enabled(bench.may_edit)
        self.follow(None)

    def follow(self, by: object) -> None:
        """Show what the letter says."""
        if by is self:
            return
        self._silent = True
        source = self._bench.source
        for (part, name), made in self._fields.items():
            if part == "days":
                wanted: Any = source.get("conversion_days")
            else:
                said = source.get(part) or {}
                wanted = said.get(name, True) if part == "tracking" else str(said.get(name) or "")
            if made.value != wanted:
                made.value = wanted
        self._silent = False

    def _days(self) -> None:
        made = ui.number("Orders count as its own for", min=0, max=LONGEST_DAYS, suffix="days")
        made.on_value_change(self._said_days)
        made.props("outlined dense").classes("sj-form-input")
        self._fields["days", ""] = made
        ui.label("From the click on. Left empty, as everywhere else.").classes("sj-form-help")

    def _said(self, part: str, name: str, event: Any) -> None:
        if self._silent:
            return
        said = dict(self._bench.source.get(part) or {})
        usual = event.value if part == "tracking" else str(event.value or "").strip()
        if usual in (True, ""):  # as it is when nothing is said
            said.pop(name, None)
        else:
            said[name] = usual
        source = blocks.with_field(self._bench.source, part, said)
        self._bench.change("Change what is counted", source, f"{part}.{name}", by=self)

    def _said_days(self, event: Any) -> None:
        if self._silent or not (event.value is None or 0 <= event.value <= LONGEST_DAYS):
            return
        days = None if event.value is None else int(event.value)
        source = dict(self._bench.source)
        source.pop("conversion_days", None)
        if days is not None:
            source["conversion_days"] = days
        self._bench.change("Change how long orders count", source, "days", by=self)
