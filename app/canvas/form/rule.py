"""The rule builder: groups inside groups, each test a line, the whole said in words, and how many people it means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from nicegui import background_tasks, ui
from pydantic import ValidationError

from ....nodes.rule import Rule
from ....runtime.segment_words import sentence
from .clause import MODES, Group, Test, read, shape
from .comparison import LEFT, Compare
from .field import ABSENT, Field
from .figure import Figure
from .happened import EventLine, MessageLine
from .line import Line
from .standing import ConsentLine, JourneyLine, SegmentLine
from .widget import Fault, Single, field_props

FRESH: dict[str, tuple[str, str, dict[str, Any]]] = {
    "property": ("Property of the contact", "badge", {"property": ""}),
    "event": ("Something they did", "bolt", {"event": ""}),
    "message": ("A message they got", "mail", {"message": "opened"}),
    "feature": ("A figure worked out about them", "query_stats", {"feature": "orders", "op": "at_least", "value": 1}),
    "segment": ("Being in a segment", "group", {"segment": ""}),
    "consent": ("What they agreed to", "verified_user", {"consent": ""}),
    "journey": ("A journey they went through", "route", {"journey": ""}),
    "trigger": ("Property of the starting event", "play_circle", {"trigger": ""}),
}
LINES: dict[str, type[Line | Figure]] = {
    "event": EventLine, "message": MessageLine, "feature": Figure, "segment": SegmentLine, "consent": ConsentLine,
    "journey": JourneyLine,
}  # fmt: skip
SOON_S = 0.5


class RuleBuilder(Single):
    """``offers`` are the tests one can add, ``lines`` draws each of them; ``model`` knows a rule that is whole."""

    rank = 2
    offers: ClassVar[Mapping[str, tuple[str, str, dict[str, Any]]]] = FRESH
    lines: ClassVar[Mapping[str, type[Any]]] = LINES
    model: ClassVar[type[Any]] = Rule

    @classmethod
    def fits(cls, field: Field) -> bool:
        return isinstance(field.annotation, type) and issubclass(field.annotation, Rule)

    def build(self, value: Any) -> None:
        offered = [kind for kind in self.offers if kind != "trigger" or self.around.inside]
        self._kinds = ["property"] if self.field.format == "profile" else offered
        self._rows: dict[Test, Compare | Line] = {}
        self._asked = 0
        with self.block(self.field.label, self.field.help):
            self._box = ui.element("div").classes("sj-form-rule")
            with ui.element("div").classes("sj-form-said").props('role="status"'):
                self._words = ui.label("")
                self._count = ui.label("").classes("sj-form-count")
                self._count.props["data-count"] = self.field.name
        self.tree = read(value)
        self._draw()
        self._tell()

    def place(self, value: Any) -> None:
        tree = read(value)
        if shape(tree) == shape(self.tree):
            pairs = zip(self.tree.places(), tree.places(), strict=True)
            for (_, old), (_, new) in pairs:
                old.clause = new.clause
                if old in self._rows:
                    self._rows[old].show(new.clause)
        else:
            self.tree = tree
            self._draw()
        self._tell()

    def complain(self, faults: list[Fault]) -> None:
        rest, of_test = [], {}
        places = sorted(self.tree.places(), key=lambda pair: -len(pair[0]))
        for place, text in faults:
            inside = place[1:]
            found = next((test for at, test in places if inside[: len(at)] == at and test in self._rows), None)
            if found is None:
                rest.append((place, text))
            else:
                at = next(at for at, test in places if test is found)
                of_test.setdefault(found, []).append((inside[len(at) :], text))
        for test, row in self._rows.items():
            row.complain(of_test.get(test, []))
        super().complain(rest)

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────

    def _draw(self) -> None:
        self._box.clear()
        self._rows = {}
        with self._box:
            self._group(self.tree, top=True)

    def _group(self, group: Group, top: bool = False) -> None:
        with ui.element("div").classes("sj-form-group").props('role="group"') as place:
            place.props["aria-label"] = MODES[group.mode]
            with ui.element("div").classes("sj-form-row"):
                made = ui.select(MODES, value=group.mode, on_change=lambda e: self._mode(group, e.value))
                field_props(made, "mode", self.around.readonly).props('options-dense aria-label="How many must hold"')
                made.classes("sj-form-mode").visible = not top or bool(group.parts)
                if not top:
                    self._menu(group)
            for part in group.parts:
                if isinstance(part, Group):
                    self._group(part)
                else:
                    self._test(part)
            if not self.around.readonly:
                self._adders(group)

    def _test(self, test: Test) -> None:
        with ui.element("div").classes("sj-form-row") as place:
            place.props["data-test"] = test.kind or "unknown"
            place.on("focusout", partial(self._left, test), args=[], js_handler=LEFT)
            with ui.element("div").classes("sj-form-row-body"):
                changed: Callable[[], None] = partial(self._changed_test, test)
                if test.kind in ("property", "trigger"):
                    if test.kind == "trigger":
                        ui.label("Of the starting event").classes("sj-form-note")
                    self._rows[test] = Compare(test.clause, self.around.about(lambda: None), changed, test.kind)
                elif test.kind in self.lines:
                    self._rows[test] = self.lines[test.kind](test.clause, self.around, changed)
                else:
                    ui.label("This test cannot be read. Remove it, or correct it in the journey file.").classes(
                        "sj-form-fault"
                    )
            self._menu(test)

    def _menu(self, part: Group | Test) -> None:
        if self.around.readonly:
            return
        opener = ui.button(icon="more_vert", color=None).props('flat dense round aria-label="Move or remove"')
        with opener.classes("sj-form-mini"), ui.menu().classes("sj-menu"):
            for text, icon, act in (
                ("Move up", "arrow_upward", partial(self.tree.move, part, -1)),
                ("Move down", "arrow_downward", partial(self.tree.move, part, 1)),
                ("Into a group of its own", "format_indent_increase", partial(self.tree.indent, part)),
                ("Out of this group", "format_indent_decrease", partial(self.tree.outdent, part)),
                ("Remove", "delete", partial(self.tree.remove, part)),
            ):
                if text.startswith("Out") and self.tree.parent(part) is self.tree:
                    continue
                with ui.menu_item(on_click=partial(self._restructure, act)).classes("sj-form-act"):
                    ui.icon(icon)
                    ui.label(text)

    def _adders(self, group: Group) -> None:
        with ui.element("div").classes("sj-form-tools"):
            if len(self._kinds) == 1:
                self._adder("Add a test", "add", partial(self._add, group, self._kinds[0]))
            else:
                opener = self._adder("Add a test", "add", None)
                with opener, ui.menu().classes("sj-menu"):
                    for kind in self._kinds:
                        text, icon, _ = self.offers[kind]
                        with ui.menu_item(on_click=partial(self._add, group, kind)).classes("sj-form-act") as item:
                            item.props["data-add"] = kind
                            ui.icon(icon)
                            ui.label(text)
            if group.parts:
                self._adder("Add a group", "playlist_add", partial(self._add_group, group))

    def _adder(self, text: str, icon: str, on_click: Any) -> ui.button:
        made = ui.button(text, icon=icon, on_click=on_click, color=None).props("flat dense no-caps")
        return made.classes("sj-form-tool")

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────

    def _add(self, group: Group, kind: str, _clicked: object = None) -> None:
        clause = dict(self.offers[kind][2])
        group.add(Test(clause, fresh=not self._holds(clause)))
        self._restructured()

    def _add_group(self, group: Group, _clicked: object = None) -> None:
        group.add(Group("any" if group.mode in ("all", "not_all") else "all", [Test({"property": ""}, fresh=True)]))
        self._restructured()

    def _mode(self, group: Group, mode: str) -> None:
        if mode != group.mode:
            group.mode = mode
            self._restructured(draw=False)

    def _changed_test(self, test: Test) -> None:
        test.clause = dict(self._rows[test].test)
        test.fresh = test.fresh and not self._holds(test.clause)
        self._restructured(draw=False)

    def _left(self, test: Test) -> None:
        """Whoever leaves a test half done is told what it lacks."""
        if test.fresh:
            test.fresh = False
            self._restructured(draw=False)

    def _restructure(self, act: Callable[[], None], _clicked: object = None) -> None:
        act()
        self._restructured()

    def _restructured(self, draw: bool = True) -> None:
        written = self.tree.written()
        before, self.value = self.value, (None if self.field.optional else ABSENT) if written is None else written
        if draw:
            self._draw()
        self._tell()
        if self.value is not before and self.value != before:
            self.edited()

    # ── saying ────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self) -> None:
        """The rule in words, and soon how many it means."""
        self._asked += 1
        try:
            said = self.said(self.tree.written())
        except (ValidationError, RecursionError):
            self._words.text = "Everyone." if self.tree.written() is None and self.field.optional else ""
            self._count.text = ""
            return
        self._words.text = said
        background_tasks.create(self._ask(self._asked), name="counting a rule", context=self._box.client)

    def said(self, rule: Any) -> str:
        """A rule that is whole, in words."""
        steps = {("step", each.value): each.note for each in self.around.senders() if each.note}
        return sentence(rule, steps)

    async def _ask(self, asked: int) -> None:
        await asyncio.sleep(SOON_S)
        if asked != self._asked or self._count.is_deleted:
            return
        text = await self.around.matching(self.tree.written())
        if asked == self._asked and not self._count.is_deleted:
            self._count.text = text

    def _holds(self, clause: dict[str, Any]) -> bool:
        """Whether a test is complete."""
        try:
            self.model.model_validate(clause)
        except (ValidationError, RecursionError):
            return False
        return True
