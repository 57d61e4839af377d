"""What a panel of the editor gets to work with, and how a panel says what it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nicegui import background_tasks
from nicegui.context import context

from ...storage.users import Who
from ..auth import may
from .soon import Soon

if TYPE_CHECKING:
    from ..instance import Instance
    from .room import Ack, Room, Viewer

Ids = Sequence[str]


@dataclass(frozen=True, slots=True)
class Panel:
    """One tab on the right of the editor. A module of `panels` defines its own as ``PANEL``.

    ``icon`` is a Material icon, tabs stand in ``order``, ``build`` draws into the place it is called in,
    and only people with ``permission`` get to see it.
    """

    key: str
    title: str
    icon: str
    order: int
    build: Callable[[Desk], None]
    permission: str | None = None


@dataclass(slots=True)
class Desk:
    """One open editor: the room it shows, who looks, the canvas, and what is picked on it."""

    instance: Instance
    room: Room
    viewer: Viewer
    person: Who
    canvas: Any
    picked: tuple[str, ...] = ()  # ids of steps, notes aside
    picked_edges: tuple[str, ...] = ()
    letter: str = ""  # the letter to show when the panel of letters is opened
    _on_pick: list[Callable[[tuple[str, ...]], Any]] = field(default_factory=list)
    _on_people: list[Callable[[Sequence[Viewer]], Any]] = field(default_factory=list)
    _on_open: list[Callable[[str], Any]] = field(default_factory=list)
    _stop: list[Callable[[], None]] = field(default_factory=list)

    def on_pick(self, callback: Callable[[tuple[str, ...]], Any]) -> None:
        """Call ``callback(ids)`` whenever something else is picked."""
        self._on_pick.append(self.placed(callback))

    def on_change(self, callback: Callable[[frozenset[str]], Any]) -> None:
        """Call ``callback(ids)`` a moment after the journey changed, whoever changed it; a burst is told once.

        The ids are those of the steps and notes touched, ``letter:<name>`` for letters and ``journey`` for the rest.
        """
        soon = Soon(self.placed(callback))
        self._stop += [self.room.on_change(soon), soon.stop]

    def on_people(self, callback: Callable[[Sequence[Viewer]], Any]) -> None:
        """Call ``callback(viewers)`` whenever somebody came, went, or picked something."""
        self._on_people.append(self.placed(callback))

    def met(self, everybody: Sequence[Viewer]) -> None:
        """The room says who is there and what they have picked."""
        for callback in list(self._on_people):
            callback(everybody)

    def submit(self, intent: dict[str, Any]) -> Ack:
        """Ask the room for a change in this viewer's name; the answer says whether it was made."""
        return self.room.submit(self.viewer, intent)

    @property
    def may_edit(self) -> bool:
        """Whether this viewer may change the journey."""
        return not self.viewer.readonly and may(self.viewer.person, "edit")

    def focus(self, node: str) -> None:
        """Move the viewport to a step and pick it."""
        self.viewer.send("focus", node)

    def overlay(self, marks: dict[str, Any] | None) -> None:
        """Colour steps and edges of this canvas alone (see the protocol); None takes it off again."""
        self.viewer.send("overlay", marks)

    def open(self, key: str) -> None:
        """Bring a panel to the front."""
        for callback in self._on_open:
            callback(key)

    def on_open(self, callback: Callable[[str], Any]) -> None:
        """Call ``callback(key)`` when somebody asks for a panel: the editor page does, to show it."""
        self._on_open.append(self.placed(callback))

    def pick(self, nodes: Ids, edges: Ids = ()) -> None:
        """The canvas says what is picked now."""
        self.picked, self.picked_edges = tuple(nodes), tuple(edges)
        for callback in list(self._on_pick):
            callback(self.picked)

    def close(self) -> None:
        """The page is gone: listen no more."""
        for stop in self._stop:
            stop()
        self._stop.clear()
        self._on_pick.clear()
        self._on_people.clear()
        self._on_open.clear()

    def placed(self, callback: Callable[[Any], Any]) -> Callable[[Any], None]:
        """The callback, drawing into the place where it is given here, whoever causes it; it may be a coroutine."""
        place = context.slot

        def call(said: Any) -> None:
            with place:
                result = callback(said)
                if isinstance(result, Awaitable):
                    background_tasks.create(_awaited(result), name="a panel of the editor")

        return call


async def _awaited(result: Awaitable[Any]) -> None:
    await result
