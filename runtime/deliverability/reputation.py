"""What each provider makes of our letters: figures by day, rates against their goals, and a light for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...storage import reputation as rows
from ...storage.database import Tx
from ...storage.reputation import DAY_MS, KINDS
from .providers import label_of, providers

ENOUGH = 50  # letters before a rate says something


@dataclass(slots=True)
class Figures:
    """What became of letters. ``soft``: a mailbox that was full or a server that gave up; ``blocked``: they did not
    want letters of ours; ``opens`` and ``clicks`` are people's first ones."""

    tried: int = 0
    deferred: int = 0
    hard: int = 0
    soft: int = 0
    blocked: int = 0
    other: int = 0
    complaints: int = 0
    opens: int = 0
    clicks: int = 0

    def add(self, kind: str, n: int) -> None:
        """Count some more."""
        if kind in KINDS:
            setattr(self, kind, getattr(self, kind) + n)

    @property
    def bounced(self) -> int:
        """Letters that no mailbox took."""
        return self.hard + self.soft

    @property
    def delivered(self) -> int:
        """Letters taken and not come back."""
        return max(0, self.tried - self.bounced - self.blocked - self.other)

    def rate(self, part: int, whole: int | None = None) -> float | None:
        """A part of what was tried, from 0 to 1; None where nothing was."""
        of = self.tried if whole is None else whole
        return min(1.0, part / of) if of > 0 else None

    def as_json(self) -> dict[str, Any]:
        """For programs: counts, and rates from 0 to 1."""
        counts = {kind: getattr(self, kind) for kind in KINDS}
        return {**counts, "bounced": self.bounced, "delivered": self.delivered,
                "rates": {goal.code: goal.value for goal in goals(self)}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """A rate beside its goal. ``state``: good, near, bad, or few: too little went out to tell."""

    code: str
    label: str
    value: float | None
    goal: float
    above: bool
    state: str

    @property
    def words(self) -> str:
        """The goal, as a person writes it."""
        return f"{'over' if self.above else 'under'} {self.goal * 100:g} %"


LINES = (  # code, label, goal, whether above it is good, where it turns bad
    ("delivery", "Delivered", 0.98, True, 0.95),
    ("bounces", "Bounced", 0.02, False, 0.05),
    ("complaints", "Complaints", 0.001, False, 0.003),
    ("blocked", "Refused for our name", 0.02, False, 0.10),
)


def goals(of: Figures) -> list[Goal]:
    """The rates that have a goal."""
    values = {
        "delivery": of.rate(of.delivered),
        "bounces": of.rate(of.bounced),
        "complaints": of.rate(of.complaints, of.delivered),
        "blocked": of.rate(of.blocked),
    }
    found = []
    for code, label, goal, above, bad in LINES:
        value = values[code]
        if value is None or of.tried < ENOUGH:
            state = "few"
        elif code == "complaints" and of.complaints == 1 and value > goal:
            state = "few"  # one alone may be a slip of the finger
        elif above:
            state = "good" if value >= goal else "near" if value >= bad else "bad"
        else:
            state = "good" if value <= goal else "near" if value <= bad else "bad"
        found.append(Goal(code, label, value, goal, above, state))
    return found


@dataclass(slots=True)
class Reputation:
    """The whole, by provider, by account, and each by day."""

    first_day: int
    last_day: int
    whole: Figures = field(default_factory=Figures)
    by_provider: dict[str, Figures] = field(default_factory=dict)
    by_account: dict[str, Figures] = field(default_factory=dict)
    by_pair: dict[tuple[str, str], Figures] = field(default_factory=dict)
    by_day: dict[tuple[str, int], Figures] = field(default_factory=dict)  # by provider ("": all) and day

    @property
    def days(self) -> range:
        """Every day of the stretch, as days since 1970."""
        return range(self.first_day, self.last_day + 1)

    def day(self, provider: str, day: int) -> Figures:
        """One day of a provider ("": of all)."""
        return self.by_day.get((provider, day)) or Figures()

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "days": len(self.days),
            "whole": self.whole.as_json(),
            "providers": {code: of.as_json() for code, of in self.by_provider.items()},
            "accounts": {name: of.as_json() for name, of in self.by_account.items()},
        }


def read(tx: Tx, now_ms: int, days: int = 30, since_day: int | None = None) -> Reputation:
    """The last days, today among them."""
    today = now_ms // DAY_MS
    first = today - days + 1 if since_day is None else since_day
    return gathered(rows.days(tx, first, today), first, today)


def gathered(counts: Iterable[tuple[Any, ...]], first: int, last: int) -> Reputation:
    """Of rows ``(day, account, provider, kind, n)``; providers in the order they are shown."""
    found = Reputation(first, last)
    known: Mapping[str, Any] = providers()
    places = {code: place for place, code in enumerate(known)}
    for day, account, provider, kind, n in sorted(counts, key=lambda row: (places.get(row[2], 99), row[2])):
        for of in (
            found.whole,
            found.by_provider.setdefault(provider, Figures()),
            found.by_account.setdefault(account, Figures()),
            found.by_pair.setdefault((account, provider), Figures()),
            found.by_day.setdefault((provider, day), Figures()),
            found.by_day.setdefault(("", day), Figures()),
        ):
            of.add(kind, n)
    return found


def lately(found: Reputation, provider: str, day: int, days: int = 7) -> Figures:
    """A provider's letters of the days up to one: a single day of few letters says little."""
    of = Figures()
    for one in range(max(found.first_day, day - days + 1), day + 1):
        for kind in KINDS:
            of.add(kind, getattr(found.day(provider, one), kind))
    return of


def worst(found: Reputation) -> list[str]:
    """What misses its goal, as sentences, the worst first."""
    said: list[tuple[bool, str]] = []
    for code, figures in found.by_provider.items():
        name = label_of(code)
        for goal in goals(figures):
            if goal.state in ("near", "bad") and goal.value is not None:
                sentence = f"{name}: {goal.label.lower()} {percent(goal.value)}, the goal is {goal.words}."
                said.append((goal.state == "near", sentence))
    return [sentence for _, sentence in sorted(said)]


def percent(value: float) -> str:
    """A rate as a person writes it."""
    return f"{value:.2%}".replace("%", " %") if value < 0.01 else f"{value:.1%}".replace("%", " %")
