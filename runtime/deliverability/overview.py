"""Everything the page and the command show of how letters fare, read at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ...storage import hygiene, sender_brakes, warm_ups
from ...storage import settings as rows
from ...storage.database import Tx
from ...storage.sender_brakes import SenderBrake
from ...storage.warm_ups import WarmUp
from ..bounces import mailbox
from ..settings import load
from . import brakes, reputation, warm_up
from .brakes import Limits
from .providers import label_of
from .reputation import Reputation, goals

DAYS, DAY_MS = 30, 86_400_000
AHEAD = 60  # days of a plan that are shown
LIGHTS = {"bad": "bad", "near": "warn", "good": "good", "few": ""}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what was allowed and what went on each day so far, and what it will allow if all goes well."""

    plan: WarmUp
    past: tuple[tuple[str, int | None, int], ...]
    ahead: tuple[tuple[str, int], ...]

    @property
    def used(self) -> int:
        """Letters of today."""
        return next((went for day, _, went in self.past if day == self.plan.day), 0)


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole."""

    reputation: Reputation
    plans: tuple[Planned, ...]
    brakes: tuple[SenderBrake, ...]
    released: tuple[SenderBrake, ...]
    limits: Limits
    mailbox: str
    mailbox_trouble: str

    @property
    def light(self) -> tuple[str, str]:
        """One light for all of it, with a sentence."""
        states = {goal.state for goal in goals(self.reputation.whole)}
        if self.brakes or any(one.plan.status == warm_ups.STOPPED for one in self.plans):
            return "bad", "Some marketing stands still, because its letters did not fare well."
        if not self.reputation.whole.tried:
            return "few", "No letter went out in the last 30 days."
        for state, said in (
            ("bad", "Letters fare badly: find out why before more of them go out."),
            ("near", "Letters fare well, but a goal is missed."),
        ):
            if state in states:
                return state, said
        providers = self.reputation.by_provider.items()
        ill = [code for code, of in providers if any(goal.state in ("bad", "near") for goal in goals(of))]
        if ill:
            return "near", f"Letters fare well on the whole, but a goal is missed at {', '.join(map(label_of, ill))}."
        for state, said in (("good", "Letters fare well: every goal is met."),):
            if state in states:
                return state, said
        return "few", "Too few letters went out to tell how they fare."

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        state, said = self.light
        return {
            "health": {"state": state, "sentence": said},
            "goals": [
                {"code": one.code, "value": one.value, "goal": one.goal, "state": one.state}
                for one in goals(self.reputation.whole)
            ],
            "reputation": self.reputation.as_json(),
            "warm_ups": [
                {
                    **warm_ups.figures(one.plan),
                    "past": [{"day": day, "allowed": most, "went": went} for day, most, went in one.past],
                    "ahead": [{"day": day, "allowed": most} for day, most in one.ahead],
                }
                for one in self.plans
            ],
            "brakes": [one.model_dump() for one in self.brakes],
            "limits": self.limits.model_dump(),
            "mailbox": {"set": bool(self.mailbox), "shown": self.mailbox, "trouble": self.mailbox_trouble},
        }


def read(tx: Tx, now_ms: int) -> Overview:
    """As it is now."""
    plans = warm_ups.plans(tx)
    known = mailbox.kept(tx)
    trouble = rows.fetch(tx, "notices.bounces") or []
    return Overview(
        reputation.read(tx, now_ms, DAYS),
        tuple(_planned(tx, one) for one in plans),
        tuple(sender_brakes.standing(tx)),
        tuple(one for one in sender_brakes.latest(tx) if one.status == sender_brakes.RELEASED),
        brakes.limits(tx),
        known.shown if known else "",
        trouble[0] if trouble else "",
    )


def clean(tx: Tx, now_ms: int) -> dict[str, Any]:
    """How clean the list is, in figures; it reads through everybody, so it is asked apart."""
    known = load(tx)
    quiet, stop = known.inactive_days, known.inactive_stop_days
    bouncing = hygiene.bouncing(tx, "email")
    return {
        "left_alone": hygiene.left_alone(tx, "email"),
        "bounced_lately": sum(count for _, count in bouncing),
        "one_more": sum(count for n, count in bouncing if known.soft_bounces and n == known.soft_bounces - 1),
        "soft_bounces": known.soft_bounces,
        "inactive_days": quiet,
        "inactive": hygiene.silent(tx, now_ms - quiet * DAY_MS) if quiet else 0,
        "stop_days": stop,
        "stopped": hygiene.silent(tx, now_ms - stop * DAY_MS) if stop else 0,
    }


def _planned(tx: Tx, plan: WarmUp) -> Planned:
    steps = warm_up.ladder(plan.start, plan.target, plan.days)[plan.step + 1 :][:AHEAD]
    today = date.fromisoformat(plan.day)
    ahead = tuple(((today + timedelta(days=n)).isoformat(), step) for n, step in enumerate(steps, start=1))
    return Planned(plan, tuple(warm_ups.history(tx, plan.id or 0)), ahead)
