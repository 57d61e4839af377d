"""Many senders at once, few people: no cap is ever exceeded, the better message goes first, and all come to an end."""

from __future__ import annotations

import threading
from collections import defaultdict
from random import Random

import pytest

from sojourn.runtime.policy.hygiene import Silence
from sojourn.runtime.policy.sieve import Sieve
from sojourn.storage import leasing, messages
from sojourn.storage.database import Database, Tx
from sojourn.storage.messages import Leased, Result
from sojourn.tests.runtime.conftest import until_somebody_waits_for_a_lock
from sojourn.tests.runtime.gate_world import DAY, HOUR, MINUTE, MOMENTS, Journey, Mail, Person, World, build

NOW = MOMENTS[4]
SENDERS = 4
CHANNELS = ("email", "sms")


def crowd(policy: dict, *, seed: int, people: int = 4, each: int = 9) -> World:
    """A few people, each with many messages due at this very moment."""
    dice = Random(seed)
    agreed = {(channel, "marketing"): "granted" for channel in CHANNELS}
    persons = {n: Person(n, "Europe/Prague", consents=dict(agreed), seen=NOW) for n in range(1, people + 1)}
    journeys = {n: Journey(n, "marketing", "marketing") for n in range(1, each + 1)}
    mails = [
        Mail(n * 100 + j, n, j, dice.choice(CHANNELS), dice.choice((1, 2, 3)), dice.choice((10, 50)),
             NOW - dice.randrange(5) * MINUTE, NOW, enrollment=n * 100 + j)
        for n in persons
        for j in journeys
    ]  # fmt: skip
    return World(NOW, policy, persons, journeys, mails, [])


class Sender(threading.Thread):
    """Leases, marks and records like an outbox, until nothing is due; some of what it sends is refused."""

    def __init__(self, db: Database, name: str, now_ms: int, refused: float, seed: int) -> None:
        super().__init__(name=name)
        self._db, self._now, self._refused, self._dice = db, now_ms, refused, Random(seed)
        self._sieve = Sieve()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while leased := self._db.write(self._lease):
                passed = self._db.write(lambda tx, of=leased: self._sieve.sift(tx, self.name, of, self._now, Silence()))
                for at in range(0, len(passed), 2):
                    self._carry(passed[at : at + 2])
        except BaseException as error:
            self.error = error

    def _lease(self, tx: Tx) -> list[Leased]:
        return leasing.lease(tx, self.name, CHANNELS, self._now, self._dice.choice((1, 3, 8)))

    def _carry(self, chunk: list[Leased]) -> None:
        ids = [one.id for one in chunk]
        said = self._db.write(lambda tx: self._sieve.admit(tx, self.name, ids, "", self._now, Silence()))
        results = []
        for key, verdict in said.items():
            if verdict.go:
                word = "failed" if self._dice.random() < self._refused else "sent"
                results.append(Result(key, word, "A test.", attempted=True))
            else:
                due_at = verdict.until_ms or self._now + MINUTE
                due_at = due_at if verdict.answer == "defer" else None
                results.append(Result(key, verdict.answer, verdict.reason, due_at=due_at, outcome=verdict.outcome))
        self._db.write(lambda tx: messages.record(tx, self.name, results, self._now))


def send_all(db: Database, now_ms: int, refused: float = 0.0) -> None:
    """Everything that is due, by several senders at once; on PostgreSQL over connections of their own."""
    stores = [Database(db.url) if db.postgres else db for _ in range(SENDERS)]
    senders = [Sender(store, f"sender-{n}", now_ms, refused, now_ms + n) for n, store in enumerate(stores)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    for store in stores:
        if store is not db:
            store.close()
    errors = [sender.error for sender in senders if sender.error]
    assert not errors, errors


def sent(db: Database) -> list[tuple[int, int, int, str, int, int]]:
    """Contact, message, when, channel, rank, weight of everything that went, in the order it went."""
    return db.look(
        lambda tx: tx.rows(
            "SELECT contact_id, id, sent_at, channel, rank, weight FROM messages WHERE status = 'sent'"
            " ORDER BY sent_at, id"
        )
    )  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(2))
def test_no_cap_is_exceeded_by_senders_at_once_and_everything_ends(db: Database, seed: int) -> None:
    caps = [
        {"name": "day", "max": 3, "in": "24 hours", "defer_at_most": "7 days"},
        {"name": "texts", "max": 1, "in": "6 hours", "channels": ["sms"], "defer_at_most": "7 days"},
        {"name": "promos", "max": 1, "in": "1 day", "window": "calendar", "classes": ["promo"]},
    ]
    build(db, crowd({"caps": caps, "reserve": "2 hours"}, seed=seed))
    for hour in range(0, 80, 4):
        for minute in (0, 2, 15):  # places kept for others are asked for again soon
            send_all(db, NOW + hour * HOUR + minute * MINUTE, refused=0.2)

    by_contact = defaultdict(list)
    for contact, _, at, channel, rank, _ in sent(db):
        by_contact[contact].append((at, channel, rank))
    assert by_contact
    for had in by_contact.values():
        for at, _, _ in had:
            assert sum(at - DAY < other <= at for other, _, _ in had) <= 3
            assert sum(at - 6 * HOUR < other <= at for other, channel, _ in had if channel == "sms") <= 1
            day = (at + 2 * HOUR) // DAY  # in Prague in summer
            assert sum((other + 2 * HOUR) // DAY == day for other, _, rank in had if rank == 3) <= 1
    touched = db.look(lambda tx: {key for (key,) in tx.rows("SELECT message_id FROM touches")})
    assert touched == {key for _, key, *_ in sent(db)}
    left = db.look(lambda tx: tx.value("SELECT count(*) FROM messages WHERE status IN ('queued', 'leased', 'sending')"))
    assert left == 0


def test_of_messages_due_at_once_the_better_ones_have_the_places(db: Database) -> None:
    of = crowd({"caps": [{"name": "two", "max": 2, "in": "24 hours"}]}, seed=7)
    build(db, of)
    send_all(db, NOW)
    send_all(db, NOW + 2 * MINUTE)
    went = defaultdict(set)
    for contact, key, *_ in sent(db):
        went[contact].add(key)
    for contact in of.people:
        mine = sorted((m for m in of.mails if m.contact == contact), key=lambda m: (m.rank, -m.weight, m.queued, m.id))
        assert went[contact] == {mail.id for mail in mine[:2]}


def test_a_message_put_off_again_for_the_same_reason_leaves_no_further_record(db: Database) -> None:
    of = crowd({"caps": [{"name": "one", "max": 1, "in": "7 days"}], "reserve": "6 hours"}, seed=1, people=1, each=2)
    of.mails[0].rank, of.mails[1].rank, of.mails[0].due = 1, 3, NOW + 4 * HOUR
    build(db, of)
    for minute in range(0, 120, 10):
        send_all(db, NOW + minute * MINUTE)
    assert sent(db) == []
    reasons = db.look(lambda tx: tx.rows("SELECT verdict, reason FROM decisions"))
    assert len(reasons) == 1 and "kept for a message that goes before this one" in reasons[0][1]

    db.write(lambda tx: tx.run("UPDATE journeys SET status = 'paused' WHERE id = 1"))  # it will not go now
    send_all(db, NOW + 2 * HOUR)
    assert [key for _, key, *_ in sent(db)] == [of.mails[1].id]


def test_two_marks_for_one_person_wait_for_each_other(db: Database) -> None:
    """The first has counted its touch but not committed; the second must not count without it."""
    of = crowd({"caps": [{"name": "one", "max": 1, "in": "7 days"}]}, seed=3, people=1, each=2)
    build(db, of)
    first, second = (mail.id for mail in sorted(of.mails, key=lambda m: (m.rank, -m.weight, m.queued, m.id)))
    lease = "UPDATE messages SET status = 'leased', worker = ? WHERE id = ?"
    for key, name in ((first, "a"), (second, "b")):
        db.write(lambda tx, key=key, name=name: tx.run(lease, (name, key)))
    other, marked, said = Database(db.url), threading.Event(), {}

    def mark_first(tx: Tx) -> None:
        said["first"] = Sieve().admit(tx, "a", [first], "", NOW, Silence())[first].answer
        marked.set()
        if db.postgres:
            until_somebody_waits_for_a_lock(db)

    one = threading.Thread(target=db.write, args=(mark_first,))
    one.start()
    assert marked.wait(20)
    verdict = other.write(lambda tx: Sieve().admit(tx, "b", [second], "", NOW, Silence()))[second]
    one.join()
    other.close()
    assert (said["first"], verdict.answer, verdict.rule) == ("go", "skip", "cap")
    assert db.look(lambda tx: tx.rows("SELECT message_id FROM touches")) == [(first,)]
