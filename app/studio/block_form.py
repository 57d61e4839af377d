"""The form of the picked block: its settings by its kind, when it is shown, and whether letters share it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from ...runtime.content.block_types import BlockType, Field, block_types
from . import blocks
from .bench import Bench
from .fields.field import Input, Setting
from .fields.inputs import make
from .languages import named
from .sharing import Sharing
from .showing import ShowIf
from .variables import Variables

SWATCHES = (
    ("primary", "Main colour"), ("heading", "Headings"), ("text", "Text"), ("muted", "Small print"),
    ("background", "Background"), ("sheet", "Sheet"),
)  # fmt: skip
LATER = ("colour", "choice", "number", "bool")  # types of settings that say how it looks, not what


class BlockForm:
    """Follows what is picked. ``kit()`` gives the colours on offer."""

    def __init__(self, bench: Bench, kit: Callable[[], Any]) -> None:
        self._bench, self._kit = bench, kit
        self._variables = Variables(bench)
        self._inputs: dict[str, Input] = {}
        self._parts: dict[str, Any] = {}
        self._drawn: tuple[Any, ...] = ()
        self.place = ui.element("div").classes("st-form").props('data-mark="block-form"')
        bench.watch("picked", lambda by: self._follow())
        bench.watch("letter", self._changed)
        self._follow()

    @property
    def _block(self) -> dict[str, Any] | None:
        return blocks.block(self._bench.source, self._bench.picked)

    def redraw(self) -> None:
        """Another language is written, or another kit applies."""
        self._drawn = ()
        self._follow()

    def _changed(self, by: object) -> None:
        if by is self:
            return
        self._follow()

    def _follow(self) -> None:
        """Draw the form of another block, or write what changed into the one that is there."""
        block = self._block
        drawn = (block and (block["id"], block["kind"], bool(block.get("shared"))), self._bench.language)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw(block)
        elif block is not None:
            for name, made in self._inputs.items():
                made.show(self._value(block, made.field, name))
            self._rule.show(block)
            self._suit(block)

    def _draw(self, block: dict[str, Any] | None) -> None:
        self.place.clear()
        self._inputs, self._parts = {}, {}
        with self.place:
            if block is None:
                self._nothing()
                return
            kind = block_types().get(str(block.get("kind")))
            self._head(block, kind)
            if kind is None:
                ui.label(f"There is no block called “{block.get('kind')}” here. Delete it, or install what it is from.")
                return
            language = self._bench.language
            if language:
                with ui.element("div").classes("st-note"):
                    ui.icon("translate")
                    ui.label(
                        f"You are writing in {named(language)}. What is left empty is said as in the letter itself."
                    )
            fields = [field for field in kind.settings if field.translatable or not language]
            says = [field for field in fields if field.type not in LATER]
            looks = [field for field in fields if field.type in LATER]
            for field in says:
                self._field(block, field)
            if looks:
                with ui.element("div").classes("st-fields-look") if says else ui.element("div").classes("st-form"):
                    for field in looks:
                        self._field(block, field)
            self._rule = ShowIf(self._bench, block)
            if language or kind.always or self._bench.document.kind == "block":
                self._rule.place.visible = False
            self._suit(block)

    def _nothing(self) -> None:
        with ui.element("div").classes("st-empty"):
            ui.icon("touch_app")
            ui.label("Nothing picked").classes("sj-card-title")
            ui.label("Click a block of the letter to change it, or put one in from the left.").classes("sj-soft")

    def _head(self, block: dict[str, Any], kind: BlockType | None) -> None:
        with ui.element("div").classes("st-block-head"):
            with ui.element("div").classes("st-block-icon"):
                ui.icon(kind.icon if kind else "help")
            with ui.element("div").classes("st-block-words"):
                ui.label(kind.label if kind else "Unknown block").classes("sj-card-title").props(
                    'role="heading" aria-level="3"'
                )
                ui.label(kind.help if kind else "").classes("sj-form-help")
        Sharing(self._bench, block)

    def _field(self, block: dict[str, Any], field: Field) -> None:
        at = Setting(
            readonly=not self._bench.may_edit,
            swatches=self._swatches(),
            language=self._bench.language,
            own=(block.get("settings") or {}).get(field.name) if self._bench.language else None,
            variables=self._variables.offer,
        )
        made = make(field, self._value(block, field, field.name), partial(self._said, field), at)
        self._inputs[field.name] = made
        self._parts[field.name] = made.place

    def _value(self, block: dict[str, Any], field: Field, name: str) -> Any:
        if not self._bench.language:
            return (block.get("settings") or {}).get(name, field.default)
        said = (self._bench.source.get("languages") or {}).get(self._bench.language) or {}
        return ((said.get("blocks") or {}).get(block["id"]) or {}).get(name, [] if field.type == "list" else "")

    def _said(self, field: Field, value: Any) -> None:
        block = self._block
        if block is None:
            return
        language = self._bench.language
        kept = None if language and value in ("", [], None) else value
        source = blocks.with_setting(self._bench.source, block["id"], field.name, kept, language)
        self._bench.change(f"Change {field.label.lower()}", source, f"{block['id']}.{field.name}.{language}", by=self)
        if (now := self._block) is not None:
            self._suit(now)

    def _suit(self, block: dict[str, Any]) -> None:
        """Show a setting only where it means something beside the others."""
        settings = {name: made.field.default for name, made in self._inputs.items()} | (block.get("settings") or {})
        for name, made in self._inputs.items():
            self._parts[name].visible = made.field.counts(settings)

    def _swatches(self) -> tuple[tuple[str, str], ...]:
        kit = self._kit()
        found = [(label, str(getattr(kit, name, ""))) for name, label in SWATCHES]
        return tuple({colour.lower(): (label, colour) for label, colour in reversed(found) if colour}.values())[::-1]
