"""A test of a figure that is worked out about people: its name from the list, and only comparisons that suit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from ....runtime.feature_catalogue import BY_NAME, FEATURES
from .around import Around
from .comparison import OPERATOR_WORDS, Compare
from .widget import field_props

ALWAYS = ("exists", "missing")
SUIT = {
    "number": ("at_least", "at_most", "more_than", "less_than", "equals", "not_equals", *ALWAYS),
    "moment": ("within_days", "before", "after", *ALWAYS),
    "text": ("equals", "not_equals", "in", "not_in", "starts_with", *ALWAYS),
}


class Figure(Compare):
    """Edits ``{"feature": name, "op": …, "value": …}``."""

    def __init__(self, test: Mapping[str, Any], around: Around, changed: Callable[[], None]) -> None:
        super().__init__(test, around, changed, "feature")
        self._suit()

    def show(self, test: Mapping[str, Any]) -> None:
        super().show(test)
        self._suit()

    def _name(self, named: str) -> None:
        titles = {feature.name: feature.title for feature in FEATURES}
        made = ui.select(
            titles if named in titles or not named else {**titles, named: named},
            value=named or None, label="Figure", on_change=lambda e: self._choose(e.value),
        )  # fmt: skip
        field_props(made, "feature", self._around.readonly).props("options-dense")
        self.input, self.place = made, lambda name: _put(made, name)

    def _choose(self, named: str | None) -> None:
        if named and named != self.test.get("feature"):
            self.test["feature"] = named
            self._suit(keep=False)
            self._changed()

    def _suit(self, keep: bool = True) -> None:
        """Offer what suits the figure; ``keep`` leaves a comparison alone that was written by hand."""
        known = BY_NAME.get(str(self.test.get("feature")))
        if known is None:
            return
        op = str(self.test.get("op", "equals"))
        suits = SUIT[known.type]
        offered = (*suits, op) if keep and op not in suits and op in OPERATOR_WORDS else suits
        self.op.set_options({name: OPERATOR_WORDS[name] for name in offered}, value=op if op in offered else offered[0])

    async def _samples(self) -> list[Any]:
        known = BY_NAME.get(str(self.test.get("feature")))
        return [*known.choices] if known else []


def _put(select: ui.select, name: str) -> None:
    select.value = name
