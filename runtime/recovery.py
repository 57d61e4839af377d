"""Takes up what senders left: those who died, and what this one lost on the way to its own store."""

from __future__ import annotations

import asyncio
import logging
import math
import time

from ..storage import recovering
from ..storage.database import Database, Tx
from ..storage.workers import Presence, is_alive
from .clock import Clock

RECOVER_S = 2  # between two looks for dead workers, on PostgreSQL

log = logging.getLogger(__name__)


class Recovery:
    """Says that ``worker`` lives, and looks after the messages of those who do not."""

    def __init__(self, db: Database, clock: Clock, worker: str) -> None:
        self._db, self._clock, self._worker = db, clock, worker
        self._presence = Presence(db, worker)
        self._next = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to look. On SQLite nobody else can die, so that looking once, with success, is enough."""
        return self._next <= time.monotonic()

    async def run(self) -> tuple[int, int]:
        """Queue again what dead workers had leased, put in doubt what they were sending. Returns both counts."""
        await asyncio.to_thread(self._presence.hold)
        holders = await self._db.aread(recovering.open_workers)
        again = doubtful = 0
        for name in holders:
            if name != self._worker:
                counts = await self._db.awrite(lambda tx, name=name: self._bury(tx, name))
                again, doubtful = again + counts[0], doubtful + counts[1]
        self._next = time.monotonic() + (RECOVER_S if self._db.postgres else math.inf)
        if again or doubtful:
            log.info("Took up after stopped senders: %d messages queued again, %d in doubt.", again, doubtful)
        return again, doubtful

    async def own(self) -> None:
        """The same for this worker, while none of its senders has anything before it.

        A lease whose commit was not heard of, or a message whose sender broke off, would else wait for a restart.
        """
        if self._worker in await self._db.aread(recovering.open_workers):
            counts = await self._db.awrite(
                lambda tx: recovering.recover(tx, [self._worker], self._clock.now_ms()), durable=True
            )
            log.warning("Took up what no sender knew of: %d messages queued again, %d in doubt.", *counts)

    async def end(self) -> None:
        """Be gone."""
        await asyncio.to_thread(self._presence.let_go)

    def _bury(self, tx: Tx, name: str) -> tuple[int, int]:
        return (0, 0) if is_alive(tx, name) else recovering.recover(tx, [name], self._clock.now_ms())
