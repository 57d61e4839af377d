"""Every preset gives the ids that DuckDB works out from the demo's raw rows, by SQL written by hand for this test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import orjson

from sojourn.app import demo
from sojourn.app.demo_shop import Past, past
from sojourn.runtime import presets, segment_refresh, segments
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.features.refresh import Refresh
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import events
from sojourn.storage import segments as rows
from sojourn.storage.columns import dump, load
from sojourn.storage.database import Database, Tx

NOON = 1_790_000_000_000
DAY = 86_400_000
LATER = 3 * DAY

# What people are like at the moment {now}, from nothing but what they did. Figures of the library are not looked at.
DERIVED = """
CREATE OR REPLACE TEMP TABLE orders AS
  SELECT contact, ms, CAST(said->>'total' AS DOUBLE) AS total, said FROM did WHERE name = 'purchased';
CREATE OR REPLACE TEMP TABLE money AS
  SELECT id, count(total) AS orders, max(o.ms) AS last_at,
         round(coalesce(sum(total), 0) - coalesce(any_value(back), 0), 2) AS revenue
  FROM people LEFT JOIN orders o ON o.contact = id
  LEFT JOIN (SELECT contact, sum(CAST(said->>'amount' AS DOUBLE)) AS back FROM did WHERE name = 'refunded' GROUP BY 1) r
    ON r.contact = id GROUP BY id;
CREATE OR REPLACE TEMP TABLE life AS
  SELECT contact, ms, 3 AS points, true AS visit FROM did
  WHERE name NOT IN ('refunded', 'churn_signal', 'lifecycle_changed', 'joined_segment', 'left_segment')
    AND name NOT LIKE '$%'
  UNION ALL SELECT contact, opened_at, 1, false FROM letters WHERE opened_at IS NOT NULL
  UNION ALL SELECT contact, clicked_at, 3, false FROM letters WHERE clicked_at IS NOT NULL;
CREATE OR REPLACE TEMP TABLE quiet AS
  SELECT id, ({now} - coalesce(max(ms), any_value(came_at))) / 86400000.0 AS days FROM people LEFT JOIN life
  ON contact = id GROUP BY id;
CREATE OR REPLACE TEMP TABLE score AS
  SELECT contact AS id, 100 * (1 - pow(2, -sum(points * pow(2, -({now} // 86400000 - day) / 30.0)) / 20)) AS score
  FROM (SELECT contact, ms // 86400000 AS day, 3 AS points FROM life WHERE visit GROUP BY 1, 2
        UNION ALL SELECT contact, ms // 86400000, points FROM life WHERE NOT visit) GROUP BY 1;
CREATE OR REPLACE TEMP TABLE ranks AS
  WITH n AS (SELECT *, count(*) OVER () AS n, row_number() OVER (ORDER BY last_at) AS by_time,
                    row_number() OVER (ORDER BY orders) AS by_orders, row_number() OVER (ORDER BY revenue) AS by_money
             FROM money WHERE orders > 0)
  SELECT id, last_at > (SELECT min(last_at) FROM n WHERE by_time * 5 >= n * 3) AS r4,
         last_at <= (SELECT min(last_at) FROM n WHERE by_time * 5 >= n * 2) AS r2,
         orders > (SELECT min(orders) FROM n WHERE by_orders * 5 >= n * 3) AS f4,
         revenue > (SELECT min(revenue) FROM n WHERE by_money * 5 >= n * 3) AS m4,
         revenue > (SELECT min(revenue) FROM n WHERE by_money * 10 >= n * 9) AS top
  FROM n;
CREATE OR REPLACE TEMP TABLE favourite AS
  WITH lines AS (SELECT contact, ms, unnest(from_json(said->'products', '["JSON"]')) AS line FROM orders),
       named AS (SELECT contact, 1 AS bought, line->>'category' AS category,
                        sum(CAST(line->>'quantity' AS DOUBLE)) AS pieces, max(ms) AS ms FROM lines GROUP BY ALL
                 UNION ALL
                 SELECT contact, 0, said->>'category', sum(coalesce(CAST(said->>'quantity' AS DOUBLE), 1)), max(ms)
                 FROM did WHERE name IN ('viewed_category', 'viewed_product') GROUP BY ALL)
  SELECT DISTINCT ON (contact) contact AS id, category FROM named
  ORDER BY contact, bought DESC, pieces DESC, ms DESC, category DESC;
"""

ORDERED = "(SELECT count(*) FROM orders o WHERE o.contact = p.id AND o.ms > {now} - 365 * {day})"
WANTED = {
    "newcomers": "SELECT id FROM people WHERE came_at >= {now} - 14 * {day}",
    "active": "SELECT id FROM quiet WHERE days <= 30",
    "inactive": "SELECT id FROM quiet WHERE days > 90",
    "activated": f"SELECT p.id FROM quiet p JOIN money m USING (id) WHERE days < 60 AND orders >= 1 AND {ORDERED} < 3",
    "loyal": f"SELECT p.id FROM quiet p WHERE days < 60 AND {ORDERED} >= 3",
    "at-risk": "SELECT id FROM quiet JOIN money USING (id) WHERE days >= 60 AND days < 150 AND orders >= 1",
    "lost": "SELECT id FROM quiet JOIN money USING (id) WHERE days >= 150 AND orders >= 1",
    "best-customers": "SELECT id FROM money WHERE last_at >= {now} - 30 * {day} AND orders >= 3 AND revenue >= 150",
    "champions": "SELECT id FROM ranks WHERE r4 AND f4 AND m4",
    "vip": "SELECT id FROM ranks WHERE top",
    "big-and-silent": "SELECT id FROM ranks WHERE m4 AND r2",
    "looks-at-running": """SELECT contact FROM did WHERE name = 'viewed_category' AND said->>'category' = 'Running'
        AND ms >= {now} - 7 * {day} GROUP BY 1 HAVING count(*) >= 3""",
    "left-cart": """SELECT contact FROM did WHERE name = 'added_to_cart' AND ms >= {now} - 7 * {day}
        EXCEPT SELECT contact FROM orders WHERE ms >= {now} - 7 * {day}""",
    "one-time-buyers": "SELECT id FROM money WHERE orders = 1",
    "window-shoppers": """SELECT contact FROM did WHERE name = 'viewed_product' AND ms >= {now} - 30 * {day}
        GROUP BY 1 HAVING count(*) >= 3 EXCEPT SELECT contact FROM orders""",
    "engaged-readers": """SELECT contact FROM letters WHERE queued_at >= {now} - 30 * {day}
        GROUP BY 1 HAVING count(clicked_at) >= 1 OR count(opened_at) >= 2""",
    "sleeping-readers": """SELECT contact FROM letters WHERE queued_at >= {now} - 90 * {day}
        GROUP BY 1 HAVING count(sent_at) >= 2 AND count(opened_at) = 0""",
    "bargain-hunters": """SELECT contact FROM orders WHERE said->>'coupon' IS NOT NULL
        GROUP BY 1 HAVING count(*) >= 2""",
    "sends-back": """SELECT contact FROM did WHERE name = 'refunded' AND ms >= {now} - 90 * {day}
        GROUP BY 1 HAVING sum(CAST(said->>'amount' AS DOUBLE)) >= 50""",
    "highly-engaged": "SELECT id FROM score WHERE floor(score) >= 30",
    "likes-running": "SELECT id FROM favourite WHERE category = 'Running'",
    "likes-camping": "SELECT id FROM favourite WHERE category = 'Camp'",
}


def test_every_preset_is_checked_here():
    assert {each.name for each in presets.presets()} == WANTED.keys()


def test_every_preset_says_what_it_is_for():
    for each in presets.presets():
        assert each.title and each.description.endswith(".") and len(each.words()) < 200
        assert each.kind in segments.KINDS and each.kind != "predictive"


def test_every_preset_gives_the_ids_that_duckdb_finds_and_so_it_stays(db: Database, tmp_path: Path):
    clock, shelf = ManualClock(NOON - LATER), ProgramShelf()
    known = past(NOON)
    fill(db, known)
    for each in presets.presets():
        db.write(lambda tx, name=each.name: presets.add(tx, name, "demo", clock.now_ms()))

    first = held(db, shelf, clock, tmp_path)
    assert all(first.values()), [name for name, ids in first.items() if not ids]

    catch_up(db, known)
    clock.set(NOON)
    second = held(db, shelf, clock, tmp_path)
    assert sum(first[name] != second[name] for name in first) > len(first) * 2 / 3  # the days made a difference


def held(db: Database, shelf: ProgramShelf, clock: ManualClock, folder: Path) -> dict[str, set[int]]:
    """Who is in each preset now, the same for both."""
    Refresh(db, shelf, clock, budget_s=120).run()
    segment_refresh.refresh_all(db, shelf, clock.now_ms())
    wanted = dict(by_duckdb(db, folder, clock.now_ms()))
    found = db.look(lambda tx: {each.name: rows.member_ids(tx, each.id or 0) for each in rows.segments(tx)})
    for name, ids in wanted.items():
        assert found[name] == ids, (name, len(found[name]), len(ids), sorted(found[name] ^ ids)[:5])
    return wanted


def fill(db: Database, known: Past) -> None:
    """The demo as it was some days ago, with letters that were read or not."""
    then = NOON - LATER
    before = Past([one for one in known.people if one.joined_ms <= then], [d for d in known.events if d.at_ms <= then])
    db.write(lambda tx: demo._fill(tx, before, then))
    dice = Random(3)
    names = "enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts"
    sent: list[tuple[Any, ...]] = []
    for n in range(4_000):
        at_ms = then - DAY - dice.randrange(120 * DAY)
        opened = at_ms + dice.randrange(DAY // 2) if dice.random() < 0.45 else None
        clicked = opened + 60_000 if opened and dice.random() < 0.3 else None
        who = dice.randrange(1, len(before.people))
        sent.append((n, 1, 0, 1, 1, who, "email", "x", "sent", at_ms, at_ms, 1, at_ms, opened, clicked))
    db.write(lambda tx: tx.insert("messages", f"{names},sent_at,opened_at,clicked_at", sent))


def catch_up(db: Database, known: Past) -> None:
    """What those people did since."""

    def job(tx: Tx) -> None:
        ids = dict(tx.rows("SELECT external_id, id FROM contacts"))
        did = [did for did in known.events if did.at_ms > NOON - LATER and did.person.user in ids]
        last = tx.value("SELECT max(id) FROM events")
        events.add_events(
            tx,
            [
                (last + n, ids[one.person.user], one.name, one.at_ms, one.at_ms, None, dump(one.properties))
                for n, one in enumerate(did, 1)
            ],
        )
        if tx.postgres:
            tx.run("SELECT setval(pg_get_serial_sequence('events', 'id'), (SELECT max(id) FROM events))")

    db.write(job)


# ── the other way ─────────────────────────────────────────────────────────────────────────────────────


def by_duckdb(db: Database, folder: Path, now_ms: int) -> Iterator[tuple[str, set[int]]]:
    """The ids DuckDB finds in the rows as exported."""
    tables = {
        "people": ("id BIGINT, came_at BIGINT", "SELECT id, created_at FROM contacts"),
        "did": (
            "contact BIGINT, name VARCHAR, ms BIGINT, said JSON",
            "SELECT contact_id, name, at, properties FROM events",
        ),
        "letters": (
            "contact BIGINT, queued_at BIGINT, sent_at BIGINT, opened_at BIGINT, clicked_at BIGINT",
            "SELECT contact_id, queued_at, sent_at, opened_at, clicked_at FROM messages",
        ),
    }
    with duckdb.connect(config={"threads": 1}) as duck:
        for table, (columns, query) in tables.items():
            file = folder / f"{table}.jsonl"
            names = [column.split()[0] for column in columns.split(", ")]
            with file.open("wb") as out, db.read() as tx:
                for row in tx.rows(query):
                    named = dict(zip(names, row, strict=True))
                    if "said" in named:
                        named["said"] = load(named["said"])
                    out.write(orjson.dumps(named) + b"\n")
            types = ", ".join(f"'{column.split()[0]}': '{column.split()[1]}'" for column in columns.split(", "))
            rows_of = f"read_json('{file}', format='newline_delimited', columns={{{types}}})"
            duck.execute(f"CREATE TABLE {table} AS SELECT * FROM {rows_of}")
        said = {"now": str(now_ms), "day": f"{DAY}::BIGINT"}
        duck.execute(fill_in(DERIVED, said))
        for name, query in WANTED.items():
            yield name, {row[0] for row in duck.execute(fill_in(query, said)).fetchall()}


def fill_in(text: str, said: dict[str, str]) -> str:
    for name, value in said.items():
        text = text.replace(f"{{{name}}}", value)
    return text
