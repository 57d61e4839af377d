"""One contact's whole story in one order, page by page, nothing twice and nothing left out."""

from __future__ import annotations

import pytest

from sojourn.storage import merging, timeline
from sojourn.storage.consents import Said, append
from sojourn.storage.database import Database, Tx
from sojourn.storage.merging import Pair

NOW = 1_790_000_000_000


@pytest.fixture
def lena(db: Database) -> Database:
    def fill(tx: Tx) -> None:
        people = [(key, "{}", NOW, NOW) for key in (1, 2)]
        tx.insert("contacts", "id,properties,created_at,changed_at", people)
        tx.insert(
            "events",
            "contact_id,name,at,received_at,properties",
            [(1 + n % 2, "seen", NOW + n // 6, NOW, '{"n": 1}') for n in range(60)]
            + [(1, "joined_segment", NOW + 3, NOW, '{"segment": "buyers"}')],
        )
        tx.run(
            "INSERT INTO journeys (id, name, title, status, draft, priority, created_at, changed_at)"
            " VALUES (7, 'cart', 'Cart', 'live', '{}', 0, ?, ?)",
            (NOW, NOW),
        )
        tx.insert(
            "enrollments",
            "id,journey_id,version_id,contact_id,node,seq,outbox,entered_at,since_at,ended_at,reason",
            [(1, 7, 1, 1, 0, 1, 0, NOW + 2, NOW + 2, NOW + 4, "end")],
        )
        tx.insert(
            "messages",
            "enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,"
            "sent_at,opened_at,clicked_at",
            [(1, 1, 0, 7, 1, 1, "email", "hello", "sent", NOW + 2, NOW, 1, NOW + 3, NOW + 3, NOW + 5)],
        )
        append(tx, [Said(1, "email", "granted", "form", at_ms=NOW + 1)], NOW)
        merging.merge(tx, [Pair(2, 1, "hand")], NOW + 20, "ann")

    db.write(fill)
    return db


@pytest.mark.parametrize("page", [1, 7, 1_000])
def test_pages_give_everything_once(lena: Database, page: int) -> None:
    seen: list[timeline.Entry] = []

    def following(tx: Tx) -> list[timeline.Entry]:
        return timeline.timeline(tx, 1, (), seen[-1].place if seen else None, page)

    while more := lena.look(following):
        seen += more
    assert [entry.place for entry in seen] == sorted({entry.place for entry in seen}, reverse=True)
    counts: dict[str, int] = {}
    for entry in seen:
        counts[entry.kind] = counts.get(entry.kind, 0) + 1
    assert counts == {"merges": 1, "events": 60, "segments": 1, "messages": 3, "journeys": 2, "consents": 1}
    assert seen[0].detail == {"loser": 2, "winner": 1, "reason": "hand", "actor": "ann"}


def test_only_some_kinds(lena: Database) -> None:
    entries = lena.look(lambda tx: timeline.timeline(tx, 1, ["messages", "consents"]))
    assert [entry.what for entry in entries] == ["clicked", "opened", "sent", "said"]
    assert entries[0].detail == {"letter": "hello", "title": "Cart", "status": "sent", "reason": None}
