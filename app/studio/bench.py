"""The letter in work: what it says now, what is picked in it, the way back, and when it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ..auth import permitted
from . import blocks
from .document import Document
from .history import History

SHORTLY_S = 0.7
Told = Callable[[object], Any]


class Bench:
    """What every part of the studio works on.

    ``watch(what, callback)`` tells of "letter", "picked", "state" and "conflict". A callback gets whoever made the
    change, so that a form does not redraw itself under the cursor.
    """

    def __init__(self, document: Document) -> None:
        self.document, self.instance = document, document.instance
        self.source: dict[str, Any] = deepcopy(dict(document.source))
        self.may_edit = document.may_edit
        self.language = ""  # the one that is written in; the letter's own where empty
        alone = blocks.blocks_of(self.source) if document.kind == "block" else []
        self.picked = str(alone[0]["id"]) if alone else ""
        self.insert_at: int | None = None
        self.state = ""
        self._kept, self._seen = self.source, deepcopy(self.source)  # as kept by us, and as its home has it
        self._history = History()
        self._watchers: dict[str, list[Told]] = {"letter": [], "picked": [], "state": [], "conflict": []}
        self._waiting: asyncio.Task[None] | None = None
        self._client = context.client
        document.on_change(self._changed_elsewhere)

    def watch(self, what: str, callback: Told) -> None:
        """Call back whenever that changes."""
        self._watchers[what].append(callback)

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────

    def change(self, label: str, source: dict[str, Any], joins: str = "", by: object = None, pick: str = "") -> None:
        """The letter becomes another; ``joins`` makes one step back out of what is typed in one place."""
        if not self.may_edit or source == self.source:
            return
        self._history.add(label, self.source, self.picked, joins)
        self.source = source
        if pick:
            self.picked = pick
        self._keep_soon()
        self._tell("letter", by)
        if pick:
            self._tell("picked", by)

    def pick(self, key: str, by: object = None) -> None:
        """Another block is worked on; nothing picks none."""
        if key != self.picked:
            self.picked = key
            self._tell("picked", by)

    def add(self, fresh: Mapping[str, Any], label: str, at: int | None = None) -> None:
        """A new block: where somebody pointed, else behind the picked one, else at the end."""
        if not self.may_edit:
            return
        if at is None:
            at = self.insert_at
        if at is None and self.picked:
            at = blocks.place(self.source, self.picked) + 1
        self.insert_at = None
        source, key = blocks.added(self.source, fresh, at)
        self.change(f"Add {label}", source, pick=key)

    def remove(self, key: str) -> None:
        """Take a block away; its neighbour is picked next."""
        at = blocks.place(self.source, key)
        if at < 0 or not self.may_edit:
            return
        source = blocks.removed(self.source, key)
        rest = blocks.blocks_of(source)
        self.picked = str(rest[min(at, len(rest) - 1)]["id"]) if rest else ""
        self.change("Delete a block", source)
        self._tell("picked", None)

    def undo(self) -> str | None:
        """Take the last step back; says which."""
        return self._go(self._history.back(self.source, self.picked))

    def redo(self) -> str | None:
        """Do again what was taken back."""
        return self._go(self._history.forth(self.source, self.picked))

    @property
    def may_undo(self) -> bool:
        return bool(self._history.done) and self.may_edit

    @property
    def may_redo(self) -> bool:
        return bool(self._history.undone) and self.may_edit

    def _go(self, step: Any) -> str | None:
        if step is None or not self.may_edit:
            return None
        self.source = step.before
        if blocks.place(self.source, self.picked) < 0:
            self.picked = step.picked if blocks.place(self.source, step.picked) >= 0 else ""
        self._keep_soon()
        self._tell("letter", None)
        self._tell("picked", None)
        return step.label

    # ── keeping ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def saved(self) -> bool:
        """Whether all of it is kept."""
        return self.source == self._kept

    async def flush(self) -> None:
        """Keep what is not kept yet."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if not self.saved:
            await self._keep()

    def say(self, state: str) -> None:
        """What the head of the studio says of it."""
        if state != self.state:
            self.state = state
            self._tell("state", None)

    def _keep_soon(self) -> None:
        self.say("Saving …")
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(self._shortly(), name="a letter is kept", context=self._client)

    async def _shortly(self) -> None:
        await asyncio.sleep(SHORTLY_S)
        self._waiting = None
        await self._keep()

    @permitted("edit")
    async def _keep(self) -> None:
        source = self.source
        refused = await self.document.save(source)
        if self.document.conflict:
            self.say("Not saved")
            self._tell("conflict", None)
        elif refused:
            ui.notify(refused, type="warning")
            self.say("Not saved")
        else:
            self._kept, self._seen = source, deepcopy(dict(self.document.source))
            self.say("Saved" if self.saved else "Saving …")

    def ask_again(self) -> None:
        """Which of two texts stays was put off."""
        self._tell("conflict", None)

    async def settle(self, theirs: bool) -> str:
        """Of two texts one stays here and the other is kept as a copy. Says where."""
        said = await self.document.settle(self.source, theirs)
        if not self.document.conflict:
            self._take(deepcopy(dict(self.document.source)))
            self.say("Saved")
            self._tell("conflict", None)
        return said

    def _changed_elsewhere(self) -> bool:
        """Somebody else's change is shown, unless there is something of ours on its way. Whether it was."""
        fresh = deepcopy(dict(self.document.source))
        if not self.saved:
            return False
        if fresh != self._seen:
            with self._client:
                self._take(fresh)
        return True

    def _take(self, source: dict[str, Any]) -> None:
        """Work on what somebody kept; steps from before would take it back, so there are none any more."""
        self.source = self._kept = self._seen = source
        self._history = History()
        if blocks.place(source, self.picked) < 0:
            self.picked = ""
        self._tell("letter", None)
        self._tell("picked", None)

    def _tell(self, what: str, by: object) -> None:
        for callback in list(self._watchers[what]):
            callback(by)
