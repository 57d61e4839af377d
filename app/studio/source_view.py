"""The source of a letter: MJML to read where it is made of blocks, to write where it is not."""

from __future__ import annotations

from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ..frame import button, sure
from . import blocks
from .bench import Bench

NAMED = """(made) => made.component.proxy.editorPromise.then(() => {
    made.el.querySelector('.cm-content').setAttribute('aria-label', 'The letter as MJML');
    made.el.querySelector('.cm-scroller').tabIndex = 0 })"""  # what cannot be written in is scrolled by keys too


class SourceView:
    """Drawn when it is first wanted: an editor of code is heavy."""

    def __init__(self, bench: Bench, before: Any) -> None:
        self._bench = bench
        self._client = context.client
        self._code: Any = None
        self._silent = False
        self.place = ui.element("section").classes("st-source").props('aria-label="Source" data-mark="source"')
        self.place.move(before.parent_slot.parent, list(before.parent_slot.children).index(before))
        self.place.visible = False

    def shown(self, yes: bool, mjml: str) -> None:
        """Bring it to sight or put it away."""
        self.place.visible = yes
        if yes and self._code is None:
            self._draw(mjml)
        elif yes:
            self.refresh(mjml)

    def refresh(self, mjml: str) -> None:
        """The letter was changed elsewhere; ``mjml`` is what its blocks make."""
        if self._code is None:
            return
        made_of_blocks = blocks.is_blocks(self._bench.source)
        wanted = mjml if made_of_blocks else self._written()
        self._head.visible = made_of_blocks
        self._code.set_enabled(self._bench.may_edit and not made_of_blocks)
        if self._code.value != wanted:
            self._silent = True
            self._code.value = wanted
            self._silent = False

    def go(self, line: int) -> None:
        """Put the cursor where the fault is."""
        if self._code is not None:
            ui.run_javascript(
                f"const code = getElement({self._code.id}).editor;"
                f"const line = code.state.doc.line(Math.max(1, Math.min({int(line)}, code.state.doc.lines)));"
                "code.dispatch({selection: {anchor: line.from}, scrollIntoView: true}); code.focus()"
            )

    def _written(self) -> str:
        language = self._bench.language
        into = (self._bench.source.get("languages") or {}).get(language) or {} if language else {}
        return str(into.get("mjml") or self._bench.source.get("mjml") or "")

    def _draw(self, mjml: str) -> None:
        with self.place:
            with ui.element("div").classes("st-source-head") as self._head:
                ui.icon("info").classes("sj-soft")
                ui.label("What the blocks make. To write it by hand, turn the letter into source.").classes(
                    "sj-soft sj-grow"
                )
                if self._bench.may_edit and self._bench.document.kind == "letter":
                    button("Turn into source", self._turn, icon="code").props('data-mark="turn-into-source"')
            made_of_blocks = blocks.is_blocks(self._bench.source)
            self._code = ui.codemirror(
                mjml if made_of_blocks else self._written(),
                language="HTML",
                theme="vscodeLight",
                line_wrapping=True,
                indent="  ",
                on_change=self._typed,
            )
            self._code.classes("sj-proof-code").props["data-input"] = "mjml"
            self._code.on("vnodeMounted", js_handler=NAMED)
            self._code.set_enabled(self._bench.may_edit and not made_of_blocks)
            self._head.visible = made_of_blocks
        background_tasks.create(self._darken(), name="the colours of the source", context=self._client)

    async def _darken(self) -> None:
        """Only the browser knows whether it is dark when the look is automatic."""
        if await ui.run_javascript("document.body.classList.contains('body--dark')", timeout=10):
            self._code.theme = "vscodeDark"

    def _typed(self, event: Any) -> None:
        if self._silent or blocks.is_blocks(self._bench.source) or str(event.value or "") == self._written():
            return
        language = self._bench.language
        source = blocks.with_field(self._bench.source, "mjml", str(event.value or ""), language)
        if not language:
            source["mjml"] = str(event.value or "")
        self._bench.change("Change the source", source, f"mjml.{language}", by=self)

    async def _turn(self) -> None:
        """One way, but for undo."""
        consequence = (
            "From then on it is written as MJML: blocks, their forms and rules, and what shared blocks bring are gone "
            "from this letter. Undo brings them back while the studio is open."
        )
        mjml = str(self._code.value or "")
        if mjml and await sure("Turn this letter into source?", consequence, "Turn into source"):
            gone = ("blocks", "kit", "languages")
            source = {name: value for name, value in self._bench.source.items() if name not in gone}
            self._bench.picked = ""
            self._bench.change("Turn into source", {**source, "mjml": mjml})
