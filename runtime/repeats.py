"""Which rows of a long file may be about the same contact, found in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

BITS = 28  # 32 MB, whatever the length of the file
MOST = 100_000  # contacts that come more than once and are put together; beyond, later rows simply win


class Repeats:
    """Tell it every key once, then ask. It may take a key for a repeated one, never the other way below `MOST`."""

    def __init__(self) -> None:
        self._seen = bytearray(1 << (BITS - 3))
        self._often: set[int] = set()

    def add(self, keys: Iterable[str]) -> None:
        """These keys stand in one row."""
        seen = self._seen
        for key in keys:
            place = crc32(key.encode()) & ((1 << BITS) - 1)
            byte, bit = place >> 3, 1 << (place & 7)
            if not seen[byte] & bit:
                seen[byte] |= bit
            elif len(self._often) < MOST:
                self._often.add(place)

    def done(self) -> None:
        """Every key was told: let go of what is not needed any more."""
        self._seen = bytearray()

    def __bool__(self) -> bool:
        return bool(self._often)

    def repeated(self, keys: Iterable[str]) -> bool:
        """Whether one of these keys comes more than once in the file."""
        often = self._often
        return any(crc32(key.encode()) & ((1 << BITS) - 1) in often for key in keys)
