"""Messages come in: who they are about, what is refused, what counts once. On both stores."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sojourn.runtime.clock import ManualClock
from sojourn.runtime.engine import Engine
from sojourn.runtime.entries import Happened
from sojourn.runtime.envelope import Refused, check
from sojourn.runtime.ingest import Receipt, accept
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import consents, merging, people
from sojourn.storage.columns import load
from sojourn.storage.database import Database, Tx
from sojourn.storage.merging import Pair

from .conftest import HOUR, Stage, until_somebody_waits_for_a_lock

NOW = 1_780_000_000_000  # 2026-05-28T20:26:40Z
PERSON = {"userId": "u1"}


class Door:
    """What a request sees, without the web: send messages, look at what was stored."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.told: list[Happened] = []

    def send(self, *messages: Any, **how: Any) -> Receipt:
        def react(tx: Any, shelf: Any, happened: Any, now_ms: int) -> int:
            self.told += happened
            return len(happened)

        clock = ManualClock(NOW)
        return asyncio.run(accept(self.db, ProgramShelf(), clock, messages, "test", react=react, **how))

    def refusal(self, message: Any) -> str:
        receipt = self.send(message)
        assert receipt.stored == 0
        return receipt.rejected[0].reason

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.db.look(lambda tx: tx.rows(sql))

    def contact(self, kind: str, value: str) -> dict[str, Any]:
        (row,) = self.db.look(
            lambda tx: tx.rows(
                "SELECT c.id, c.external_id, c.email, c.phone, c.properties FROM identities i "
                "JOIN contacts c ON c.id = i.contact_id WHERE i.kind = ? AND i.value = ?",
                (kind, value),
            )
        )
        return {**load(row[4]), "id": row[0], "external_id": row[1], "email": row[2], "phone": row[3]}


@pytest.fixture
def door(db: Database) -> Door:
    return Door(db)


def track(event: Any = "opened_app", message_id: str | None = None, **rest: Any) -> dict[str, Any]:
    who = rest if {"userId", "anonymousId"} & rest.keys() else {**PERSON, **rest}
    return {"type": "track", "event": event, "messageId": message_id, **who}


def identify(user: str | None = "u1", anonymous: str | None = None, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "anonymousId": anonymous, "traits": traits}


def test_a_wait_hears_an_event_that_stood_at_the_door_when_it_began(stage: Stage, step: Any) -> None:
    """Arrival at the server says nothing about the order in which the store takes things."""
    until = step("wait_until", {"event": "purchased", "amount": 1, "unit": "hours"}, happened="done", timed_out="late")
    ends = {"until": until, "done": step("exit"), "late": step("exit")}
    stage.journey("cart", {"cart": step("trigger_event", {"event": "added_to_cart"}, next="until"), **ends})
    rest = step("wait", {"amount": 1, "unit": "hours"}, next="until")
    stage.journey("look", {"look": step("trigger_event", {"event": "looked"}, next="rest"), "rest": rest, **ends})

    class Running(ManualClock):
        def now_ms(self) -> int:  # a request takes a moment from its arrival to the write door
            self.set(super().now_ms() + 1)
            return super().now_ms()

    clock = Running(stage.clock.now_ms())
    engine = Engine(stage.db, stage.shelf, clock)

    def send(*names: str) -> None:
        asyncio.run(accept(stage.db, stage.shelf, clock, [track(name, **PERSON) for name in names], "test"))

    def ends_by_journey() -> list[Any]:
        return stage.rows("SELECT journey_id, reason FROM enrollments ORDER BY journey_id")

    send("added_to_cart", "purchased")
    engine.run_due()
    assert ends_by_journey() == [(1, "done")]

    send("looked")
    engine.run_due()
    clock.set(clock.now_ms() + HOUR)
    write = stage.db.awrite

    async def behind_the_engine(job: Any, **how: Any) -> Any:
        engine.run_due()  # it was at the write door first, and the wait begins
        return await write(job, **how)

    with pytest.MonkeyPatch.context() as busy:
        busy.setattr(stage.db, "awrite", behind_the_engine)
        send("purchased")
    engine.run_due()
    assert ends_by_journey() == [(1, "done"), (2, "done")]


# ── what is stored ────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_message_becomes_an_event(door: Door) -> None:
    receipt = door.send(
        track("bought", properties={"total": 12.5}),
        identify(plan="pro"),
        {"type": "page", **PERSON, "name": "Home", "category": "Shop", "properties": {"url": "/"}},
        {"type": "screen", **PERSON, "name": "Cart"},
        {"type": "group", **PERSON, "groupId": "g1", "traits": {"size": 3}},
        {"type": "alias", **PERSON, "previousId": "before"},
    )
    assert (receipt.stored, receipt.rejected) == (6, [])
    stored = {name: load(properties) for name, properties in door.rows("SELECT name, properties FROM events")}
    assert stored == {
        "bought": {"total": 12.5},
        "$identify": {"plan": "pro"},
        "page": {"url": "/", "name": "Home", "category": "Shop"},
        "screen": {"name": "Cart"},
        "$group": {"size": 3, "groupId": "g1"},
        "$alias": {"previousId": "before"},
    }
    assert len(door.rows("SELECT id FROM contacts")) == 1
    assert [one.name for one in door.told] == ["bought", "$identify", "page", "screen", "$group", "$alias"]


def test_one_bad_message_is_refused_alone_and_nothing_counts_twice(door: Door) -> None:
    batch = [track("seen", f"m{n}", userId=f"u{n}") for n in range(100)]
    batch[41] = track("", "m41")
    first = door.send(*batch)
    assert (first.stored, first.duplicates, [(r.index, r.message_id) for r in first.rejected]) == (99, 0, [(41, "m41")])
    again = door.send(*batch)
    assert (again.stored, again.duplicates, len(again.rejected)) == (0, 99, 1)
    assert door.rows("SELECT count(*) FROM events") == [(99,)]
    ((source, message_id, reason),) = door.rows("SELECT source, message_id, reason FROM rejections")
    assert (source, message_id) == ("test", "m41")
    assert "name of the event" in reason
    assert len(door.told) == 99


def test_the_same_message_id_twice_in_a_request_counts_once(door: Door) -> None:
    receipt = door.send(track("a", "same"), track("a", "same"), track("a"), track("a"))
    assert (receipt.stored, receipt.duplicates) == (3, 1)


def test_times_are_corrected_by_the_senders_own_clock(door: Door) -> None:
    hour = 3_600_000
    door.send(
        track("clock is an hour slow", timestamp="2026-05-28T18:26:40Z"),
        track("rudder", originalTimestamp="2026-05-28T19:25:40.000+00:00"),
        track("future", timestamp="2026-05-28T19:30:00Z"),
        track("no time"),
        sent_at="2026-05-28T19:26:40Z",
    )
    door.send(track("past", timestamp="2019-01-01T00:00:00Z"), sent_at="2026-05-28T19:26:40Z", history=True)
    at = dict(door.rows("SELECT name, at FROM events"))
    assert at["clock is an hour slow"] == NOW - hour
    assert at["rudder"] == NOW - 60_000
    assert at["future"] == at["no time"] == NOW
    assert at["past"] == 1_546_300_800_000
    assert [one.fresh for one in door.told] == [True, True, True, True, False]


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("text", "JSON object"),
        ({"type": "tracks", **PERSON}, "unknown"),
        ({"type": ["track"], **PERSON}, "unknown"),
        ({**PERSON, "event": "x"}, "unknown"),
        ({"type": "track", "event": "x", "userId": None, "anonymousId": None}, "neither userId nor anonymousId"),
        ({"type": "track", "event": "x", "userId": "  "}, "neither"),
        (track(userId=True), "userId has to be a text"),
        (track(userId="undefined"), "nobody"),
        (track(userId="x" * 256), "longer than 255"),
        (track(" "), "name of the event"),
        (track(7), "name of the event"),
        (track("x" * 201), "longer than 200"),
        (track(properties=[1]), "properties has to be a JSON object"),
        (track(properties={"a": "x" * 33_000}), "32 KB"),
        (track(properties={"a": nested(40)}), "nested deeper"),
        (track(properties={"a": nested(300)}), "nested deeper"),
        (track(properties={"a": "nul \0"}), "NUL"),
        (track(properties={"nul \0": 1}), "NUL"),
        (track(properties={"a": "half \ud800"}), "surrogate"),
        (track(properties={"a": float("nan")}), "NaN"),
        (track(properties={"a": float("inf")}), "NaN or Infinity"),
        (track(properties={"a": 2**70}), "number too big"),
        (track(properties={"k" * 201: 1}), "longer than 200"),
        (track(properties={str(n): n for n in range(501)}), "at most 500"),
        (track(timestamp="yesterday"), "is no time"),
        (track(timestamp={}), "is no time"),
        (track(timestamp="0001-01-01T00:00:00Z"), "check the clock"),
        (track(timestamp="9999-01-01T00:00:00Z"), "check the clock"),
        ({"type": "alias", **PERSON}, "previousId"),
        ({"type": "group", **PERSON}, "groupId"),
    ],
)
def test_refusals_are_sentences(message: Any, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        check(message, 0, NOW, None, False)
    assert str(refused.value)[0].isalpha()
    assert str(refused.value).endswith((".", "…"))


def test_refused_messages_can_be_read_later_whatever_was_in_them(door: Door) -> None:
    bad = [track(properties={"a": text}, message_id=text) for text in ("nul \0", "half \ud800")]
    receipt = door.send(*bad, track(properties={"a": nested(200)}))
    assert receipt.stored == 0
    samples = [row[0] for row in door.rows("SELECT sample FROM rejections ORDER BY id")]
    assert len(samples) == 3
    assert "opened_app" in samples[0]


def test_text_that_only_looks_like_a_nul_is_kept(door: Door) -> None:
    assert door.send(track(properties={"a": "\\u0000", "b": None})).stored == 1


# ── who it is about ───────────────────────────────────────────────────────────────────────────────────


def test_traits_build_the_profile(door: Door) -> None:
    door.send(identify(email=" Ann@Example.COM ", phone="+420 602 123-456", firstName="Ann", plan="free", age=30))
    door.send(identify(plan="pro", age=None))
    ann = door.contact("email", "ann@example.com")
    assert ann == {
        "id": ann["id"],
        "external_id": "u1",
        "email": "ann@example.com",
        "phone": "+420602123456",
        "firstName": "Ann",
        "first_name": "Ann",
        "plan": "pro",
    }


def test_a_wrong_address_is_left_out_and_the_event_is_kept(door: Door) -> None:
    receipt = door.send(identify(email="not an address", phone="call me", plan="pro"))
    assert (receipt.stored, receipt.rejected) == (1, [])
    assert [note.reason.split(",")[0] for note in receipt.notes] == [
        "The e-mail address was left out",
        "The phone number was left out",
    ]
    who = door.contact("user", "u1")
    assert (who["email"], who["phone"], who["plan"]) == (None, None, "pro")
    assert len(door.rows("SELECT id FROM rejections")) == 2


def test_rudderstack_traits_stand_in_the_context(door: Door) -> None:
    door.send({"type": "identify", "userId": "u1", "anonymousId": None, "context": {"traits": {"plan": "pro"}}})
    assert door.contact("user", "u1")["plan"] == "pro"


def test_an_anonymous_visitor_becomes_the_user(door: Door) -> None:
    door.send(track("looked", anonymousId="a1"), identify(None, "a1", seen="tv"))
    door.send(identify("u1", "a1", email="ann@example.com"))
    assert door.contact("anonymous", "a1") == door.contact("user", "u1")
    assert door.contact("user", "u1")["seen"] == "tv"
    assert door.rows("SELECT count(DISTINCT contact_id), count(*) FROM events") == [(1, 3)]
    assert door.rows("SELECT count(*) FROM contacts") == [(1,)]


def test_a_visitor_is_merged_into_the_user_they_turn_out_to_be(door: Door) -> None:
    door.send(identify("u1", email="ann@example.com", plan="pro"))
    door.send(track("looked", anonymousId="a1"), identify(None, "a1", plan="unknown", seen="tv"))
    user, visitor = door.contact("user", "u1")["id"], door.contact("anonymous", "a1")["id"]
    assert user != visitor
    enroll(door.db, visitor)
    door.send(identify("u1", "a1"))
    assert door.contact("anonymous", "a1")["id"] == user
    assert (door.contact("user", "u1")["plan"], door.contact("user", "u1")["seen"]) == ("pro", "tv")
    assert door.rows("SELECT DISTINCT contact_id FROM events") == [(user,)]
    assert door.rows("SELECT id, merged_into FROM contacts ORDER BY id") == [(user, None), (visitor, user)]
    assert door.rows("SELECT contact_id, ended_at FROM enrollments") == [(user, None)]


def enroll(db: Database, contact: int) -> None:
    row = (1, 1, contact, 0, NOW, NOW, NOW)
    db.write(
        lambda tx: tx.insert(
            "enrollments", "journey_id,version_id,contact_id,node,due_at,entered_at,since_at,seq,outbox", [(*row, 0, 0)]
        )
    )


def test_merging_never_forgets_a_refusal(door: Door) -> None:
    door.send(identify(None, "a1", email="ann@example.com"), identify("u1"))
    lead, user = door.contact("anonymous", "a1")["id"], door.contact("user", "u1")["id"]
    said = [(lead, "email", "marketing", "withdrawn"), (lead, "sms", "marketing", "granted")]
    said += [(user, "email", "marketing", "granted"), (user, "sms", "marketing", "denied")]
    door.db.write(
        lambda tx: tx.insert(
            "consents",
            "contact_id,channel,topic,action,source,at,evidence",
            [(*row, "form", NOW, "{}") for row in said],
        )
    )
    door.send(identify("u1", "a1"))
    carried = door.rows(f"SELECT channel, action FROM consents WHERE contact_id = {user} ORDER BY id")
    assert dict(carried) == {"email": "withdrawn", "sms": "denied"}
    assert len(door.rows("SELECT id FROM consents")) == 5


def test_a_refusal_reaches_whoever_the_person_has_become_by_now(door: Door) -> None:
    """The link in an old letter names a contact that was merged, and merged again."""
    door.send(identify("old"))
    door.send(identify("middle"))
    door.send(identify("now"))
    first, last = door.contact("user", "old")["id"], door.contact("user", "now")["id"]
    door.send({"type": "alias", "userId": "middle", "previousId": "old"})
    door.send({"type": "alias", "userId": "now", "previousId": "middle"})
    assert door.db.write(lambda tx: consents.say(tx, first, "email", "withdrawn", source="link", now_ms=NOW))
    assert door.rows("SELECT contact_id, action FROM consents") == [(last, "withdrawn")]


def test_a_refusal_meets_a_merge(door: Door) -> None:
    """Whoever unsubscribes while being merged is still unsubscribed afterwards."""
    if not door.db.postgres:
        pytest.skip("one writer: the two never meet")
    door.send(identify("old"), identify("now"))
    loser, winner = door.contact("user", "old")["id"], door.contact("user", "now")["id"]
    waiting = []

    def merge(tx: Tx) -> None:
        people.locked(tx, [loser, winner])
        waiting.append(pool.submit(door.db.write, refuse))
        until_somebody_waits_for_a_lock(door.db)
        merging.merge(tx, [Pair(loser, winner, "alias")], NOW)

    def refuse(tx: Tx) -> bool:
        return consents.say(tx, loser, "email", "withdrawn", source="link", now_ms=NOW)

    with ThreadPoolExecutor(1) as pool:
        door.db.write(merge)
        assert waiting[0].result(timeout=20)
    assert door.rows("SELECT contact_id FROM consents") == [(winner,)]


def test_two_users_never_become_one_by_a_shared_device_or_address(door: Door) -> None:
    door.send(identify("u1", "tablet", email="home@example.com"), identify("u2", "tablet", email="home@example.com"))
    assert door.contact("user", "u1")["id"] != door.contact("user", "u2")["id"]
    assert door.contact("anonymous", "tablet")["external_id"] == "u2"
    assert door.contact("email", "home@example.com")["external_id"] == "u1"


def test_an_imported_lead_becomes_the_user_with_that_address(door: Door) -> None:
    door.send(identify(None, "form", email="ann@example.com", source="fair"))
    door.send(identify("u1", "phone", email="ANN@example.com"))
    assert door.contact("user", "u1")["source"] == "fair"
    assert door.rows("SELECT count(*) FROM contacts WHERE merged_into IS NULL") == [(1,)]


@pytest.mark.parametrize("known", [(), ("old",), ("new",), ("old", "new")])
def test_alias_makes_one_of_two(door: Door, known: tuple[str, ...]) -> None:
    door.send(*(identify(user, name=user) for user in known))
    door.send({"type": "alias", "previousId": "old", "userId": "new"}, track("after", userId="new"))
    kind = "user" if "old" in known else "anonymous"
    assert door.contact(kind, "old")["id"] == door.contact("user", "new")["id"]
    assert door.contact("user", "new")["external_id"] == "new"
    assert len(door.rows("SELECT DISTINCT contact_id FROM events")) == 1


def test_many_merges_in_one_request(door: Door) -> None:
    door.send(*(track(anonymousId=f"a{n}") for n in range(5)))
    door.send(*(identify("u1", f"a{n}", **{f"p{n}": n}) for n in range(5)), track("end", anonymousId="a3"))
    assert door.rows("SELECT count(*) FROM contacts WHERE merged_into IS NULL") == [(1,)]
    assert len(door.rows("SELECT DISTINCT contact_id FROM events")) == 1
    assert {f"p{n}" for n in range(5)} <= door.contact("user", "u1").keys()


def test_requests_at_once_make_one_contact_and_lose_nothing(door: Door) -> None:
    def request(n: int) -> Receipt:
        people = [f"u{(n * 7 + k) % 12}" for k in range(8)]
        return door.send(
            *(identify(user, f"device-{user}", email=f"{user}@example.com", **{f"n{n}": 1}) for user in people),
            *(track("same", f"shared-{k}", userId="u0") for k in range(3)),
        )

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(request, range(24)))
    assert sum(receipt.stored for receipt in receipts) == 24 * 8 + 3
    assert sum(receipt.duplicates for receipt in receipts) == 24 * 3 - 3
    assert door.rows("SELECT count(*) FROM contacts WHERE merged_into IS NULL") == [(12,)]
    assert door.rows("SELECT count(*) FROM events") == [(24 * 8 + 3,)]
    for user in range(12):
        ours = [n for n in range(24) if any((n * 7 + k) % 12 == user for k in range(8))]
        assert {f"n{n}" for n in ours} <= door.contact("user", f"u{user}").keys()


# ── a crash ───────────────────────────────────────────────────────────────────────────────────────────

CHILD = """
import asyncio, sys
from sojourn.runtime.clock import SystemClock
from sojourn.runtime.ingest import accept
from sojourn.runtime.program import ProgramShelf
from sojourn.storage.database import Database
message = {"type": "track", "event": "paid", "userId": "u1", "messageId": "m1"}
asyncio.run(accept(Database(sys.argv[1]), ProgramShelf(), SystemClock(), [message], "test"))
"""


@pytest.mark.parametrize(("point", "stored"), [("before_commit", 1), ("after_commit", 0)])
def test_a_client_that_got_no_answer_sends_again_and_it_counts_once(
    door: Door, database_url: str, point: str, stored: int
) -> None:
    environment = {**os.environ, "SOJOURN_FAIL_POINT": point}
    killed = subprocess.run([sys.executable, "-c", CHILD, database_url], env=environment, timeout=60)
    assert killed.returncode == -9
    receipt = door.send(track("paid", "m1"))
    assert (receipt.stored, receipt.duplicates) == (stored, 1 - stored)
    assert door.rows("SELECT count(*) FROM events") == [(1,)]
