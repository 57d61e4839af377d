"""Stops marketing to a provider, or by an account, when its letters bounce, are refused or complained of too often."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...storage import sender_brakes, settings, users, warm_ups
from ...storage.database import Database, Tx
from ...storage.reputation import DAY_MS
from ...storage.sender_brakes import BRAKED, RELEASED, SenderBrake
from .. import notices
from ..numbers import thousands
from ..policy.brake import at_least
from ..policy.room import Stop, braked_words
from . import warm_up
from .providers import label_of
from .reputation import Figures, Reputation, percent, read

KEY = "sending.brake"  # in the settings: the limits
ACTOR = "the brake"
HOUR_MS = 3_600_000
USUAL_DAYS = 7
PAGE = 10_000
CAREFUL = 4  # released, it begins with this part of a usual day, and doubles
WORDS = {
    "complaints": "were complained of",
    "hard": "went to mailboxes that do not exist",
    "blocked": "were refused for our name",
}


class Limits(BaseModel):
    """When marketing stops by itself. Rates are parts of 1 over today and yesterday; 1 is never."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    complaints: float = Field(default=0.003, gt=0, le=1)
    hard: float = Field(default=0.05, gt=0, le=1)
    blocked: float = Field(default=0.10, gt=0, le=1)
    letters: int = Field(default=100, ge=10, le=1_000_000)  # before anything is judged
    hours: int = Field(default=24, ge=1, le=24 * 14)  # until it goes on by itself


class BrakeProblem(Exception):
    """A brake cannot be released or set; the sentence says why."""


def limits(tx: Tx) -> Limits:
    """The limits as they are set."""
    try:
        return Limits.model_validate(settings.fetch(tx, KEY) or {})
    except ValidationError:
        return Limits()


def set_limits(tx: Tx, new: Limits, actor: str, now_ms: int) -> None:
    """Other limits from now on."""
    settings.store(tx, KEY, new.model_dump())
    users.note(tx, actor, "sender_brake.limits", "deliverability", now_ms, new.model_dump())


def look(tx: Tx, now_ms: int) -> list[str]:
    """Stop what has to stop; returns it as sentences."""
    known, today = limits(tx), now_ms // DAY_MS
    found = read(tx, now_ms, since_day=today - 1)
    if found.whole.tried < known.letters:
        return []
    standing = {(one.account, one.provider) for one in sender_brakes.standing(tx)}
    fresh = _released_lately(tx, today)
    bad: dict[str, list[tuple[str, Figures, str]]] = {}
    for (account, provider), of in found.by_pair.items():
        pair = account, provider
        if pair in standing or (account, "") in standing or pair in fresh or (account, "") in fresh:
            continue
        why = too_much(known, of)
        if why:
            bad.setdefault(account, []).append((provider, of, why))
    told: list[str] = []
    for account, those in sorted(bad.items()):
        for provider, why in _stops(found, known, account, those):
            told.append(_stop(tx, account, provider, why, known, now_ms))
    if told:
        warm_up.limited(tx)
    return told


def too_much(known: Limits, of: Figures) -> str:
    """Which limit is surely passed, as a sentence; "" when all is well."""
    if of.tried < known.letters:
        return ""
    for name, words in WORDS.items():
        count, allowed = getattr(of, name), getattr(known, name)
        if count > 1 and at_least(min(count, of.tried), of.tried) > allowed:
            rate = percent(count / of.tried)
            many = f"Of {thousands(of.tried)} letters of two days {thousands(count)} {words}"
            return f"{many}: {rate}, and the limit is {percent(allowed)}."
    return ""


def release_due(tx: Tx, now_ms: int) -> list[SenderBrake]:
    """Let go of what has stood still for long enough."""
    return [release(tx, one.id or 0, ACTOR, now_ms) for one in sender_brakes.standing(tx) if one.until <= now_ms]


def release(tx: Tx, brake_id: int, actor: str, now_ms: int) -> SenderBrake:
    """Let marketing go on, fewer letters a day at first. Raises `BrakeProblem`."""
    one = sender_brakes.brake(tx, brake_id)
    if one is None or one.status != BRAKED:
        raise BrakeProblem("This one does not stand still any more.")
    one.status, one.released_at, one.released_by = RELEASED, now_ms, actor
    sender_brakes.save(tx, one)
    users.note(tx, actor, "sender_brake.release", whom(one.account, one.provider), now_ms, {"why": one.why})
    if one.a_day // CAREFUL > 0 and not _has_plan(tx, one):
        warm_up.begin(
            tx, ACTOR, now_ms, account=one.account, provider=one.provider, start=one.a_day // CAREFUL,
            target=one.a_day, days=3, opens=0, spread=0, cause="brake",
        )  # fmt: skip
    warm_up.limited(tx)
    say(tx)
    return one


def forward(db: Database, one: SenderBrake, now_ms: int) -> int:
    """Ask what a brake put off again now, page by page; returns how many letters that were."""
    reason = braked_words(Stop(one.id or 0, one.account, one.provider, one.until, one.why))
    found = 0
    while True:
        page = db.write(lambda tx: sender_brakes.pull_forward(tx, reason, now_ms, one.until + HOUR_MS, PAGE))
        found += page
        if page < PAGE:
            return found


def say(tx: Tx) -> None:
    """Keep what stands still on every page."""
    said = []
    for one in sender_brakes.standing(tx):
        said.append(
            f"Marketing {whom(one.account, one.provider)} has stopped by itself. {one.why} "
            "[Look at it and let it go on](/deliverability)"
        )
    notices.put(tx, "sender_brake", said)
    stopped = warm_ups.plans(tx, (warm_ups.STOPPED,))
    notices.put(
        tx, "warm_up",
        [
            f"The warm-up of {warm_up.whom(one)} has stopped. {one.word} [Look at it](/deliverability)"
            for one in stopped
        ],
    )  # fmt: skip


def whom(account: str, provider: str) -> str:
    """Which letters, as it stands after "marketing"."""
    to = f"to {label_of(provider)}" if provider else ""
    by = f"by {account}" if account else ""
    return " ".join(part for part in (to, by) if part) or "by e-mail"


def _stops(
    found: Reputation, known: Limits, account: str, those: Sequence[tuple[str, Figures, str]]
) -> list[tuple[str, str]]:
    """Whom it stops for: the providers that object, or the whole account where most letters go to such."""
    whole = found.by_account[account]
    share = sum(of.tried for _, of, _ in those) / max(whole.tried, 1)
    why = too_much(known, whole)
    if why and len(those) > 1 and share > 0.5:
        return [("", why)]
    return [(provider, why) for provider, _, why in those]


def _stop(tx: Tx, account: str, provider: str, why: str, known: Limits, now_ms: int) -> str:
    usual = read(tx, now_ms, USUAL_DAYS)
    went = [of.tried for (by, to), of in usual.by_pair.items() if by == account and provider in ("", to)]
    days = len({day for (to, day), of in usual.by_day.items() if to == provider and of.tried}) or 1
    a_day = sum(went) // days
    until = now_ms + known.hours * HOUR_MS
    one = SenderBrake(account=account, provider=provider, why=why, a_day=a_day, at=now_ms, until=until)
    sender_brakes.save(tx, one)
    users.note(tx, ACTOR, "sender_brake.stop", whom(account, provider), now_ms, {"why": why})
    return f"Marketing {whom(account, provider)} has stopped by itself. {why}"


def _released_lately(tx: Tx, today: int) -> set[tuple[str, str]]:
    """Whom a brake was released for today or yesterday: what was before is not held against them again."""
    return {
        (one.account, one.provider)
        for one in sender_brakes.latest(tx)
        if one.released_at is not None and one.released_at // DAY_MS >= today - 1
    }


def _has_plan(tx: Tx, one: SenderBrake) -> bool:
    return any((plan.account, plan.provider) == (one.account, one.provider) for plan in warm_ups.plans(tx))
