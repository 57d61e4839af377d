"""Through whose eyes a message is looked at while somebody writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ...storage import views
from .. import words
from .form.around import Option
from .form.completing import Completing

if TYPE_CHECKING:
    from ..instance import Instance


class AtInstance(Protocol):
    """Whatever stands in an instance: a desk of the canvas, the bench of the studio."""

    instance: Instance


class Onlooker:
    """A field with contacts to choose from; ``contact`` is None for the newest. ``changed`` is called on a choice."""

    def __init__(self, desk: AtInstance, changed: Callable[[], None]) -> None:
        self._desk, self._changed = desk, changed
        self.contact: int | None = None
        self._lines: dict[str, int] = {}
        self._field = Completing(
            "As seen by", "", self._people, self._look_as, name="contact", nothing="There is no contact yet."
        )
        self._field.input.props["stack-label"] = True

    async def say_who(self) -> None:
        """Where nobody was chosen it is the newest, and that changes: to be called with each look."""
        if self.contact is None:
            lines = await self._desk.instance.db.aread(lambda tx: views.contact_lines(tx, limit=1))
            self._field.input.props["placeholder"] = f"Newest: {words.title_of(lines[0])}" if lines else "Nobody yet"

    async def _people(self) -> list[Option]:
        asked = str(self._field.input.value or "") if self.contact is None else ""
        lines = await self._desk.instance.db.aread(lambda tx: views.contact_lines(tx, asked[:200], limit=200))
        self._lines = {_named(line): line.id for line in lines}
        return [Option(name, "") for name in self._lines]

    def _look_as(self, name: str) -> None:
        found = self._lines.get(name)
        if found != self.contact and (found is not None or not name):
            self.contact = found
            self._changed()


def _named(line: Any) -> str:
    title = words.title_of(line)
    return title if not line.email or title == line.email else f"{title} ({line.email})"
