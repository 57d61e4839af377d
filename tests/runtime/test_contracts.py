"""What an event should look like is asked at the door: learnt, warned of, or refused. On both stores."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.runtime import ingest
from sojourn.runtime.chores import contracts as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.contracts import catalogue, learning, schema
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import arrivals, contracts
from sojourn.storage.database import Database

T0 = 1_790_000_000_000


class Door:
    def __init__(self, db: Database) -> None:
        self.db, self.clock, self.shelf = db, ManualClock(T0), ProgramShelf()

    def send(self, *messages: dict[str, Any]) -> ingest.Receipt:
        return asyncio.run(ingest.accept(self.db, self.shelf, self.clock, messages, "test"))

    def change(self, name: str, form: dict[str, Any], mode: str) -> None:
        self.db.write(lambda tx: catalogue.change(tx, name, form, mode, "ann", T0))

    def fold(self) -> None:
        chore.run(self)

    def rows(self, sql: str) -> list[Any]:
        return self.db.look(lambda tx: tx.rows(sql))


@pytest.fixture
def door(db: Database) -> Door:
    return Door(db)


def bought(n: int, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": "purchased", "userId": "u1", "messageId": f"m{n}", "properties": properties}


PRICED = {"type": "object", "properties": {"total": {"type": "number", "minimum": 0}}, "required": ["total"]}


def test_strict_refuses_the_one_event_with_a_sentence(door: Door) -> None:
    door.change("purchased", PRICED, "strict")
    receipt = door.send(bought(1, total=10), bought(2, total="10"), bought(3), bought(4, total=-1), bought(1, total=10))
    assert (receipt.stored, receipt.duplicates) == (1, 1)
    assert [(one.index, one.message_id, one.reason) for one in receipt.rejected] == [
        (1, "m2", "The property “total” of purchased has to be a number, not a text."),
        (2, "m3", "purchased needs the property “total”."),
        (3, "m4", "The property “total” of purchased has to be at least 0, not -1."),
    ]
    assert door.rows("SELECT count(*) FROM rejections") == [(3,)]
    door.fold()
    kept = door.db.look(lambda tx: contracts.violations(tx, "purchased"))
    assert [(refused, message) for _, refused, _, message, _ in kept] == [(1, "m4"), (1, "m3"), (1, "m2")]
    assert door.rows("SELECT violations FROM contracts") == [(3,)]
    assert door.rows("SELECT n, duplicates, violations FROM volumes") == [(1, 1, 3)]


def test_a_refused_event_may_be_mended_and_sent_again(door: Door) -> None:
    door.change("purchased", PRICED, "strict")
    assert door.send(bought(1)).stored == 0
    assert door.send(bought(1, total=3)).stored == 1


def test_warn_keeps_the_event_and_says_so(door: Door) -> None:
    door.change("purchased", PRICED, "warn")
    receipt = door.send(bought(1, total="10"))
    assert (receipt.stored, receipt.rejected) == (1, [])
    assert [note.reason for note in receipt.notes] == [
        "The property “total” of purchased has to be a number, not a text."
    ]
    assert door.rows("SELECT count(*) FROM rejections") == [(0,)]


def test_a_change_holds_from_the_next_request_on(door: Door) -> None:
    assert door.send(bought(1)).stored == 1
    door.change("purchased", PRICED, "strict")
    assert door.send(bought(2)).stored == 0
    door.db.write(lambda tx: contracts.remove(tx, "purchased"))
    assert door.send(bought(3)).stored == 1


def test_learning_finds_types_and_what_is_never_missing(door: Door) -> None:
    for n in range(30):
        door.send(bought(n, total=n + 0.5, order_id=str(n), coupon=None if n % 2 else "SPRING", items=[1]))
    door.fold()
    contract = door.db.look(lambda tx: contracts.named(tx, "purchased"))
    assert contract is not None and contract.mode == "learn"
    assert learning.derive(contract.learnt) == {
        "type": "object",
        "properties": {
            "coupon": {"type": ["null", "string"]},
            "items": {"type": "array"},
            "order_id": {"type": "string"},
            "total": {"type": "number"},
        },
        "required": ["items", "order_id", "total"],
    }
    assert door.rows("SELECT property, n FROM presences ORDER BY property") == [
        ("coupon", 15), ("items", 30), ("order_id", 30), ("total", 30),
    ]  # fmt: skip
    assert door.rows("SELECT count(*) FROM arrivals") == [(0,)]


def test_folding_twice_counts_once(door: Door) -> None:
    door.send(bought(1, total=1))
    door.fold()
    door.fold()
    door.send(bought(2, total=1))
    door.fold()
    assert door.db.look(lambda tx: arrivals.hours(tx, 0)) == [("purchased", T0 // 3_600_000, 2, 0, 0)]


def test_the_shipped_ones_stand_beside_what_is_seen(door: Door) -> None:
    door.send({"type": "track", "event": "sang", "userId": "u", "properties": {"loud": True}}, bought(1, total=1))
    door.fold()
    found = {one.name: one for one in door.db.look(lambda tx: catalogue.everyone(tx, T0))}
    assert found["sang"].origin == "learnt" and found["purchased"].origin == "shipped"
    assert {"subscribed", "viewed_product", "added_to_cart", "refunded", "churn_signal"} <= set(found)
    assert found["purchased"].learnt["n"] == 1
    for one in found.values():
        schema.check(one.form)


def test_violations_are_bounded_and_all_counted(door: Door) -> None:
    door.change("purchased", {"required": ["total"]}, "strict")
    door.send(*(bought(n) for n in range(120)))
    door.fold()
    assert door.rows("SELECT count(*) FROM violations") == [(50,)]
    assert door.rows("SELECT violations FROM contracts") == [(120,)]


def test_contracts_travel_as_a_file(door: Door) -> None:
    door.change("purchased", PRICED, "strict")
    text = door.db.look(lambda tx: catalogue.written(contracts.everyone(tx)))
    door.db.write(lambda tx: contracts.remove(tx, "purchased"))
    assert door.db.write(lambda tx: catalogue.bring_in(tx, text, "ann", T0)) == 1
    assert door.rows("SELECT name, mode FROM contracts") == [("purchased", "strict")]
    for bad in (b"{", b"[]", b'{"contracts": [{}]}', b'{"contracts": [{"event": "a", "schema": {"type": 5}}]}'):
        with pytest.raises(catalogue.BadContracts):
            door.db.write(lambda tx, bad=bad: catalogue.bring_in(tx, bad, "ann", T0))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "has to be a JSON object"),
        ("{", "not JSON"),
        ('{"type": "string"}', "has to be object"),
        ('{"properties": {"a": {"type": "txt"}}}', "no JSON Schema"),
        ('{"properties": {"a": {"$ref": "https://example.com/a.json"}}}', "put what it needs inside"),
        ('{"properties": {"a": {"$ref": "file:///etc/passwd"}}}', "put what it needs inside"),
        ('{"properties": {"a": {"pattern": "("}}}', "no JSON Schema"),
    ],
)
def test_what_is_no_schema_is_answered_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(schema.BadSchema, match=says):
        schema.read(text)


def test_a_hostile_pattern_costs_nothing() -> None:
    form = schema.check({"properties": {"a": {"pattern": "^(a+)+$"}}})
    assert not schema.judge(form)({"a": "a" * 30_000 + "b"})


@given(
    st.dictionaries(
        st.text(max_size=5), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3), max_size=4
    )
)
def test_what_was_learnt_from_an_event_accepts_it(properties: dict[str, Any]) -> None:
    from sojourn.runtime.contracts.tally import KINDS, merge

    learnt: dict[str, Any] = {}
    for _ in range(25):
        merge(learnt, 1, {name: {KINDS.get(type(value), "null"): 1} for name, value in properties.items()})
    form = schema.check(learning.derive(learnt))
    assert schema.judge(form)(properties)
