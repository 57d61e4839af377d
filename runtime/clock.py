"""What time it is: the machine's time, or a clock a person moves by hand."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Everything that asks for the time asks here, so that a journey of weeks can pass in a second."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is set, or runs ``speed`` times as fast as the machine's."""

    def __init__(self, start_ms: int, speed: float = 0) -> None:
        self._lock = threading.Lock()
        self._at_ms = start_ms
        self._speed = speed
        self._set_at = time.monotonic()

    def now_ms(self) -> int:
        with self._lock:
            return self._read()

    def set(self, at_ms: int, speed: float | None = None) -> None:
        """Move to ``at_ms``, never back; optionally change how fast the time runs from here."""
        with self._lock:
            self._at_ms = max(at_ms, self._read())
            self._set_at = time.monotonic()
            if speed is not None:
                self._speed = speed

    @property
    def speed(self) -> float:
        """How many seconds pass in one; 0 stands still."""
        return self._speed

    def _read(self) -> int:
        return self._at_ms + int((time.monotonic() - self._set_at) * 1000 * self._speed)
