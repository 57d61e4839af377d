"""One test of a property on one line: which, how, and with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui
from pydantic import ValidationError

from ....nodes.comparison import PropertyTest
from ....nodes.operators import OPERATORS
from ....nodes.rule import Rule
from .around import Around
from .completing import Completing
from .field import ABSENT
from .named import property_options
from .text import mark
from .value import Value
from .widget import Fault, field_props

LEFT = """(event) => {
  const to = event.relatedTarget
  if (!event.currentTarget.contains(to) && !(to && to.closest('.q-menu'))) emit()
}"""  # where a line of inputs is left for good, not for a list that hangs below it
ABOUT = {"op": "comparison", "trigger": "property", "feature": "figure"}
OPERATOR_WORDS = {name: operator.words for name, operator in OPERATORS.items()}


class Compare:
    place: Callable[[str], None]  # shows another name, from outside
    input: Any

    """Edits ``{key: name, "op": …, "value": …}``; ``key`` is property, trigger or feature."""

    def __init__(
        self, test: Mapping[str, Any], around: Around, changed: Callable[[], None], key: str = "property",
        without: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.test = dict(test)
        self.fresh = False  # somebody only begins to fill it in
        self._key, self._around, self._changed = key, around, changed
        op = str(test.get("op", "equals"))
        shown = {name: words for name, words in OPERATOR_WORDS.items() if name not in without or name == op}
        with ui.element("div").classes("sj-form-test"):
            self._name(str(test.get(key) or ""))
            self.op = ui.select(shown, value=op if op in shown else None, on_change=lambda e: self._compare(e.value))
            field_props(self.op, "op", around.readonly).props('options-dense aria-label="How to compare"')
            self.value = Value(
                op,
                test.get("value", ABSENT),
                self._samples,
                lambda value: self._put("value", value),
                readonly=around.readonly,
            )
        self._note = ui.label("").classes("sj-form-fault").props('role="alert"')
        self._note.visible = False

    def _name(self, named: str) -> None:
        """Make the input for what is compared."""
        made = Completing(
            "Property", named, self._offer, lambda text: self._put(self._key, text or ABSENT),
            name=self._key, readonly=self._around.readonly,
        )  # fmt: skip
        self.place, self.input = made.place, made.input

    def complete(self) -> bool:
        """Whether it can be read as it is."""
        try:
            Rule.model_validate(self.test)
        except (ValidationError, RecursionError):
            return False
        return True

    def show(self, test: Mapping[str, Any]) -> None:
        """Somebody else changed it."""
        before, self.test = self.test, dict(test)
        op = str(test.get("op", "equals"))
        self.place(str(test.get(self._key) or ""))
        if op != str(before.get("op", "equals")):
            self.op.value = op
            self.value.fit(op)
        if test.get("value", ABSENT) != before.get("value", ABSENT):
            self.value.place(test.get("value", ABSENT))
        self.test = dict(test)

    def complain(self, faults: list[Fault]) -> None:
        """What is wrong with this test; what is not filled in yet is asked for calmly."""
        key, test = self._key, self.test
        said, waiting = [], []
        for place, text in faults:
            about = str(place[0]) if place else ""
            if about == key and not test.get(key):
                waiting.append(f"Say which {ABOUT.get(key, key)}.")
            elif about == "value" and test.get("value", "") in ("", []):
                waiting.append("Say what to compare with.")
            else:
                said.append(f"The {ABOUT.get(about, about or 'test')} {text}.")
        text = " ".join([*said, *sorted(waiting, reverse=True)])  # which property first, then what with
        if self._note.text != text:
            self._note.text = text
        self._note.visible = bool(text)
        self._note.classes(remove="is-calm") if said else self._note.classes("is-calm")
        mark(self.input, [fault for fault in faults if fault[0][:1] == (key,) and test.get(key)], True)

    def _put(self, key: str, value: Any) -> None:
        before = self.test.get(key, ABSENT)
        if value == before and type(value) is type(before):
            return
        if value is not ABSENT:
            self.test[key] = value
        elif key == self._key:
            self.test[key] = ""
        else:
            self.test.pop(key, None)
        self._changed()

    def _compare(self, op: str | None) -> None:
        if op is None or op == self.test.get("op", "equals"):
            return
        self.test["op"] = op
        value = self.value.fit(op)
        if value is ABSENT:
            self.test.pop("value", None)
        else:
            self.test["value"] = value
        self._changed()

    async def _offer(self) -> list[Any]:
        return await property_options(self._around, self._subject())

    async def _samples(self) -> list[Any]:
        named = str(self.test.get(self._key) or "")
        for seen in await self._around.properties(self._subject()):
            if seen.name == named:
                return list(seen.samples)
        return []

    def _subject(self) -> str | None:
        return self._around.started_by() if self._key == "trigger" else self._around.subject()


def is_property_test(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, PropertyTest)
