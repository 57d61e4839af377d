"""When a block is shown: always, or by a rule that reads like a sentence; and one of several by a common word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from nicegui import ui

from ...runtime.content.showing import ShowRule, in_words
from ..canvas.asking import Asking
from ..canvas.form.around import Around
from ..canvas.form.field import Field
from ..canvas.form.figure import Figure
from ..canvas.form.rule import FRESH, RuleBuilder
from ..canvas.form.standing import SegmentLine
from . import blocks
from .bench import Bench
from .show_lines import LanguageLine, OutsideLine, PlaceLine, ProductLine, TimeLine

RULE = Field("show_if", "", "", ShowRule, (), {}, optional=True, default=None)


class Rules(RuleBuilder):
    """The rule builder of segments and branches, with what a letter can ask."""

    offers: ClassVar = {
        "segment": FRESH["segment"],
        "property": FRESH["property"],
        "feature": FRESH["feature"],
        "trigger": FRESH["trigger"],
        "language": ("Their language", "translate", {"language": ""}),
        "place": ("Where they are", "place", {"place": "country", "op": "equals", "value": ""}),
        "time": ("When they get it", "schedule", {"time": "weekday", "op": "equals", "value": ""}),
        "product": ("A product's stock or price", "inventory_2", {"product": "stock", "op": "more_than", "value": 0}),
        "outside": ("A fact from outside", "public", {"outside": "", "op": "less_than", "value": ""}),
    }  # fmt: skip
    lines: ClassVar = {
        "segment": SegmentLine, "feature": Figure, "language": LanguageLine, "place": PlaceLine, "time": TimeLine,
        "product": ProductLine, "outside": OutsideLine,
    }  # fmt: skip
    model = ShowRule

    def said(self, rule: Any) -> str:
        words = in_words(rule) if rule else ""
        return f"Shown if {words}." if words else ""


class ShowIf:
    """The part of a block's form."""

    def __init__(self, bench: Bench, block: Mapping[str, Any]) -> None:
        self._bench, self._key = bench, str(block["id"])
        self._asking = Asking(bench.instance)
        self._around = Around(
            readonly=not bench.may_edit,
            properties=self._asking.properties,
            segments=self._asking.segments,
            matching=self._matching,
            started_by=bench.document.started_by,
        )
        self._rule: Any = block.get("show_if")
        with ui.element("section").classes("st-showing").props('aria-label="When it is shown"') as self.place:
            with ui.element("div").classes("st-label-line"):
                ui.label("When it is shown").classes("sj-form-label")
                with ui.element("div").classes("sj-proof-tabs").props('role="group" aria-label="When it is shown"'):
                    self._always = self._tab("Always", self._drop)
                    self._only = self._tab("Only if …", self._begin)
            self._body = ui.element("div").classes("st-showing-body")
            with ui.expansion("One of several").classes("st-more").props("dense") as more:
                more.props["data-mark"] = "group"
                self._group = ui.input("Common word", value=str(block.get("group") or ""), on_change=self._grouped)
                self._group.props('outlined dense maxlength="60" debounce="300"').classes("sj-form-input")
                self._group.set_enabled(bench.may_edit)
                ui.label(
                    "Of all blocks with the same word here, each reader sees the first one whose rule fits them."
                ).classes("sj-form-help")
                more.value = bool(block.get("group"))
        self._open(bool(self._rule))

    def show(self, block: Mapping[str, Any]) -> None:
        """Undone, or changed by somebody else."""
        if block.get("show_if") != self._rule:
            self._rule = block.get("show_if")
            self._open(bool(self._rule))
        if (group := str(block.get("group") or "")) != str(self._group.value or ""):
            self._group.value = group

    def _open(self, ruled: bool) -> None:
        for made, on in ((self._always, not ruled), (self._only, ruled)):
            made.classes("is-on") if on else made.classes(remove="is-on")
            made.props["aria-pressed"] = "true" if on else "false"
        self._body.clear()
        self._body.visible = ruled
        if ruled:
            with self._body:
                self._rules = Rules((RULE,), {"show_if": self._rule}, self._around, self._ruled)

    def _tab(self, words: str, act: Any) -> ui.button:
        made = ui.button(words, on_click=act, color=None).props("flat dense no-caps")
        made.set_enabled(self._bench.may_edit)
        return made

    def _begin(self) -> None:
        if not self._body.visible:
            self._open(True)

    def _drop(self) -> None:
        self._put(None)
        self._open(False)

    def _ruled(self) -> None:
        self._put(self._rules.value or None)

    def _put(self, rule: Any) -> None:
        self._rule = rule
        source = blocks.with_part(self._bench.source, self._key, "show_if", rule)
        self._bench.change("Change when it is shown", source, f"{self._key}.show_if")

    def _grouped(self, event: Any) -> None:
        word = str(event.value or "").strip() or None
        source = blocks.with_part(self._bench.source, self._key, "group", word)
        self._bench.change("Change the common word", source, f"{self._key}.group")

    async def _matching(self, rule: Any) -> str:
        return await self._asking.matching(rule) if rule else ""
