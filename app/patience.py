"""How long somebody has to wait after wrong passwords: doubling, by account and by address."""

from __future__ import annotations

import time
from collections import OrderedDict

FREE = 5  # tries before any wait
FORGOTTEN_AFTER = 900.0  # seconds without a try
REMEMBERED = 10_000  # names, the oldest go first


class TooManyTries(Exception):
    """Too many wrong tries."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds))
        super().__init__(f"Too many tries. Wait {spoken(self.seconds)}, then try again.")


class Patience:
    """Counts tries under a name; from the sixth on, each doubles the wait up to ``longest`` seconds."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._tries: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def begin(self, name: str) -> None:
        """Count a try before it is made, so that many at once are counted too. Raises TooManyTries."""
        now = time.monotonic()
        count, last = self._tries.get(name, (0, now))
        if now - last > FORGOTTEN_AFTER:
            count = 0
        if count >= FREE:
            left = last + min(self._longest, 2.0 ** (count - FREE)) - now
            if left > 0:
                raise TooManyTries(left)
        self._tries[name] = (count + 1, now)
        self._tries.move_to_end(name)
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Start from nothing."""
        self._tries.pop(name, None)


def spoken(seconds: int) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"
