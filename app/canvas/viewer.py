"""Somebody before a canvas: who it is, what they have picked, and how they hear of things."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...storage.users import Who
from ..auth import may

if TYPE_CHECKING:
    from .saving import Draft

COLOURS = ("#5457cd", "#17744a", "#b4540a", "#0b699b", "#a8327d", "#6b6a00", "#8a3ffc", "#b3261e")

log = logging.getLogger("sojourn.canvas")


def _nothing(_: Any) -> None:
    pass


@dataclass(eq=False, slots=True)
class Viewer:
    """One canvas that shows a journey, and the person before it. ``person`` is read anew while the page is open."""

    person: Who
    canvas: Any
    readonly: bool = False
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    picked: list[str] = field(default_factory=list)
    colour: str = COLOURS[0]
    on_saved: Callable[[Draft], None] = _nothing
    on_people: Callable[[Sequence[Viewer]], None] = _nothing

    @property
    def may_edit(self) -> bool:
        """Whether they may change the journey, by the role they have now."""
        return not self.readonly and may(self.person, "edit")

    @property
    def name(self) -> str:
        """What the others call them."""
        return self.person.name or self.person.email

    def send(self, what: str, payload: Any) -> None:
        """Call a method of the canvas."""
        self._safely(getattr(self.canvas, what), payload)

    def saved(self, draft: Draft) -> None:
        """The draft was saved, or is no longer."""
        self._safely(self.on_saved, draft)

    def met(self, everybody: Sequence[Viewer]) -> None:
        """Somebody came, went, or picked something."""
        self._safely(self.on_people, everybody)

    def seen(self) -> dict[str, Any]:
        """As the others see them."""
        return {"id": self.id, "name": self.name, "colour": self.colour, "picked": list(self.picked)}

    def _safely(self, call: Callable[[Any], Any], payload: Any) -> None:
        """A page that fails, or is going away, hurts nobody else."""
        try:
            call(payload)
        except Exception:
            log.exception("a canvas of %s did not take something", self.person.email)
