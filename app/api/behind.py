"""How far the write door is behind, seen from the requests that wait for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

WAITING = 600  # requests at once
WAITING_S = 8.0  # of the oldest


class TooFarBehind(Exception):
    """More comes in than can be written at the moment: send it again after a while. Nothing of it was stored."""


class Behind:
    """The requests in hand, oldest first."""

    def __init__(self, most: int = WAITING, longest_s: float = WAITING_S) -> None:
        self._most = most
        self._longest_s = longest_s
        self._since: dict[object, float] = {}

    @property
    def count(self) -> int:
        """How many requests are in hand."""
        return len(self._since)

    def refuse_if_too_far(self) -> None:
        """Raise `TooFarBehind` when one more request would only make it worse."""
        oldest = next(iter(self._since.values()), None)
        if self.count >= self._most or (oldest is not None and time.monotonic() - oldest > self._longest_s):
            raise TooFarBehind(TooFarBehind.__doc__)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for the write door; reading a body does not count, or one slow client would stop everybody."""
        self.refuse_if_too_far()
        ticket = object()
        self._since[ticket] = time.monotonic()
        try:
            yield
        finally:
            del self._since[ticket]
