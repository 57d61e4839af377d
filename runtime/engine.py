"""The engine: claims a batch of due contacts, walks them to where they rest, writes it all in one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..storage import walking
from ..storage.database import Database, Tx
from ..storage.faults import fail_point
from ..storage.health import TROUBLE
from . import switching
from .clock import Clock
from .no_garbage import no_garbage
from .program import NotApproved, NotRunnable, ProgramShelf
from .walk import BatchWalk, NodeMisbehaved

log = logging.getLogger(__name__)

ASIDE_MS = 3_600_000  # before somebody is tried again whom a step could not bear
BATCH = 1_000  # contacts walked while the write door is held, in a process that also serves people


@dataclass(frozen=True, slots=True)
class Beat:
    """What one beat of the engine did."""

    contacts: int = 0
    steps: int = 0
    messages: int = 0

    def __add__(self, other: Beat) -> Beat:
        return Beat(self.contacts + other.contacts, self.steps + other.steps, self.messages + other.messages)


class Engine:
    """Moves people through every live journey. Holds no state: kill it at any line and start it again."""

    def __init__(self, db: Database, shelf: ProgramShelf, clock: Clock, batch: int = BATCH) -> None:
        self._db = db
        self._shelf = shelf
        self._clock = clock
        self._batch = batch
        self.troubles: dict[int, str] = {}  # version → why its people do not move
        self.failing: dict[int, str] = {}  # version → what its step last failed with; whom it failed on stands aside
        self._careful: dict[int, int] = {}  # version → how many at once, after a failure

    def run_due(self, budget_seconds: float = 60, after_batch: Callable[[], None] | None = None) -> Beat:
        """Walk everybody who is due, batch by batch, until nobody is or the time is up."""
        done = Beat()
        deadline = time.monotonic() + budget_seconds
        moving = True
        while moving and time.monotonic() < deadline:
            moving = False
            for version in self._due_versions():
                beat = self._one_batch(version)
                done += beat
                moving = moving or beat.contacts > 0
                if after_batch and beat.messages:
                    after_batch()
        return done

    def _due_versions(self) -> list[int]:
        now_ms = self._clock.now_ms()

        def look(tx: Tx) -> list[int]:
            self._shelf.refresh(tx)
            return [version for version, due in walking.first_due(tx) if due <= now_ms and self._may_run(tx, version)]

        return self._db.look(look)

    def _may_run(self, tx: Tx, version: int) -> bool:
        try:
            program = self._shelf.program(tx, version)
        except (NotApproved, NotRunnable) as error:
            self.troubles[version] = str(error)
            return False
        self.troubles.pop(version, None)
        return program.journey_id in self._shelf.running

    def _one_batch(self, version: int) -> Beat:
        """One batch of a version. Somebody whom a step cannot bear stands aside for a while; the others go on."""
        limit = self._careful.get(version, self._batch)
        try:
            beat = self._db.write(lambda tx: self._walk(tx, version, limit))
        except TROUBLE:
            raise
        except Exception as error:  # a step of somebody's own making, most likely: the other journeys go on
            log.exception("Version %d does not move with %d people at once", version, limit)
            self.failing[version] = str(error) if isinstance(error, NodeMisbehaved) else f"{type(error).__name__}."
            if limit > 1:
                self._careful[version] = limit // 8 or 1
                return self._one_batch(version)
            now_ms = self._clock.now_ms()
            return Beat(contacts=self._db.write(lambda tx: walking.put_off(tx, version, now_ms, now_ms + ASIDE_MS)))
        if version in self._careful:
            self._careful[version] = limit * 2
            if limit * 2 >= self._batch:
                del self._careful[version]
        return beat

    def _walk(self, tx: Tx, version: int, limit: int) -> Beat:
        now_ms = self._clock.now_ms()
        with no_garbage():
            program = self._shelf.program(tx, version)
            rows = walking.claim(tx, version, now_ms, limit)
            if not rows:
                return Beat()
            walk = BatchWalk(tx, program, rows, now_ms)
            written = walk.run()
            fail_point("mid_walk")
            walking.write(tx, written)
            switching.carry_out(tx, self._shelf, program.journey_id, walk.switches, now_ms)
            return Beat(len(rows), walk.steps, len(written.messages))
