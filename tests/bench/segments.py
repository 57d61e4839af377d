"""A segment of five conditions over a million contacts and ten million events, beside DuckDB scanning the same data."""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from sojourn.nodes.rule import Rule
from sojourn.runtime import segments as library
from sojourn.runtime.audience import count
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.segment_refresh import Refreshed, refresh
from sojourn.storage import segments
from sojourn.storage.database import Database, Tx, sqlite_url
from sojourn.storage.tables import metadata

from .figures import Figure

CONTACTS, EVENTS, FRESH = 1_000_000, 10_000_000, 10_000
T0, DAY = 1_790_000_000_000, 86_400_000
YEAR = 365 * DAY
RULE: dict[str, Any] = {
    "all": [
        {"property": "country", "op": "in", "value": ["CZ", "SK"]},
        {"event": "viewed_product", "times": 2, "days": 30},
        {
            "event": "added_to_cart",
            "days": 60,
            "where": [{"property": "category", "op": "in", "value": ["shoes", "bags"]}],
        },
        {"event": "purchased", "did": False, "days": 30},
        {"event": "purchased", "sum": "total", "op": "at_least", "value": 1000, "days": 365},
    ]
}
# The same numbers on both sides: what is random is worked out of the row's own number.
ROW = """
SELECT i + 1 AS id, 1 + (q * 48271 + i * 11) % 2147483647 % {contacts} AS contact_id,
 CASE WHEN n < 50 THEN 'viewed_product' WHEN n < 70 THEN 'viewed_category' WHEN n < 82 THEN 'added_to_cart'
 WHEN n < 90 THEN 'purchased' WHEN n < 96 THEN 'searched' ELSE 'signed_in' END AS name,
 {began} + i * {every} AS "at", {began} + i * {every} AS received_at,
 '{{"category":"' || CASE (q * 16807 + i) % 2147483647 % 10 WHEN 0 THEN 'shoes' WHEN 1 THEN 'bags' WHEN 2 THEN 'hats'
 ELSE 'other' END || '","total":' || ((q * 39373 + i * 5) % 2147483647 % 5000) || '}}' AS properties
FROM (SELECT i, q, (q * 69621 + i * 3) % 2147483647 % 100 AS n FROM (SELECT i, i * i % 2147483647 AS q FROM {numbers}))
"""
PERSON = """
SELECT i AS id, 'u' || i AS external_id, 'p' || i || '@example.com' AS email,
 '{{"country":"' || CASE i % 5 WHEN 0 THEN 'CZ' WHEN 1 THEN 'SK' WHEN 2 THEN 'DE' WHEN 3 THEN 'PL' ELSE 'AT' END
 || '","first_name":"Name' || (i % 997) || '","newsletter":true}}' AS properties,
 {began} AS created_at, {began} AS changed_at FROM {numbers}
"""
DUCK = """
SELECT count(*) FROM contacts c WHERE json_extract_string(c.properties, '$.country') IN ('CZ', 'SK')
 AND c.id IN (SELECT contact_id FROM events WHERE name = 'viewed_product' AND "at" >= {month} GROUP BY 1
  HAVING count(*) >= 2)
 AND c.id IN (SELECT contact_id FROM events WHERE name = 'added_to_cart' AND "at" >= {two_months}
  AND json_extract_string(properties, '$.category') IN ('shoes', 'bags'))
 AND c.id NOT IN (SELECT contact_id FROM events WHERE name = 'purchased' AND "at" >= {month})
 AND c.id IN (SELECT contact_id FROM events WHERE name = 'purchased' AND "at" >= {year} GROUP BY 1
  HAVING sum(json_extract(properties, '$.total')::DOUBLE) >= 1000)
"""


def count_1m() -> list[Figure]:
    """CPU seconds to count, warm, the limit being DuckDB over the same rows."""
    with _shop() as (db, duck):
        return [_count(db, duck)]


def refresh_1m() -> list[Figure]:
    """CPU seconds to bring it up to date after new events, the limit being DuckDB counting everybody again."""
    with _shop() as (db, duck):
        return [_refresh(db, _count(db, duck).limit)]


def _count(db: Database, duck: duckdb.DuckDBPyConnection) -> Figure:
    rule = Rule.model_validate(RULE)
    asked = DUCK.format(month=T0 - 30 * DAY, two_months=T0 - 60 * DAY, year=T0 - YEAR)
    ours = [_timed(lambda: db.look(lambda tx: count(tx, rule, T0))) for _ in range(3)]
    theirs = [_timed(lambda: duck.execute(asked).fetchall()[0][0]) for _ in range(3)]
    assert {each.answer for each in ours} == {each.answer for each in theirs}, (ours, theirs)
    cpu, limit = min(each.cpu for each in ours[1:]), min(each.cpu for each in theirs[1:])
    more = {
        "contacts": CONTACTS,
        "events": EVENTS,
        "found": ours[0].answer,
        "wall_s": round(min(each.wall for each in ours[1:]), 2),
        "limit_wall_s": round(min(each.wall for each in theirs[1:]), 2),
    }
    return Figure("segments.count.1m", cpu, "CPU s", limit, more)


def _refresh(db: Database, limit: float) -> Figure:
    rule, shelf, later = Rule.model_validate(RULE), ProgramShelf(), T0 + 60_000
    db.write(lambda tx: library.save(tx, {"name": "shoes", "rule": RULE}, "bench", T0))
    filled = _timed(lambda: refresh(db, shelf, "shoes", T0))
    db.write(lambda tx: _rows(tx, EVENTS, FRESH, every=5))
    took = _timed(lambda: refresh(db, shelf, "shoes", later))
    done: Refreshed = took.answer
    assert done.looked_at is not None and done.joined + done.left > 0
    assert done.size == db.look(lambda tx: count(tx, rule, later))
    segment = db.look(lambda tx: library.named(tx, "shoes"))
    assert len(db.look(lambda tx: segments.member_ids(tx, segment.id or 0))) == done.size
    more = {
        "fresh_events": FRESH,
        "looked_at": done.looked_at,
        "joined": done.joined,
        "left": done.left,
        "wall_s": round(took.wall, 2),
        "filled_cpu_s": round(filled.cpu, 2),
        "members": done.size,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    return Figure("segments.refresh.1m", took.cpu, "CPU s", limit, more)


@contextmanager
def _shop() -> Iterator[tuple[Database, duckdb.DuckDBPyConnection]]:
    folder = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    db = Database(sqlite_url(folder / "bench.db"))
    duck = duckdb.connect(str(folder / "bench.duckdb"))
    try:
        db.write(_fill)
        duck.execute("SET threads = 2")
        duck.execute(f"CREATE TABLE contacts AS {_people(f'range(1, {CONTACTS + 1}) t(i)')}")
        duck.execute(f"CREATE TABLE events AS {_happenings(f'range(0, {EVENTS}) t(i)', YEAR // EVENTS)}")
        yield db, duck
    finally:
        duck.close()
        db.close()
        shutil.rmtree(folder)


def _fill(tx: Tx) -> None:
    """Rows first and their indexes after them: a tenth of the time."""
    metadata.create_all(tx.connection)
    indexes = tx.rows(
        "SELECT name, sql FROM sqlite_master WHERE tbl_name IN ('contacts', 'events') AND sql LIKE 'CREATE%INDEX%'"
    )
    for name, _ in indexes:
        tx.run(f"DROP INDEX {name}")
    people = _people(_numbers(1, CONTACTS))
    tx.run(f"INSERT INTO contacts (id, external_id, email, properties, created_at, changed_at) {people}")
    _rows(tx, 0, EVENTS, YEAR // EVENTS)
    for _, made in indexes:
        tx.run(made)


def _rows(tx: Tx, after: int, count: int, every: int) -> None:
    made = _happenings(_numbers(after, after + count - 1), every, T0 - after * every if after else T0 - YEAR)
    tx.run(f"INSERT INTO events (id, contact_id, name, at, received_at, properties) {made}")


def _numbers(first: int, last: int) -> str:
    return f"(WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n)"


def _people(numbers: str) -> str:
    return PERSON.format(numbers=numbers, began=T0 - YEAR)


def _happenings(numbers: str, every: int, began: int = T0 - YEAR) -> str:
    return ROW.format(numbers=numbers, contacts=CONTACTS, every=every, began=began)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds, and what came of them."""

    wall: float
    cpu: float
    answer: Any


def _timed(do: Callable[[], Any]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = do()
    return Took(time.perf_counter() - wall, time.process_time() - cpu, answer)
