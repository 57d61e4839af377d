"""What is picked, as a form: one step, several, an edge, or the journey itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from nicegui import ui
from nicegui.context import context
from pydantic import BaseModel, Field, StringConstraints

from ....nodes.node import Node
from ....nodes.registry import node_types
from ....runtime.policy.standing import standing
from ...auth import permitted
from ...frame import stylesheet
from ..asking import around
from ..desk import Desk, Panel
from ..form.form import Form
from ..form.letter import Letter
from ..form.ways import Ways
from ..parts import split_edge
from .several_picked import several_picked


class Words(BaseModel):
    """What can be said of the journey as a whole."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="What people call it.")
    description: str = Field(
        "", max_length=10_000, description="What it is for.", json_schema_extra={"format": "multiline"}
    )
    message_type: Literal["marketing", "reengagement", "transactional"] = Field(
        "marketing",
        description="Marketing needs consent and a way out; re-engagement is marketing that may also call back people "
        "not seen for long; transactional is owed, such as a receipt.",
    )
    topic: str = Field(
        "", max_length=64, title="Consent topic", description="Marketing goes to those who agreed to it."
    )
    review_by: str = Field(
        "",
        title="Look at it again by",
        description="From the day after on, Health says that it is due. Empty: whenever somebody thinks of it.",
        json_schema_extra={"format": "day"},
    )


class Place(BaseModel):
    """How the journey stands among the others."""

    class_: Literal["", "automation", "lifecycle", "promo"] = Field(
        "",
        alias="class",
        title="Priority class",
        description="When two journeys want to write to the same person and there is room for one message only, the "
        "higher class goes first: transactional, then automation, lifecycle, promotion.",
        json_schema_extra={
            "words": {
                "": "By how people come in", "automation": "Automation", "lifecycle": "Lifecycle", "promo": "Promotion",
            }
        },
    )  # fmt: skip
    weight: int = Field(50, ge=0, le=100, description="Within its class the larger goes first, 0 to 100.")


class Title(BaseModel):
    """What a step is called on the canvas."""

    title: str = Field("", max_length=200, title="Title")


def build(desk: Desk) -> None:
    """Draw it, and follow what is picked."""
    stylesheet("forms.css")
    Inspector(desk)


class Inspector:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._around = around(desk)
        self._forms: list[Form] = []
        self._shown: str | None = None  # the id of the step, if it is one
        self._edge: str | None = None
        with ui.element("div").classes("sj-inspector").props('data-panel="inspector"') as self._place:
            pass
        self._client = context.client
        desk.on_pick(self._picked)
        desk.on_change(self._changed)
        desk.on_people(self._tell_others)
        self._draw()

    def _picked(self, picked: tuple[str, ...]) -> None:
        if picked != (self._shown,) or not picked:
            self._draw()

    def _changed(self, ids: frozenset[str]) -> None:
        """Somebody changed the journey: show it in place, and never take the cursor away."""
        with self._client:
            if self._shown is not None and self._shown not in self._nodes:
                self._gone()
                return
            if self._edge is not None and not self._leads(self._edge):
                self._draw()
                return
            if self._shown in ids or "journey" in ids:
                for form in self._forms:
                    form.refresh()
                self._tell_problems()
                self._tell_standing()
            if any(each.startswith("letter:") for each in ids):
                self._letters()

    @property
    def _nodes(self) -> dict[str, Any]:
        return self._desk.room.content.get("nodes") or {}

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────

    def _draw(self) -> None:
        picked = [key for key in self._desk.picked if key in self._nodes]
        edges = [edge for edge in self._desk.picked_edges if self._leads(edge)]
        self._forms, self._shown, self._edge, self._problems, self._others = [], None, None, None, None
        self._standing: ui.label | None = None
        self._place.clear()
        with self._place:
            if len(picked) + len(edges) > 1:
                several_picked(self._desk, picked, edges)
            elif picked:
                self._step(picked[0])
            elif edges:
                self._way(edges[0])
            else:
                self._journey()

    def _step(self, key: str) -> None:
        self._shown = key
        type_ = node_types().get(str(self._nodes[key].get("kind")))
        if type_ is None:
            _head("error", "", "Unknown step", "Its kind is not installed here. Install the extension, or take it out.")
        else:
            _head(type_.face.icon, type_.face.group, type_.face.label, type_.face.help)
        self._others = ui.label("").classes("sj-form-others sj-break").props('role="status" data-mark="also-here"')
        self._tell_others()
        with ui.element("div").classes("sj-form-problems").props('role="status"') as self._problems:
            pass
        self._tell_problems()
        if type_ is not None:
            self._form(Title, lambda: {"title": self._nodes.get(key, {}).get("title") or ""}, self._titled(key))
            self._form(type_.Settings, lambda: self._nodes.get(key, {}).get("settings") or {}, self._configured(key))
        self._tools(key, type_)

    def _way(self, edge: str) -> None:
        self._edge = edge
        source, port = split_edge(edge)
        graph = self._desk.room.graph
        target = graph.exits(source).get(port, "")
        names, way = [graph.title_of(key) for key in (source, target)], graph.way_of(source, port)
        _head(
            "arrow_forward",
            "Logic",
            "A way",
            f"From “{names[0]}” by “{way}” to “{names[1]}”." if way else f"From “{names[0]}” to “{names[1]}”.",
        )
        if self._desk.may_edit:
            with ui.element("div").classes("sj-form-tools is-footer"):
                tool("Take it away", "link_off", lambda: self._submit({"op": "disconnect", "edges": [edge]}))

    def _journey(self) -> None:
        _head("route", "", "The journey", "Pick a step to change it. This is what holds for the whole journey.")

        def now() -> dict[str, Any]:
            content = self._desk.room.content
            return {name: content[name] for name in Words.model_fields if content.get(name) is not None}

        async def hand(settings: dict[str, Any]) -> str | None:
            changed = {name: value for name, value in settings.items() if value != now().get(name)}
            return await self._hand({"op": "journey", **changed}) if changed else None

        async def place(settings: dict[str, Any]) -> str | None:
            standing = {"class": settings.get("class") or None, "weight": settings.get("weight", 50)}
            return await self._hand({"op": "journey", "priority": standing})

        self._form(Words, now, hand)
        self._form(Place, lambda: self._desk.room.content.get("priority") or {}, place)
        self._standing = ui.label("").classes("sj-form-help sj-break").props('data-mark="priority"')
        self._tell_standing()

    def _tell_standing(self) -> None:
        """What the priority comes to, and why."""
        if self._standing is not None and not self._standing.is_deleted:
            self._standing.text = standing(self._desk.room.content)

    def _form(self, model: type[BaseModel], now: Any, hand: Any) -> None:
        self._forms.append(Form(model, now, self._around, hand))

    def _tools(self, key: str, type_: type[Node] | None) -> None:
        if not self._desk.may_edit:
            return
        with ui.element("div").classes("sj-form-tools is-footer"):
            if type_ is not None:
                tool("Duplicate", "content_copy", lambda: self._submit({"op": "duplicate", "nodes": [key]}))
            tool("Delete", "delete", lambda: self._submit({"op": "delete", "nodes": [key]}))

    def _tell_others(self, _everybody: object = None) -> None:
        """Two hands in one form should know of each other."""
        if self._others is None or self._shown is None or self._others.is_deleted:
            return
        names = self._desk.room.also_at(self._shown, self._desk.viewer)
        has = "has" if len(names) == 1 else "have"
        self._others.text = f"{' and '.join(names)} {has} this step open too." if names else ""
        self._others.visible = bool(names)

    def _tell_problems(self) -> None:
        if self._problems is None or self._shown is None:
            return
        graph = self._desk.room.graph
        known = node_types().get(str(self._nodes[self._shown].get("kind"))) is not None
        said = set(graph.unbuilt) if known else set()  # what the settings refuse stands at their fields
        found = [each for each in self._desk.room.problems if each.node == self._shown and each not in said]
        self._problems.clear()
        with self._problems:
            for problem in found:
                text = problem.text.removeprefix(f"{self._shown}: ")
                bad = problem.severity == "error"
                with ui.element("div").classes("sj-form-problem" + (" is-bad" if bad else "")):
                    ui.icon("error" if bad else "warning_amber")
                    ui.label(text[:1].upper() + text[1:])
                    if problem.fix and self._desk.may_edit:
                        intent = {"op": "fix", "node": self._shown, "problem": problem.text}
                        tool("Fix", "auto_fix_high", lambda intent=intent: self._submit(intent))

    def _letters(self) -> None:
        for form in self._forms:
            for widget in form.fields.widgets:
                if isinstance(widget, Letter | Ways):
                    widget.refresh()

    def _gone(self) -> None:
        """The step on show was deleted: say so calmly, instead of a form that changes nothing."""
        self._forms, self._shown, self._problems, self._others = [], None, None, None
        self._place.clear()
        with self._place:
            _head("person_off", "", "No longer there", "This step was deleted. Undo brings it back, or pick another.")

    def _leads(self, edge: str) -> bool:
        source, port = split_edge(edge)
        return port in (self._nodes.get(source, {}).get("next") or {})

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────

    def _configured(self, key: str) -> Any:
        async def hand(settings: dict[str, Any]) -> str | None:
            return await self._hand({"op": "configure", "node": key, "settings": settings})

        return hand

    def _titled(self, key: str) -> Any:
        async def hand(settings: dict[str, Any]) -> str | None:
            return await self._hand({"op": "configure", "node": key, "title": settings.get("title", "")})

        return hand

    async def _hand(self, intent: dict[str, Any]) -> str | None:
        """The refusal of an edit, to be shown in its form."""
        said: list[str | None] = []

        @permitted("edit")
        async def submit() -> None:
            said.append(self._desk.submit(intent).error)

        await submit()
        return said[0] if said else None

    async def _submit(self, intent: dict[str, Any]) -> None:
        refusal = await self._hand(intent)
        if refusal:
            ui.notify(refusal, type="warning")


def _head(icon: str, group: str, title: str, words: str) -> None:
    with ui.element("div").classes("sj-form-head"):
        with ui.element("div").classes("sj-step-icon").classes(f"group-{group}" if group.isalpha() else ""):
            ui.icon(icon)
        with ui.element("div").classes("sj-form-head-words"):
            ui.label(title).classes("sj-card-title").props('role="heading" aria-level="2"')
            ui.label(words).classes("sj-form-help")


def tool(text: str, icon: str, on_click: Any) -> ui.button:
    """A quiet button of a panel."""
    made = ui.button(text, icon=icon, on_click=on_click, color=None).props("flat dense no-caps")
    return made.classes("sj-form-tool")


PANEL = Panel("inspector", "Settings", "tune", 0, build)
