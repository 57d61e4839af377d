"""How many contacts a rule means, held against asking each of them alone, on both stores."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.nodes.rule import Rule
from sojourn.nodes.step import DAY_MS
from sojourn.runtime import audience as room
from sojourn.runtime.audience import Audience, audience, known_before
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

NOW = 1_790_000_000_000
PEOPLE = 90


@pytest.fixture
def shop(db: Database) -> Database:
    """Ninety contacts, two of them gone; some bought, some were written to."""

    def job(tx: Tx) -> None:
        people = [
            (n, f"u{n}", f"p{n}@example.com", dump({"age": n, "country": ("CZ", "DE", "FR")[n % 3]}), NOW, NOW,
             NOW if n == 4 else None, 1 if n == 5 else None)
            for n in range(1, PEOPLE + 1)
        ]  # fmt: skip
        tx.insert("contacts", "id,external_id,email,properties,created_at,changed_at,erased_at,merged_into", people)
        events = [
            (n, n, "purchased", NOW - (n % 40) * DAY_MS, NOW, dump({"total": n})) for n in range(1, PEOPLE + 1, 2)
        ]
        tx.insert("events", "id,contact_id,name,at,received_at,properties", events)
        letters = [(n, n, 1, 0, 1, 1, n, "email", "hi", "sent", NOW, NOW, NOW, 0) for n in range(1, PEOPLE, 7)]
        tx.insert(
            "messages",
            "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,"
            "sent_at,attempts",
            letters,
        )

    db.write(job)
    return db


def people() -> list[int]:
    return [n for n in range(1, PEOPLE + 1) if n not in (4, 5)]


@pytest.mark.parametrize(
    ("rule", "meets"),
    [
        ({"property": "country", "value": "CZ"}, lambda n: n % 3 == 0),
        ({"property": "email", "op": "contains", "value": "p1"}, lambda n: str(n).startswith("1")),
        ({"event": "purchased"}, lambda n: n % 2 == 1),
        ({"event": "purchased", "did": False}, lambda n: n % 2 == 0),
        ({"event": "purchased", "days": 10}, lambda n: n % 2 == 1 and n % 40 <= 10),
        (
            {"event": "purchased", "where": [{"property": "total", "op": "more_than", "value": 50}]},
            lambda n: n % 2 == 1 and n > 50,
        ),
        ({"message": "sent"}, lambda n: n % 7 == 1),
        (
            {"all": [{"property": "age", "op": "less_than", "value": 40}, {"not": {"any": [
                {"event": "purchased"}, {"property": "country", "op": "in", "value": ["DE", "FR"]}]}}]},
            lambda n: n < 40 and n % 2 == 0 and n % 3 == 0,
        ),
    ],
)  # fmt: skip
def test_as_many_as_asking_each_alone(shop: Database, rule: dict[str, Any], meets: Any) -> None:
    expected = sum(1 for n in people() if meets(n))
    assert 0 < expected < len(people())
    found = shop.look(lambda tx: audience(tx, Rule.model_validate(rule), NOW, seconds=60))
    assert found == Audience(expected, len(people()), len(people()))
    assert found.exact and found.estimate == expected


def test_a_part_is_said_to_be_one(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PAGE", 10)
    rule = Rule.model_validate({"event": "purchased"})
    found = shop.look(lambda tx: audience(tx, rule, NOW, seconds=0))
    assert not found.exact and found.seen <= 10 and found.total == len(people())
    assert found.estimate == round(found.matched / found.seen * found.total)


def test_nobody_is_there_yet(db: Database) -> None:
    rule = Rule.model_validate({"event": "purchased"})
    assert db.look(lambda tx: audience(tx, rule, NOW)) == Audience(0, 0, 0)


@pytest.mark.parametrize(
    ("rule", "known"),
    [
        ({"property": "a", "value": 1}, True), ({"event": "a"}, True), ({"message": "opened"}, True),
        ({"trigger": "a", "value": 1}, False), ({"event": "a", "since": "entered"}, False),
        ({"message": "opened", "step": "first"}, False),
    ],
)  # fmt: skip
def test_what_depends_on_the_stay_is_not_guessed(rule: dict[str, Any], known: bool) -> None:
    assert known_before(Rule.model_validate(rule)) is known
