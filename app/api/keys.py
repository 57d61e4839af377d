"""Which key a program came with, and whether it is good."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any, NamedTuple

from starlette.requests import Request

from ...storage import keys
from ...storage.database import Database

REMEMBERED_S = 3.0  # a revoked key works this much longer
ROOM = 1_024


class NoKey(Exception):
    """The write key is missing or not valid: send it as the Basic user name or as `writeKey` in the body; `sojourn keys new --kind write` makes one."""  # noqa: E501


class Caller(NamedTuple):
    """A key that is good. ``kind`` is write (events in) or admin (everything)."""

    id: int
    kind: str
    name: str

    @property
    def source(self) -> str:
        """How what came with this key is labelled."""
        return f"{self.name or 'key'} #{self.id}"


class KeyRing:
    """Good keys, remembered for a few seconds so that an event does not cost a query more."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, tuple[float, Caller]] = {}

    async def caller(self, key: str | None) -> Caller:
        """Whose key this is; raises `NoKey`."""
        if not key or len(key) > 200:
            raise NoKey(NoKey.__doc__)
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        self._known.pop(key, None)
        row = await self._db.aread(lambda tx: keys.live(tx, key))
        if row is None:
            raise NoKey(NoKey.__doc__)
        caller = Caller(*row)
        if len(self._known) >= ROOM:
            self._known.clear()
        self._known[key] = (time.monotonic() + REMEMBERED_S, caller)
        return caller


def given_key(request: Request, body: dict[str, Any]) -> str | None:
    """The key as the SDKs send it: Basic user name, bearer token, or ``writeKey`` in the body."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user = base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            user = ""
        if user:
            return user
    elif scheme.lower() == "bearer" and value.strip():
        return value.strip()
    key = body.get("writeKey")
    return key if isinstance(key, str) and key.isprintable() else None
