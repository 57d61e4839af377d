"""What the pages read, on both stores."""

from __future__ import annotations

import pytest

from sojourn.storage import views
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

NOW = 1_790_000_000_000


@pytest.fixture
def shop(db: Database) -> Database:
    """Three contacts, one journey with two stays, a message each."""

    def job(tx: Tx) -> None:
        people = [
            (n, f"u{n}", f"p{n}@example.com", dump({"first_name": name, "share": "100%"}), NOW, NOW)
            for n, name in enumerate(("Ada", "Bořek", "C_d"), 1)
        ]
        tx.insert("contacts", "id,external_id,email,properties,created_at,changed_at", people)
        tx.run(
            "INSERT INTO journeys (id, name, title, status, draft, live_version, priority, created_at, changed_at)"
            " VALUES (1, 'cart', 'Cart', 'live', '{}', 1, 0, ?, ?)",
            (NOW, NOW),
        )
        tx.run(
            "INSERT INTO versions (id, journey_id, number, content, content_hash, author, note, created_at)"
            " VALUES (1, 1, 4, ?, 'h', 'a', '', ?)",
            (dump({"nodes": {}}), NOW),
        )
        stays = [(n, 1, 1, n, 0, 1, NOW, NOW, None if n == 1 else NOW, 0) for n in (1, 2)]
        tx.insert(
            "enrollments", "id,journey_id,version_id,contact_id,node,seq,entered_at,since_at,ended_at,outbox", stays
        )
        letters = [(n, n, 1, 0, 1, 1, n, "email", "hi", s, NOW, NOW, 0) for n, s in ((1, "sent"), (2, "failed"))]
        tx.insert(
            "messages",
            "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts",
            letters,
        )
        tx.insert("conversions", "enrollment_id,node,at", [(2, 0, NOW), (2, 1, NOW)])
        tx.insert("paths", "id,version_id,steps", [(1, 1, "0:next 2:yes"), (2, 1, "3:")])
        tx.insert("walks", "enrollment_id,seq,path_id,at", [(1, 1, 1, NOW), (1, 2, 2, NOW + 5)])
        tx.insert(
            "events",
            "id,contact_id,name,at,received_at,properties",
            [(n, 1, f"e{n % 2}", NOW, NOW, dump({"n": n})) for n in range(1, 8)],
        )
        tx.insert("identities", "kind,value,contact_id,created_at", [("email", "p1@example.com", 1, NOW)])
        tx.insert("suppressions", "address,channel,reason,created_at", [("p1@example.com", "", "bounced", NOW)])

    db.write(job)
    return db


def test_a_journey_with_its_counts(shop: Database) -> None:
    assert shop.look(views.journey_lines) == [views.JourneyLine(1, "cart", "Cart", "live", 4, 1, 2, 1, 1)]
    (stay, person), *none = shop.look(lambda tx: views.inside(tx, 1))
    assert (stay.contact_id, person.email, none) == (1, "p1@example.com", [])
    assert shop.look(lambda tx: views.inside(tx, 1, before=stay.id)) == []
    assert [stay.id for stay in shop.look(lambda tx: views.stays(tx, 2))] == [2]
    assert shop.look(lambda tx: views.content_of(tx, 1)) == {"nodes": {}}


def test_walks_in_order(shop: Database) -> None:
    assert shop.look(lambda tx: views.walks(tx, 1)) == [(NOW, [("0", "next"), ("2", "yes")]), (NOW + 5, [("3", "")])]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", [3, 2, 1]), ("p2@EXAMPLE", [2]), ("u1", [1]), ("ada example", [1]), ("c_d", [3]), ("100%", [3, 2, 1]),
     ("c%d", []), ("'; DROP TABLE contacts; --", []), ("!", [])],
)  # fmt: skip
def test_searching_contacts(shop: Database, words: str, found: list[int]) -> None:
    assert [line.id for line in shop.look(lambda tx: views.contact_lines(tx, words))] == found


def test_pages_of_contacts_and_events(shop: Database) -> None:
    assert [line.id for line in shop.look(lambda tx: views.contact_lines(tx, before=3, limit=1))] == [2]
    assert shop.look(views.contact_count) == 3
    assert [row[0] for row in shop.look(lambda tx: views.events(tx, name="e1", before=7, limit=2))] == [5, 3]
    assert shop.look(lambda tx: views.events(tx, contact_id=2)) == []


def test_one_contact(shop: Database) -> None:
    assert shop.look(lambda tx: views.contact(tx, 9)) is None
    assert shop.look(lambda tx: views.identities(tx, 1)) == [("email", "p1@example.com", NOW, "")]
    assert shop.look(lambda tx: views.suppressions(tx, ["p1@example.com"])) == [("p1@example.com", "", "bounced")]
    assert [line.status for line in shop.look(lambda tx: views.messages_of(tx, 2))] == ["failed"]
    assert [line.id for line in shop.look(views.troubled_messages)] == [2]
    assert shop.look(views.message_states) == {"sent": 1, "failed": 1}
    assert shop.look(lambda tx: views.last_words(tx, 1)) == []
    assert shop.look(views.rejections) == []
