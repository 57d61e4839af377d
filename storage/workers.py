"""Which workers are alive: on PostgreSQL a session lock, freed the instant its owner dies; on SQLite there is one."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import psycopg

from .database import Database, Tx


def key(name: str) -> int:
    """The lock of a worker's name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8, person=b"sojourn worker").digest(), "big", signed=True)


class Presence:
    """Says that this worker lives, for as long as it is held."""

    def __init__(self, db: Database, name: str) -> None:
        self._url = db.url if db.postgres else None
        self._name = name
        self._connection: psycopg.Connection[Any] | None = None

    def hold(self) -> None:
        """Take the lock, or make sure it is still there: a database that was restarted has forgotten it.

        It is shared, so that it never waits for a dead connection of its own; asking for it alone tells life.
        """
        if self._url is None:
            return
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.Error:
                self.let_go()
            else:
                return
        self._connection = psycopg.connect("postgresql" + self._url[self._url.index(":") :], autocommit=True)
        self._connection.execute("SELECT pg_advisory_lock_shared(%s)", (key(self._name),))

    def let_go(self) -> None:
        """Be gone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def is_alive(tx: Tx, name: str) -> bool:
    """True while that worker holds its lock. Where only one process may be (SQLite), nobody else is alive."""
    return tx.postgres and not tx.value("SELECT pg_try_advisory_xact_lock(?)", (key(name),))
