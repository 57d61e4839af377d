"""Small worlds for the gate, drawn by chance: people, policies, messages, what they had; put into a store."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Any

from sojourn.runtime.policy.policies import NothingNew, propose
from sojourn.runtime.policy.policy import CLASSES, Policy
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ZONES = ("Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
MOMENTS = tuple(  # around the days the clocks change in some of these zones, and an ordinary one
    round(datetime(*at, tzinfo=UTC).timestamp() * 1000)
    for at in (
        (2026, 3, 29, 0, 40),
        (2026, 10, 25, 0, 20),
        (2026, 11, 1, 5, 30),
        (2026, 4, 4, 14, 45),
        (2026, 6, 10, 9),
    )
)


@dataclass
class Mail:
    """One message, open."""

    id: int
    contact: int
    journey: int
    channel: str
    rank: int
    weight: int
    queued: int
    due: int
    turn: int = 0
    enrollment: int = 0
    arrived: int = 0
    in_journey: bool = True


@dataclass
class Person:
    """One contact."""

    id: int
    zone: str
    email: bool = True
    phone: bool = True
    erased: bool = False
    suppressed: str | None = None  # on which channel, "" on all
    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    paused: int | None = None
    per_week: int | None = None
    setbacks: list[tuple[str, str, int]] = field(default_factory=list)
    engagement: int | None = None
    seen: int = 0


@dataclass
class Journey:
    """One journey with a version."""

    id: int
    kind: str  # message_type
    topic: str
    status: str = "live"
    approved: bool = True


@dataclass
class World:
    """Everything there is."""

    now: int
    policy: dict[str, Any]
    people: dict[int, Person]
    journeys: dict[int, Journey]
    mails: list[Mail]
    had: list[dict[str, Any]]  # touches


def world(seed: int) -> World:
    """One world; the same seed gives the same."""
    dice = Random(seed)
    now = dice.choice(MOMENTS) + dice.randrange(0, 3 * DAY, MINUTE)
    people = {n: _person(n, now, dice) for n in (1, 2, 3)}
    journeys = {
        n: Journey(
            n,
            dice.choice(("marketing", "marketing", "marketing", "transactional", "reengagement")),
            dice.choice(("marketing", "news")),
            "paused" if dice.random() < 0.08 else "live",
            dice.random() > 0.05,
        )
        for n in range(1, dice.randrange(4, 14))  # nobody is twice in one journey, so each message has its own
    }
    mails = [_mail(n, now, journeys, dice) for n in journeys]
    had = [_had(1_000 + n, now, dice, mails) for n in range(dice.randrange(0, 16))]
    return World(now, _policy(dice), people, journeys, mails, had)


def _person(key: int, now: int, dice: Random) -> Person:
    consents = {
        (channel, topic): "granted" if dice.random() < 0.94 else dice.choice(("denied", "withdrawn"))
        for channel in ("email", "sms")
        for topic in ("marketing", "news")
        if dice.random() < 0.96
    }
    setbacks = [
        (dice.choice(("complaint", "negative_reply", "bounce", "unsubscribe")), dice.choice(("email", "sms")),
         now - dice.randrange(0, 4 * DAY))
        for _ in range(dice.choice((0, 0, 0, 0, 0, 0, 1, 2)))
    ]  # fmt: skip
    return Person(
        key,
        dice.choice(ZONES),
        dice.random() < 0.95,
        dice.random() < 0.9,
        dice.random() < 0.04,
        dice.choice(("", "email", "sms")) if dice.random() < 0.06 else None,
        consents,
        now + dice.randrange(-DAY, 4 * DAY) if dice.random() < 0.12 else None,
        dice.choice((None, None, None, None, None, 1, 2, 3)),
        setbacks,
        dice.choice((None, 0, 10, 30, 80)),
        now - dice.choice((0, 30, 200, 400)) * DAY if dice.random() < 0.1 else now - DAY,
    )


def _mail(key: int, now: int, journeys: dict[int, Journey], dice: Random) -> Mail:
    rank = 0 if journeys[key].kind == "transactional" else dice.choice((1, 2, 3))
    queued = now - dice.choice((0, 0, 0, 1, 1, 5, 5, 30, 70, 100)) * HOUR
    due = queued if dice.random() < 0.7 else now + dice.randrange(-2, 8) * HOUR
    turn = dice.choice((0, 0, 0, 1))
    return Mail(
        key, dice.choice((1, 2, 3)), key, dice.choice(("email", "email", "sms")), rank, dice.choice((10, 50, 90)),
        queued, max(due, queued), turn, key, queued, dice.random() > 0.03,
    )  # fmt: skip


def _had(key: int, now: int, dice: Random, mails: list[Mail]) -> dict[str, Any]:
    at = now - dice.choice((dice.randrange(1, 3 * HOUR), dice.randrange(1, 2 * DAY), dice.randrange(1, 15 * DAY)))
    of = dice.choice(mails)
    chain = of.turn == 1 and dice.random() < 0.5
    return {
        "id": key,
        "contact": of.contact if chain else dice.choice((1, 2, 3)),
        "at": at,
        "channel": dice.choice(("email", "sms")),
        "topic": dice.choice(("marketing", "news")),
        "rank": dice.choice((0, 1, 2, 3)),
        "enrollment": of.enrollment if chain else 500 + key % 4,
        "arrived": of.arrived if chain else 7,
    }


def _policy(dice: Random) -> dict[str, Any]:
    caps = []
    for n in range(dice.choice((0, 1, 2, 3))):
        window = dice.choice(("rolling", "calendar"))
        span = (
            dice.choice(("1 day", "7 days")) if window == "calendar" else dice.choice(("6 hours", "24 hours", "7 days"))
        )
        most: dict[str, Any] = {"max": dice.choice((0, 1, 1, 2, 2, 3, 3, 4))}
        if dice.random() < 0.25:
            most = {"by": {"feature": "engagement", "table": [[0, 1], [20, 2], [60, 4]]}}
        caps.append({
            "name": f"cap-{n}", **most, "in": span, "window": window,
            "channels": dice.choice(([], [], ["email"], ["sms"], ["email", "sms"])),
            "topics": dice.choice(([], [], ["marketing"], ["news"])),
            "classes": dice.choice(([], [], ["promo"], ["lifecycle", "promo"], ["transactional"], list(CLASSES))),
            "when_hit": dice.choice(("defer", "defer", "defer", "defer", "skip", "other_way", "leave")),
            "defer_at_most": dice.choice(("1 hour", "30 hours", "7 days")),
        })  # fmt: skip
    policy: dict[str, Any] = {
        "caps": caps,
        "reserve": dice.choice((0, "2 hours", "6 hours")),
        "fallback": {"counts_once": dice.random() < 0.5},
        "expiry": {"promo": dice.choice(("24 hours", "72 hours", "7 days"))},
    }
    if dice.random() < 0.5:
        policy["quiet_hours"] = [
            {"channels": dice.choice(([], ["sms"], ["email"])), "from": dice.choice(("20:00", "22:00")),
             "to": dice.choice(("06:00", "08:00", "09:30")), "spread_minutes": dice.choice((0, 60))}
        ]  # fmt: skip
    if dice.random() < 0.3:
        policy["cool_down"] = {"email": "12 hours"} | ({"sms": "2 days"} if dice.random() < 0.5 else {})
    return policy


def build(db: Database, of: World) -> None:
    """Put it into an empty store."""
    with suppress(NothingNew):  # it may draw what holds anyway
        db.write(lambda tx: propose(tx, Policy.model_validate(of.policy), "ada@example.com", of.now))
    db.write(lambda tx: _build(tx, of))


def _build(tx: Tx, of: World) -> None:
    people, now = of.people.values(), of.now
    tx.insert(
        "contacts",
        "id,email,phone,properties,created_at,changed_at,erased_at",
        [
            (p.id, f"p{p.id}@example.com" if p.email else None, f"+42077700000{p.id}" if p.phone else None,
             dump({"timezone": p.zone}), p.seen, now, now if p.erased else None)
            for p in people
        ],
    )  # fmt: skip
    tx.insert(
        "features",
        "contact_id,engagement,orders,revenue,refunded,touched",
        [(p.id, p.engagement, 0, 0, 0, 0) for p in people if p.engagement is not None],
    )
    tx.insert(
        "suppressions",
        "address,channel,reason,created_at",
        [(f"p{p.id}@example.com", p.suppressed, "a test", now) for p in people if p.suppressed is not None],
    )
    tx.insert(
        "consents",
        "contact_id,channel,topic,action,source,at,evidence",
        [(p.id, *key, action, "test", p.seen, "{}") for p in people for key, action in p.consents.items()],
    )
    tx.insert(
        "wishes",
        "contact_id,per_week,paused_until,language,changed_at",
        [(p.id, p.per_week, p.paused, "", now) for p in people],
    )
    tx.insert(
        "setbacks",
        "contact_id,kind,channel,at,source",
        [(p.id, *setback, "test") for p in people for setback in p.setbacks],
    )
    for j in of.journeys.values():
        content = {
            "name": f"j{j.id}",
            "title": "J",
            "message_type": j.kind,
            "topic": j.topic,
            "nodes": {},
            "letters": {},
        }
        digest = sha256(dump(content).encode()).hexdigest()
        tx.insert(
            "journeys",
            "id,name,title,status,draft,live_version,priority,created_at,changed_at",
            [(j.id, f"j{j.id}", "J", j.status, "{}", j.id, 0, now, now)],
        )
        tx.insert(
            "versions",
            "id,journey_id,number,content,content_hash,approved_hash,author,note,created_at",
            [(j.id, j.id, 1, dump(content), digest, digest if j.approved else None, "a", "", now)],
        )
    tx.insert(
        "enrollments",
        "id,journey_id,version_id,contact_id,node,seq,outbox,entered_at,since_at",
        [(m.enrollment, m.journey, m.journey, m.contact, 0, 1, 1, m.arrived, m.arrived) for m in of.mails],
    )
    tx.insert(
        "messages",
        "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,"
        "turn,rank,weight",
        [
            (m.id, m.enrollment, 1 if m.in_journey else 9, 0, m.journey, m.journey, m.contact, m.channel, "a", "queued",
             m.queued, m.due, 0, m.turn, m.rank, m.weight)
            for m in of.mails
        ],
    )  # fmt: skip
    tx.insert(
        "touches",
        "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node,arrived_at",
        [
            (h["id"], h["contact"], h["at"], h["channel"], h["topic"], h["rank"], 1, h["enrollment"], 0, h["arrived"])
            for h in of.had
        ],
    )
