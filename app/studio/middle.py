"""The middle of the studio: the letter as it looks with its blocks to take hold of, its text part, or its source."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from functools import partial
from html import unescape
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ...runtime.content.block_types import block_types
from ...runtime.content.kit import Kit
from ...runtime.content.proof import Proof
from ...runtime.letter_facts.previews import proof_for
from . import blocks
from .bench import Bench
from .palette import Palette
from .picture import Fault, Picture, Shot, shot, shown
from .sight import Sight
from .source_view import SourceView
from .stage import Stage

SOON_S = 0.2
TAG = re.compile(r"<[^>]*>")


class Middle:
    """``opened()`` asks for the form of what is picked, ``kit`` is the one in force, ``faulty(faults)`` hears them."""

    def __init__(self, bench: Bench, palette: Callable[[], Palette], opened: Callable[[], None], write_in: Any) -> None:
        self._bench, self._palette, self._opened = bench, palette, opened
        self._client = context.client
        self.picture, self.kit = Picture(), Kit()
        self._shot = Shot(None)
        self._waiting: asyncio.Task[None] | None = None
        self._worked = False
        self.sight = Sight(bench, self.look, self._shape, write_in)
        self._inbox()
        self._wrong = ui.element("div").classes("st-faults").props('role="status" data-mark="stale"')
        with ui.element("div").classes("st-scroll") as self._scroll:
            self._scroll.props('tabindex="-1"')
            self.stage = Stage(
                readonly=not bench.may_edit, lone=bench.document.kind == "block", picked=self._picked,
                moved=self._moved, put=self._put, deed=self._deed, gap=self._gap,
            )  # fmt: skip
            self._empty = ui.element("div").classes("st-empty is-letter")
            with self._empty:
                ui.icon("dashboard_customize")
                ui.label("An empty letter").classes("sj-card-title")
                ui.label("Click a block on the left to put it here.").classes("sj-soft")
            self._text = ui.label("").classes("sj-mono st-text").props('data-mark="text-part"')
        self._source = SourceView(bench, self._scroll)
        bench.watch("letter", lambda by: self._changed())
        bench.watch("picked", lambda by: self._draw())
        self._changed()
        self._shape()

    def look(self) -> None:
        """Make the picture anew, shortly."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(self._look(), name="a letter is looked at", context=self._client)

    def go(self, block: str, line: int = 0) -> None:
        """Show where something is wrong: its block, else its line of the source."""
        if block and blocks.place(self._bench.source, block) >= 0:
            self.sight.show("design")
            self._bench.pick(block)
            self._opened()
        elif line:
            self.sight.show("source")
            self._source.go(line)

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────

    def _inbox(self) -> None:
        with ui.element("div").classes("st-inbox").props('role="group" aria-label="In the inbox"') as self._inbox_line:
            self._face = ui.label("").classes("st-inbox-face").props('aria-hidden="true"')
            with ui.element("div").classes("st-inbox-words"):
                self._from = ui.label("").classes("st-inbox-from sj-clip")
                with ui.element("div").classes("st-inbox-said sj-clip"):
                    self._subject = ui.label("").classes("sj-strong").props('data-mark="inbox-subject"')
                    self._preheader = ui.label("").classes("sj-soft").props('data-mark="inbox-preheader"')
        self._inbox_line.visible = self._bench.document.kind == "letter"

    def _changed(self) -> None:
        made_of_blocks = blocks.is_blocks(self._bench.source)
        if made_of_blocks != self.stage.props.get("editable"):
            self._shape()
        self._draw()
        self._source.refresh(self._shot.mjml)
        self.look()

    def _draw(self) -> None:
        source, types = self._bench.source, block_types()
        faulty = {fault.block for fault in self._shot.faults}
        lines = []
        for each in blocks.blocks_of(source):
            kind = types.get(str(each.get("kind")))
            lines.append(
                {
                    "id": str(each.get("id")),
                    "title": kind.label if kind else str(each.get("kind")),
                    "icon": kind.icon if kind else "help",
                    "badge": _badge(each),
                    "words": _first_words(each),
                    "fault": each.get("id") in faulty,
                }
            )
        self.stage.show(lines, self._bench.picked, self._bench.insert_at)
        self._empty.visible = blocks.is_blocks(source) and not lines and self.sight.mode == "design"

    def _shape(self) -> None:
        """Which of the three is shown, and how wide."""
        mode = self.sight.mode
        made_of_blocks = blocks.is_blocks(self._bench.source)
        self.stage.visible = mode == "design" or (mode == "source" and not made_of_blocks)
        self._text.visible = mode == "text"
        self._source.shown(mode == "source" or not made_of_blocks, self._shot.mjml)
        self._scroll.visible = mode != "source" or not made_of_blocks
        self.stage.props["phone"] = self.sight.phone
        self.stage.props["editable"] = made_of_blocks
        self.stage.update()
        self._draw()

    # ── seeing ────────────────────────────────────────────────────────────────────────────────────────

    async def _look(self) -> None:
        await asyncio.sleep(SOON_S)
        bench = self._bench
        filling, brand = await bench.document.filling(self.sight.contact)
        self.kit, source = brand.kit, bench.source

        def prove(letter: Mapping[str, Any]) -> Proof:
            return proof_for(bench.instance, letter, filling, brand, bench.document.marketing)

        await self.sight.say_who()
        taken = await asyncio.to_thread(shot, source, brand, prove, bench.language)
        if source is not bench.source or self.stage.is_deleted:
            return
        self._shot = taken
        if taken.rendered is not None:
            self._worked = True
            page = await asyncio.to_thread(shown, taken.rendered.html, self.sight.dark)
            self.picture.put(page, self.sight.images)
            self._text.text = taken.rendered.text
            self._say(taken, brand.sender_name or brand.name or "Your brand")
        drawn = [str(each.get("id")) for each in blocks.blocks_of(source)]
        self.stage.picture(self.picture.address, bool(taken.faults), drawn)
        self._draw()
        self._tell(taken.faults)
        self._source.refresh(taken.mjml)

    def _say(self, taken: Shot, sender: str) -> None:
        assert taken.rendered is not None
        self._face.text = sender[:1].upper()
        self._from.text = sender
        self._subject.text = taken.rendered.subject
        self._preheader.text = f" – {taken.rendered.preheader}" if taken.rendered.preheader else ""

    def _tell(self, faults: tuple[Fault, ...]) -> None:
        """What stands in the frame is not what the letter says: say so, and why; a click goes there."""
        self._wrong.clear()
        if not blocks.blocks_of(self._bench.source) and blocks.is_blocks(self._bench.source):
            return
        with self._wrong:
            if faults:
                ui.label("The last version that worked is shown." if self._worked else "Nothing to show yet.").classes(
                    "st-faults-head"
                )
            for fault in faults[:6]:
                with ui.element("button").classes("st-fault").props('type="button"') as row:
                    row.on("click", partial(self.go, fault.block, fault.line), args=[])
                    ui.icon("error_outline")
                    ui.label(fault.text)
                    if fault.block:
                        ui.label("Show").classes("st-fault-go")
                    elif fault.line:
                        ui.label(f"Line {fault.line}").classes("st-fault-go")

    # ── what the stage says ───────────────────────────────────────────────────────────────────────────

    def _picked(self, key: str, open_: bool, enter: bool) -> None:
        if blocks.place(self._bench.source, key) >= 0:
            self._bench.pick(key)
            if open_:
                self._opened()
            if enter:
                ui.run_javascript(
                    "setTimeout(() => document.querySelector('[data-mark=\"block-form\"]')"
                    "?.querySelector('input, textarea, button, [contenteditable]')?.focus(), 120)"
                )

    def _moved(self, key: str, to: int) -> None:
        self._bench.change("Move a block", blocks.moved(self._bench.source, key, to), pick=key)
        self._announce(key)

    def _put(self, what: dict[str, Any], at: int) -> None:
        self._palette().put(what, at)

    def _deed(self, deed: str, key: str) -> None:
        at = blocks.place(self._bench.source, key)
        if at < 0 or self._bench.document.kind == "block":
            return
        if deed in ("up", "down"):
            self._moved(key, at + (1 if deed == "down" else -1))
        elif deed == "duplicate":
            source, fresh = blocks.duplicated(self._bench.source, key)
            self._bench.change("Duplicate a block", source, pick=fresh)
        elif deed == "remove":
            self._bench.remove(key)
            self.stage.say("Deleted. Undo brings it back.")

    def _gap(self, at: int) -> None:
        self._bench.insert_at = None if self._bench.insert_at == at else at
        self._draw()

    def _announce(self, key: str) -> None:
        at, count = blocks.place(self._bench.source, key), len(blocks.blocks_of(self._bench.source))
        found = blocks.block(self._bench.source, key) or {}
        kind = block_types().get(str(found.get("kind")))
        self.stage.say(f"{kind.label if kind else 'The block'} is now in place {at + 1} of {count}.")


def _badge(block: dict[str, Any]) -> str:
    """The icon that says what is special about it: not everybody sees it, or letters share it."""
    if block.get("show_if") or block.get("group"):
        return "visibility"
    return "link" if block.get("shared") else ""


def _first_words(block: dict[str, Any]) -> str:
    settings = block.get("settings") or {}
    said = next((settings[name] for name in ("heading", "title", "text", "label") if settings.get(name)), "")
    return " ".join(unescape(TAG.sub(" ", str(said))).split())[:60]
