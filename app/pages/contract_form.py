"""The properties of a contract as a form: name, type, whether it has to be there. What a form cannot show is kept."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nicegui import ui

from ..frame import button

TYPES = {
    "": "Anything",
    "string": "Text",
    "number": "Number",
    "integer": "Whole number",
    "boolean": "Yes or no",
    "array": "List",
    "object": "Object",
}
SEVERAL = "several"
MOST = 500  # properties


class PropertyForm:
    """Edits a schema in place; `schema` is what it says now."""

    def __init__(self, form: dict[str, Any], editable: bool) -> None:
        self.schema = deepcopy(form)
        self._editable = editable
        self._place = ui.element("div").classes("sj-stack")
        self._draw()

    def show(self, form: dict[str, Any]) -> None:
        """Show another schema."""
        self.schema = deepcopy(form)
        self._draw()

    def _draw(self) -> None:
        self._place.clear()
        with self._place:
            for name, about in self._properties().items():
                self._row(name, about if isinstance(about, dict) else {})
            if not self._properties():
                ui.label("No property is named: anything may come.").classes("sj-soft")
            extra = ui.switch("Properties that are not named here may come too", value=self._open())
            extra.on_value_change(lambda event: self._allow(bool(event.value)))
            extra.set_enabled(self._editable)
            if self._editable:
                self._adder()

    def _row(self, name: str, about: dict[str, Any]) -> None:
        kind = about.get("type", "")
        options = dict(TYPES)
        if not isinstance(kind, str) or kind not in TYPES:
            options[SEVERAL] = (
                " or ".join(TYPES.get(one, "empty") for one in kind) if isinstance(kind, list) else "Other"
            )
            kind = SEVERAL
        with ui.element("div").classes("sj-contract-row"):
            with ui.element("div"):
                ui.label(name).classes("sj-strong sj-break")
                if isinstance(about.get("description"), str):
                    ui.label(about["description"]).classes("sj-soft")
            chosen = ui.select(options, value=kind).props("outlined dense options-dense")
            chosen.props["aria-label"] = f"Type of {name}"
            chosen.on_value_change(lambda event: self._type(name, event.value))
            needed = ui.checkbox("Needed", value=name in self._required())
            needed.props["aria-label"] = f"{name} is needed"
            needed.on_value_change(lambda event: self._need(name, bool(event.value)))
            for field in (chosen, needed):
                field.set_enabled(self._editable)
            if self._editable:
                remove = ui.button(icon="close", color=None, on_click=lambda: self._remove(name)).props(
                    "flat round dense"
                )
                remove.classes("sj-icon-button").props["aria-label"] = f"Leave out {name}"

    def _adder(self) -> None:
        with ui.element("div").classes("sj-row"):
            field = ui.input("Name of a property").props('outlined dense maxlength="200"')

            def add() -> None:
                name = (field.value or "").strip()
                if name and name not in self._properties() and len(self._properties()) < MOST:
                    self.schema.setdefault("properties", {})[name] = {"type": "string"}
                    self._draw()

            field.on("keydown.enter", add)
            button("Add", add, "add")

    def _type(self, name: str, kind: Any) -> None:
        if kind in TYPES:
            about = self._properties().get(name)
            about = about if isinstance(about, dict) else {}
            if kind:
                about["type"] = kind
            else:
                about.pop("type", None)
            self.schema["properties"][name] = about

    def _need(self, name: str, needed: bool) -> None:
        required = [one for one in self._required() if one != name] + ([name] if needed else [])
        self.schema["required"] = required
        if not required:
            self.schema.pop("required")

    def _remove(self, name: str) -> None:
        self._need(name, False)
        self._properties().pop(name, None)
        self._draw()

    def _allow(self, more: bool) -> None:
        if more:
            self.schema.pop("additionalProperties", None)
        else:
            self.schema["additionalProperties"] = False

    def _open(self) -> bool:
        return self.schema.get("additionalProperties") is not False

    def _properties(self) -> dict[str, Any]:
        found = self.schema.get("properties")
        return found if isinstance(found, dict) else {}

    def _required(self) -> list[str]:
        found = self.schema.get("required")
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
