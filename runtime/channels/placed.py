"""Channels whose other side is the house itself: a message is put down in the store, and with that it is delivered."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from ...storage import placing
from ...storage.database import Database, Tx
from ..clock import Clock, SystemClock
from .channel import Channel, Delivered, Held, Mark, Outcome, Parcel, Refused, Tools, TryLater

log = logging.getLogger(__name__)
ERASED = "The contact was erased while this was being put down."


class NoStore(Exception):
    """This channel puts its messages into the store of an instance, so it cannot be opened without one."""


class Placed(Channel):
    """Puts a whole batch down in one transaction, unique by message: tried again, nothing stands there twice."""

    said = ""  # what the record says of a message that was put down

    def __init__(self, tools: Tools) -> None:
        if tools.db is None:
            raise NoStore(NoStore.__doc__)
        self._tools = tools
        self._db: Database = tools.db
        self._clock: Clock = tools.clock or SystemClock()

    @classmethod
    def at_home(cls, tools: Tools) -> Channel | None:
        """Open wherever there is a store."""
        return cls(tools) if cls.Settings is None and tools.db is not None else None

    @abstractmethod
    def written(self, parcel: Parcel, now_ms: int) -> Any:
        """What is put down of a message, or `Refused`."""

    @abstractmethod
    def put(self, tx: Tx, found: Mapping[int, tuple[int, Any]], now_ms: int) -> None:
        """Put messages down: contact and what `written` answered, by message."""

    def delivered(self, made: Any) -> Delivered:
        """What a message that was put down came to."""
        return Delivered(text=self.said)

    def serves(self, parcel: Parcel) -> bool:
        return parcel.rendered.fields.get("account", "") in ("", self._tools.account)

    async def hand_over(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        now_ms = self._clock.now_ms()
        made = {parcel.message_id: self.written(parcel, now_ms) for parcel in parcels}
        ready = [message_id for message_id, one in made.items() if not isinstance(one, Refused)]
        allowed = await before_body(ready) if ready else frozenset()
        kept: set[int] = set()
        trouble = ""
        if allowed:
            try:
                kept = await self._db.awrite(
                    lambda tx: self._put(tx, {key: made[key] for key in ready if key in allowed}, now_ms), durable=True
                )
            except Exception as error:  # nothing left the house, and what was put down is put down once
                log.exception("Messages by %s could not be put down.", self.name)
                trouble = f"it could not be written down: {type(error).__name__}"
        return [self._outcome(made[one.message_id], one.message_id, allowed, kept, trouble) for one in parcels]

    def _put(self, tx: Tx, made: Mapping[int, Any], now_ms: int) -> set[int]:
        whose = placing.whose(tx, list(made))
        self.put(tx, {key: (contact, made[key]) for key, contact in whose.items()}, now_ms)
        return set(whose)

    def _outcome(self, made: Any, message_id: int, allowed: frozenset[int], kept: set[int], trouble: str) -> Outcome:
        if isinstance(made, Refused):
            return made
        if message_id not in allowed:
            return Held()
        if trouble:
            return TryLater(0, trouble)
        return self.delivered(made) if message_id in kept else Refused(0, ERASED)
