"""How fast letters go to each provider: as fast as it takes them, slower once it asks, and again faster after a while.

What may not go yet is put off at once and in bulk, each letter to a place of its own, so that nobody looks through it
on the way to what goes elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..storage import pacing as rows
from ..storage import settings
from ..storage.columns import from_ms
from ..storage.database import Tx
from ..storage.handover import Facts
from ..storage.held_back import HeldBack
from ..storage.messages import Result
from ..storage.pacing import Held
from .deliverability.providers import OTHER, group_of, label_of, providers
from .numbers import thousands

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
EASES_MS = 10 * MINUTE_MS  # a provider that asked for less gets twice as much after so long, again and again
ONE_ASKING_MS = MINUTE_MS  # what is said within a minute is said once: it is about letters that were under way
REST_MS = 30_000  # after it asked
LEAST = 1.0  # letters a minute
UNKNOWN = 60.0  # letters a minute that are taken to have gone there, where fewer were counted
BURST_MS = 5_000  # the letters of so long may go at once
SETTING = "provider_limits"


class BadLimits(ValueError):
    """Write limits like gmail=600 seznam.cz=100: a provider or a domain, and letters a minute."""


@dataclass(frozen=True, slots=True)
class Later:
    """When a letter goes, and why not now."""

    due_at: int
    reason: str
    inputs: dict[str, Any]


def whose(address: str) -> str:
    """Who takes the letters to an address: a provider, or a domain of its own."""
    code = group_of(address)
    return address.rpartition("@")[2].lower() if code == OTHER else code


def name_of(code: str) -> str:
    """What people call it."""
    return label_of(code)


def clock_words(at_ms: int) -> str:
    """A moment, for a reason."""
    return f"{from_ms(at_ms):%H:%M} UTC"


def limits_of(text: str) -> dict[str, float]:
    """Letters a minute by provider or domain, as the owner wrote them. Raises `BadLimits`."""
    found: dict[str, float] = {}
    for word in text.replace(",", " ").split():
        name, _, number = word.partition("=")
        if not name or not number.isdecimal() or int(number) < 1 or ("." not in name and name not in providers()):
            raise BadLimits(f"“{word}” is no limit. {BadLimits.__doc__}")
        found[whose(f"@{name}") if "." in name else name] = float(number)
    return found


class Pacing:
    """Asked about everything that is about to leave; one for each process, what it says is shared by the store."""

    def __init__(self) -> None:
        self._minute = 0
        self._now: Counter[str] = Counter()  # letters of this minute by whose they are, and of the last one
        self._last: Counter[str] = Counter()

    def put_off(self, tx: Tx, going: Iterable[Facts], now_ms: int) -> dict[int, Later]:
        """Those that have to wait. What is owed to people goes, and counts."""
        to = [(of, whose(of.address)) for of in going if of.channel == "email" and of.address]
        if not to:
            return {}
        limits, slowed = self._limits(tx), rows.everyone(tx)
        if eased := [name for name, pace in slowed.items() if rate(pace, None, now_ms) is None and _idle(pace, now_ms)]:
            rows.forget(tx, sorted(eased))
            slowed = {name: pace for name, pace in slowed.items() if name not in eased}
        found: dict[int, Later] = {}
        held = {name for _, name in to if name in limits or name in slowed}
        if held:
            found = self._paced(tx, [one for one in to if one[1] in held], limits, now_ms)
        self._count([name for of, name in to if of.message_id not in found], now_ms)
        return found

    def heard(self, tx: Tx, results: Iterable[Result], now_ms: int) -> None:
        """Slow down where it was asked for."""
        asked = {result.inputs["slower"] for result in results if result.inputs.get("slower")}
        if not asked:
            return
        limits, changed = self._limits(tx), []
        for name, pace in rows.locked(tx, sorted(asked)).items():
            if pace.slowed_at and now_ms - pace.slowed_at < ONE_ASKING_MS:
                continue
            usual = max(self._last[name], self._now[name], UNKNOWN)
            went = rate(pace, limits.get(name), now_ms) or min(usual, _known(name) or usual)
            before = max(pace.before or 0, went)
            next_at = max(pace.next_at, now_ms + REST_MS)
            changed.append(Held(name, max(LEAST, went / 2), before, now_ms, next_at, max(pace.back_at, next_at)))
        rows.keep(tx, changed)

    def _paced(
        self, tx: Tx, to: Sequence[tuple[Facts, str]], limits: Mapping[str, float], now_ms: int
    ) -> dict[int, Later]:
        found: dict[int, Later] = {}
        paces = rows.locked(tx, sorted({name for _, name in to}))
        for of, name in sorted(to, key=lambda one: one[0].rank):
            per_minute = rate(paces[name], limits.get(name), now_ms)
            if per_minute is None:
                continue
            paces[name], due_at = _place(paces[name], per_minute, of, now_ms)
            if due_at is not None:
                slowed = limits.get(name) is None or per_minute < limits[name]
                speed = f"{thousands(per_minute)} letters a minute"
                found[of.message_id] = Later(
                    due_at,
                    f"{_why(name, slowed)}; {speed}, tried again at {clock_words(due_at)}.",
                    {"rule": "pace", "to": name, "per_minute": round(per_minute, 1), "slowed": slowed, "until": due_at},
                )
        rows.keep(tx, list(paces.values()))
        return found

    def _limits(self, tx: Tx) -> dict[str, float]:
        written = settings.some(tx, [SETTING]).get(SETTING)
        try:
            return limits_of(written) if written else {}
        except BadLimits:
            return {}

    def _count(self, names: Iterable[str], now_ms: int) -> None:
        minute = now_ms // MINUTE_MS
        if minute != self._minute:
            self._last = self._now if minute == self._minute + 1 else Counter()
            self._minute, self._now = minute, Counter()
        self._now.update(names)


def held_back(of: Facts, later: Later) -> HeldBack:
    """How it is written; the same reason once more is on record already."""
    again = bool(of.held) and later.reason.partition(";")[0] == (of.held or "").partition(";")[0]
    return HeldBack(of.message_id, later.reason, later.inputs, later.due_at, again=again)


def rate(pace: Held, limit: float | None, now_ms: int) -> float | None:
    """Letters a minute that go to somebody now; None: as many as there are."""
    if pace.per_minute is None or pace.before is None:
        return limit
    doubled = min(max(0, now_ms - pace.slowed_at) // EASES_MS, 60)
    now = pace.per_minute * 2**doubled
    if now >= 2 * pace.before:  # it took what it took before it asked, and as much again
        return limit
    return now if limit is None else min(now, limit)


def _place(pace: Held, per_minute: float, of: Facts, now_ms: int) -> tuple[Held, int | None]:
    """The pace with this letter counted, and when it goes; None: now. Places are given out for an hour, what does not
    find one asks again after that."""
    each = MINUTE_MS / per_minute
    next_at = max(pace.next_at, now_ms - BURST_MS)
    if of.rank == 0 or next_at <= now_ms:
        return pace._replace(next_at=int(next_at + each)), None
    back_at = max(pace.back_at, next_at)
    if back_at > now_ms + HOUR_MS:
        return pace, now_ms + HOUR_MS + of.message_id * 2_654_435_761 % HOUR_MS
    return pace._replace(back_at=int(back_at + each)), int(back_at)


def _idle(pace: Held, now_ms: int) -> bool:
    return max(pace.next_at, pace.back_at) < now_ms - HOUR_MS


def _why(name: str, slowed: bool) -> str:
    return f"{name_of(name)} asked us to slow down" if slowed else f"{name_of(name)} gets only so many at a time"


def _known(name: str) -> float:
    known = providers().get(name)
    return float(known.per_minute) if known else 0.0
