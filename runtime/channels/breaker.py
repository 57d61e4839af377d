"""Stops asking a server that does not answer, and lets one message through now and then to see."""

from __future__ import annotations

import time
from datetime import UTC, datetime

FIRST_S, LONGEST_S = 1.0, 60.0
PATIENCE = 5  # conversations in a row that break off before the server counts as away


class Breaker:
    """Closed while all is well. Real time throughout: the server lives in it, whatever our clock says."""

    def __init__(self) -> None:
        self.why = ""
        self.since: datetime | None = None
        self._wait_s = FIRST_S
        self._probe_at = 0.0
        self._probing = False
        self._tried = False  # the probe is out
        self._dropped = 0

    def room(self) -> int:
        """How many messages may be leased: all, one as a probe, or none."""
        if self.since is None:
            return 1_000_000
        if time.monotonic() < self._probe_at:
            return 0
        self._probe_at = time.monotonic() + self._wait_s  # others wait while this one tries
        self._probing = True
        return 1

    def lets_through(self) -> bool:
        """May this hand-over ask the server? While it is away only the probe may."""
        if self.since is None:
            return True
        probe, self._probing = self._probing, False
        self._tried |= probe
        return probe

    def answered(self) -> None:
        """The server talks to us."""
        self.since, self.why, self._wait_s, self._dropped, self._tried = None, "", FIRST_S, 0, False

    def failed(self, why: str) -> None:
        """The server could not be used at all. Those who asked beside each other before that was known say it once."""
        self.why = why
        if self.since is None:
            self.since = datetime.now(UTC)
        elif self._tried:
            self._wait_s, self._tried = min(LONGEST_S, self._wait_s * 2), False
        else:
            return
        self._probe_at = time.monotonic() + self._wait_s

    def dropped(self, why: str) -> None:
        """One conversation broke off; several in a row are a failure."""
        self._dropped += 1
        if self._dropped >= PATIENCE:
            self.failed(why)
