"""What an instance has seen, on both stores."""

from __future__ import annotations

from sojourn.storage import seen
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

NOW = 1_790_000_000_000


def test_only_what_was_asked_for_and_is_there(db: Database) -> None:
    def fill(tx: Tx) -> None:
        profile = dump({"birthday": "1990-01-01", "first_name": None, "orders": 3})
        tx.insert("contacts", "id,email,properties,created_at,changed_at", [(1, "a@example.com", profile, NOW, NOW)])
        tx.insert("events", "contact_id,name,at,received_at,properties", [(1, "purchased", NOW, NOW, "{}")])
        tx.run(
            "INSERT INTO consents (contact_id, channel, topic, action, source, at, evidence)"
            " VALUES (1, 'email', 'news', 'granted', 'test', ?, '{}')",
            (NOW,),
        )

    db.write(fill)
    assert db.look(lambda tx: seen.events(tx, ["purchased", "subscribed"])) == {"purchased"}
    assert db.look(lambda tx: seen.properties(tx, ["birthday", "first_name", "company"])) == {"birthday"}
    assert db.look(lambda tx: seen.topics(tx, ["news", "offers"])) == {"news"}
    assert db.look(lambda tx: seen.properties(tx, []) | seen.topics(tx, [])) == set()
