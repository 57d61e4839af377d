"""Reading somebody else's database: one query, read-only, row by row, from the last key on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

PAGE = 2_000
SECONDS = 600  # a query may take
MOST = 5_000_000  # rows in one run; the rest comes with the next one
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
BEGINS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select|with)\b", re.IGNORECASE | re.DOTALL)


class ForeignProblem(Exception):
    """Another database cannot be read; the message says why."""


class Row(NamedTuple):
    """The columns' names, the cells as text, and the row's key."""

    heads: Sequence[str]
    cells: Sequence[str]
    key: Any


def check(url: str, query: str, key_column: str) -> None:
    """Raise `ForeignProblem` for what could never be read."""
    _engine(url).dispose()
    if not BEGINS.match(query):
        raise ForeignProblem("The query has to begin with SELECT (or WITH): it is only read, never changed.")
    if ";" in query.strip().rstrip(";"):
        raise ForeignProblem("Write one query, without a semicolon inside.")
    if key_column and not NAME.fullmatch(key_column):
        raise ForeignProblem("The key has to be the plain name of a column of the query, such as id or updated_at.")


def rows(url: str, query: str, key_column: str = "", last: Any = None) -> Iterator[Row]:
    """The rows of a query, by the key where there is one: the last one's again, since others may have the same, and
    those after it. Raises `ForeignProblem`."""
    check(url, query, key_column)
    engine = _engine(url)
    asked = query.strip().rstrip(";")
    values: dict[str, Any] = {}
    if key_column:
        after = ""
        if last is not None:
            after, values = f" WHERE {key_column} >= :last", {"last": _key(last)}
        asked = f"SELECT * FROM (\n{_escaped(asked)}\n) AS pulled{after} ORDER BY {key_column}"  # noqa: S608
    else:
        asked = _escaped(asked)
    try:
        with engine.connect().execution_options(stream_results=True, yield_per=PAGE) as connection:
            found = connection.execute(text(asked), values)
            heads = list(found.keys())
            at = _place(heads, key_column)
            for number, row in enumerate(found):
                if number == MOST:
                    return
                yield Row(heads, [_cell(value) for value in row], row[at] if at is not None else None)
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise ForeignProblem(f"The database says: {said[0][:300] if said else type(error).__name__}") from None
    finally:
        engine.dispose()


def shown(url: str) -> str:
    """The address without its password."""
    return _url(url).render_as_string(hide_password=True)


def file_of(url: str) -> Path | None:
    """The file of a SQLite address."""
    made = _url(url)
    return Path(made.database) if made.get_backend_name() == "sqlite" and made.database else None


def as_json(key: Any) -> str:
    """A key as it is kept."""
    if isinstance(key, datetime | date):
        return orjson.dumps({"moment": key.isoformat()}).decode()
    if isinstance(key, Decimal):
        return orjson.dumps(int(key) if key == key.to_integral_value() else float(key)).decode()
    return orjson.dumps(key, default=str).decode()


def _key(kept: Any) -> Any:
    if isinstance(kept, dict):
        return datetime.fromisoformat(kept["moment"])
    return kept


def _url(url: str) -> URL:
    try:
        made = make_url(url.strip())
    except (ArgumentError, ValueError):
        raise ForeignProblem(
            "This is no address of a database: write postgresql://user:password@host/name, or sqlite:////folder/file.db."
        ) from None
    return made.set(drivername="postgresql+psycopg") if made.drivername in ("postgresql", "postgres") else made


def _engine(url: str) -> Engine:
    made = _url(url)
    kind = made.get_backend_name()
    options: dict[str, Any] = {}
    if kind == "sqlite":
        file = Path(made.database or "")
        if not file.is_file():
            raise ForeignProblem(f"There is no database file {made.database!r} on this machine.")
        made = made.set(database=f"file:{file.as_posix()}", query={"mode": "ro", "uri": "true"})
    elif kind == "postgresql":
        options["connect_args"] = {
            "connect_timeout": 10,
            "options": f"-c default_transaction_read_only=on -c statement_timeout={SECONDS * 1000}",
        }
    try:
        engine = create_engine(made, **options)
    except NoSuchModuleError:
        raise ForeignProblem(
            f"Databases of the kind {kind!r} are not known: see SQLAlchemy's list of dialects."
        ) from None
    except ModuleNotFoundError as error:
        raise ForeignProblem(f"Reading this database needs one more package: pip install {error.name}.") from None
    if kind in ("mysql", "mariadb"):

        @event.listens_for(engine, "connect")
        def _only_read(connection: Any, _record: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")

    return engine


def _place(heads: Sequence[str], key_column: str) -> int | None:
    if not key_column:
        return None
    for number, head in enumerate(heads):
        if head.lower() == key_column.lower():
            return number
    raise ForeignProblem(f"The query has no column {key_column}; it has {', '.join(heads)}.")


def _escaped(query: str) -> str:
    """A colon in a query is no parameter of ours."""
    return query.replace("\\:", ":").replace(":", "\\:")


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bytes | memoryview):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return orjson.dumps(value, default=str).decode()
    return str(value).replace("\0", "")
