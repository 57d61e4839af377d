"""Every playbook does what it says: its event or date brings somebody in, letters arrive in time, success stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from sojourn.nodes.graph import JourneyGraph
from sojourn.runtime import ingest, journey_file, playbooks, settings
from sojourn.runtime.clock import Clock, ManualClock
from sojourn.runtime.content.letter import compile_letter, render
from sojourn.runtime.governance import versions
from sojourn.runtime.playbooks import Playbook, playbook
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.service import Runtime
from sojourn.storage import journeys
from sojourn.storage.columns import load
from sojourn.storage.database import Database, Tx, sqlite_url
from sojourn.storage.tables import metadata

from .post import Post

T0 = 1_789_981_200_000  # Monday, 21 September 2026, 09:00 UTC
HOUR, DAY = 3_600_000, 86_400_000
BOOKS = playbooks.playbooks()


@dataclass(frozen=True)
class Does:
    """After ``hours`` the contact does something; nothing with ``event`` None."""

    hours: float
    event: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    opens: bool = False  # and opens and clicks every letter so far


@dataclass(frozen=True)
class Scene:
    """What happens, how many letters have arrived after each thing, and how the stay ends."""

    told: str
    does: tuple[Does, ...]
    letters: tuple[int, ...]
    ends: str
    traits: dict[str, Any] = field(default_factory=dict)
    becomes: dict[str, Any] = field(default_factory=dict)  # in the profile


def after(days: float, event: str | None = None, opens: bool = False, **properties: Any) -> Does:
    return Does(days * 24, event, properties, opens)


SCENES: dict[str, tuple[Scene, ...]] = {
    "welcome": (
        Scene("a quiet reader", (after(0, "subscribed"), after(2), after(3)), (1, 2, 2), "not-interested"),
        Scene(
            "a keen one",
            (after(0, "subscribed", opens=True), after(2), after(3), after(4)),
            (1, 2, 3, 3),
            "no-order-yet",
        ),
        Scene("a buyer", (after(0, "subscribed"), after(1, "purchased"), after(20)), (1, 1, 1), "goal"),
    ),
    "double-opt-in": (
        Scene("no answer", (after(0, "subscription_requested"), after(2), after(5)), (1, 2, 2), "not-confirmed"),
        Scene(
            "a click",
            (after(0, "subscription_requested"), after(0.5, "subscription_confirmed"), after(9)),
            (1, 1, 1),
            "confirmed",
            becomes={"opt_in": "confirmed"},
        ),
    ),
    "browse-abandon": (
        Scene(
            "curious",
            (after(0, "viewed_product"), after(1 / 12, opens=True), after(1), after(2)),
            (0, 1, 2, 2),
            "not-bought",
        ),
        Scene("a cart", (after(0, "viewed_product"), after(0.05, "added_to_cart"), after(3)), (0, 0, 0), "in-the-cart"),
        Scene("a buyer", (after(0, "viewed_product"), after(0.2, "purchased"), after(9)), (0, 1, 1), "goal"),
    ),
    "cart-abandon": (
        Scene(
            "three letters and no more",
            (
                after(0, "added_to_cart"),
                after(1 / 24),
                after(1),
                after(2),
                after(2),
                after(0.1, "added_to_cart"),
                after(3),
            ),
            (0, 1, 2, 3, 3, 3, 3),
            "heard-enough",
        ),
        Scene(
            "bought after two",
            (after(0, "added_to_cart"), after(1 / 24), after(1), after(0.1, "purchased"), after(9)),
            (0, 1, 2, 2, 2),
            "goal",
        ),
        Scene("bought at once", (after(0, "added_to_cart"), after(0.02, "purchased"), after(9)), (0, 0, 0), "goal"),
    ),
    "back-in-stock": (
        Scene("a look", (after(0, "back_in_stock", opens=True), after(2), after(3)), (1, 2, 2), "not-bought"),
        Scene("a buyer", (after(0, "back_in_stock"), after(1, "purchased"), after(9)), (1, 1, 1), "goal"),
    ),
    "win-back": (
        Scene(
            "gone",
            (after(2), after(30), after(30), after(8)),
            (1, 2, 3, 3),
            "asleep",
            {"last_purchase_at": "2026-08-23T10:00:00Z"},
            {"lifecycle": "asleep"},
        ),
        Scene(
            "still reading",
            (after(2), after(30), after(30, opens=True), after(8)),
            (1, 2, 3, 3),
            "still-reading",
            {"last_purchase_at": "2026-08-23T10:00:00Z"},
        ),
        Scene(
            "back again",
            (after(2), after(5, "purchased"), after(70)),
            (1, 1, 1),
            "goal",
            {"last_purchase_at": "2026-08-23T10:00:00Z"},
        ),
    ),
    "order-confirmation": (
        Scene(
            "two orders",
            (after(0, "order_placed"), after(1, "order_shipped"), after(0.1, "order_placed"), after(9)),
            (1, 2, 3, 3),
            "goal",
        ),
        Scene("cancelled", (after(0, "order_placed"), after(0.1, "order_cancelled"), after(9)), (1, 2, 2), "cancelled"),
    ),
    "post-purchase": (
        Scene(
            "no review",
            (after(0, "purchased"), after(1), after(7), after(14), after(7), after(7)),
            (0, 1, 2, 3, 4, 4),
            "no-review",
        ),
        Scene(
            "a review",
            (after(0, "purchased"), after(23), after(1, "review_submitted"), after(30)),
            (0, 3, 3, 3),
            "goal",
        ),
    ),
    "replenishment": (
        Scene("not again", (after(0, "order_delivered"), after(25), after(10), after(8)), (0, 1, 2, 2), "not-ordered"),
        Scene(
            "again, and again",
            (
                after(0, "order_delivered"),
                after(25),
                after(1, "purchased"),
                after(2, "order_delivered"),
                after(25),
                after(1, "purchased"),
            ),
            (0, 1, 1, 1, 2, 2),
            "goal",
        ),
        Scene("something that lasts", (after(0, "order_delivered", refill_days=400), after(60)), (0, 0), ""),
    ),
    "nps": (
        Scene(
            "loves us",
            (after(0, "order_delivered"), after(7), after(1, "nps_answered", score=10), after(9)),
            (0, 1, 2, 2),
            "answered",
            becomes={"nps": "promoter"},
        ),
        Scene(
            "does not",
            (after(0, "order_delivered"), after(11), after(1, "nps_answered", score=2)),
            (0, 2, 3),
            "answered",
            becomes={"call_them": True},
        ),
        Scene(
            "so-so", (after(0, "order_delivered"), after(7), after(1, "nps_answered", score=7)), (0, 1, 1), "answered"
        ),
        Scene("no answer", (after(0, "order_delivered"), after(7), after(4), after(8)), (0, 1, 2, 2), "no-answer"),
    ),
    "loyalty-vip": (
        Scene(
            "a VIP",
            (after(0, "purchased"), after(0.1), after(14), after(21), after(14)),
            (0, 1, 2, 3, 3),
            "no-order-yet",
            {"total_spent": 640},
            {"vip": True},
        ),
        Scene(
            "who orders",
            (after(0, "purchased"), after(1), after(0.1, "purchased"), after(60)),
            (0, 1, 1, 1),
            "goal",
            {"total_spent": 640},
        ),
        Scene("not one", (after(0, "purchased"), after(60)), (0, 0), "", {"total_spent": 80}),
    ),
    "birthday": (
        Scene("not used", (after(1), after(5), after(3)), (1, 2, 2), "not-used", {"birthday": "1990-09-22"}),
        Scene("used", (after(1), after(1, "purchased"), after(9)), (1, 1, 1), "goal", {"birthday": "1990-09-22"}),
    ),
    "referral": (
        Scene(
            "nobody comes", (after(0, "review_submitted"), after(2), after(10), after(15)), (0, 1, 2, 2), "no-friend"
        ),
        Scene(
            "a friend",
            (after(0, "review_submitted"), after(2), after(3, "referral_joined"), after(30)),
            (0, 1, 2, 2),
            "friend-joined",
            becomes={"advocate": True},
        ),
        Scene("a bad review", (after(0, "review_submitted", stars=2), after(30)), (0, 0), ""),
    ),
    "b2b-nurture": (
        Scene(
            "only reads",
            (after(0, "content_downloaded"), after(3), after(5), after(4), after(2), after(8)),
            (1, 2, 3, 3, 4, 4),
            "keep-warm",
        ),
        Scene(
            "keen",
            (after(0, "content_downloaded"), after(3, opens=True), after(5), after(6), after(8)),
            (1, 2, 3, 4, 4),
            "with-sales",
            becomes={"lead_stage": "sales-ready"},
        ),
        Scene(
            "asks for a demo",
            (after(0, "content_downloaded"), after(3), after(1, "demo_requested"), after(30)),
            (1, 2, 2, 2),
            "goal",
        ),
    ),
}
PLAYED = [pytest.param(book, scene, id=f"{book}: {scene.told}") for book, scenes in SCENES.items() for scene in scenes]


class World:
    """One contact, one live playbook, a mail server, and a clock that is moved."""

    def __init__(self, db: Database, post: Post, book: Playbook) -> None:
        self.db, self.post, self.book = db, post, book
        self.shelf = ProgramShelf()
        self.clock: Clock = ManualClock(T0)
        self.config: Any = {"smtp_url": f"smtp://127.0.0.1:{post.port}?starttls=no", "senders": 1}
        self.secrets: Any = self
        self.runtime = Runtime(self, "test")
        self._sent = 0

        def set_up(tx: Tx) -> None:
            settings.save(tx, "sender_address", "hello@example.com")
            settings.save(tx, "base_url", "https://go.example.com")
            name = playbooks.add(tx, book.name, "test", T0)
            journey = journeys.journey_named(tx, name)
            assert journey is not None and journey.id is not None
            versions.publish(tx, journey.id, "test", T0)

        db.write(set_up)

    def derive(self, purpose: str) -> bytes:
        return purpose.encode().ljust(32, b"0")

    def open(self, sealed: str) -> str:
        return sealed

    def send(self, **message: Any) -> None:
        self._sent += 1
        whole = {"messageId": f"m{self._sent}", "userId": "u1", **message}
        receipt = asyncio.run(ingest.accept(self.db, self.shelf, self.clock, [whole], "test"))
        assert not receipt.rejected

    def plays(self, does: Does) -> int:
        """Let it happen; how many letters have arrived by then."""
        asyncio.run(self.runtime.advance(round(does.hours * HOUR)))
        if does.event:
            sample = next(need.sample for need in self.book.needs if need.name == does.event)
            self.send(type="track", event=does.event, properties={**sample, **does.properties})
            asyncio.run(self.runtime.advance(0))
        if does.opens:
            now = self.clock.now_ms()
            self.db.write(lambda tx: tx.run("UPDATE messages SET opened_at = ?, clicked_at = ?", (now, now)))
        return len(self.post.letters)

    def reasons(self) -> list[str]:
        return [row[0] for row in self.db.look(lambda tx: tx.rows("SELECT reason FROM enrollments ORDER BY id", ()))]


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    post = Post().start()
    yield post
    post.stop()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "sojourn.db"))
    database.write(lambda tx: metadata.create_all(tx.connection))
    yield database
    database.close()


@pytest.mark.parametrize(("book", "scene"), PLAYED)
def test_a_contact_lives_through_it(db: Database, post: Post, book: str, scene: Scene) -> None:
    post.letters.clear()
    world = World(db, post, playbook(book))
    agreed = {"email": {"marketing": True}}
    world.send(
        type="identify", traits={"email": "ada@example.com", "first_name": "Ada", "consents": agreed, **scene.traits}
    )
    assert tuple(world.plays(does) for does in scene.does) == scene.letters
    assert (world.reasons() or [""])[-1] == scene.ends
    for _, letter in post.letters:
        read = message_from_bytes(letter, policy=policy.default)
        assert read["List-Unsubscribe"] or world.book.content["message_type"] == "transactional"
    profile = db.look(lambda tx: tx.one("SELECT properties FROM contacts", ()))
    assert profile and scene.becomes.items() <= load(profile[0]).items()


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_it_is_finished_work(book: Playbook) -> None:
    assert book.name in SCENES
    assert versions.problems(book.content) == []
    assert journey_file.read(journey_file.write(book.content)) == book.content, (
        "exported and brought in, it is the same"
    )
    assert all("at" in node and len(node["at"]) == 2 for node in book.content["nodes"].values())
    asked = {need.name for need in book.needs if need.kind == "event"}
    nodes = JourneyGraph(book.content).nodes.values()
    named = {node.settings.event for node in nodes if getattr(node.settings, "event", None)}
    assert named <= asked, "every event it listens to stands among its needs"
    marketing = book.content["message_type"] == "marketing"
    for name, source in book.content["letters"].items():
        data = {
            "contact": book.sample_contact,
            "event": playbooks.sample_event(book, name),
            "brand": {"name": "Acme", "address": "1 Main St"},
            "unsubscribe_url": "https://go.example.com/u/1" if marketing else "",
        }
        letter = render(compile_letter(source, marketing), data)
        assert len(letter.subject) <= 50 and 10 <= len(letter.preheader) <= 90, letter.subject
        assert letter.missing in ((), ("brand.color",)), letter.missing
        assert letter.html.count("<img ") == letter.html.count(' alt="')
        assert ("Unsubscribe" in letter.text) == marketing and "1 Main St" in letter.text


def test_names_are_free_and_drafts_are_never_overwritten(db: Database) -> None:
    names = [db.write(lambda tx: playbooks.add(tx, "birthday", "test", T0)) for _ in range(3)]
    assert names == ["birthday", "birthday-2", "birthday-3"]


def test_what_an_instance_has_is_known(db: Database, post: Post) -> None:
    assert db.look(playbooks.known_here) == frozenset()
    world = World(db, post, playbook("birthday"))
    world.send(type="identify", traits={"email": "a@example.com", "birthday": "1990-01-01", "first_name": None})
    world.send(type="track", event="purchased")
    assert db.look(playbooks.known_here) == {("event", "purchased"), ("property", "birthday")}
