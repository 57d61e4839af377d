"""The studio: blocks to put in on the left, the letter as it looks in the middle, all about it on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ..frame import stylesheet
from . import blocks
from .bench import Bench
from .block_form import BlockForm
from .checks_tab import ChecksTab
from .conflict import ConflictDialog
from .document import Document
from .letter_form import LetterForm
from .middle import Middle
from .palette import Palette
from .test_letter import TestLetter
from .versions_panel import VersionsPanel

PANES = (("blocks", "Blocks", "widgets"), ("letter", "Letter", "mail"), ("settings", "Settings", "tune"))
KEYS = """(event) => {
    const inside = event.target.closest('input, textarea, [contenteditable], .cm-editor');
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || inside?.closest('.cm-editor')) return;
    event.preventDefault(); emit(event.shiftKey) }"""
LEAVE = """window.sjStudio = false; addEventListener('beforeunload', (event) => {
    if (window.sjStudio) { event.preventDefault(); event.returnValue = '' } })"""


class Studio:
    """One open editor of one document: call `head` where its tools go, then `body` where it is drawn."""

    def __init__(self, document: Document) -> None:
        for sheet in ("forms.css", "studio.css"):
            stylesheet(sheet)
        self.document, self.instance = document, document.instance
        self.bench = Bench(document)
        self.bench.watch("letter", lambda by: self._stay_in_a_language())  # first: the others draw what is written in
        self._client = context.client

    # ── the head ──────────────────────────────────────────────────────────────────────────────────────

    def head(self, title: Callable[[], Any]) -> None:
        """Name, whether it is kept, the way back, and sending it to oneself."""
        with ui.element("div").classes("st-head"):
            title()
            self._state = ui.label("").classes("st-state").props('role="status" data-mark="state"')
            self._decide = ui.button("Decide", on_click=self.bench.ask_again, color=None)
            self._decide.props('flat dense no-caps data-mark="decide"').classes("sj-form-tool")
            ui.element("div").classes("sj-grow")
            self._undo = self._tool("undo", "Undo (Ctrl+Z)", self._back)
            self._redo = self._tool("redo", "Redo (Ctrl+Shift+Z)", self._forth)
            if self.document.kind == "letter":
                TestLetter(self.bench, lambda: self.middle.sight.contact)
        self.bench.watch("state", lambda by: self._show_state())
        self.bench.watch("letter", lambda by: self._show_state())
        self._show_state()

    def _tool(self, icon: str, words: str, act: Any) -> ui.button:
        made = ui.button(icon=icon, on_click=act, color=None).props("flat round dense").classes("sj-icon-button")
        made.props["aria-label"] = made.props["title"] = words
        made.visible = self.bench.may_edit
        return made

    def _show_state(self) -> None:
        self._state.text = self.bench.state or ("" if self.bench.may_edit else "You may look, not change")
        self._decide.visible = bool(self.document.conflict)
        self._undo.set_enabled(self.bench.may_undo)
        self._redo.set_enabled(self.bench.may_redo)
        ui.run_javascript(f"window.sjStudio = {'false' if self.bench.saved else 'true'}")

    def _back(self) -> None:
        if label := self.bench.undo():
            self.middle.stage.say(f"Undone: {label}.")

    def _forth(self) -> None:
        if label := self.bench.redo():
            self.middle.stage.say(f"Done again: {label}.")

    # ── the body ──────────────────────────────────────────────────────────────────────────────────────

    def body(self) -> None:
        """The three panes; on a phone one at a time."""
        with ui.element("div").classes("st-studio").props('data-mark="studio"') as self._root:
            with ui.element("aside").classes("st-left").props('aria-label="Blocks to put in"') as self._left:
                self.palette = Palette(self.bench, self._arrived)
            with ui.element("div").classes("st-middle"):
                self.middle = Middle(self.bench, lambda: self.palette, self._open_form, self.write_in)
            with ui.element("aside").classes("st-right").props('aria-label="About the letter"'):
                self._right()
            with ui.element("nav").classes("st-panes").props('aria-label="Parts of the studio"'):
                self._panes = {key: self._pane(key, words, icon) for key, words, icon in PANES}
        self._root.on("keydown", lambda event: self._forth() if event.args else self._back(), js_handler=KEYS)
        self.bench.watch("letter", lambda by: self._shape())
        ConflictDialog(self.bench, self._root)
        self._show_pane("letter")
        self._shape()
        ui.run_javascript(LEAVE)
        background_tasks.create(self.palette.look(), name="shared blocks are read", context=self._client)

    def _right(self) -> None:
        with ui.tabs().props("dense no-caps align=left inline-label mobile-arrows").classes("st-tabs") as self._tabs:
            self._tab("block", "Block")
            letter, checks = self._tab("letter", "Letter"), self._tab("checks", "Checks")
            letter.visible = checks.visible = self.document.kind == "letter"
            self._tab("versions", "Versions")
        first = "letter" if self.document.kind == "letter" else "block"
        with ui.tab_panels(self._tabs, value=first, animated=False, keep_alive=True).classes("st-panels"):
            with ui.tab_panel("block"):
                self._form = BlockForm(self.bench, lambda: self.middle.kit)
            if self.document.kind == "letter":
                with ui.tab_panel("letter"):
                    self._letter = LetterForm(self.bench, self.write_in)
                with ui.tab_panel("checks"):
                    self._checks = ChecksTab(self, checks)
            with ui.tab_panel("versions"):
                self._versions = VersionsPanel(self.bench)
        self._tabs.on_value_change(lambda e: self._turned(str(e.value)))

    def _tab(self, name: str, label: str) -> ui.tab:
        made = ui.tab(name, label=label)
        made.props["data-mark"] = f"tab-{name}"
        return made

    def _turned(self, name: str) -> None:
        if name == "versions":
            background_tasks.create(self._versions.look(), name="versions are read", context=self._client)
        elif name == "checks":
            self._checks.refresh()

    def _pane(self, key: str, words: str, icon: str) -> ui.button:
        made = ui.button(words, icon=icon, on_click=lambda: self._show_pane(key), color=None)
        made.props("flat no-caps stack dense").props["data-mark"] = f"pane-{key}"
        return made

    def _show_pane(self, key: str) -> None:
        self._root.props["data-pane"] = key
        for each, made in self._panes.items():
            made.classes("is-on") if each == key else made.classes(remove="is-on")
            made.props["aria-pressed"] = "true" if each == key else "false"

    def _shape(self) -> None:
        """A letter that is source has no blocks to put in."""
        made_of_blocks = blocks.is_blocks(self.bench.source)
        self._left.visible = made_of_blocks and self.document.kind == "letter"
        self._root.classes("is-source") if not made_of_blocks else self._root.classes(remove="is-source")
        self._root.classes("is-lone") if self.document.kind == "block" else None
        if not made_of_blocks and self._tabs.value == "block":
            self._tabs.value = "letter"

    def _arrived(self) -> None:
        self._tabs.value = "block"
        self._show_pane("letter")

    def _open_form(self) -> None:
        self._tabs.value = "block"
        self._show_pane("settings")

    # ── for its parts ─────────────────────────────────────────────────────────────────────────────────

    @property
    def source(self) -> Mapping[str, Any]:
        """The letter as it is written now."""
        return self.bench.source

    @property
    def marketing(self) -> bool:
        return self.document.marketing

    @property
    def journey(self) -> str:
        """The short name of the journey it belongs to; "" for a template."""
        return getattr(self.document, "journey", "")

    def write_in(self, language: str) -> None:
        """Turn forms and picture to another language of the letter; none is the letter's own."""
        if language != self.bench.language:
            self.bench.language = language
            self._form.redraw()
            self._letter.redraw()
            self.middle.sight.speak()
            self.middle.look()

    def _stay_in_a_language(self) -> None:
        """Undo and turning into source may take away the language that is written in."""
        if self.bench.language and self.bench.language not in (self.bench.source.get("languages") or {}):
            self.write_in("")

    def go(self, block: str, line: int = 0) -> None:
        """Show where something is: its block, or a line of the source."""
        self._show_pane("letter")
        self.middle.go(block, line)

    async def close(self) -> None:
        """Keep what is not kept yet."""
        await self.bench.flush()

    async def leave(self) -> None:
        """Nobody is there to choose any more: what was typed beside somebody else's text is kept as a copy."""
        if self.document.conflict:
            await self.document.settle(self.bench.source, theirs=True)
