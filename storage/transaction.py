"""An open transaction, as jobs and queries see it: plain SQL, bulk verbs, and a session for small things."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection
from sqlmodel import Session

Row = tuple[Any, ...]
KEY = "sojourn.key"  # where a connection keeps what digests are keyed with


class Tx:
    """An open transaction: plain SQL with ``?`` marks on the driver, bulk verbs, and a Session for small things."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.postgres = connection.dialect.name == "postgresql"
        self._driver: Any = connection.connection.driver_connection
        self._session: Session | None = None
        self.to_call: list[Callable[[], None]] = []

    def run(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement and return the driver's cursor."""
        if self.postgres:
            return self._driver.execute(_percent(sql), params)
        return self._driver.execute(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query, as tuples."""
        return self.run(sql, params).fetchall()

    def one(self, sql: str, params: Sequence[Any] = ()) -> Row | None:
        """The first row of a query, or None."""
        return self.run(sql, params).fetchone()

    def value(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, params)
        return None if row is None else row[0]

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement once for each row of parameters."""
        if not rows:
            return
        if self.postgres:
            with self._driver.cursor() as cursor:
                cursor.executemany(_percent(sql), rows)
        else:
            self._driver.executemany(sql, rows)

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert many rows at once: COPY on PostgreSQL. ``columns`` is the comma-separated list."""
        if not rows:
            return
        if self.postgres:
            with self._driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ",".join("?" * (columns.count(",") + 1))
            self._driver.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def update(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], types: str) -> None:
        """Update many rows by ``id``: each row is the new values in order of ``columns``, then the id.

        ``types`` are the columns' PostgreSQL types, comma-separated, without the id's.
        """
        if not rows:
            return
        if self.postgres:
            arrays = ", ".join(f"%s::{kind.strip()}[]" for kind in types.split(","))
            sets = ", ".join(f"{name} = v.{name}" for name in columns)
            names = ", ".join(columns)
            self._driver.execute(
                f"UPDATE {table} t SET {sets} "
                f"FROM unnest({arrays}, %s::bigint[]) AS v({names}, key) WHERE t.id = v.key",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            sets = ", ".join(f"{name} = ?" for name in columns)
            self._driver.executemany(f"UPDATE {table} SET {sets} WHERE id = ?", rows)

    def among(self, values: Sequence[int] | Sequence[str]) -> tuple[str, Any]:
        """SQL for "is one of these" and its single parameter: ``column {sql}``."""
        if self.postgres:
            return "= ANY(?)", list(values)
        return "IN (SELECT value FROM json_each(?))", orjson.dumps(list(values)).decode()

    def digest(self, text: str) -> str:
        """What is kept in place of a name that must be known again but not be read: a keyed digest, 64 characters."""
        return hmac.new(self.connection.info.get(KEY, b""), text.encode(), sha256).hexdigest()

    @property
    def session(self) -> Session:
        """A SQLModel session inside this transaction; it is flushed when the job ends."""
        if self._session is None:
            self._session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        return self._session

    def afterwards(self, call: Callable[[], None]) -> None:
        """Call this once the transaction has been committed; forget it if it is rolled back."""
        self.to_call.append(call)

    def finish(self, keep: bool) -> None:
        """Flush and close the session, if one was used."""
        if self._session is not None:
            if keep:
                self._session.commit()
            self._session.close()
            self._session = None


@lru_cache(maxsize=4096)
def _percent(sql: str) -> str:
    """The same statement with psycopg's marks. No SQL of ours has a literal question mark."""
    return sql.replace("%", "%%").replace("?", "%s")
