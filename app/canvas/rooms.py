"""The rooms of this process: one for each journey that is open, whoever opens it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ...runtime.content.dressed import in_force
from ...runtime.governance.versions import NoSuchJourney
from ...storage import journeys
from ...storage.database import Tx
from .clipboard import Clipboard
from .heard import Heard
from .room import Room
from .saving import Draft, heard_of

if TYPE_CHECKING:
    from ..instance import Instance


class _House:
    """The rooms and the clipboard of one instance."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.heard: dict[str, Heard] = {}  # by journey: a page that comes back finds no room it had been in
        self.clipboard = Clipboard()


_houses: WeakKeyDictionary[Any, _House] = WeakKeyDictionary()


def of(instance: Instance, name: str) -> Room:
    """The room of a journey, opened if need be. Raises `NoSuchJourney`."""
    house = _houses.setdefault(instance, _House())
    room = house.rooms.get(name)
    if room is None:
        content, used, heard = instance.db.look(lambda tx: _read(tx, name))
        draft = Draft(instance.db, instance.clock, name)
        draft.heard = house.heard.setdefault(name, heard)
        room = house.rooms[name] = Room(draft, content, used, house.clipboard)
        room.kit = lambda: instance.db.look(in_force)
    return room


def opened(instance: Instance) -> Iterator[Room]:
    """Every open room."""
    house = _houses.get(instance)
    yield from list(house.rooms.values()) if house else ()


def close_empty(instance: Instance) -> None:
    """Forget rooms nobody is in and whose drafts are saved."""
    house = _houses.get(instance)
    for name, room in list(house.rooms.items()) if house else ():
        if house and not room.viewers and room.draft.saved:
            del house.rooms[name]


def close(instance: Instance) -> None:
    """Write every draft that waits. Called when the server stops."""
    for room in opened(instance):
        room.draft.flush()
    _houses.pop(instance, None)


def _read(tx: Tx, name: str) -> tuple[dict[str, Any], set[str], Heard]:
    """The draft, the ids of steps that any version has (counts hang on them, so they are never given anew), and
    what had been heard when it was written."""
    journey = journeys.journey_named(tx, name)
    if journey is None or journey.id is None:
        raise NoSuchJourney(name)
    used = {node for version in journeys.versions(tx, journey.id) for node in version.content.get("nodes") or {}}
    return {**journey.draft, "name": journey.name}, used, heard_of(tx, name)
