"""What can be put into a letter: every kind of block, and the blocks that letters share."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ...runtime.content.block_types import BlockType, block_types, new_block
from ...runtime.templates import shared
from ...storage import templates
from .bench import Bench

CARRY = """(event) => {{ event.dataTransfer.effectAllowed = 'copy';
    event.dataTransfer.setData('application/x-sojourn-block', {said}) }}"""


class Palette:
    """Tiles to click, or to drag to a place. ``put(what, at)`` is also what the stage calls on a drop."""

    def __init__(self, bench: Bench, arrived: Callable[[], None]) -> None:
        self._bench, self._arrived = bench, arrived
        self._find = ui.input(placeholder="Find a block", on_change=lambda e: self._filter(str(e.value or "")))
        self._find.props('outlined dense clearable aria-label="Find a block"').classes("sj-form-input st-find")
        with self._find.add_slot("prepend"):
            ui.icon("search").classes("sj-soft")
        self._tiles: list[tuple[str, Any]] = []
        self._groups: list[tuple[Any, list[Any]]] = []
        with ui.element("div").classes("st-tiles"):
            for group, kinds in groupby(block_types().values(), key=lambda kind: kind.group):
                self._group(group, list(kinds))
            self._shared = ui.element("div").classes("st-tile-group")
        self._none = ui.label("No block is called so.").classes("sj-form-none")
        self._none.visible = False

    async def look(self) -> None:
        """Read which blocks letters share."""
        found = await self._bench.instance.db.aread(lambda tx: templates.templates(tx, "block"))
        self._shared.clear()
        if not found:
            return
        with self._shared:
            ui.label("Shared by letters").classes("st-tile-title")
            with ui.element("div").classes("st-tile-grid is-list"):
                for each in found:
                    kind = block_types().get(str(each.content.get("kind")))
                    self._tile(each.title, kind.icon if kind else "widgets", {"shared": each.name}, "Shared block")

    def put(self, what: dict[str, Any], at: int | None = None) -> None:
        """Put a kind of block, or a shared one, into the letter."""
        kind = block_types().get(str(what.get("kind") or ""))
        if kind is not None:
            self._bench.add(new_block(kind.kind, language=self._language), kind.label, at)
            self._arrived()
        elif what.get("shared"):
            self._put_shared(str(what["shared"]), at)

    @property
    def _language(self) -> str:
        return str(self._bench.source.get("language") or "")

    def _put_shared(self, name: str, at: int | None) -> None:
        async def put() -> None:
            found = await self._bench.instance.db.aread(lambda tx: _placed(tx, name))
            if found is None:
                ui.notify("This shared block is no longer there.", type="warning")
                return
            self._bench.add(found, "a shared block", at)
            self._arrived()

        background_tasks.create(put(), name="a shared block is put in", context=context.client)

    def _group(self, title: str, kinds: list[BlockType]) -> None:
        with ui.element("div").classes("st-tile-group") as place:
            ui.label(title).classes("st-tile-title")
            with ui.element("div").classes("st-tile-grid"):
                made = [self._tile(kind.label, kind.icon, {"kind": kind.kind}, kind.help) for kind in kinds]
        self._groups.append((place, made))

    def _tile(self, label: str, icon: str, what: dict[str, str], about: str) -> Any:
        tile = ui.element("button").classes("st-tile").props('type="button"')
        tile.props["title"] = about
        tile.props["data-put"] = next(iter(what.values()))
        if self._bench.may_edit:
            tile.props["draggable"] = "true"
            tile.on("dragstart", js_handler=CARRY.format(said=json.dumps(json.dumps(what))))
            tile.on("click", partial(self.put, what), args=[])
        else:
            tile.props("disabled")
        with tile:
            ui.icon(icon)
            ui.label(label)
        self._tiles.append((label.lower(), tile))
        return tile

    def _filter(self, typed: str) -> None:
        part = typed.strip().lower()
        for label, tile in self._tiles:
            if not tile.is_deleted:
                tile.visible = part in label
        for place, tiles in self._groups:
            place.visible = any(tile.visible for tile in tiles)
        self._none.visible = not any(tile.visible for _, tile in self._tiles if not tile.is_deleted)


def _placed(tx: Any, name: str) -> dict[str, Any] | None:
    found = templates.named(tx, name)
    return shared.placed(tx, name, "") if found is not None and found.kind == "block" else None
