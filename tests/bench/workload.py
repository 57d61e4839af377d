"""The eight-node journey every engine figure is measured on, and the people who go through it."""

from __future__ import annotations

from typing import Any

from sojourn.runtime.program import content_hash
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

T0 = 1_790_000_000_000
DAY = 86_400_000
COUNTRIES = ("DE", "FR", "US", "GB", "IT")
LETTER = {
    "subject": "Hello",
    "preheader": "",
    "mjml": "<mjml><mj-body><mj-section><mj-column><mj-text>Hello "
    '<a href="{{ unsubscribe_url }}">unsubscribe</a></mj-text></mj-column></mj-section></mj-body></mjml>',
}


def journey(name: str = "bench") -> dict[str, Any]:
    """Trigger, filter, split, letter A or B, wait a day, opened?, cap, second letter, exit."""

    def step(kind: str, settings: dict[str, Any], **ways: str) -> dict[str, Any]:
        return {"kind": kind, "settings": settings, "next": ways}

    return {
        "name": name,
        "title": "Bench",
        "message_type": "marketing",
        "nodes": {
            "start": step("trigger_event", {"event": "start"}, next="filter"),
            "filter": step(
                "branch",
                {"rule": {"property": "country", "op": "in", "value": ["DE", "FR", "US", "GB"]}},
                yes="split",
                no="out",
            ),
            "split": step(
                "random_split",
                {"variants": [{"name": "a", "weight": 50}, {"name": "b", "weight": 50}]},
                a="letter_a",
                b="letter_b",
            ),
            "letter_a": step("email", {"letter": "a"}, next="pause"),
            "letter_b": step("email", {"letter": "b"}, next="pause"),
            "pause": step("wait", {"amount": 1, "unit": "days"}, next="opened"),
            "opened": step("branch", {"rule": {"message": "opened", "days": 2}}, yes="cap", no="out"),
            "cap": step("cap", {"max": 3, "amount": 7, "unit": "days"}, ok="second", capped="out"),
            "second": step("email", {"letter": "a"}, next="out"),
            "out": step("exit", {}),
        },
        "letters": {"a": LETTER, "b": LETTER},
    }


def people(db: Database, count: int, page: int = 50_000) -> None:
    """Contacts, numbered from 1, in five countries."""
    for first in range(1, count + 1, page):
        rows = [
            (n, f"user{n}@example.com", dump({"country": COUNTRIES[n * 2654435761 % 5], "first_name": f"U{n}"}), T0, T0)
            for n in range(first, min(first + page, count + 1))
        ]
        agreed = [(n, "email", "marketing", "granted", "bench", T0, "{}") for n, *_ in rows]

        def job(tx: Tx, rows: list[Any] = rows, agreed: list[Any] = agreed) -> None:
            tx.insert("contacts", "id,email,properties,created_at,changed_at", rows)
            tx.insert("consents", "contact_id,channel,topic,action,source,at,evidence", agreed)

        db.write(job)


def publish(tx: Tx, content: dict[str, Any]) -> tuple[int, int]:
    """The journey as an approved, live version: ``(journey, version)``."""
    digest = content_hash(content)
    tx.run(
        "INSERT INTO journeys (id, name, title, status, draft, live_version, priority, created_at, changed_at)"
        " VALUES (1, ?, ?, 'live', ?, 1, 0, ?, ?)",
        (content["name"], content["title"], dump(content), T0, T0),
    )
    tx.run(
        "INSERT INTO versions (id, journey_id, number, content, content_hash, approved_hash, approved_by, approved_at,"
        " author, note, created_at) VALUES (1, 1, 1, ?, ?, ?, 'bench', ?, 'bench', '', ?)",
        (dump(content), digest, digest, T0, T0),
    )
    return 1, 1


def enroll(db: Database, content: dict[str, Any], count: int, page: int = 50_000) -> None:
    """Everybody stands at the trigger, due at T0."""
    start = sorted(content["nodes"]).index("start")
    for first in range(1, count + 1, page):
        rows = [(n, 1, 1, n, start, 0, T0, 0, T0, T0) for n in range(first, min(first + page, count + 1))]
        db.write(
            lambda tx, rows=rows: tx.insert(
                "enrollments", "id,journey_id,version_id,contact_id,node,seq,due_at,outbox,entered_at,since_at", rows
            )
        )


def deliver(db: Database, now_ms: int) -> None:
    """What the outbox would do, all at once: every queued message is sent, four in ten are opened, people move on."""

    def job(tx: Tx) -> None:
        opened = "CASE WHEN contact_id % 10 < 4 THEN ? END"
        tx.run(
            f"UPDATE messages SET status = 'sent', sent_at = ?, opened_at = {opened} WHERE status = 'queued'",
            (now_ms, now_ms),
        )
        tx.run("UPDATE enrollments SET due_at = ?, outbox = 0, outcome = 'sent' WHERE outbox = 1", (now_ms,))

    db.write(job)


def expected(count: int) -> dict[str, int]:
    """Counted by hand: how many letters there must be, and how many people at the end."""
    passed = [n for n in range(1, count + 1) if COUNTRIES[n * 2654435761 % 5] != "IT"]
    return {"first": len(passed), "second": sum(n % 10 < 4 for n in passed), "out": count}
