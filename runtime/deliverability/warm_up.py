"""The plan by which a new sender is warmed up: more letters each day, as long as they fare well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...storage import sender_brakes, settings, users, warm_ups
from ...storage.database import Tx
from ...storage.reputation import DAY_MS
from ...storage.warm_ups import DONE, ENDED, ON, STOPPED, WarmUp
from ..numbers import thousands
from ..policy.room import KEY, day_of
from .providers import label_of, providers
from .reputation import ENOUGH, Figures, percent, read

START, TARGET, DAYS = 50, 10_000, 35
LEAST_DAYS, MOST_DAYS, MOST = 3, 120, 10_000_000
FASTEST = 2.0  # no day allows more than twice the day before
STOP_COMPLAINTS, BACK_COMPLAINTS = 0.003, 0.001
BACK_BOUNCES, HOLD_BOUNCES, BACK_BLOCKED = 0.03, 0.02, 0.05
USED = 0.5  # of a day's letters have to be used before the next day allows more
ACTOR = "the warm-up"


class WarmUpProblem(Exception):
    """A plan cannot be made or changed; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Move:
    """What follows from a day: steps forward or back (`stop`: nothing goes any more), and why, as a sentence."""

    steps: int
    word: str = ""
    stop: bool = False


def ladder(start: int, target: int, days: int) -> list[int]:
    """Letters allowed on each day: every day the same part more, never more than twice the day before."""
    if target <= start:
        return [target]
    growth = min(FASTEST, (target / start) ** (1 / max(days - 1, 1)))
    found = [start]
    exact = float(start)
    while found[-1] < target:
        exact *= growth
        found.append(max(found[-1] + 1, min(target, _even(exact))))
    return found


def judge(of: Figures, allowed: int, used: int) -> Move:
    """What the letters of the last days mean for the next: complaints and bounces speak before anything else."""
    complaints, bounces, blocked = of.rate(of.complaints, of.delivered), of.rate(of.bounced), of.rate(of.blocked)
    sure = of.tried >= ENOUGH
    if complaints is not None and of.complaints > 1:  # one alone may be a slip of the finger
        if complaints > STOP_COMPLAINTS:
            return Move(-1, f"{percent(complaints)} of the letters were complained of: nothing more goes out.", True)
        if complaints > BACK_COMPLAINTS:
            return Move(-1, f"{percent(complaints)} of the letters were complained of: a step back.")
    if sure and blocked is not None and blocked > BACK_BLOCKED:
        return Move(-1, f"{percent(blocked)} of the letters were refused for our name: a step back.")
    if sure and bounces is not None and bounces > BACK_BOUNCES:
        return Move(-1, f"{percent(bounces)} of the letters bounced: a step back.")
    if sure and bounces is not None and bounces > HOLD_BOUNCES:
        return Move(0, f"{percent(bounces)} of the letters bounced: the number stays as it is.")
    if used < allowed * USED:
        return Move(0, f"Only {thousands(used)} of {thousands(allowed)} letters went out: the number stays as it is.")
    return Move(1)


# ── the owner's hand ──────────────────────────────────────────────────────────────────────────────────


def begin(
    tx: Tx,
    actor: str,
    now_ms: int,
    *,
    account: str = "",
    provider: str = "",
    start: int = START,
    target: int = TARGET,
    days: int = DAYS,
    shares: Mapping[str, int] | None = None,
    opens: int = 480,
    spread: int = 240,
    cause: str = "plan",
) -> WarmUp:
    """A plan from today on. Raises `WarmUpProblem`."""
    _check(start, target, days, dict(shares or {}))
    if any((one.account, one.provider) == (account, provider) for one in warm_ups.plans(tx)):
        raise WarmUpProblem("A plan for these letters runs already: change that one, or end it first.")
    today = day_of(now_ms, _zone(tx)).isoformat()
    plan = WarmUp(
        account=account, provider=provider, start=start, target=target, days=days, shares=dict(shares or {}),
        opens=opens, spread=spread, step=0, allowed=ladder(start, target, days)[0], day=today, cause=cause,
        made_by=actor, created_at=now_ms, changed_at=now_ms, judged_from=now_ms // DAY_MS,
    )  # fmt: skip
    warm_ups.save(tx, plan)
    warm_ups.opened(tx, plan.id or 0, today, plan.allowed)
    users.note(tx, actor, "warm_up.begin", whom(plan), now_ms, {"start": start, "target": target, "days": days})
    limited(tx)
    return plan


def change(
    tx: Tx, plan_id: int, actor: str, now_ms: int, *, target: int, days: int, shares: Mapping[str, int] | None = None
) -> WarmUp:
    """Another end or pace: it goes on from about as many letters as it allows now. Raises `WarmUpProblem`."""
    plan = _plan(tx, plan_id)
    _check(plan.start, target, days, dict(shares or {}))
    steps = ladder(plan.start, target, days)
    plan.target, plan.days, plan.shares = target, days, dict(shares or {})
    plan.step = max(place for place, allowed in enumerate(steps) if allowed <= plan.allowed or place == 0)
    _set(tx, plan, steps[plan.step], now_ms)
    users.note(tx, actor, "warm_up.change", whom(plan), now_ms, {"target": target, "days": days})
    return plan


def go_on(tx: Tx, plan_id: int, actor: str, now_ms: int) -> WarmUp:
    """Go on with a plan that was stopped, two steps further back. Raises `WarmUpProblem`."""
    plan = _plan(tx, plan_id)
    if plan.status != STOPPED:
        raise WarmUpProblem("This plan does not stand still.")
    plan.status, plan.step, plan.word = ON, max(0, plan.step - 2), ""
    plan.day, plan.judged_from = day_of(now_ms, _zone(tx)).isoformat(), now_ms // DAY_MS + 1  # not for the old again
    _set(tx, plan, ladder(plan.start, plan.target, plan.days)[plan.step], now_ms)
    users.note(tx, actor, "warm_up.go_on", whom(plan), now_ms, {"allowed": plan.allowed})
    return plan


def end(tx: Tx, plan_id: int, actor: str, now_ms: int) -> None:
    """Let everything go at once again. Raises `WarmUpProblem`."""
    plan = _plan(tx, plan_id)
    plan.status, plan.changed_at = ENDED, now_ms
    warm_ups.save(tx, plan)
    users.note(tx, actor, "warm_up.end", whom(plan), now_ms, {"allowed": plan.allowed})
    limited(tx)


# ── day by day ────────────────────────────────────────────────────────────────────────────────────────


def look(tx: Tx, now_ms: int) -> list[str]:
    """Begin the day where a new one has come, stop what is complained of; returns what was stopped, as sentences."""
    told = []
    plans = warm_ups.plans(tx, (ON,))
    today = day_of(now_ms, _zone(tx)).isoformat() if plans else ""
    for plan in plans:
        used = warm_ups.used(tx, [plan.id or 0], plan.day).get((plan.id or 0, ""), 0)
        move = judge(figures(tx, plan, now_ms), plan.allowed, used)
        if move.stop:
            plan.status, plan.word = STOPPED, move.word
            _set(tx, plan, plan.allowed, now_ms)
            users.note(tx, ACTOR, "warm_up.stop", whom(plan), now_ms, {"why": move.word})
            told.append(f"The warm-up of {whom(plan)} has stopped. {move.word}")
        elif today > plan.day:
            _next_day(tx, plan, move, today, now_ms)
    if told:
        limited(tx)
    return told


def figures(tx: Tx, plan: WarmUp, now_ms: int) -> Figures:
    """How the letters of a plan fared yesterday and today, as far as they are judged."""
    since = max(now_ms // DAY_MS - 1, plan.judged_from)
    found = Figures()
    for (account, provider), of in read(tx, now_ms, since_day=since).by_pair.items():
        if plan.account in ("", account) and plan.provider in ("", provider):
            for kind in Figures.__slots__:
                found.add(kind, getattr(of, kind))
    return found


def whom(plan: WarmUp) -> str:
    """Which letters a plan holds for, in words."""
    by = f"letters by {plan.account}" if plan.account else "letters"
    return f"{by} to {label_of(plan.provider)}" if plan.provider else by if plan.account else "all letters"


def limited(tx: Tx) -> None:
    """Keep for the gate whether it has to ask at all."""
    settings.store(tx, KEY, bool(warm_ups.plans(tx) or sender_brakes.standing(tx)))


def _next_day(tx: Tx, plan: WarmUp, move: Move, today: str, now_ms: int) -> None:
    steps = ladder(plan.start, plan.target, plan.days)
    plan.step = min(max(plan.step + move.steps, 0), len(steps) - 1)
    if move.steps > 0 and plan.allowed >= plan.target:
        plan.status, plan.word = DONE, "The sender is warm: nothing holds its letters back any more."
        warm_ups.save(tx, plan)
        users.note(tx, ACTOR, "warm_up.done", whom(plan), now_ms, {"letters a day": plan.target})
        limited(tx)
        return
    plan.day, plan.word = today, move.word
    _set(tx, plan, steps[plan.step], now_ms)


def _set(tx: Tx, plan: WarmUp, allowed: int, now_ms: int) -> None:
    plan.allowed, plan.changed_at = allowed, now_ms
    warm_ups.save(tx, plan)
    warm_ups.opened(tx, plan.id or 0, plan.day, allowed)
    limited(tx)


def _plan(tx: Tx, plan_id: int) -> WarmUp:
    plan = warm_ups.plan(tx, plan_id)
    if plan is None or plan.status not in warm_ups.IN_FORCE:
        raise WarmUpProblem("This plan is over.")
    return plan


def _check(start: int, target: int, days: int, shares: Mapping[str, int]) -> None:
    if not 1 <= start <= target <= MOST:
        raise WarmUpProblem(f"A plan goes from at least 1 letter a day up to {thousands(MOST)}, and not down.")
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise WarmUpProblem(f"A plan takes {LEAST_DAYS} to {MOST_DAYS} days.")
    if any(code not in providers() or not 1 <= share <= 100 for code, share in shares.items()):
        raise WarmUpProblem("The share of a provider is 1 to 100 per cent of the day's letters.")


def _zone(tx: Tx) -> str:
    return settings.some(tx, ["timezone"]).get("timezone") or "UTC"


def _even(letters: float) -> int:
    """A number one can remember: two digits that say something."""
    size = 10 ** max(len(str(int(letters))) - 2, 0)
    return round(letters / size) * size
