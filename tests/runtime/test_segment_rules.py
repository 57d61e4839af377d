"""Random rules over random people: SQLite, PostgreSQL and a slow reading of the rule word by word agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.nodes.operators import OPERATORS
from sojourn.nodes.rule import Rule
from sojourn.runtime.audience import chosen
from sojourn.runtime.segment_terms import terms
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx, sqlite_url
from sojourn.storage.segment_sql import Compiler
from sojourn.storage.sql import sql
from sojourn.storage.tables import metadata

from .slow_rules import DAY, Person, meets

pytestmark = pytest.mark.postgres
NOW = 1_767_268_800_000  # 2026-01-01 12:00 UTC
TABLES = (
    "contacts",
    "events",
    "messages",
    "consents",
    "enrollments",
    "conversions",
    "features",
    "journeys",
    "segments",
    "segment_members",
)

# ── people ────────────────────────────────────────────────────────────────────────────────────────────

MOMENTS = [
    "2026-01-01",
    "2025-12-31T23:30:00+01:00",
    "2025-12-30 08:00",
    "2025-12-31T12:00:00.5Z",
    "2025-02-30",
    "soon",
    "2025-12-25T12:00:00.123456-14:59",
    "20260101",
    "0000-01-01",
    "2025-12-01T24:00",
    "2026-01-01T11:59:59.9999",
]
NUMBERS = ["3", "-1", "+2.50", ".5", "5.", "1e1", "1e-3", "1e100", "007", "", ".", "e5", "5e", " 3", "1e001", "9" * 41]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([0.5, 2.5, 3.0, -0.0, 1e-5, 123456.75, 2**53 + 1, NOW, NOW - 3 * DAY, 1_767_268_799]),
    st.sampled_from(
        ["CZ", "cz", "true", "false", "dark red", "red", "žluť", "O'Neil", 'a"b', "%", "_", *NUMBERS, *MOMENTS]
    ),
)
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.just({"b": 3}), st.builds(lambda b: {"b": b}, scalars))
documents = st.dictionaries(st.sampled_from(["a", "b", "a.b", "email"]), values, max_size=3)
ats = st.sampled_from(
    [NOW, NOW - 1, NOW + DAY, *(NOW - n * DAY + shift for n in (1, 2, 3, 10) for shift in (-1, 0, 1))]
)
figures = st.fixed_dictionaries(
    {
        "orders": st.integers(0, 4),
        "engagement": st.sampled_from([0, 50]),
        "revenue": st.sampled_from([0.0, 2.5, 100.0]),
    },
    optional={
        "last_order_at": ats,
        "last_seen_at": ats,
        "stage": st.sampled_from(["loyal", "new"]),
        "rfm": st.sampled_from(["543", "3"]),
    },
)
people_ = st.builds(
    Person,
    documents,
    st.sampled_from([None, "a@example.com", "red"]),
    st.sampled_from([None, "3"]),
    st.sampled_from([None, "u1", "7"]),
    ats,
    st.lists(st.tuples(st.sampled_from(["e", "f"]), ats, documents), max_size=4),
    st.lists(
        st.tuples(st.sampled_from(["email", "sms"]), ats, st.sampled_from([set(), {"sent"}, {"sent", "opened"}])),
        max_size=3,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["email", "sms"]),
            st.sampled_from(["news", "tips"]),
            st.sampled_from(["granted", "denied", "withdrawn"]),
        ),
        max_size=3,
    ),
    st.lists(st.tuples(st.sampled_from(["welcome", "cart"]), ats, st.none() | ats, st.none() | ats), max_size=2),
    st.none() | figures,
    st.sets(st.sampled_from(["loyal", "lost"])),
)

# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────

WANTED = {
    "one": st.sampled_from(
        [1, -1, 3, 2.5, "3", "CZ", True, False, "true", "", "red", "žl", "O'N", 'a"b', "%", 1e-5, "0.0"]
    ),
    "many": st.lists(st.sampled_from([1, "3", "CZ", False, 2.5, "red"]), min_size=1, max_size=3),
    "number": st.sampled_from([0, "1", 2.5, -1, 2**53, "1e1"]),
    "moment": st.sampled_from(["2026-01-01", "2025-12-31T23:00:00+01:00", 0, NOW, "2025-12-31T12:00:00.500Z"]),
    "days": st.sampled_from([1, 3, 30.5, 100_000]),
    "nothing": st.none(),
}
OPS = sorted(OPERATORS)


@st.composite
def value_tests(draw: Any, ops: list[str] = OPS) -> dict[str, Any]:
    op = draw(st.sampled_from(ops))
    return {"op": op, "value": draw(WANTED[OPERATORS[op].takes])}


times = st.one_of(
    st.just({}),
    st.sampled_from([{"days": 2}, {"days": 3.5}, {"to_days": 2}, {"days": 3, "to_days": 1}]),
    st.just({"between": ["2025-12-29", "2025-12-31"]}),
)
counts = st.one_of(
    st.just({}),
    st.builds(
        lambda n, c: {"times": n, "count": c}, st.integers(1, 3), st.sampled_from(["at_least", "at_most", "exactly"])
    ),
)
wheres = st.lists(
    st.builds(
        lambda p, t: {"property": p, **t},
        st.sampled_from(["a", "a.b"]),
        value_tests([op for op in OPS if op != "within_days"]),
    ),
    max_size=2,
)
did = st.booleans().map(lambda did: {"did": did})
sums = st.builds(
    lambda op, value: {"sum": "a", "op": op, "value": value},
    st.sampled_from(["more_than", "less_than", "at_least", "at_most", "equals"]),
    st.sampled_from([0, 2.5, 3, -1]),
)
clauses = st.one_of(
    st.builds(
        lambda p, t: {"property": p, **t},
        st.sampled_from(["a", "b", "a.b", "email", "email.b", "phone", "external_id", "created_at"]),
        value_tests(),
    ),
    st.builds(lambda w, t, c, d: {"event": "e", "where": w, **t, **c, **d}, wheres, times, counts, did),
    st.builds(lambda t, c: {"event": "e", "on_days": True, **t, **c}, times, counts),
    st.builds(lambda w, t, s: {"event": "e", "where": w, **t, **s}, wheres, times, sums),
    st.builds(
        lambda what, channel, t, c, d: {"message": what, **channel, **t, **c, **d},
        st.sampled_from(["sent", "opened", "clicked"]),
        st.sampled_from([{}, {"channel": "email"}]),
        times,
        counts,
        did,
    ),
    st.builds(
        lambda was, t, d: {"journey": "welcome", "was": was, **d, **({} if was == "inside" else t)},
        st.sampled_from(["entered", "inside", "left", "converted"]),
        times,
        did,
    ),
    st.builds(
        lambda f, t: {"feature": f, **t},
        st.sampled_from(
            ["orders", "engagement", "stage", "rfm", "last_order_at", "recency_days", "inactive_days", "none"]
        ),
        value_tests([op for op in OPS if ("contains" not in op and "with" not in op) or op == "within_days"]),
    ),
    st.builds(lambda m: {"segment": "loyal", "member": m}, st.booleans()),
    st.builds(
        lambda s: {"consent": "news", "state": s}, st.sampled_from(["granted", "denied", "withdrawn", "unknown"])
    ),
)
rules = st.recursive(
    clauses,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
        inner.map(lambda each: {"not": each}),
    ),
    max_leaves=5,
)

# ── the stores ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def stores(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Database]]:
    """One of each kind."""
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        path: Path = tmp_path_factory.mktemp("rules") / "sojourn.db"
        both = [Database(sqlite_url(path)), Database(postgres_server.format(name))]
        for db in both:
            db.write(lambda tx: metadata.create_all(tx.connection))
        yield both
        for db in both:
            db.close()
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def keep(tx: Tx, people: list[Person]) -> None:
    """These people and nobody else; one merged and one erased beside them."""
    for table in TABLES:
        tx.run(f"DELETE FROM {table}")
    everybody = list(enumerate(people, 1))
    tx.insert(
        "contacts",
        "id,email,phone,external_id,properties,created_at,changed_at,merged_into,erased_at",
        [
            *(
                (n, p.email, p.phone, p.external_id, dump(p.properties), p.created_at, NOW, None, None)
                for n, p in everybody
            ),
            (100, None, None, None, "{}", NOW, NOW, 1, None),
            (101, None, None, None, "{}", NOW, NOW, None, NOW),
        ],
    )
    events = [(n, name, at, NOW, dump(given)) for n, p in everybody for name, at, given in p.events]
    tx.insert("events", "id,contact_id,name,at,received_at,properties", [(i, *e) for i, e in enumerate(events, 1)])
    sent = [(n, *m) for n, p in everybody for m in p.messages]
    tx.insert(
        "messages",
        "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,sent_at,"
        "opened_at,clicked_at,attempts",
        [
            (
                i,
                i,
                1,
                0,
                1,
                1,
                n,
                channel,
                "a",
                "sent",
                at,
                at,
                *(at if w in what else None for w in ("sent", "opened", "clicked")),
                1,
            )
            for i, (n, channel, at, what) in enumerate(sent, 1)
        ],
    )
    said = [(n, *c) for n, p in everybody for c in p.consents]
    tx.insert(
        "consents",
        "id,contact_id,channel,topic,action,source,at,evidence",
        [(i, *each, "test", NOW, "{}") for i, each in enumerate(said, 1)],
    )
    tx.insert(
        "journeys",
        "id,name,title,status,draft,priority,created_at,changed_at",
        [(i, name, name, "draft", "{}", 0, NOW, NOW) for i, name in enumerate(("welcome", "cart"), 1)],
    )
    stays = [(i, n, *s) for i, (n, s) in enumerate(((n, s) for n, p in everybody for s in p.stays), 1)]
    live: set[Any] = set()
    for at, (i, n, journey, came, out, done) in enumerate(stays):  # nobody is inside twice
        stays[at] = (i, n, journey, came, came if out is None and (n, journey) in live else out, done)
        live.add((n, journey))
    for n, p in everybody:
        p.stays = [(journey, came, out, done) for _, m, journey, came, out, done in stays if m == n]
    tx.insert(
        "enrollments",
        "id,journey_id,version_id,contact_id,node,seq,outbox,entered_at,since_at,ended_at",
        [(i, 1 if j == "welcome" else 2, 1, n, 0, 0, 0, came, came, out) for i, n, j, came, out, _ in stays],
    )
    tx.insert("conversions", "enrollment_id,node,at", [(i, 3, done) for i, *_, done in stays if done is not None])
    for n, p in everybody:
        known = {"touched": 0, "refunded": 0.0, **p.features} if p.features is not None else None
        if known:
            tx.insert("features", "contact_id," + ",".join(known), [(n, *known.values())])
    names = ("loyal", "lost")
    tx.insert(
        "segments",
        "id,name,title,kind,description,owner,tags,rule,revision,filled,size,mark,trouble,created_at,changed_at",
        [(i, name, name, "", "", "", "[]", "{}", 1, 1, 0, "{}", "", NOW, NOW) for i, name in enumerate(names, 1)],
    )
    members = [(names.index(s) + 1, n, NOW) for n, p in everybody for s in sorted(p.segments)]
    tx.insert("segment_members", "segment_id,contact_id,since_at", members)


def by_sql(tx: Tx, rule: Rule, probe: bool) -> list[int]:
    found = Compiler(tx.postgres, lambda term: probe).who(terms(rule, NOW))
    return sorted(contact for (contact,) in tx.rows(found.text, found.params))


def among_some(tx: Tx, rule: Rule, some: list[int]) -> list[int]:
    among, wanted = tx.among(some)
    found = Compiler(tx.postgres, lambda term: True).who(
        terms(rule, NOW), among=sql(f"c.id {among.replace('?', '{}')}", wanted)
    )
    return sorted(contact for (contact,) in tx.rows(found.text, found.params))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(people=st.lists(people_, min_size=1, max_size=5), asked=st.lists(rules, min_size=1, max_size=4))
def test_both_stores_and_a_slow_reading_agree(
    stores: list[Database], people: list[Person], asked: list[dict[str, Any]]
) -> None:
    read = [Rule.model_validate(rule) for rule in asked]
    for db in stores:
        db.write(lambda tx: keep(tx, people))
        for rule, written in zip(read, asked, strict=True):
            expected = [n for n, person in enumerate(people, 1) if meets(written, person, NOW)]
            with db.read() as tx:
                assert by_sql(tx, rule, probe=False) == expected, (tx.postgres, "as sets", written)
                assert by_sql(tx, rule, probe=True) == expected, (tx.postgres, "one by one", written)
                assert among_some(tx, rule, [1, 3, 100]) == [n for n in expected if n in (1, 3)]
                assert chosen(tx, rule, NOW) == expected, (tx.postgres, "as a journey would", written)
