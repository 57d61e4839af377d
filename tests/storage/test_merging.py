"""Two contacts become one, and two again: nothing is lost, nobody is written to twice, no refusal is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.storage import consents, merges, merging, undoing
from sojourn.storage.columns import dump, load
from sojourn.storage.database import Database, Tx
from sojourn.storage.merging import Pair

NOW = 1_790_000_000_000
DAY = 86_400_000
HOUR = NOW // 3_600_000
ENROLLED = "id,journey_id,version_id,contact_id,node,seq,due_at,outbox,entered_at,since_at"
QUEUED = "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts"


class Two:
    """Lena, a visitor (1), and Lena, a user (2)."""

    def __init__(self, db: Database) -> None:
        self.db = db
        people = [
            (1, None, "lena@example.com", "+420601123456", dump({"city": "Brno", "plan": "free"}), NOW, NOW),
            (2, "u2", None, None, dump({"plan": "pro"}), NOW, NOW),
        ]
        names = [("anonymous", "a1", 1, NOW), ("email", "lena@example.com", 1, NOW), ("user", "u2", 2, NOW)]

        def fill(tx: Tx) -> None:
            tx.insert("contacts", "id,external_id,email,phone,properties,created_at,changed_at", people)
            tx.insert("identities", "kind,value,contact_id,created_at", names)
            for n, contact in ((1, 1), (2, 1), (3, 2)):
                tx.insert(
                    "events", "id,contact_id,name,at,received_at,properties", [(n, contact, "seen", NOW, NOW, "{}")]
                )

        db.write(fill)

    def stay(self, key: int, contact: int, journey: int, status: str = "") -> None:
        def fill(tx: Tx) -> None:
            row = (key, journey, journey, contact, 0, 1, None if status else NOW, int(bool(status)), NOW + key, NOW)
            tx.insert("enrollments", ENROLLED, [row])
            if status:
                sent = (key, key, 1, 0, journey, journey, contact, "email", "hello", status, NOW, NOW, 0)
                tx.insert("messages", QUEUED, [sent])
                tx.insert("caps", "contact_id,hour,channel,journey_id,n", [(contact, HOUR, "email", journey, 1)])

        self.db.write(fill)

    def merge(self) -> int:
        self.db.write(lambda tx: merging.merge(tx, [Pair(1, 2, "hand")], NOW, "ann"))
        return self.rows("SELECT max(id) FROM merges")[0][0]

    def undo(self, merge: int, now_ms: int = NOW + DAY) -> None:
        self.db.write(lambda tx: undoing.undo(tx, merge, now_ms, "ann"))

    def says(self, contact: int, action: str, channel: str = "email", at: int = NOW) -> None:
        self.db.write(lambda tx: consents.say(tx, contact, channel, action, source="form", now_ms=at))

    def last(self, contact: int, channel: str = "email") -> str | None:
        return self.db.look(lambda tx: consents.last(tx, contact, channel))

    def rows(self, sql: str) -> list[Any]:
        return self.db.look(lambda tx: tx.rows(sql))

    def contact(self, key: int) -> dict[str, Any]:
        row = self.rows(f"SELECT external_id, email, phone, properties, merged_into FROM contacts WHERE id = {key}")[0]
        return {"external_id": row[0], "email": row[1], "phone": row[2], **load(row[3]), "merged_into": row[4]}


@pytest.fixture
def two(db: Database) -> Two:
    return Two(db)


def test_everything_of_the_loser_is_the_winners(two: Two) -> None:
    two.stay(1, 1, journey=7, status="queued")
    two.merge()
    assert two.rows("SELECT DISTINCT contact_id FROM identities") == [(2,)]
    assert two.rows("SELECT contact_id, count(*) FROM events GROUP BY 1") == [(2, 3)]
    assert two.rows("SELECT contact_id, ended_at FROM enrollments") == [(2, None)], "the stay goes on"
    assert two.rows("SELECT contact_id, status FROM messages") == [(2, "queued")]
    assert two.rows("SELECT contact_id, n FROM caps") == [(2, 1)]
    assert two.contact(1) == {"external_id": None, "email": None, "phone": None, "merged_into": 2}
    (kept,) = two.db.look(lambda tx: merges.merges_about(tx, 2))
    assert (kept.loser, kept.winner, kept.reason, kept.actor) == (1, 2, "hand", "ann")


def test_nobody_is_twice_in_one_journey(two: Two) -> None:
    """The winner's stay goes on; the loser's ends, its letter is not sent and no longer counts against a cap."""
    two.stay(1, 1, journey=7, status="queued")
    two.stay(2, 2, journey=7)
    two.merge()
    assert two.rows("SELECT id, ended_at IS NULL, reason FROM enrollments ORDER BY id") == [
        (1, False, "merged"),
        (2, True, None),
    ]
    assert two.rows("SELECT status FROM messages") == [("skipped",)]
    assert two.rows("SELECT verdict, reason FROM decisions") == [("skip", merging.HELD)]
    assert two.rows("SELECT contact_id, n FROM caps") == [(2, 0)]
    assert two.rows("SELECT port, n FROM node_deltas") == [("left:merged", 1)]


def test_a_letter_that_is_leaving_is_left_to_its_sender(two: Two) -> None:
    two.stay(1, 1, journey=7, status="sending")
    two.stay(2, 2, journey=7)
    two.merge()
    assert two.rows("SELECT status, contact_id FROM messages") == [("sending", 2)]


def test_an_undone_merge_leaves_two_as_they_were(two: Two) -> None:
    two.stay(1, 1, journey=7, status="queued")
    before = two.contact(1), two.contact(2)
    merge = two.merge()
    two.db.write(  # what the winner's door does with a merge
        lambda tx: tx.run(
            "UPDATE contacts SET email = 'lena@example.com', phone = '+420601123456', properties = ? WHERE id = 2",
            (dump({"city": "Brno", "plan": "pro", "later": 1}),),
        )
    )
    two.undo(merge)
    assert two.contact(1) == before[0]
    assert two.contact(2) == {**before[1], "later": 1}, "what came since stays"
    assert two.rows("SELECT contact_id, count(*) FROM events GROUP BY 1 ORDER BY 1") == [(1, 2), (2, 1)]
    assert two.rows("SELECT value, contact_id FROM identities ORDER BY value") == [
        ("a1", 1),
        ("lena@example.com", 1),
        ("u2", 2),
    ]
    assert two.rows("SELECT contact_id, ended_at FROM enrollments") == [(1, None)]
    assert two.rows("SELECT contact_id, n FROM caps WHERE n > 0") == [(1, 1)]
    with pytest.raises(undoing.CannotUndo):
        two.undo(merge)


def test_an_undone_merge_keeps_every_refusal_and_no_borrowed_grant(two: Two) -> None:
    two.says(1, "granted", "email")
    two.says(1, "withdrawn", "sms")
    merge = two.merge()
    assert (two.last(2, "email"), two.last(2, "sms")) == ("granted", "withdrawn")
    two.says(2, "denied", "push", at=NOW + 1)
    two.undo(merge)
    assert two.last(2, "email") == "withdrawn", "the grant was the other one's"
    assert two.last(1, "email") == "granted"
    assert [two.last(one, "sms") for one in (1, 2)] == ["withdrawn", "withdrawn"]
    assert [two.last(one, "push") for one in (1, 2)] == ["denied", "denied"], "it may have been either"


def test_merges_of_merges_are_undone_from_the_last_one_back(two: Two) -> None:
    first = two.merge()
    two.db.write(
        lambda tx: tx.insert("contacts", "id,external_id,properties,created_at,changed_at", [(3, "u3", "{}", NOW, NOW)])
    )
    two.db.write(lambda tx: merging.merge(tx, [Pair(2, 3, "alias")], NOW))
    assert two.db.look(lambda tx: merges.root(tx, 1)) == 3
    assert two.db.look(lambda tx: sorted(merges.parts(tx, 3))) == [1, 2, 3]
    with pytest.raises(undoing.MergedSince):
        two.undo(first)
    two.undo(first + 1)
    two.undo(first)
    assert two.rows("SELECT contact_id, count(*) FROM events GROUP BY 1 ORDER BY 1") == [(1, 2), (2, 1)]
    assert two.rows("SELECT merged_into FROM contacts ORDER BY id") == [(None,), (None,), (None,)]


def test_after_thirty_days_what_was_before_is_forgotten(two: Two) -> None:
    merge = two.merge()
    with pytest.raises(undoing.TooLate):
        two.undo(merge, NOW + 31 * DAY)
    assert two.db.write(lambda tx: merges.forget_old(tx, NOW + 1)) == 1
    assert two.db.write(lambda tx: merges.forget_old(tx, NOW + 1)) == 0
    with pytest.raises(undoing.TooLate):
        two.undo(merge)
