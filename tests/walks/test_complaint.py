"""A complaint comes by callback while a thousand promos wait: who complained gets none of them for 48 hours."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import pytest

from sojourn.runtime.clock import ManualClock
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.storage import consents
from sojourn.storage.columns import dump
from sojourn.storage.consents import Said
from sojourn.storage.database import Database

from ..app.carrier import listening
from ..runtime.post import MJML, NOW, Post, outbox, smtp

HOUR = 3_600_000
PEOPLE, JOURNEYS = 25, 40  # a thousand promos; person 1 is the one who complains
MESSAGE = (
    "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,rank"
)
WAITING = "SELECT reason FROM messages WHERE contact_id = 1 AND status = 'queued' AND rank = 3 LIMIT 1"
RECEIPT = 1_001  # the number of the letter they are owed


def stock(db: Database) -> None:
    """Everybody in every journey, each with a promo due now."""
    contents = {
        number: {
            "name": f"promo{number}",
            "message_type": "marketing" if number <= JOURNEYS else "transactional",
            "nodes": {"mail": {"kind": "email", "settings": {"letter": "hello"}, "next": {}}},
            "letters": {"hello": {"subject": f"Promo {number}", "mjml": MJML}},
        }
        for number in range(1, JOURNEYS + 2)
    }
    digests = {number: sha256(dump(content).encode()).hexdigest() for number, content in contents.items()}
    pairs = [(person, number) for number in range(1, JOURNEYS + 1) for person in range(1, PEOPLE + 1)]
    rows = [(at + 1, person, number) for at, (person, number) in enumerate([*pairs, (1, JOURNEYS + 1)])]

    def job(tx: Any) -> None:
        names = "id,name,title,status,draft,live_version,priority,created_at,changed_at"
        tx.insert("journeys", names, [(n, c["name"], "", "live", "{}", n, 0, NOW, NOW) for n, c in contents.items()])
        tx.insert(
            "versions",
            "id,journey_id,number,content,content_hash,approved_hash,author,note,created_at",
            [(n, n, 1, dump(content), digests[n], digests[n], "", "", NOW) for n, content in contents.items()],
        )
        people = [(i, f"u{i}@example.com", "{}", NOW, NOW) for i in range(1, PEOPLE + 1)]
        tx.insert("contacts", "id,email,properties,created_at,changed_at", people)
        tx.insert(
            "enrollments",
            "id,journey_id,version_id,contact_id,node,seq,outbox,entered_at,since_at",
            [(key, number, number, person, 0, 1, 1, NOW, NOW) for key, person, number in rows],
        )
        tx.insert(
            "messages",
            MESSAGE,
            [
                (key, key, 1, 0, n, n, person, "email", "hello", "queued", NOW,
                 *((NOW + HOUR, 0, 0) if key == RECEIPT else (NOW, 0, 3)))
                for key, person, n in rows
            ],
        )  # fmt: skip
        consents.append(tx, [Said(i, "email", "granted", "test") for i in range(1, PEOPLE + 1)], NOW)
        rules = Policy.model_validate({"behaviour": {"complaint_withdraws": False}, "expiry": {"promo": "96 hours"}})
        policies.propose(tx, rules, "ada@example.com", NOW)

    db.write(job)


@pytest.mark.slow
def test_a_complaint_among_a_thousand_promos(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    stock(db)
    clock = ManualClock(NOW)
    left: list[set[int]] = []  # of the one who complained: what was on its way when the complaint was answered

    def on_its_way() -> set[int]:
        sql = "SELECT id FROM messages WHERE contact_id = 1 AND status IN ('sending', 'sent')"
        return {key for (key,) in db.look(lambda tx: tx.rows(sql))}

    with listening(db, monkeypatch, clock) as door:

        def data(address: str) -> str:
            """In the middle of it all, the carrier calls."""
            if len(post.letters) >= 300 and not left:
                left.append(set())
                answer = door.call({"kind": "complained", "key": "c1", "address": "u1@example.com"})
                assert answer.status_code == 200
                left[0] |= on_its_way()
            return "250 OK"

        post = Post(data=data).start()

        async def go() -> None:
            box = outbox(db, smtp(post), clock)

            async def until_quiet() -> None:
                while await box.run_once():
                    pass

            await until_quiet()
            assert len(left) == 1 and len(left[0]) < JOURNEYS // 2  # most of theirs had not gone yet
            assert on_its_way() == left[0] and post.to().count("u1@example.com") == len(left[0])
            assert len(post.letters) == (PEOPLE - 1) * JOURNEYS + len(left[0])  # everybody else has all of theirs
            reason = db.look(
                lambda tx: tx.value("SELECT reason FROM messages WHERE contact_id = 1 AND status = 'queued'")
            )
            assert reason.startswith("The contact complained at ")

            clock.set(NOW + HOUR)  # what they are owed goes, and nothing else
            await until_quiet()
            assert on_its_way() == left[0] | {RECEIPT}
            for hours in (24, 47):
                clock.set(NOW + hours * HOUR)
                await until_quiet()
            assert on_its_way() == left[0] | {RECEIPT}

            clock.set(NOW + 49 * HOUR)
            await until_quiet()
            assert len(on_its_way()) == JOURNEYS + 1
            await box.close()

        try:
            asyncio.run(go())
        finally:
            post.stop()
