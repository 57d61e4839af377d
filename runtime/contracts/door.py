"""What the door asks of every event before it is stored, and whom it has to tell: read anew when it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from ...storage import arrivals, contracts, webhooks
from ...storage.columns import dump
from ...storage.database import Tx
from ..entries import Happened
from ..envelope import Message, printable, sample
from ..program import ProgramShelf
from . import schema
from .tally import Arrived, tally

KEPT = 50  # violations of one event kept of one request; all are counted
SEGMENT = "segment"  # the property that names the segment in what we tell about joining and leaving


@dataclass(frozen=True, slots=True)
class Broken:
    """An event that broke its contract, in a sentence; refused, or kept with a remark."""

    message: Message
    reason: str
    refused: bool


@dataclass(slots=True)
class Judged:
    """A request's new events: those to be stored, and those that broke their contract (they may be both)."""

    good: Sequence[Message]
    broken: list[Broken] = field(default_factory=list)

    @property
    def refused(self) -> list[Message]:
        """Those that are not stored."""
        return [one.message for one in self.broken if one.refused]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of events, and who is told of them, as of a revision."""

    revision: str
    contracts: Mapping[str, tuple[Callable[[Any], bool], dict[str, Any], bool]]
    told: Mapping[str, Sequence[tuple[int, frozenset[str]]]]

    def judge(self, messages: Sequence[Message]) -> Judged:
        """Hold events against their contracts. Costs a dictionary look-up for those that have none."""
        if not self.contracts:
            return Judged(messages)
        good, broken = [], []
        for message in messages:
            rule = self.contracts.get(message.name)
            if rule is None or rule[0](message.properties):
                good.append(message)
                continue
            _, form, strict = rule
            reason = " ".join(schema.sentences(form, message.name, message.properties))
            broken.append(Broken(message, printable(reason, 1_000), strict))
            if not strict:
                good.append(message)
        return Judged(good, broken)

    def tell(self, tx: Tx, happened: Iterable[Happened], now_ms: int) -> None:
        """Queue what webhooks want to hear."""
        if not self.told:
            return
        rows = [
            (webhook, one.event_id)
            for one in happened
            for webhook, segments in self.told.get(one.name, ())
            if not segments or one.properties.get(SEGMENT) in segments
        ]
        webhooks.queue(tx, rows, now_ms)


_KNOWN: WeakKeyDictionary[ProgramShelf, Rules] = WeakKeyDictionary()


def rules(tx: Tx, shelf: ProgramShelf) -> Rules:
    """What holds now: one small look whether anything changed."""
    revision = contracts.revision(tx)
    known = _KNOWN.get(shelf)
    if known is None or known.revision != revision:
        known = _KNOWN[shelf] = _read(tx, revision)
    return known


def note(tx: Tx, judged: Judged, again: Sequence[Message], now_ms: int) -> None:
    """Write down what came, for the contracts that learn and for the quality of data; and what broke a contract."""
    counts = Counter(one.message.name for one in judged.broken)
    found = tally(judged.good, again, counts, judged.refused)
    arrivals.add(tx, [(*row[:5], dump(row[5])) for row in found])
    if not judged.broken:
        return
    kept: Counter[str] = Counter()
    rows = []
    for one in judged.broken:
        kept[one.message.name] += 1
        if kept[one.message.name] <= KEPT:
            said = (one.message.name, now_ms, int(one.refused), one.reason, printable(one.message.message_id))
            rows.append((*said, sample(one.message.properties)))
    contracts.violated(tx, rows)


def note_past(tx: Tx, happened: Iterable[Arrived]) -> None:
    """Write down events that were stored without asking anybody: what they look like, and how many there were."""
    arrivals.add(tx, [(*row[:5], dump(row[5])) for row in tally(happened)])


def _read(tx: Tx, revision: str) -> Rules:
    held: dict[str, tuple[Callable[[Any], bool], dict[str, Any], bool]] = {}
    for name, mode, form in contracts.rules(tx):
        held[name] = (schema.judge(form), form, mode == "strict")
    told: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for webhook, events, segments in webhooks.wanted(tx):
        for event in events:
            told.setdefault(event, []).append((webhook, frozenset(segments)))
    return Rules(revision, held, told)
