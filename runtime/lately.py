"""Answers that may be a moment old: asked once for everybody who looks, and the less often the more they cost."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from ..storage.database import Database, Tx

T = TypeVar("T")

LEAST, MOST = 1.0, 60.0  # seconds an answer may be old
SHARE = 20  # a query runs at most this small a part of the time
KEPT = 256


class Lately:
    """The latest answers of one store. Used from one event loop."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()  # key → (good until, answer)
        self._asked: dict[Hashable, asyncio.Task[Any]] = {}

    async def of(self, key: Hashable, query: Callable[[Tx], T]) -> T:
        """The answer to ``query``, from a moment ago if it was asked under this key then."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = asyncio.ensure_future(self._ask(key, query))
            asked.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(asked)

    async def _ask(self, key: Hashable, query: Callable[[Tx], T]) -> T:
        began = time.monotonic()
        answer = await self._db.aread(query)
        now = time.monotonic()
        self._kept[key] = now + min(max((now - began) * SHARE, LEAST), MOST), answer
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return answer


_of: WeakKeyDictionary[Database, Lately] = WeakKeyDictionary()


def lately(db: Database) -> Lately:
    """The latest answers of this store."""
    return _of.setdefault(db, Lately(db))
