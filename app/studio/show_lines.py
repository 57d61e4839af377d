"""The tests only a block of a letter knows: languages, places, the moment, products and facts from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from nicegui import ui

from ...runtime.content.showing_tests import PLACES, PRODUCT_FIELDS, TIMES
from ..canvas.form.around import Around, Option
from ..canvas.form.comparison import OPERATOR_WORDS, Compare
from ..canvas.form.completing import Completing
from ..canvas.form.line import Line
from ..canvas.form.widget import field_props

LANGUAGES = {
    "en": "English", "cs": "Czech", "sk": "Slovak", "de": "German", "pl": "Polish", "fr": "French", "es": "Spanish",
    "it": "Italian", "pt": "Portuguese", "nl": "Dutch", "hu": "Hungarian", "uk": "Ukrainian",
}  # fmt: skip
NUMBERS = ("equals", "not_equals", "more_than", "less_than", "at_least", "at_most")
WORDS = ("equals", "not_equals", "in", "not_in", "exists", "missing")
SUIT = {
    "date": ("after", "before", "equals"), "hour": NUMBERS, "weekday": ("equals", "not_equals", "in", "not_in"),
    "month": NUMBERS, "day": NUMBERS, "stock": NUMBERS, "margin": NUMBERS, "price": NUMBERS, "old_price": NUMBERS,
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class LanguageLine(Line):
    """Which languages they read."""

    key = "language"
    asked = "Say which language."
    subjects: ClassVar = {"language": "The language"}

    def draw(self) -> None:
        given = self.test.get("language") or []
        chosen = [given] if isinstance(given, str) else list(given)
        options = {**LANGUAGES, **{code: code for code in chosen if code not in LANGUAGES}}
        made = ui.select(
            options, value=chosen, multiple=True, label="Language", on_change=lambda e: self._take(e.value)
        )
        field_props(made, "language", self.around.readonly).props("options-dense use-chips").classes("sj-form-wide")
        self.follow("language", lambda said: setattr(made, "value", [said] if isinstance(said, str) else said or []))

    def _take(self, chosen: Any) -> None:
        codes = list(chosen or ())
        self.put({"language": codes[0] if len(codes) == 1 else codes})


class _Named(Compare):
    """A comparison whose left side is one of a few."""

    key: ClassVar[str]
    label: ClassVar[str]
    options: ClassVar[Mapping[str, str]]

    def __init__(self, test: Mapping[str, Any], around: Around, changed: Callable[[], None]) -> None:
        super().__init__(test, around, changed, self.key)
        self._suit()

    def show(self, test: Mapping[str, Any]) -> None:
        super().show(test)
        self._suit()

    def _name(self, named: str) -> None:
        shown = self.options if named in self.options or not named else {**self.options, named: named}
        made = ui.select(dict(shown), value=named or None, label=self.label, on_change=lambda e: self._chosen(e.value))
        field_props(made, self.key, self._around.readonly).props("options-dense")
        self.input, self.place = made, lambda name: setattr(made, "value", name or None)

    def _chosen(self, named: str | None) -> None:
        if named and named != self.test.get(self.key):
            self.test[self.key] = named
            self._suit()
            self._changed()

    def _suit(self) -> None:
        """Offer the comparisons that suit it."""
        op = str(self.test.get("op", "equals"))
        offered = SUIT.get(str(self.test.get(self.key)), WORDS)
        offered = offered if op in offered else (*offered, op)
        self.op.set_options({name: OPERATOR_WORDS[name] for name in offered if name in OPERATOR_WORDS}, value=op)


class PlaceLine(_Named):
    key, label = "place", "Place"
    options: ClassVar = {name: words.capitalize() for name, words in PLACES.items()}


class TimeLine(_Named):
    key, label = "time", "When they get it"
    options: ClassVar = {name: words.removeprefix("the ").capitalize() for name, words in TIMES.items()}

    async def _samples(self) -> list[Any]:
        return [*WEEKDAYS] if self.test.get("time") == "weekday" else []


class ProductLine(_Named):
    key, label = "product", "What of the product"
    options: ClassVar = {name: name.replace("_", " ").capitalize() for name in PRODUCT_FIELDS}

    def __init__(self, test: Mapping[str, Any], around: Around, changed: Callable[[], None]) -> None:
        super().__init__(test, around, changed)
        sku = ui.input(
            "Product number (empty: any of the starting event)",
            value=str(test.get("sku") or ""),
            on_change=lambda e: self._sku(e.value),
        )
        field_props(sku, "sku", around.readonly)

    def _sku(self, value: Any) -> None:
        said = str(value or "").strip()
        if said != str(self.test.get("sku") or ""):
            self.test.pop("sku", None)
            if said:
                self.test["sku"] = said
            self._changed()


class OutsideLine(Compare):
    """A fact of a source, written with a dot."""

    def __init__(self, test: Mapping[str, Any], around: Around, changed: Callable[[], None]) -> None:
        super().__init__(test, around, changed, "outside")

    def _name(self, named: str) -> None:
        made = Completing(
            "Fact, such as weather.temperature", named, self._nothing, self._said,
            name="outside", readonly=self._around.readonly,
        )  # fmt: skip
        self.place, self.input = made.place, made.input

    def _said(self, text: str) -> None:
        if text != self.test.get("outside"):
            self.test["outside"] = text
            self._changed()

    async def _nothing(self) -> list[Option]:
        return []
