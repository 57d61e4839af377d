"""What a rule asks for, ready for SQL: values read, times worked out, nothing left that depends on the present."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value of a rule as it compares: ``kind`` is text, number or truth; what cannot be read as such is None."""

    kind: str
    text: str | None = None
    number: int | float | None = None


@dataclass(frozen=True, slots=True)
class ValueTest:
    """One value held against what is wanted. ``within`` are the first and last millisecond of a moment."""

    path: str
    op: str
    wanted: tuple[Wanted, ...] = ()
    within: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count or a sum compared with a number: ``sign`` is one of >= > <= < =."""

    sign: str
    value: int | float

    def holds(self, value: int | float) -> bool:
        return {
            ">=": value >= self.value,
            ">": value > self.value,
            "<=": value <= self.value,
            "<": value < self.value,
            "=": value == self.value,
        }[self.sign]


@dataclass(frozen=True, slots=True)
class PropertyTerm:
    """A property of the contact."""

    test: ValueTest


@dataclass(frozen=True, slots=True)
class EventTerm:
    """How often somebody did something from one moment until before another, on how many days, or a sum of it."""

    event: str
    start: int
    until: int
    figure: Figure
    where: tuple[ValueTest, ...] = ()
    on_days: bool = False
    sum: str | None = None


@dataclass(frozen=True, slots=True)
class MessageTerm:
    """How many messages were sent, opened or clicked, by the time they were queued."""

    what: str
    channel: str | None
    start: int
    until: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class StayTerm:
    """How many stays in a journey began, last, ended or reached the goal."""

    journey: str
    was: str
    start: int
    until: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class FeatureTerm:
    """A computed feature; ``now_ms`` is what days since are counted from."""

    test: ValueTest
    now_ms: int


@dataclass(frozen=True, slots=True)
class MemberTerm:
    """Membership in another segment, by its name."""

    segment: str
    member: bool


@dataclass(frozen=True, slots=True)
class ConsentTerm:
    """What was said last about a topic on a channel; unknown is that nothing was."""

    topic: str
    channel: str
    state: str


@dataclass(frozen=True, slots=True)
class AllTerm:
    """Every part holds."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """One part is enough."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class NotTerm:
    """The part does not hold."""

    part: Term


Term = (
    PropertyTerm
    | EventTerm
    | MessageTerm
    | StayTerm
    | FeatureTerm
    | MemberTerm
    | ConsentTerm
    | AllTerm
    | AnyTerm
    | NotTerm
)
