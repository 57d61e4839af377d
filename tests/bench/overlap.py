"""The overlap report over 100,000 stays, beside reading those stays out of the store."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

from sojourn.runtime.overlap import overlap
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.program import ProgramShelf, content_hash
from sojourn.storage import migrate
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx, sqlite_url

from .figures import Figure

NOW = 1_790_000_000_000
DAY = 86_400_000
JOURNEYS, STAYS, PEOPLE = 12, 100_000, 40_000
CAPS = [{"name": f"cap-{days}", "max": days, "in": f"{days} days"} for days in (1, 7, 14)]


def report() -> list[Figure]:
    """Twelve live journeys of ten letters each, three caps, four weeks of touches."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(sqlite_url(Path(folder) / "overlap.db"))
        migrate.upgrade(db)
        db.write(_fill)
        db.write(lambda tx: policies.propose(tx, Policy.model_validate({"caps": CAPS}), "owner@example.com", NOW))
        shelf = ProgramShelf()
        db.look(lambda tx: shelf.refresh(tx))
        began = time.process_time()
        found = db.look(lambda tx: overlap(tx, shelf, NOW))
        took = time.process_time() - began
        began = time.process_time()
        db.look(lambda tx: tx.rows("SELECT * FROM enrollments ORDER BY contact_id"))
        read = time.process_time() - began
        db.close()
    assert len(found.pairs) == JOURNEYS * (JOURNEYS - 1) // 2
    return [Figure("overlap.100k", took, "s", read)]


def _fill(tx: Tx) -> None:
    chance = random.Random(7)
    for key in range(1, JOURNEYS + 1):
        content = _drawn(f"journey-{key}")
        digest = content_hash(content)
        tx.run(
            "INSERT INTO journeys (id, name, title, status, draft, priority, live_version, created_at, changed_at)"
            " VALUES (?, ?, ?, 'live', ?, 0, ?, ?, ?)",
            (key, content["name"], content["title"], dump(content), key, NOW, NOW),
        )
        tx.run(
            "INSERT INTO versions (id, journey_id, number, content, content_hash, approved_hash, author, note,"
            " created_at) VALUES (?, ?, 1, ?, ?, ?, 'bench', '', ?)",
            (key, key, dump(content), digest, digest, NOW),
        )
    places = chance.sample([(c, j) for c in range(1, PEOPLE + 1) for j in range(1, JOURNEYS + 1)], STAYS)
    tx.insert(
        "enrollments",
        "id,journey_id,version_id,contact_id,node,seq,due_at,outbox,entered_at,since_at",
        [
            (n, journey, journey, contact, chance.randrange(1, 20), 1, NOW + DAY, 0, NOW - DAY, NOW - DAY)
            for n, (contact, journey) in enumerate(places, 1)
        ],
    )
    tx.insert(
        "touches",
        "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node,arrived_at",
        [
            (n, contact, NOW - chance.randrange(28 * DAY), "email", "marketing", 1, journey, n, 2, 0)
            for n, (contact, journey) in enumerate(places, 1)
        ],
    )


def _drawn(name: str) -> dict[str, Any]:
    nodes: dict[str, Any] = {"start": {"kind": "trigger_api", "settings": {}, "next": {"next": "wait0"}}}
    for n in range(10):
        wait = {"amount": 3, "unit": "days"}
        nodes[f"wait{n}"] = {"kind": "wait", "settings": wait, "next": {"next": f"mail{n}"}}
        after = {"next": f"wait{n + 1}"} if n < 9 else {}
        nodes[f"mail{n}"] = {"kind": "email", "settings": {"letter": "hello"}, "next": after}
    letters = {"hello": {"subject": "Hello", "mjml": "<mjml><mj-body></mj-body></mjml>"}}
    return {"name": name, "title": name, "message_type": "marketing", "nodes": nodes, "letters": letters}
