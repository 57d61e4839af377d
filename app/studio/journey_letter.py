"""A letter of an open journey on the studio's bench: every change goes to the journey's room at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...runtime.content.brand import Brand
from ...runtime.content.proof import is_marketing
from ...storage.handover import Filling
from ..canvas.desk import Desk
from ..canvas.letter_proof import filled_for, started_by
from .document import Kept


class JourneyLetter:
    """Its versions are the journey's."""

    keeps_versions = False
    kind = "letter"
    conflict = ""  # the room takes one change after the other

    def __init__(self, desk: Desk, name: str) -> None:
        self._desk, self.name, self.title = desk, name, name
        self.instance = desk.instance
        self._listeners: list[Callable[[], bool]] = []

    @property
    def source(self) -> Mapping[str, Any]:
        return (self._desk.room.content.get("letters") or {}).get(self.name) or {}

    @property
    def may_edit(self) -> bool:
        return self._desk.may_edit

    @property
    def marketing(self) -> bool:
        return is_marketing(self._desk.room.content)

    @property
    def journey(self) -> str:
        """The short name of the journey it belongs to."""
        return self._desk.room.name

    async def save(self, source: Mapping[str, Any]) -> str | None:
        answer = self._desk.submit({"op": "journey", "letters": {self.name: dict(source)}})
        return None if answer.ok else answer.error or "The journey did not take this change."

    async def settle(self, source: Mapping[str, Any], theirs: bool) -> str:
        return "The journey keeps what everybody writes."

    async def filling(self, contact_id: int | None) -> tuple[Filling | None, Brand]:
        room = self._desk.room
        return await filled_for(self.instance, room.name, room.content, contact_id)

    async def kept(self) -> Sequence[Kept]:
        return ()

    async def version(self, number: int) -> Mapping[str, Any] | None:
        return None

    async def keep_version(self, note: str) -> str | None:
        return "The journey keeps the versions of its letters."

    def started_by(self) -> str | None:
        return started_by(self._desk.room.content)

    def on_change(self, callback: Callable[[], bool]) -> None:
        self._listeners.append(callback)

    def changed(self) -> None:
        """The journey changed, by whoever."""
        for callback in self._listeners:
            callback()
