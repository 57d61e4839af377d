"""A test of what somebody did, or of the messages they got: read from left to right like the sentence it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from nicegui import ui

from ....nodes.rule import EventTest
from .around import Around
from .completing import Completing
from .conditions import Conditions
from .field import fields_of
from .number import parsed, spelt
from .widget import Fault, field_props

VERBS = {"sent": "been sent", "opened": "opened", "clicked": "clicked in"}
SINCE = {"ever": "at any time", "entered": "since entering"}
WHERE = replace(next(field for field in fields_of(EventTest) if field.name == "where"), help="")


class Happened:
    """Edits an event test or a message test; what is as usual is not written down."""

    def __init__(self, test: Mapping[str, Any], around: Around, changed: Callable[[], None]) -> None:
        self.test = dict(test)
        self._around, self._changed = around, changed
        self._inputs: dict[str, Any] = {}
        self._where: Conditions | None = None
        with ui.element("div").classes("sj-form-test is-happened"):
            self._event() if "event" in test else self._message()
            self._counts()
            if "event" in test:
                self._narrower()
        self._note = ui.label("").classes("sj-form-fault").props('role="alert"')
        self._note.visible = False

    def show(self, test: Mapping[str, Any]) -> None:
        """Somebody else changed it."""
        before, self.test = self.test, dict(test)
        for name, put in self._inputs.items():
            if test.get(name) != before.get(name):
                put(test.get(name))
        if self._where is not None:
            self._where.show(test)

    def complain(self, faults: list[Fault]) -> None:
        where = [fault for fault in faults if fault[0][:1] == ("where",)]
        if self._where is not None:
            self._where.complain(where)
        said = []
        for place, text in faults:
            about = str(place[0]) if place else "test"
            if about == "where":
                continue
            said.append("Say which event." if about == "event" and not self.test.get("event") else f"{about} {text}.")
        text = " ".join(part[0].upper() + part[1:] for part in said)
        if self._note.text != text:
            self._note.text = text
        self._note.visible = bool(text)
        self._note.classes("is-calm") if said == ["Say which event."] else self._note.classes(remove="is-calm")

    def _event(self) -> None:
        self._select("did", {True: "did", False: "did not do"}, True, "Whether they did it")
        self._select("since", SINCE, "ever", "Since when")
        name = Completing(
            "Event", str(self.test.get("event") or ""), self._events, lambda text: self._put("event", text, None),
            name="event", readonly=self._around.readonly,
        )  # fmt: skip
        name.input.classes("sj-form-wide")
        self._inputs["event"] = lambda value: name.place(str(value or ""))

    def _narrower(self) -> None:
        subject = self._around.about(lambda: str(self.test.get("event") or "") or None)
        with ui.element("div").classes("sj-form-wide"):
            self._where = Conditions([WHERE], self.test, subject, self._narrowed)

    def _message(self) -> None:
        self._select("did", {True: "have", False: "have not"}, True, "Whether it happened")
        self._select("message", VERBS, "", "What happened with the message")
        senders = {"": "any message", **{each.value: each.note or each.value for each in self._around.senders()}}
        step = str(self.test.get("step") or "")
        self._select("step", senders if step in senders else {**senders, step: step}, "", "Which message")
        if self.test.get("channel"):  # said by hand in a file: keep it in sight
            self._select("channel", {"": "any channel", self.test["channel"]: self.test["channel"]}, "", "Channel")

    def _counts(self) -> None:
        with ui.element("div").classes("sj-form-line sj-form-wide"):
            self._number("times", "At least, times", 1)
            self._number("days", "In the last, days", None)

    def _select(self, name: str, options: Mapping[Any, str], usual: Any, says: str) -> None:
        made = ui.select(
            dict(options),
            value=self.test.get(name, usual) if self.test.get(name, usual) in options else None,
            on_change=lambda e: self._put(name, e.value, usual),
        )
        field_props(made, name, self._around.readonly).props("options-dense").props["aria-label"] = says
        self._inputs[name] = lambda value: made.set_value(usual if value is None else value)

    def _number(self, name: str, label: str, usual: Any) -> None:
        made = ui.input(
            label,
            value=spelt(self.test.get(name, usual)),
            on_change=lambda e: self._put(name, parsed(e.value, usual), usual),
        )
        made.props('type="number" min="1"' + (' step="1"' if name == "times" else ' step="any"'))
        if usual is None:
            made.props('placeholder="ever" stack-label')
        field_props(made, name, self._around.readonly)
        self._inputs[name] = lambda value: made.set_value(spelt(usual if value is None else value))

    async def _events(self) -> list[Any]:
        return [*await self._around.events()]

    def _narrowed(self) -> None:
        assert self._where is not None
        self._put("where", self._where.value, [])

    def _put(self, name: str, value: Any, usual: Any) -> None:
        if value == self.test.get(name, usual) and type(value) is type(self.test.get(name, usual)):
            return
        if value == usual and name not in ("event", "message"):
            self.test.pop(name, None)
        else:
            self.test[name] = value
        self._changed()
