"""Some of what there is: channels, topics, journeys, countries or figures, chosen from a list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from babel import Locale
from nicegui import ui

from ....runtime.feature_catalogue import BY_NAME
from ....runtime.policy.policy_names import known_channels
from ....runtime.policy.policy_parts import FIGURES
from .around import Around, Option
from .field import ABSENT, Field
from .widget import Single, field_props


class Among(Single):
    """A list of names, or one; what is chosen already stays even if it is there no more."""

    rank = 3

    @classmethod
    def fits(cls, field: Field) -> bool:
        return bool(field.schema.get("among"))

    def build(self, value: Any) -> None:
        self._several = self.field.items is not None
        with self.block(help=self.field.help):
            self.select = ui.select(
                self._shown(value, offered(str(self.field.schema["among"]))),
                value=self._given(value),
                multiple=self._several,
                label=self.field.label,
                on_change=self._chosen,
            )
            field_props(self.select, self.field.name, self.around.readonly).props("options-dense")
            if self._several:
                self.select.props("use-chips")
            if ask := asked(str(self.field.schema["among"]), self.around):
                self.select.on("focus", lambda: self._fill(ask), args=[])

    def place(self, value: Any) -> None:
        self.select.set_options(self._shown(value, self.select.options), value=self._given(value))

    async def _fill(self, ask: Callable[[], Awaitable[Sequence[Option]]]) -> None:
        found = {option.value: option.value for option in await ask()}
        self.select.set_options(self._shown(self.value, found), value=self._given(self.value))

    def _chosen(self, event: Any) -> None:
        self.take(list(event.value or []) if self._several else event.value or ABSENT)

    def _given(self, value: Any) -> Any:
        if self._several:
            return list(value) if isinstance(value, list | tuple) else []
        return value if isinstance(value, str) else None

    def _shown(self, value: Any, options: Any) -> dict[str, str]:
        given = self._given(value)
        there = {**options} if isinstance(options, Mapping) else {}
        return {**{each: each for each in (given if self._several else [given]) if each}, **there}


def offered(what: str) -> dict[str, str]:
    """What there is without asking the store."""
    if what == "channels":
        return known_channels()
    if what == "countries":
        names = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
        return dict(sorted(names.items(), key=lambda each: each[1]))
    return {name: BY_NAME[name].title for name in FIGURES} if what == "figures" else {}


def asked(what: str, around: Around) -> Callable[[], Awaitable[Sequence[Option]]] | None:
    """What the store has to be asked for."""
    return {"topics": around.topics, "journeys": around.journeys}.get(what)
