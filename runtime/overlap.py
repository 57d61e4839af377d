"""Which live journeys reach the same people in the next weeks, how much those will hear, and what to do about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ..nodes.step import DAY_MS, HOUR_MS
from ..storage import overlap as rows
from ..storage import turned_away, walking
from ..storage.consents import TOPIC
from ..storage.database import Tx
from . import overlap_words
from .policy.in_force import current
from .policy.policy import Policy
from .policy.policy_parts import Cap
from .policy.priority import rank_of
from .program import NotApproved, NotRunnable, Program, ProgramShelf
from .steps_ahead import HOURS, sends_ahead

WEEKS = 4  # how far back, and the most that is looked ahead
AHEAD_WEEKS = 2  # over which the messages still to come are counted
WEEK_HOURS = 7 * 24
LIKELY = 0.5  # of a message: from there on it is taken for one


@dataclass(frozen=True, slots=True)
class JourneyLine:
    """One live journey: its people, and what one of them is sent in a week."""

    name: str
    title: str
    class_: str
    inside: int
    lately_per_week: float  # in the last weeks, to those it wrote to
    ahead_per_week: float  # in the next two weeks, to those inside, if nothing holds them back
    turned_away: int


@dataclass(frozen=True, slots=True)
class PairLine:
    """Two live journeys with people in common; ``one`` goes before ``other``."""

    one: str
    other: str
    inside_both: int
    shared: int  # inside both, or were in both in the last weeks
    share: float  # of the people of the smaller one
    per_week: float  # what both together send to somebody who is inside both
    capped: float  # the share of those inside both who would hit a cap
    suggestion: str

    @property
    def fine(self) -> bool:
        """Whether there is nothing to do about it."""
        return self.suggestion.startswith(overlap_words.NOTHING)


@dataclass(frozen=True, slots=True)
class CapLine:
    """How many of those inside live journeys would hit a cap."""

    name: str
    people: int
    share: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """The report. ``nth``: only every nth contact was looked at, and numbers are estimates, where it is above 1."""

    journeys: list[JourneyLine] = field(default_factory=list)
    pairs: list[PairLine] = field(default_factory=list)
    caps: list[CapLine] = field(default_factory=list)
    people: int = 0  # inside any live journey
    several: int = 0  # inside more than one
    several_per_week: float = 0.0  # what one of those is sent a week, in the next two
    most_per_week: float = 0.0  # what nine of ten of those do not exceed
    nth: int = 1


def overlap(tx: Tx, shelf: ProgramShelf, now_ms: int) -> Overlap:
    """Look at everybody who is inside a live journey."""
    shelf.refresh(tx)
    live = {program.journey_id: program for program in shelf.programs()}
    if not live:
        return Overlap()
    return _Report(tx, shelf, live, now_ms).made()


class _Report:
    def __init__(self, tx: Tx, shelf: ProgramShelf, live: dict[int, Program], now_ms: int) -> None:
        self.tx, self.shelf, self.live, self.now_ms = tx, shelf, live, now_ms
        self.policy: Policy = current(tx)
        self.nth = rows.every(tx)
        self.stays = rows.stays(tx, live, self.nth)
        self.programs = self._programs()
        self.tables: dict[tuple[int, tuple[str, ...]], list[list[float]]] = {}
        self.counts: dict[int, dict[int, dict[str, int]]] = defaultdict(dict)
        for (version, node), of in walking.counts(tx, sorted(self.programs)).items():
            self.counts[version][node] = of
        self.ranks = {journey: rank_of(program.content, self.policy) for journey, program in live.items()}

    def _programs(self) -> dict[int, Program]:
        found = {}
        for version in {row[2] for row in self.stays}:
            try:
                found[version] = self.shelf.program(self.tx, version)
            except (NotApproved, NotRunnable):
                continue  # its people stand still
        return found

    def _ahead(self, hours: int, channels: Sequence[str] = ()) -> dict[tuple[int, int], float]:
        """What is sent within so many hours to somebody who stands at a node of a version."""
        found = {}
        for version, program in self.programs.items():
            key = (version, tuple(sorted(channels)))
            if key not in self.tables:
                self.tables[key] = sends_ahead(program, self.counts[version], channels)
            for node, table in enumerate(self.tables[key]):
                found[version, node] = table[min(hours, HOURS)]
        return found

    def made(self) -> Overlap:
        """The report itself."""
        caps = {cap.name: self._over(cap) for cap in self.policy.caps}
        hit = set().union(*caps.values()) if caps else set()
        inside: Counter[int] = Counter()
        ahead: defaultdict[int, float] = defaultdict(float)
        both: Counter[tuple[int, int]] = Counter()
        weekly: defaultdict[tuple[int, int], float] = defaultdict(float)
        capped: Counter[tuple[int, int]] = Counter()
        people, loads = 0, []
        to_come = self._ahead(AHEAD_WEEKS * WEEK_HOURS)
        for contact, stays in self._by_contact():
            people += 1
            sends = {}
            for journey, version, node in stays:
                sends[journey] = to_come.get((version, node), 0.0) / AHEAD_WEEKS
                inside[journey] += 1
                ahead[journey] += sends[journey]
            if len(sends) > 1:
                loads.append(sum(sends.values()))
                for pair in combinations(sorted(sends), 2):
                    both[pair] += 1
                    weekly[pair] += sends[pair[0]] + sends[pair[1]]
                    capped[pair] += contact in hit
        loads.sort()
        since = self.now_ms - WEEKS * 7 * DAY_MS
        sent = rows.sent(self.tx, since)
        lately = {journey: messages / people / WEEKS for journey, (messages, people) in sent.items()}
        turned = turned_away.counts(self.tx, since)
        lines = {
            journey: JourneyLine(
                program.name,
                program.content.get("title") or program.name,
                overlap_words.class_words(self.ranks[journey][0]),
                inside[journey] * self.nth,
                round(lately.get(journey, 0.0), 2),
                round(ahead[journey] / inside[journey], 2) if inside[journey] else 0.0,
                turned.get(journey, 0),
            )
            for journey, program in self.live.items()
        }
        pairs = self._pairs(since, both, weekly, capped, lately, lines)
        return Overlap(
            sorted(lines.values(), key=lambda line: (-line.inside, line.name)),
            pairs,
            [CapLine(name, len(over) * self.nth, len(over) / people if people else 0.0) for name, over in caps.items()],
            people * self.nth,
            len(loads) * self.nth,
            round(sum(loads) / len(loads), 2) if loads else 0.0,
            round(loads[len(loads) * 9 // 10], 2) if loads else 0.0,
            self.nth,
        )

    def _by_contact(self) -> list[tuple[int, list[tuple[int, int, int]]]]:
        found: dict[int, list[tuple[int, int, int]]] = {}
        for contact, *stay in self.stays:
            found.setdefault(contact, []).append((stay[0], stay[1], stay[2]))
        return list(found.items())

    def _over(self, cap: Cap) -> set[int]:
        """Who would be over a cap half its time from now: by what they had in one half and will be sent in the other.

        Or by what they are sent in the whole of its time from now on.
        """
        half = cap.per // 2
        had = rows.had(self.tx, self.now_ms - half, cap.ranks, cap.channels, cap.topics, self.nth)
        figures = rows.figure(self.tx, cap.by.feature, self.nth) if cap.by else {}
        concerned = {
            journey
            for journey, program in self.live.items()
            if self.ranks[journey][0] in cap.ranks
            and (not cap.topics or (program.content.get("topic") or TOPIC) in cap.topics)
        }
        in_half, in_whole = (self._ahead(span // HOUR_MS, cap.channels) for span in (half, cap.per))
        soon: defaultdict[int, float] = defaultdict(float)
        later: defaultdict[int, float] = defaultdict(float)
        for contact, journey, version, node in self.stays:
            if journey in concerned:
                soon[contact] += in_half.get((version, node), 0.0)
                later[contact] += in_whole.get((version, node), 0.0)
        over = set()
        for contact, sends in later.items():
            most = cap.allowed({cap.by.feature: figures.get(contact)}) if cap.by else cap.allowed({})
            if max(sends, soon[contact] + (had.get(contact, 0) if soon[contact] >= LIKELY else 0)) >= most + LIKELY:
                over.add(contact)
        return over

    def _pairs(
        self,
        since: int,
        both: Mapping[tuple[int, int], int],
        weekly: Mapping[tuple[int, int], float],
        capped: Mapping[tuple[int, int], int],
        lately: Mapping[int, float],
        lines: Mapping[int, JourneyLine],
    ) -> list[PairLine]:
        shared = rows.shared(self.tx, self.live, since, self.nth)
        found = []
        for (one, other), n in shared.items():
            if one == other:
                continue
            first, second = sorted((one, other), key=lambda key: (self.ranks[key][0], -self.ranks[key][1], key))
            key = (min(one, other), max(one, other))
            now = both.get(key, 0)
            per_week = weekly[key] / now if now else lately.get(one, 0.0) + lately.get(other, 0.0)
            share = n / min(shared[one, one], shared[other, other])
            over = capped.get(key, 0) / now if now else 0.0
            facts = overlap_words.Facts(
                lines[first].title, lines[second].title, self.ranks[first], self.ranks[second],
                self._group(first, second), per_week, share, over, bool(self.policy.caps),
            )  # fmt: skip
            found.append(
                PairLine(
                    lines[first].name, lines[second].name, now * self.nth, n * self.nth, round(share, 3),
                    round(per_week, 2), round(over, 3), overlap_words.suggestion(facts),
                )
            )  # fmt: skip
        return sorted(found, key=lambda line: (-line.shared, line.one, line.other))

    def _group(self, one: int, other: int) -> str:
        names = {self.live[one].name, self.live[other].name}
        return next((group.name for group in self.policy.groups if names <= set(group.journeys)), "")
