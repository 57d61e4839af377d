"""What a node is asked about a batch of contacts, and what it may answer.

A node never acts. It is asked about many contacts at once and answers with data: a list of
``(answer, rows)`` pairs, where ``rows`` are positions in the batch. The runtime carries the answers out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from .effects import SetProfile, Switch

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Go:
    """Move on through ``port``, now. ``converted``: what the journey is for has been reached here."""

    port: str = "next"
    converted: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Rest here; ask me again at ``until_ms``, or when the contact does ``event``, whichever comes first."""

    until_ms: int | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Queue one message and rest here. I am asked again with the outcome, see `outcomes.read_outcome`.

    ``content`` names a letter or text inside the journey's own version; "@" and a step's id stand for what that
    step's settings say. ``turn`` counts the forms of one message that are tried one after the other, from 0.
    """

    channel: str
    content: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Do:
    """Carry out ``effect`` in the same transaction, then move on through ``port``."""

    effect: SetProfile | Switch
    port: str = "next"


@dataclass(frozen=True, slots=True)
class Back:
    """Go on at the step ``to``, wherever it stands, in the walk after this one: never more than once in a walk."""

    to: str


@dataclass(frozen=True, slots=True)
class Leave:
    """End the journey for these contacts. ``reason`` is a word the funnel can group by."""

    reason: str
    converted: bool = False


Answer = Go | Hold | Send | Do | Back | Leave
Answers = list[tuple[Answer, list[int]]]


# ── facts a node may ask for ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Condition:
    """One test on one property: ``op`` as in `rule.OPERATORS`."""

    property: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class ProfileNeed:
    """The contact as a dict: its properties, and ``email``, ``phone``, ``external_id``, ``created_at``."""


@dataclass(frozen=True, slots=True)
class TriggerNeed:
    """The event that started the journey: ``{"event": name, "at": ms, "properties": {…}}``, or an empty dict."""


@dataclass(frozen=True, slots=True)
class EventNeed:
    """How often the contact did ``event`` (an int), with properties that pass every condition.

    `stretch` says in what time; ``since`` may be "ever", "entered" (the journey) or "arrived" (at this node). Both
    together: the later of the two. ``on_days`` counts the UTC days it happened on; ``sum`` adds up a property instead
    (a float, see `operators.units`).
    """

    event: str
    where: tuple[Condition, ...] = ()
    days: float | None = None
    since: str = "ever"
    to_days: float | None = None
    between: tuple[int, int] | None = None
    on_days: bool = False
    sum: str | None = None


@dataclass(frozen=True, slots=True)
class MessageNeed:
    """How many messages the contact ``sent`` (was sent), ``opened`` or ``clicked`` (an int).

    ``node`` narrows to the messages of one step of this journey (during this stay in it), ``channel`` to one channel.
    ``tries`` instead gives what this ``node`` has queued since they arrived at it: a tuple of `outcomes.Try`.
    """

    what: str
    node: str | None = None
    channel: str | None = None
    days: float | None = None
    to_days: float | None = None
    between: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class JourneyNeed:
    """How often the contact ``entered``, ``left`` or ``converted`` in a journey, or is ``inside`` it (an int)."""

    journey: str
    was: str
    days: float | None = None
    to_days: float | None = None
    between: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class FeatureNeed:
    """The value of a computed feature: a number, a text, a moment in milliseconds, or None."""

    feature: str


@dataclass(frozen=True, slots=True)
class SegmentNeed:
    """Whether the contact is a member of a segment (a truth value)."""

    segment: str


@dataclass(frozen=True, slots=True)
class ConsentNeed:
    """What the contact said last about a topic on a channel: granted, denied, withdrawn, or None."""

    topic: str
    channel: str


@dataclass(frozen=True, slots=True)
class CapNeed:
    """How many messages are counted against the contact in the last ``hours`` (an int)."""

    hours: int
    channel: str | None = None
    this_journey: bool = False


@dataclass(frozen=True, slots=True)
class PolicyNeed:
    """What the owner's policy says about ``part``. "fallback": an `outcomes.Fallback`, the same for everybody."""

    part: str


Need = (
    ProfileNeed
    | TriggerNeed
    | EventNeed
    | MessageNeed
    | JourneyNeed
    | FeatureNeed
    | SegmentNeed
    | ConsentNeed
    | CapNeed
    | PolicyNeed
)
ENDLESS_MS = 2**62  # later than anything that ever happens


def stretch(need: EventNeed | MessageNeed | JourneyNeed, now_ms: int) -> tuple[int, int]:
    """From when (included) to when (not included) something has to have happened, in milliseconds.

    ``days`` looks back that far from now, ``to_days`` leaves out what is not longer ago than that; ``between`` are
    the two moments themselves.
    """
    if need.between is not None:
        return need.between
    start = 0 if need.days is None else now_ms - int(need.days * DAY_MS)
    return start, ENDLESS_MS if need.to_days is None else now_ms - int(need.to_days * DAY_MS)


@dataclass(slots=True)
class Batch:
    """Many contacts standing before one node at one moment. Columns are aligned by row.

    ``rows`` are the positions this step is about; every other column covers the whole batch, so always
    index with a row. ``outcome`` is what a message came to (see `outcomes.read_outcome`), None when not
    asked after one.
    """

    now_ms: int
    node: str
    rows: list[int]
    contact: Sequence[int]
    entered_ms: Sequence[int]
    since_ms: Sequence[int]  # when each arrived at this node
    outcome: Sequence[str | None] = ()
    facts: Mapping[Need, Sequence[Any]] = field(default_factory=dict)


# ── small helpers every node uses ─────────────────────────────────────────────────────────────────────


def sort_out(pairs: Iterable[tuple[Answer, int]]) -> Answers:
    """Group single answers into ``(answer, rows)``, in order of first appearance."""
    groups: dict[Answer, list[int]] = {}
    for answer, row in pairs:
        groups.setdefault(answer, []).append(row)
    return list(groups.items())


def after_rest(batch: Batch, span_ms: int, then: Answer) -> Answers:
    """``then`` for who has been here for ``span_ms``; everyone else rests until they have."""
    now, since = batch.now_ms, batch.since_ms
    over: list[int] = []
    resting: dict[int, list[int]] = {}
    for row in batch.rows:
        due = since[row] + span_ms
        if due <= now:
            over.append(row)
        else:
            resting.setdefault(due, []).append(row)
    answers: Answers = [(Hold(due), rows) for due, rows in resting.items()]
    return [(then, over), *answers] if over else answers


def two_ways(rows: list[int], yes: list[int], yes_port: str, no_port: str) -> Answers:
    """Send ``yes`` through one port and everyone else through the other."""
    if len(yes) == len(rows):
        return [(Go(yes_port), rows)]
    if not yes:
        return [(Go(no_port), rows)]
    chosen = set(yes)
    return [(Go(yes_port), yes), (Go(no_port), [row for row in rows if row not in chosen])]


def rolls(contacts: Iterable[int], node: str, salt: str = "") -> list[float]:
    """One number in [0, 1) for each contact that never changes for this contact, node and salt.

    So a split is sticky and a replay exact. BLAKE2b turns node and salt into a seed once; SplitMix64 (Steele, Lea and
    Flood 2014, doi:10.1145/2660193.2660195) mixes the contact into it at a third of the cost of a hash each. Saved
    journeys rely on these very numbers: never change them.
    """
    seed = _seed(node, salt)
    numbers: list[float] = []
    for contact in contacts:
        mixed = (contact * 0x9E3779B97F4A7C15 + seed) & _64_BITS
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _64_BITS
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _64_BITS
        numbers.append(((mixed ^ (mixed >> 31)) >> 11) * _2_TO_MINUS_53)  # 53 bits: exactly a float, never 1.0
    return numbers


@lru_cache(maxsize=4_096)
def _seed(node: str, salt: str) -> int:
    return int.from_bytes(blake2b(f"{node}\0{salt}".encode(), digest_size=8).digest(), "big")


def dice(contact: int, node: str, salt: str = "") -> float:
    """The number of one contact, as `rolls` gives it."""
    return rolls((contact,), node, salt)[0]


_64_BITS = 2**64 - 1
_2_TO_MINUS_53 = 2.0**-53
