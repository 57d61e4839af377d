"""What may wait until the drawing has been served: a panel that is drawn anew costs the browser more than an edit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

QUIET_S = 0.15  # no change for this long
AT_MOST_S = 1.0  # but no later than this, however fast the changes come


class Soon:
    """Gathers ids and hands all of them on at once. Without an event loop nothing waits."""

    def __init__(self, call: Callable[[frozenset[str]], Any]) -> None:
        self._call = call
        self._ids: frozenset[str] = frozenset()
        self._first = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, ids: frozenset[str] = frozenset()) -> None:
        """These have changed."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._call(ids)
            return
        self._ids |= ids
        if self._timer is None:
            self._first = loop.time()
        else:
            self._timer.cancel()
        self._timer = loop.call_at(min(loop.time() + QUIET_S, self._first + AT_MOST_S), self._now)

    def stop(self) -> None:
        """Hand on nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _now(self) -> None:
        ids, self._ids, self._timer = self._ids, frozenset(), None
        self._call(ids)
