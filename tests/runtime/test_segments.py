"""Segments: kept with their versions, brought up to date by what happened since, and what follows from it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from sojourn.nodes.rule import Rule
from sojourn.runtime import segments as library
from sojourn.runtime import settings
from sojourn.runtime.audience import count, ids, sample
from sojourn.runtime.feature_catalogue import FEATURES
from sojourn.runtime.segment_refresh import Refreshed, refresh, refresh_all
from sojourn.runtime.segments import NoSuchSegment, SegmentInUse, SegmentIsApproved, SegmentProblem
from sojourn.storage import erasing, merging, segments
from sojourn.storage.columns import dump
from sojourn.storage.database import Tx
from sojourn.storage.facts import feature_sql
from sojourn.storage.merging import Pair

from .conftest import DAY, HOUR, T0, Stage, step

BUYERS = {"name": "buyers", "title": "Buyers", "rule": {"event": "purchased", "days": 30}}


def keep(stage: Stage, *written: dict[str, Any]) -> None:
    for each in written:
        stage.db.write(lambda tx, each=each: library.save(tx, each, "ada@example.com", stage.clock.now_ms()))


def refreshed(stage: Stage, later: int = 0) -> dict[str, Refreshed]:
    stage.clock.set(stage.clock.now_ms() + later)
    return {done.name: done for done in refresh_all(stage.db, stage.shelf, stage.clock.now_ms())}


def inside(stage: Stage, name: str) -> list[int]:
    return [
        contact
        for (contact,) in stage.rows(
            "SELECT contact_id FROM segment_members m JOIN segments s ON s.id = m.segment_id"
            " WHERE s.name = ? ORDER BY contact_id",
            name,
        )
    ]


class Between:
    """A database where something happens right after each look."""

    def __init__(self, stage: Stage, then: Callable[[], object]) -> None:
        self.write, self._stage, self._then = stage.db.write, stage, then

    def look(self, query: Callable[[Tx], Any]) -> Any:
        found = self._stage.db.look(query)
        self._then()
        return found


# ── the library ───────────────────────────────────────────────────────────────────────────────────────


def test_a_changed_rule_is_a_new_revision_and_an_earlier_one_comes_back(stage: Stage) -> None:
    keep(stage, BUYERS, {**BUYERS, "tags": ["shop"]}, {**BUYERS, "rule": {"event": "purchased", "days": 90}})
    segment = stage.db.look(lambda tx: library.named(tx, "buyers"))
    assert (segment.revision, segment.title, segment.owner, segment.tags) == (2, "Buyers", "ada@example.com", [])
    stage.db.write(lambda tx: library.restore(tx, "buyers", 1, "bo@example.com", T0))
    versions = stage.db.look(lambda tx: segments.versions(tx, segment.id or 0))
    assert [(v.revision, v.author, v.rule["days"], v.note) for v in versions] == [
        (3, "bo@example.com", 30, "as in revision 1"),
        (2, "ada@example.com", 90, ""),
        (1, "ada@example.com", 30, ""),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "Big Buyers"}, "Name cannot be “Big Buyers”"),
        ({"kind": "odd"}, "kind has to be one of"),
        ({"expires": "soon"}, "has to be a date such as"),
        ({"rule": {"event": "purchased", "days": -1}}, "Rule · Days has to be more than 0"),
        ({"rule": {"trigger": "total", "value": 1}}, "only be asked inside a journey"),
        ({"rule": {"not": {"event": "a", "since": "entered"}}}, "only be asked inside a journey"),
        ({"rule": {"feature": "shoe_size", "value": 1}}, "no feature called “shoe_size”"),
        ({"rule": {"segment": "nobody"}}, "no segment called “nobody”"),
        ({"rule": {"segment": "buyers"}}, "buyers → buyers"),
        ({"rule": {"any": [{"segment": "friends"}]}}, "buyers → friends → buyers"),
    ],
)
def test_what_cannot_be_a_segment_is_said_in_sentences(stage: Stage, change: dict[str, Any], sentence: str) -> None:
    keep(stage, BUYERS, {"name": "friends", "rule": {"not": {"segment": "buyers"}}})
    with pytest.raises(SegmentProblem, match=sentence):
        keep(stage, {**BUYERS, **change})


def test_a_segment_that_is_asked_about_stays(stage: Stage) -> None:
    keep(stage, BUYERS, {"name": "others", "rule": {"segment": "buyers", "member": False}})
    stage.journey("thanks", {"in": step("trigger_segment", {"segment": "buyers"})})
    stage.journey("more", {"in": step("trigger_api"), "b": step("branch", {"rule": {"segment": "buyers"}})})
    uses = stage.db.look(lambda tx: library.used_in(tx, "buyers"))
    assert [(use.kind, use.name) for use in uses] == [("segment", "others"), ("journey", "more"), ("journey", "thanks")]
    with pytest.raises(SegmentInUse):
        stage.db.write(lambda tx: library.delete(tx, "buyers"))
    stage.db.write(lambda tx: library.delete(tx, "others"))
    with pytest.raises(NoSuchSegment):
        stage.db.look(lambda tx: library.named(tx, "others"))


def test_with_four_eyes_whom_a_live_journey_means_stays_as_it_was_approved(stage: Stage) -> None:
    keep(stage, BUYERS, {"name": "others", "rule": {"segment": "buyers", "member": False}})
    stage.journey("more", {"in": step("trigger_api"), "b": step("branch", {"rule": {"segment": "others"}})})
    stage.db.write(lambda tx: settings.save(tx, "four_eyes", True))
    with pytest.raises(SegmentIsApproved, match="more: A live journey was approved"):
        keep(stage, {**BUYERS, "rule": {"event": "purchased", "days": 90}})
    keep(stage, {**BUYERS, "title": "Those who bought"}, {**BUYERS, "name": "buyers-90"})
    stage.db.write(lambda tx: settings.save(tx, "four_eyes", False))
    keep(stage, {**BUYERS, "rule": {"event": "purchased", "days": 90}})


def test_every_feature_of_the_catalogue_can_be_asked_for() -> None:
    assert [each.name for each in FEATURES if feature_sql(each.name) == "NULL"] == []


# ── who is in ─────────────────────────────────────────────────────────────────────────────────────────


def test_who_does_something_comes_in_and_time_alone_lets_them_go(stage: Stage) -> None:
    stage.people(5)
    stage.happens(1, "purchased")
    keep(stage, BUYERS)
    assert refreshed(stage)["buyers"] == Refreshed("buyers", 1, 1, 0, None, 0)
    assert stage.rows("SELECT count(*) FROM events WHERE name = 'joined_segment'") == [(0,)]
    refreshed(stage, HOUR)  # the second look is the first that may leave somebody out
    stage.clock.set(stage.clock.now_ms() + HOUR)
    stage.happens(2, "purchased")
    second = refreshed(stage)["buyers"]
    assert (second.size, second.joined, second.left) == (2, 1, 0) and inside(stage, "buyers") == [1, 2]
    third = refreshed(stage, 30 * DAY - HOUR)["buyers"]
    assert (third.size, third.joined, third.left) == (1, 0, 1) and inside(stage, "buyers") == [2]
    said = stage.rows("SELECT contact_id, name, properties FROM events WHERE name LIKE '%_segment' ORDER BY id")
    assert [(contact, name) for contact, name, _ in said] == [(2, "joined_segment"), (1, "left_segment")]
    segment = stage.db.look(lambda tx: library.named(tx, "buyers"))
    sizes = stage.db.look(lambda tx: segments.sizes(tx, segment.id or 0))
    assert [(size, joined, gone) for _, size, joined, gone in sizes] == [(2, 1, 0), (1, 0, 1)]


def test_only_those_are_asked_again_whom_something_happened_to(stage: Stage) -> None:
    stage.people(50)
    keep(stage, BUYERS)
    for _ in range(3):
        last = refreshed(stage, HOUR)["buyers"]
    stage.happens(7, "purchased")
    stage.happens(8, "sneezed")
    last = refreshed(stage, HOUR)["buyers"]
    assert last.looked_at == 1 and inside(stage, "buyers") == [7]


def test_who_gets_the_number_of_an_erased_event_is_not_overlooked(stage: Stage) -> None:
    stage.people(3)
    keep(stage, BUYERS)
    for _ in range(3):
        refreshed(stage, HOUR)
    stage.happens(1, "purchased")
    for _ in range(2):
        refreshed(stage, HOUR)
    assert inside(stage, "buyers") == [1]
    stage.db.write(lambda tx: erasing.forget(tx, [1], [], stage.clock.now_ms()))
    stage.happens(2, "purchased")
    refreshed(stage, HOUR)
    assert inside(stage, "buyers") == [2]


@pytest.mark.postgres
def test_what_is_committed_late_is_seen_however_often_was_looked_meanwhile(stage: Stage, database_url: str) -> None:
    if not stage.db.postgres:
        pytest.skip("one writer commits in the order of the numbers it gives")
    stage.people(3)
    keep(stage, BUYERS)
    for _ in range(3):
        refreshed(stage, HOUR)
    with psycopg.connect(database_url) as slow:
        at = stage.clock.now_ms()
        slow.execute(
            "INSERT INTO events (contact_id, name, at, received_at, properties) VALUES (1, 'purchased', %s, %s, '{}')",
            (at, at),
        )
        stage.happens(2, "purchased")
        for _ in range(3):
            refreshed(stage, 5_000)
        assert inside(stage, "buyers") == [2]
    refreshed(stage, 5_000)
    assert inside(stage, "buyers") == [1, 2]


def test_two_at_once_leave_nobody_where_he_does_not_belong(stage: Stage) -> None:
    stage.people(2)
    keep(stage, BUYERS)
    for _ in range(2):
        refreshed(stage, HOUR)
    stage.happens(1, "purchased")
    now = stage.clock.now_ms()
    late: Any = Between(stage, lambda: refresh(stage.db, stage.shelf, "buyers", now))
    refresh(late, stage.shelf, "buyers", now + 40 * DAY)
    stage.clock.set(now + 40 * DAY)
    refreshed(stage, HOUR)
    assert inside(stage, "buyers") == []


def test_nobody_comes_into_a_segment_that_is_deleted_meanwhile(stage: Stage) -> None:
    stage.people(2)
    stage.happens(1, "purchased")
    keep(stage, BUYERS)
    gone: Any = Between(stage, lambda: stage.db.write(lambda tx: library.delete(tx, "buyers")))
    refresh(gone, stage.shelf, "buyers", T0)
    assert stage.rows("SELECT count(*) FROM segment_members") == [(0,)]
    assert stage.rows("SELECT count(*) FROM segment_sizes") == [(0,)]


def test_who_is_erased_or_merged_meanwhile_does_not_come_in(stage: Stage) -> None:
    stage.people(3)
    keep(stage, BUYERS)
    refreshed(stage)
    for contact in (1, 2, 3):
        stage.happens(contact, "purchased")

    def part(tx: Tx) -> None:
        erasing.forget(tx, [1], [], T0)
        merging.merge(tx, [Pair(2, 3, "hand")], T0)

    parted: Any = Between(stage, lambda: stage.db.write(part))
    refresh(parted, stage.shelf, "buyers", T0)
    assert inside(stage, "buyers") == [3]
    assert stage.rows("SELECT contact_id FROM events WHERE name = 'joined_segment'") == [(3,)]


def test_coming_in_starts_a_journey_and_the_first_filling_does_not(stage: Stage) -> None:
    stage.people(3)
    keep(stage, BUYERS)
    stage.journey("thanks", {"in": step("trigger_segment", {"segment": "buyers"}, next="w"), "w": step("wait")})
    stage.journey(
        "bye",
        {
            "in": step("trigger_segment", {"segment": "buyers", "on": "leaves"}, next="w"),
            "w": step("wait", {"amount": 5}),
        },
    )
    stage.happens(1, "purchased")
    assert refreshed(stage)["buyers"].due == 0
    stage.happens(2, "purchased")
    assert refreshed(stage, HOUR)["buyers"].due == 1
    stage.beat()
    assert stage.standing() == {2: "w"}
    assert refreshed(stage, 31 * DAY)["buyers"].due == 2


def test_segments_that_ask_about_segments_follow_them(stage: Stage) -> None:
    stage.people(3)
    keep(stage, BUYERS, {"name": "a_rest", "rule": {"segment": "buyers", "member": False}})
    refreshed(stage)
    assert inside(stage, "a_rest") == [1, 2, 3]
    for _ in range(2):
        refreshed(stage, HOUR)
    stage.happens(2, "purchased")
    assert refreshed(stage, HOUR)["a_rest"].looked_at is not None
    assert inside(stage, "a_rest") == [1, 3]


def test_who_is_in_now_is_known_before_anything_is_filled(stage: Stage) -> None:
    stage.people(4, age=lambda n: n)
    stage.happens(2, "purchased")
    keep(stage, BUYERS)
    rule = Rule.model_validate({"segment": "buyers", "member": False})
    now = stage.clock.now_ms()
    assert stage.db.look(lambda tx: (count(tx, rule, now), ids(tx, rule, now))) == (3, [1, 3, 4])
    found = stage.db.look(lambda tx: sample(tx, rule, now, most=2))
    assert [(contact, profile["age"], profile["email"]) for contact, profile in found] == [
        (4, 4, "p4@example.com"),
        (3, 3, "p3@example.com"),
    ]


def test_a_segment_that_expired_lets_everybody_go_quietly(stage: Stage) -> None:
    stage.people(2)
    stage.happens(1, "purchased")
    keep(stage, {**BUYERS, "expires": "2026-09-30"})
    refreshed(stage)
    assert inside(stage, "buyers") == [1]
    assert refreshed(stage, 30 * DAY) == {} and inside(stage, "buyers") == []
    assert "expired" in stage.db.look(lambda tx: library.named(tx, "buyers")).trouble


def test_a_branch_asks_who_is_in(stage: Stage) -> None:
    stage.people(2)
    stage.happens(1, "purchased")
    keep(stage, BUYERS)
    refreshed(stage)
    branch = step("branch", {"rule": {"all": [{"segment": "buyers"}, {"consent": "marketing"}]}}, yes="w", no="out")
    stage.journey(
        "j",
        {"in": step("trigger_event", {"event": "go"}, next="b"), "b": branch, "w": step("wait"), "out": step("exit")},
    )
    stage.happens(1, "go")
    stage.happens(2, "go")
    stage.beat()
    assert stage.standing() == {1: "w"} and list(stage.ended()) == [2]


# ── little by little comes to the same as all at once ─────────────────────────────────────────────────

RULES: dict[str, Any] = {
    "bought": {"event": "purchased", "days": 3},
    "long_ago": {"event": "purchased", "days": 9, "to_days": 4},
    "often": {"event": "purchased", "times": 2, "count": "exactly", "days": 5},
    "spent": {"event": "purchased", "sum": "total", "op": "more_than", "value": 12, "days": 6},
    "born": {"property": "seen", "op": "within_days", "value": 2},
    "czech": {"all": [{"property": "country", "value": "CZ"}, {"not": {"segment": "bought"}}]},
    "agreed": {"consent": "marketing"},
    "was_inside": {"journey": "welcome", "was": "entered", "days": 2},
    "inside": {"journey": "welcome", "was": "inside"},
    "opened": {"message": "opened", "days": 4},
    "recent": {"feature": "recency_days", "op": "less_than", "value": 3},
    "loyal": {"feature": "stage", "value": "loyal"},
}


@pytest.mark.parametrize("seed", range(2))
def test_little_by_little_comes_to_the_same_as_all_at_once(stage: Stage, seed: int) -> None:
    dice = random.Random(seed)
    stage.people(12, agreed=False, country=lambda n: ("CZ", "DE")[n % 2])
    stage.journey(
        "welcome", {"in": step("trigger_event", {"event": "hello"}, next="w"), "w": step("wait", {"amount": 2})}
    )
    keep(stage, *({"name": name, "rule": rule} for name, rule in RULES.items()))
    refreshed(stage)
    partly = 0
    for _ in range(9):
        stage.clock.set(stage.clock.now_ms() + dice.choice([HOUR, 7 * HOUR, DAY + 1]))
        for _ in range(dice.randrange(4)):
            _something_happens(stage, dice)
        partly += sum(done.looked_at is not None for done in refreshed(stage).values())
        now = stage.clock.now_ms()
        for name, rule in RULES.items():
            everybody = stage.db.look(lambda tx, rule=rule, now=now: ids(tx, Rule.model_validate(rule), now))
            assert inside(stage, name) == everybody, name
            segment = stage.db.look(lambda tx, name=name: library.named(tx, name))
            assert (segment.size, segment.trouble) == (len(everybody), "")
    assert partly > 25


def _something_happens(stage: Stage, dice: random.Random) -> None:
    now, contact = stage.clock.now_ms(), dice.randint(1, 12)
    what = dice.choice(
        ["purchase", "late", "hello", "country", "seen", "consent", "message", "feature", "merge", "beat"]
    )
    if what == "purchase":
        stage.happens(contact, "purchased", total=dice.choice([5, "10.5", None]))
    elif what == "hello":
        stage.happens(contact, "hello")
    elif what == "beat":
        stage.beat()
    else:
        stage.db.write(lambda tx: _write(tx, what, contact, now, dice))


def _write(tx: Tx, what: str, contact: int, now: int, dice: random.Random) -> None:
    if what == "late":  # an event that comes in days after it happened
        at = now - dice.randint(0, 8) * DAY
        tx.insert(
            "events", "contact_id,name,at,received_at,properties", [(contact, "purchased", at, now, '{"total": 9}')]
        )
    elif what in ("country", "seen"):
        value = dice.choice(["CZ", "DE"]) if what == "country" else now - dice.randint(-1, 3) * DAY
        tx.run("UPDATE contacts SET properties = ?, changed_at = ? WHERE id = ?", (dump({what: value}), now, contact))
    elif what == "consent":
        action = dice.choice(["granted", "withdrawn"])
        tx.insert(
            "consents",
            "contact_id,channel,topic,action,source,at,evidence",
            [(contact, "email", "marketing", action, "t", now, "{}")],
        )
    elif what == "message":
        n = (tx.value("SELECT max(id) FROM messages") or 0) + 1
        tx.insert(
            "messages",
            "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,sent_at,"
            "opened_at,attempts",
            [(n, 1000 + n, 1, 0, 9, 9, contact, "email", "a", "sent", now - DAY, now, now, now, 1)],
        )
    elif what == "feature":
        tx.run("DELETE FROM features WHERE contact_id = ?", (contact,))
        tx.insert(
            "features",
            "contact_id,orders,revenue,refunded,engagement,stage,last_order_at,refreshed_at,touched",
            [(contact, 1, 1.0, 0.0, 1, dice.choice(["loyal", "new"]), now - dice.randint(0, 3) * DAY, now, 0)],
        )
    elif what == "merge" and contact > 9:
        tx.run("UPDATE contacts SET merged_into = 1, changed_at = ? WHERE id = ?", (now, contact))
