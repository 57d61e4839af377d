"""A journey on a real store, driven beat by beat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sojourn.runtime import settings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.engine import Beat, Engine
from sojourn.runtime.entries import Happened, react
from sojourn.runtime.program import ProgramShelf, content_hash
from sojourn.storage import consents, walking
from sojourn.storage.columns import dump
from sojourn.storage.consents import Said
from sojourn.storage.database import Database, Tx

T0 = 1_790_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ contact.first_name }}, "
    '<a href="{{ unsubscribe_url }}">unsubscribe</a></mj-text></mj-column></mj-section></mj-body></mjml>'
)


class Stage:
    """People, journeys and a clock that stands still until it is moved."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = ManualClock(T0)
        self.shelf = ProgramShelf()
        self.engine = Engine(db, self.shelf, self.clock, batch=7)
        self._versions = 0
        db.write(lambda tx: settings.save(tx, "sender_address", "shop@example.com"))

    def people(self, count: int, *, agreed: bool = True, **properties: Any) -> None:
        """Contacts numbered from 1 who agreed to marketing; a callable property is called with the number."""
        rows = [
            (
                n,
                f"p{n}@example.com",
                dump({key: value(n) if callable(value) else value for key, value in properties.items()}),
                T0,
                T0,
            )
            for n in range(1, count + 1)
        ]
        self.db.write(lambda tx: tx.insert("contacts", "id,email,properties,created_at,changed_at", rows))
        if agreed:
            self.db.write(lambda tx: agree(tx, range(1, count + 1)))

    def journey(
        self, name: str, nodes: dict[str, Any], live: bool = True, messages: dict[str, Any] | None = None
    ) -> int:
        """A live, approved journey; the next version of it when there is one. Returns the version."""
        letters = {
            node["settings"]["letter"]: {"subject": "Hello {{ contact.first_name }}", "mjml": MJML}
            for node in nodes.values()
            if node["kind"] == "email"
        } | (messages or {})
        content = {"name": name, "title": name, "message_type": "marketing", "nodes": nodes, "letters": letters}
        digest = content_hash(content)
        self._versions += 1
        version = self._versions

        def job(tx: Tx) -> None:
            journey = tx.value("SELECT id FROM journeys WHERE name = ?", (name,))
            if journey is None:
                journey = (tx.value("SELECT max(id) FROM journeys") or 0) + 1
                tx.run(
                    "INSERT INTO journeys (id, name, title, status, draft, priority, created_at, changed_at)"
                    " VALUES (?, ?, ?, 'live', ?, 0, ?, ?)",
                    (journey, name, name, dump(content), T0, T0),
                )
            tx.run(
                "INSERT INTO versions (id, journey_id, number, content, content_hash, approved_hash, author, note,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, 'test', '', ?)",
                (version, journey, version, dump(content), digest, digest, T0),
            )
            tx.run("UPDATE journeys SET live_version = ? WHERE id = ?", (version, journey))

        self.db.write(job)
        return version

    def happens(self, contact: int, *names: str, **properties: Any) -> None:
        """The contact does these things, one after the other, in one request."""
        now_ms = self.clock.now_ms()

        def job(tx: Tx) -> None:
            events = []
            for name in names:
                (event_id,) = tx.one(
                    "INSERT INTO events (contact_id, name, at, received_at, properties) VALUES (?, ?, ?, ?, ?)"
                    " RETURNING id",
                    (contact, name, now_ms, now_ms, dump(properties)),
                ) or (0,)
                events.append(Happened(event_id, contact, name, now_ms, properties))
            react(tx, self.shelf, events, now_ms)

        self.db.write(job)

    def beat(self, later: int = 0) -> Beat:
        """Let time pass, and everybody walk who is due."""
        self.clock.set(self.clock.now_ms() + later)
        return self.engine.run_due()

    def hand_over(self, outcome: str = "sent") -> int:
        """What the outbox does with everything queued; returns how many messages."""
        now_ms = self.clock.now_ms()

        def job(tx: Tx) -> int:
            done = tx.run("UPDATE messages SET status = ?, sent_at = ? WHERE status = 'queued'", (outcome, now_ms))
            tx.run("UPDATE enrollments SET due_at = ?, outbox = 0, outcome = ? WHERE outbox = 1", (now_ms, outcome))
            return done.rowcount

        return self.db.write(job)

    def rows(self, sql: str, *params: Any) -> list[Any]:
        return self.db.look(lambda tx: tx.rows(sql, params))

    def standing(self) -> dict[int, str]:
        """Where each live enrollment stands: contact → node."""
        found = {}
        for version, contact, node in self.rows(
            "SELECT version_id, contact_id, node FROM enrollments WHERE ended_at IS NULL"
        ):
            found[contact] = self.db.look(lambda tx, v=version: self.shelf.program(tx, v)).ids[node]
        return found

    def ended(self) -> dict[int, str]:
        """How each finished enrollment ended: contact → reason (the latest)."""
        return dict(
            self.rows("SELECT contact_id, reason FROM enrollments WHERE ended_at IS NOT NULL ORDER BY ended_at, id")
        )

    def stray(self) -> list[Any]:
        return self.db.look(walking.stray)


def agree(tx: Tx, contacts: Iterable[int], topic: str = "marketing") -> None:
    consents.append(tx, [Said(contact, "email", "granted", "test", topic) for contact in contacts], T0)


def until_somebody_waits_for_a_lock(db: Database) -> None:
    until = time.monotonic() + 10
    while not db.look(lambda tx: tx.value("SELECT count(*) FROM pg_locks WHERE NOT granted")):
        assert time.monotonic() < until, "nobody came to wait"
        time.sleep(0.02)


def step(kind: str, settings: dict[str, Any] | None = None, **ways: str) -> dict[str, Any]:
    return {"kind": kind, "settings": settings or {}, "next": ways}


@pytest.fixture
def stage(db: Database) -> Stage:
    return Stage(db)


@pytest.fixture(name="step")
def _step() -> Callable[..., dict[str, Any]]:
    return step
