"""Questions about who meets a rule: how many, who, a few of them, and who may have come in or gone out meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

from .database import Row, Tx
from .segment_sql import Compiler
from .segment_terms import AllTerm, AnyTerm, EventTerm, MessageTerm, NotTerm, Term
from .sql import Sql, sql

MOST_COUNTED = 1_500_000  # rows of one term; beyond, it is simply a lot
ROW, OPENED_ROW, ASKED = 0.6, 2.5, 4.0  # µs: a row of an index, one whose document is read, a contact asked alone
STEPS = 20_000  # of SQLite's machine between two looks at the clock


class TookTooLong(Exception):
    """The question was not answered in the time it was given: ask for an estimate instead."""


def compiler(tx: Tx, term: Term) -> Compiler:
    """A compiler for everybody.

    PostgreSQL plans by itself. On SQLite we say which parts are gathered once, and which are asked contact by contact
    because few contacts are left to be asked.
    """
    if tx.postgres:
        return Compiler(True)
    alone: set[Term] = set()
    _plan(_Volumes(tx), term, tx.value("SELECT coalesce(max(id), 0) FROM contacts"), alone)
    return Compiler(False, alone.__contains__)


def count(tx: Tx, term: Term) -> int:
    """How many contacts meet it."""
    asked = compiler(tx, term).who(term, "count(*)")
    return tx.value(asked.text, asked.params)


def ids(tx: Tx, term: Term) -> list[int]:
    """Who meets it, in no order."""
    asked = compiler(tx, term).who(term)
    return [contact for (contact,) in tx.run(asked.text, asked.params)]


def ids_among(tx: Tx, term: Term, contacts: Sequence[int]) -> list[int]:
    """Which of these contacts meet it."""
    among, wanted = tx.among(contacts)
    asked = Compiler(tx.postgres, lambda _: True).who(term, among=sql(f"c.id {among.replace('?', '{}')}", wanted))
    return [contact for (contact,) in tx.rows(asked.text, asked.params)]


def sample(tx: Tx, term: Term, most: int) -> list[Row]:
    """``(id, external_id, email, properties, created_at)`` of a few who meet it, those who came last first."""
    asked = compiler(tx, term).who(term, "c.id, c.external_id, c.email, c.properties, c.created_at")
    return tx.rows(f"{asked.text} ORDER BY c.id DESC LIMIT ?", (*asked.params, most))


def names(tx: Tx, term: Term) -> Iterator[tuple[int, str | None, str | None]]:
    """``(id, external id, e-mail)`` of everybody who meets it, in order of their ids."""
    asked = compiler(tx, term).who(term, "c.id, c.external_id, c.email")
    return iter(tx.run(f"{asked.text} ORDER BY c.id", asked.params))


@contextmanager
def at_most(tx: Tx, seconds: float) -> Iterator[None]:
    """Give up a question that takes longer. Raises `TookTooLong`."""
    if seconds <= 0:
        raise TookTooLong(TookTooLong.__doc__)
    if tx.postgres:
        with _postgres_limit(tx, seconds):
            yield
        return
    until = time.monotonic() + seconds
    driver: Any = tx.connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    except Exception as error:
        if "interrupted" in str(error):
            raise TookTooLong(TookTooLong.__doc__) from None
        raise
    finally:
        driver.set_progress_handler(None, STEPS)


@contextmanager
def _postgres_limit(tx: Tx, seconds: float) -> Iterator[None]:
    tx.run("SAVEPOINT patience")
    tx.run(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}")
    try:
        yield
    except Exception as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        tx.run("ROLLBACK TO SAVEPOINT patience")
        if getattr(original, "sqlstate", None) == "57014":
            raise TookTooLong(TookTooLong.__doc__) from None
        raise
    tx.run("SET LOCAL statement_timeout = 0")


class _Volumes:
    """How many rows stand behind a term, each counted once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: dict[Any, int] = {}

    def of(self, term: EventTerm | MessageTerm) -> int:
        key = (term.event, term.start, term.until) if isinstance(term, EventTerm) else "messages"
        if key not in self._known:
            self._known[key] = self._count(term)
        return self._known[key]

    def _count(self, term: EventTerm | MessageTerm) -> int:
        if isinstance(term, MessageTerm):
            return self._tx.value("SELECT coalesce(max(id), 0) FROM messages")
        return self._tx.value(
            "SELECT count(*) FROM (SELECT 1 FROM events WHERE name = ? AND at >= ? AND at < ? LIMIT ?) AS some",
            (term.event, term.start, term.until, MOST_COUNTED),
        )


def _plan(volumes: _Volumes, term: Term, left: int, alone: set[Term]) -> None:
    """Note which terms are better asked of each of the ``left`` contacts than gathered for everybody."""
    if isinstance(term, AllTerm):
        gathered = [each for each in term.parts if isinstance(each, EventTerm) and not each.figure.holds(0)]
        first = min(gathered, key=lambda each: _cost(volumes, each), default=None)
        left = left if first is None else min(left, volumes.of(first))
        for each in term.parts:
            if each is not first:
                _plan(volumes, each, left, alone)
    elif isinstance(term, AnyTerm):
        for each in term.parts:
            _plan(volumes, each, left, alone)
    elif isinstance(term, NotTerm):
        _plan(volumes, term.part, left, alone)
    elif isinstance(term, EventTerm | MessageTerm) and left * ASKED < _cost(volumes, term):
        alone.add(term)


def _cost(volumes: _Volumes, term: EventTerm | MessageTerm) -> float:
    opened = isinstance(term, MessageTerm) or term.where or term.sum is not None
    return volumes.of(term) * (OPENED_ROW if opened else ROW)


# ── who may have come in or gone out ──────────────────────────────────────────────────────────────────


def highest(tx: Tx) -> dict[str, int]:
    """The highest id of each table that only grows."""
    row = tx.one(
        "SELECT (SELECT max(id) FROM events), (SELECT max(id) FROM consents), (SELECT max(id) FROM messages),"
        " (SELECT max(id) FROM enrollments)"
    )
    return {name: n or 0 for name, n in zip(("events", "consents", "messages", "enrollments"), row or (), strict=True)}


def last_ones(tx: Tx, seen: Mapping[str, int]) -> list[Any]:
    """What tells the rows of these ids from others that might get them: SQLite gives a deleted last id out again."""
    event = tx.one("SELECT at, received_at, name FROM events WHERE id = ?", (seen["events"],))
    stay = tx.one("SELECT entered_at, journey_id FROM enrollments WHERE id = ?", (seen["enrollments"],))
    return [*(event or ()), *(stay or ())]


def contacts_of(tx: Tx, parts: Sequence[Sql], most: int) -> list[int]:
    """The contacts of these questions together, each once; at most so many of them."""
    asked = Sql(" UNION ".join(part.text for part in parts), tuple(p for part in parts for p in part.params))
    rows = tx.run(f"SELECT id FROM ({asked.text}) AS touched WHERE id IS NOT NULL LIMIT ?", (*asked.params, most))
    return [contact for (contact,) in rows]
