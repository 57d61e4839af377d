"""The gate's rules in slow plain Python, one message at a time, written from their words and from nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sojourn.runtime.policy.hours import spread
from sojourn.tests.runtime.gate_world import DAY, HOUR, MINUTE, Mail, World

SPANS = {"1 day": DAY, "6 hours": 6 * HOUR, "24 hours": DAY, "7 days": 7 * DAY, "1 hour": HOUR, "30 hours": 30 * HOUR,
         "72 hours": 3 * DAY, "12 hours": 12 * HOUR, "2 days": 2 * DAY, "2 hours": 2 * HOUR, 0: 0}  # fmt: skip
CLASSES = ["transactional", "automation", "lifecycle", "promo"]
Answer = tuple[str, str, int | None, str | None]  # go, defer or skip; the rule; until; the outcome


def answer(of: World, mail: Mail) -> Answer:
    """What has to become of a message that is due now."""
    return _answers(of, mail.contact)[mail.id]


def _answers(of: World, contact: int) -> dict[int, Answer]:
    """All open messages of somebody, from the first in order of priority to the last."""
    found: dict[int, Answer] = {}
    ahead: list[tuple[Mail, int]] = []  # who goes before, and when
    reserve = SPANS[of.policy["reserve"]]
    for mail in sorted((m for m in of.mails if m.contact == contact), key=_order):
        if mail.due > of.now + reserve:
            continue
        waits_for_it = of.journeys[mail.journey].status != "paused" and mail.queued >= of.now - 7 * DAY
        at = max(of.now, mail.due)
        said = _alone(of, mail, at)
        if said[0] == "go":
            said = _place(
                of, mail, at, [one for one in ahead if one[1] <= of.now or _order(one[0])[:2] < _order(mail)[:2]]
            )
        found[mail.id] = said
        when = at if said[0] == "go" else said[2] if said[0] == "defer" and _is_hour(said[1]) else None
        if when is not None and waits_for_it and (said[0] == "go" or when <= of.now + reserve):
            ahead.append((mail, when))
    return found


def _is_hour(rule: str) -> bool:
    """Whether what holds a message is time alone, and not a place that is taken."""
    return rule not in ("cap", "cool_down", "reserve")


def _order(mail: Mail) -> tuple[int, int, int, int]:
    return mail.rank, -mail.weight, mail.queued, mail.id


def _patience(of: World, mail: Mail) -> int:
    return SPANS[of.policy["expiry"].get(CLASSES[mail.rank], "72 hours")]


def _later(of: World, mail: Mail, rule: str, until: int) -> Answer:
    if until > mail.queued + _patience(of, mail):
        return "skip", rule, None, "expired"
    return "defer", rule, until, None


def _alone(of: World, mail: Mail, at: int) -> Answer:
    person, journey = of.people[mail.contact], of.journeys[mail.journey]
    owed = journey.kind == "transactional"
    if person.erased:
        return "skip", "erased", None, "blocked"
    if not (person.email if mail.channel == "email" else person.phone):
        return "skip", "no_address", None, "no_address"
    if person.email and person.suppressed in ("", mail.channel):
        return "skip", "suppressed", None, "blocked"
    if not owed:
        if person.consents.get((mail.channel, journey.topic)) != "granted":
            return "skip", "no_consent", None, "no_consent"
        if person.paused is not None and person.paused > at:
            return _later(of, mail, "pause", person.paused)
        week = [h["at"] for h in of.had if h["contact"] == person.id and h["rank"] > 0 and h["at"] + 7 * DAY > at]
        if person.per_week and len(week) >= person.per_week:
            return _later(of, mail, "frequency", _room(week, person.per_week, 7 * DAY))
        seen = max([person.seen, *(person.seen for word in person.consents.values() if word == "granted")])
        days = (at - seen) // DAY
        if days >= 365 or (days >= 180 and journey.kind != "reengagement"):
            return "skip", "silence", None, "skipped"
        cool = [
            (when + (DAY if kind == "bounce" else 2 * DAY), kind)
            for kind, channel, when in person.setbacks
            if kind in ("complaint", "negative_reply") or (kind == "bounce" and channel == mail.channel)
        ]
        if cool and max(cool)[0] > at:
            return _later(of, mail, max(cool)[1], max(cool)[0])
    if journey.status == "paused":
        return "defer", "journey_paused", None, None
    if not mail.in_journey:
        return "skip", "left", None, "skipped"
    if not journey.approved:
        return "skip", "unapproved", None, "skipped"
    if at > mail.queued + _patience(of, mail):
        return "skip", "expired", None, "expired"
    if _quiet(of, mail, at):
        opens = at - at % MINUTE
        while _quiet(of, mail, opens):
            opens += MINUTE
        closes = opens
        while not _quiet(of, mail, closes) and closes < opens + 2 * DAY:
            closes += MINUTE
        minutes = max(rule["spread_minutes"] for rule in _hours(of, mail))
        return _later(of, mail, "quiet_hours", spread([mail.contact], opens, closes, minutes)[0])
    return "go", "go", None, None


def _room(moments: list[int], most: int, span: int) -> int:
    """The first moment at which fewer than ``most`` of them are younger than a span."""
    return next(m + span for m in sorted(moments) if sum(other + span > m + span for other in moments) < most)


def _hours(of: World, mail: Mail) -> list[dict[str, Any]]:
    rules = of.policy.get("quiet_hours", [])
    return [rule for rule in rules if mail.rank > 0 and (not rule["channels"] or mail.channel in rule["channels"])]


def _quiet(of: World, mail: Mail, at: int) -> bool:
    shown = _clock(of, mail, at)
    return any(not rule["to"] <= f"{shown:%H:%M}" < rule["from"] for rule in _hours(of, mail))


def _clock(of: World, mail: Mail, at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(of.people[mail.contact].zone))


# ── places ────────────────────────────────────────────────────────────────────────────────────────────


def _place(of: World, mail: Mail, at: int, ahead: list[tuple[Mail, int]]) -> Answer:
    """Is there room under every cap, wish and cool-down, with those who go before?"""
    taken: list[tuple[int, dict[str, Any] | None]] = []  # when there is room again, by which cap
    never: list[Any] = []
    kept: list[tuple[Mail, int]] = []
    limits = [mail.queued + _patience(of, mail)]
    topic = of.journeys[mail.journey].topic
    mine = [had for had in of.had if had["contact"] == mail.contact]
    for cap in of.policy["caps"]:
        if not _concerns(cap, mail.channel, topic, mail.rank):
            continue
        most = _allowed(of, cap, mail)
        counted = [had for had in mine if _concerns(cap, had["channel"], had["topic"], had["rank"])]
        now_in = [had for had in counted if _counts(of, cap, mail, had["at"], at)]
        if of.policy["fallback"]["counts_once"] and mail.turn and any(_same(had, mail) for had in now_in):
            continue
        first = [one for one in ahead if _concerns(cap, one[0].channel, of.journeys[one[0].journey].topic, one[0].rank)]
        moments = _moments(of, now_in)
        if len(moments) >= most:
            limits.append(mail.queued + SPANS[cap["defer_at_most"]])
            if most == 0 or cap["when_hit"] != "defer":
                never.append("capped" if cap["when_hit"] in ("defer", "skip") else cap["when_hit"])
            else:
                leaves = sorted(_leaves(of, cap, mail, moment) for moment in moments)
                taken.append((next(free for free in leaves if sum(later > free for later in leaves) < most), cap))
        elif len(moments) + len(first) >= most:
            limits.append(mail.queued + SPANS[cap["defer_at_most"]])
            kept.append(first[0])
    person = of.people[mail.contact]
    if person.per_week and mail.rank > 0:
        week = [had for had in mine if had["rank"] > 0 and had["at"] + 7 * DAY > at]
        first = [one for one in ahead if one[0].rank > 0]
        if len(week) < person.per_week <= len(week) + len(first):
            kept.append(first[0])
    cool = of.policy.get("cool_down", {}).get(mail.channel)
    if cool and mail.rank > 0:
        last = max((had["at"] for had in mine if had["channel"] == mail.channel), default=None)
        first = [one for one in ahead if one[0].channel == mail.channel]
        if last is not None and last + SPANS[cool] > at:
            taken.append((last + SPANS[cool], None))
        elif first:
            kept.append(first[0])
    if never:
        return "skip", "cap", None, never[0]
    if not taken and not kept:
        return "go", "go", None, None
    waits = [(until, "cap" if cap else "cool_down") for until, cap in taken]
    waits += [(min(max(when, at) + MINUTE, at + 10 * MINUTE), "reserve") for _, when in kept]
    until = max(until for until, _ in waits)
    rules = {rule for moment, rule in waits if moment == until}
    rule = next(rule for rule in ("cap", "cool_down", "reserve") if rule in rules)
    if until > min(limits):
        return "skip", rule, None, "capped"
    return "defer", rule, until, None


def _concerns(cap: dict[str, Any], channel: str, topic: str, rank: int) -> bool:
    classes = cap["classes"] or ["automation", "lifecycle", "promo"]
    return (
        CLASSES[rank] in classes
        and (not cap["channels"] or channel in cap["channels"])
        and (not cap["topics"] or topic in cap["topics"])
    )


def _allowed(of: World, cap: dict[str, Any], mail: Mail) -> int:
    if "max" in cap:
        return cap["max"]
    figure = of.people[mail.contact].engagement
    if figure is None or figure < 20:
        return 1
    return 2 if figure < 60 else 4


def _counts(of: World, cap: dict[str, Any], mail: Mail, had: int, at: int) -> bool:
    if cap["window"] == "rolling":
        return had + SPANS[cap["in"]] > at
    then, now = _clock(of, mail, had).date(), _clock(of, mail, at).date()
    if cap["in"] == "1 day":
        return then >= now
    return then.isocalendar()[:2] >= now.isocalendar()[:2]


def _leaves(of: World, cap: dict[str, Any], mail: Mail, had: int) -> int:
    if cap["window"] == "rolling":
        return had + SPANS[cap["in"]]
    at = had - had % MINUTE
    while _counts(of, cap, mail, had, at):
        at += MINUTE * 5 if _counts(of, cap, mail, had, at + MINUTE * 5) else MINUTE
    return at


def _same(had: dict[str, Any], mail: Mail) -> bool:
    return had["enrollment"] == mail.enrollment and had["arrived"] == mail.arrived


def _moments(of: World, had: list[dict[str, Any]]) -> list[int]:
    """When places were taken; a chain takes one, where it says so, and keeps it as long as its last message counts."""
    if not of.policy["fallback"]["counts_once"]:
        return sorted(one["at"] for one in had)
    last: dict[tuple[int, int], int] = {}
    for one in had:
        key = one["enrollment"], one["arrived"]
        last[key] = max(last.get(key, 0), one["at"])
    return sorted(last.values())
