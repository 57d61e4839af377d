"""The ledger of touches: filled from what went before there was one, read for many at once, forgotten in pages."""

from __future__ import annotations

from sojourn.storage import migrate, touches
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

NOW, DAY = 1_790_000_000_000, 86_400_000


def test_what_went_before_there_was_a_ledger_counts(database_url: str) -> None:
    db = Database(database_url)
    migrate.upgrade(db, "0003")

    def past(tx: Tx) -> None:
        tx.insert("contacts", "id,email,properties,created_at,changed_at", [(1, "a@example.com", "{}", NOW, NOW)])
        for version, content in ((1, {"topic": "news"}), (2, {"message_type": "transactional"})):
            tx.run(
                "INSERT INTO versions (id, journey_id, number, content, content_hash, author, note, created_at)"
                " VALUES (?, 1, ?, ?, 'x', '', '', ?)",
                (version, version, dump(content), NOW),
            )
        rows = [(1, 1, "sent", 0), (2, 2, "sent", 1), (3, 1, "failed", 1), (4, 1, "sent", 70), (5, 2, "queued", 0)]
        tx.insert(
            "messages",
            "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,"
            "attempts,sent_at",
            [
                (key, key, 1, 0, 1, version, 1, "email", "a", status, NOW - ago * DAY, NOW, 0,
                 NOW - ago * DAY if status == "sent" else None)
                for key, version, status, ago in rows
            ],
        )  # fmt: skip

    db.write(past)
    migrate.upgrade(db)
    with db.read() as tx:
        found = tx.rows("SELECT message_id, contact_id, at, topic, rank FROM touches ORDER BY message_id")
        assert found == [(1, 1, NOW, "news", 3), (2, 1, NOW - DAY, "marketing", 0)]
        assert tx.value("SELECT rank FROM messages WHERE id = 5") == 0
    db.close()


def test_they_are_read_for_many_and_forgotten_in_pages(db: Database) -> None:
    rows = [(n, n % 2, NOW - n * DAY, "email", "news", 3, 1, n, 0, 0) for n in range(1, 8)]
    db.write(lambda tx: touches.write(tx, rows))
    db.write(lambda tx: touches.write(tx, rows[:1]))  # a mark that is made again counts once
    found = db.look(lambda tx: touches.of(tx, [0, 1, 9], NOW - 5 * DAY))
    ages = {contact: [(NOW - had[touches.AT]) // DAY for had in of] for contact, of in found.items()}
    assert ages == {0: [4, 2], 1: [3, 1]}
    chains = db.look(lambda tx: touches.of(tx, [0], NOW - 5 * DAY, chains=True))
    assert [had[touches.CHAIN] for had in chains[0]] == [(4, 0, 0), (2, 0, 0)]

    assert db.write(lambda tx: touches.forget(tx, NOW - 3 * DAY, 3)) == 3
    assert db.write(lambda tx: touches.forget(tx, NOW - 3 * DAY, 3)) == 1
    db.write(lambda tx: touches.take_back(tx, [1, 99]))
    assert db.look(lambda tx: tx.rows("SELECT message_id FROM touches ORDER BY 1")) == [(2,), (3,)]
