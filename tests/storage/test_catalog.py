"""What was seen: names of events and properties, on both stores."""

from __future__ import annotations

import pytest

from sojourn.storage import catalog
from sojourn.storage.catalog import EventSeen
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

NOW = 1_790_000_000_000


@pytest.fixture
def shop(db: Database) -> Database:
    """Three contacts and what they did."""

    def job(tx: Tx) -> None:
        people = [
            (n, f"u{n}", f"p{n}@example.com", dump({"name": name, "address": {"city": "Brno"}, "tags": ["a", n]}),
             NOW, NOW, NOW if n == 3 else None)
            for n, name in enumerate(("Ada Byron", "Bořek", "Gone"), 1)
        ]  # fmt: skip
        tx.insert("contacts", "id,external_id,email,properties,created_at,changed_at,erased_at", people)
        happened = [
            (1, 1, "viewed", NOW - 5, {"total": 20}), (2, 1, "viewed", NOW - 4, {"total": 20, "flag": True}),
            (3, 2, "viewed", NOW - 3, {"total": "x" * 500, "flag": None}), (4, 2, "purchased", NOW - 9, {"total": 7}),
            (5, 1, "a'; DROP TABLE events; --", NOW - 1, {}),
        ]  # fmt: skip
        rows = [(n, who, name, at, NOW, dump(properties)) for n, who, name, at, properties in happened]
        tx.insert("events", "id,contact_id,name,at,received_at,properties", rows)

    db.write(job)
    return db


def test_events_by_name_the_latest_first(shop: Database) -> None:
    assert shop.look(catalog.events_seen) == [
        EventSeen("a'; DROP TABLE events; --", 1, NOW - 1),
        EventSeen("viewed", 3, NOW - 3),
        EventSeen("purchased", 1, NOW - 9),
    ]
    assert len(shop.look(lambda tx: catalog.events_seen(tx, most=2))) == 2


def test_names_alone(shop: Database) -> None:
    assert shop.look(catalog.event_names) == ["a'; DROP TABLE events; --", "purchased", "viewed"]


def test_counting_ends_somewhere(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "COUNTED", 2)
    assert [seen.count for seen in shop.look(catalog.events_seen)] == [1, 2, 1]


def test_properties_of_an_event_with_their_usual_values(shop: Database) -> None:
    found = {seen.name: seen for seen in shop.look(lambda tx: catalog.event_properties(tx, "viewed"))}
    assert found["total"].count == 3 and found["total"].samples == (20,)  # half a page of text is no sample
    assert found["flag"].samples == (True,) and found["flag"].count == 1
    assert shop.look(lambda tx: catalog.event_properties(tx, "never")) == []


def test_properties_of_contacts_look_one_level_deep(shop: Database) -> None:
    found = {seen.name: seen for seen in shop.look(catalog.contact_properties)}
    assert found["address.city"].samples == ("Brno",) and "address" not in found
    assert set(found["tags"].samples) == {"a", 1, 2}
    assert set(found["email"].samples) == {"p1@example.com", "p2@example.com"} and "phone" not in found
    assert "created_at" in found


def test_an_empty_store_has_seen_nothing(db: Database) -> None:
    assert db.look(catalog.events_seen) == []
    assert [seen.name for seen in db.look(catalog.contact_properties)] == ["created_at"]
    assert db.look(catalog.contact_ids) == (0, 0)


def test_a_letter_is_filled_with_their_own_event_or_somebody_elses(shop: Database) -> None:
    own = shop.look(lambda tx: catalog.filling(tx, 1, "viewed", "j", "J"))
    assert own is not None and own.event == {"total": 20, "flag": True, "name": "viewed", "at": NOW - 4}
    assert own.contact["first_name"] == "Ada" and own.journey == {"name": "j", "title": "J"}
    borrowed = shop.look(lambda tx: catalog.filling(tx, 1, "purchased", "j", "J"))
    assert borrowed is not None and borrowed.event["total"] == 7
    alone = shop.look(lambda tx: catalog.filling(tx, 1, None, "j", "J"))
    assert alone is not None and alone.event == {}
    assert shop.look(lambda tx: catalog.filling(tx, 99, None, "j", "J")) is None
