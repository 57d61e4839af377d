"""What each node type declares: its face, settings, ports, needs, and its step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from .step import Answers, Batch, Condition, Need

if TYPE_CHECKING:
    from .graph import JourneyGraph

GROUPS = ("Triggers", "Logic", "Timing", "Gates", "Channels", "Actions")


@dataclass(frozen=True, slots=True)
class Face:
    """How a type looks in the palette: ``icon`` is a Material Symbols name, ``help`` one sentence."""

    label: str
    icon: str
    group: str
    help: str


@dataclass(frozen=True, slots=True)
class Port:
    """A way out. ``optional``: nobody minds if nothing is attached to it."""

    name: str
    label: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A KPI of the node: ``part`` over ``whole``, both names of counts (a port, "in", "sent", "opened", …)."""

    label: str
    part: str
    whole: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A safe way to mend a problem, as data; ``words`` say what would happen.

    ``what`` is "end_here" (an exit behind ``port`` of ``node``), "cut" (the edge from ``port`` of ``node`` goes),
    "drop_letter" (the letter ``name`` goes) or "topic" (the journey sends under the consent topic ``name``).
    """

    what: Literal["end_here", "cut", "drop_letter", "topic"]
    words: str
    node: str | None = None
    port: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a drawn journey, as a sentence. An ``error`` keeps it from being published."""

    text: str
    node: str | None = None
    severity: str = "error"  # or "warning"
    fix: Fix | None = None
    letter: str | None = None  # the letter it is about


# ── how people come into a journey ────────────────────────────────────────────────────────────────────


class ProfileRule(Protocol):
    """A rule (see `rule.Rule`) that one profile can be held against."""

    def meets_profile(self, profile: Mapping[str, Any], now_ms: int) -> bool:
        """Whether this profile meets it."""
        ...


@dataclass(frozen=True, slots=True)
class Reentry:
    """Who may come in again: "once", "always", or "after" so many ``days``. Nobody is inside twice at once."""

    policy: str = "once"
    days: float = 0


@dataclass(frozen=True, slots=True)
class OnEvent:
    """Enter when the contact does ``event`` whose properties pass every condition."""

    event: str
    where: tuple[Condition, ...] = ()
    rule: ProfileRule | None = None
    reentry: Reentry = Reentry()
    backfill_days: float = 0  # on publishing, also take those who did it in the last so many days


@dataclass(frozen=True, slots=True)
class OnSchedule:
    """Enter at moments: a cron line, or a date property plus ``offset_days``, at ``at`` (HH:MM) in ``zone``."""

    cron: str | None = None
    date_property: str | None = None
    offset_days: int = 0
    yearly: bool = False
    at: str = "09:00"
    zone: str = "UTC"
    rule: ProfileRule | None = None
    reentry: Reentry = Reentry("always")


@dataclass(frozen=True, slots=True)
class OnCall:
    """Enter when a person or the API says so."""

    reentry: Reentry = Reentry("always")


Entry = OnEvent | OnSchedule | OnCall


@dataclass(frozen=True, slots=True)
class Listen:
    """While somebody is anywhere in the journey, ``event`` brings them to this node (``leave``), or is only counted."""

    event: str
    where: tuple[Condition, ...] = ()
    leave: bool = True


class NodeSettings(BaseModel):
    """The settings of a node: unknown keys are refused, so that a typing error is seen at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Node(ABC):
    """One step of a journey: a type with its settings, asked about batches of contacts."""

    kind: ClassVar[str]  # never changes: it stands in saved journeys
    face: ClassVar[Face]
    Settings: ClassVar[type[NodeSettings]] = NodeSettings
    measures: ClassVar[tuple[Measure, ...]] = ()
    example: ClassVar[Mapping[str, Any]] = {}  # settings that work, shown in the docs
    starter: ClassVar[Mapping[str, Any]] = {}  # settings of a step just put on the canvas

    def __init__(self, id: str, settings: Mapping[str, Any] | NodeSettings | None = None, title: str = "") -> None:
        self.id = id
        self.title = title or self.face.label
        self.settings: Any = (
            settings if isinstance(settings, NodeSettings) else self.Settings.model_validate(dict(settings or {}))
        )

    @abstractmethod
    def step(self, batch: Batch) -> Answers:
        """Answer for every row in ``batch.rows``, each exactly once."""

    def ports(self) -> tuple[Port, ...]:
        """The ways out, the usual one first."""
        return (Port("next"),)

    def needs(self) -> tuple[Need, ...]:
        """The facts `step` reads, fetched once for the whole batch."""
        return ()

    def entry(self) -> Entry | None:
        """How people come in here; None for everything but triggers."""
        return None

    def listens(self) -> Listen | None:
        """What pulls people out of wherever they stand in the journey to this node."""
        return None

    def back(self) -> str | None:
        """The id of the step this one sends people back to; only ever in a later walk."""
        return None

    @classmethod
    def sketched_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        """The ways out to draw while the settings are not complete yet."""
        return cls("", cls.example).ports()

    def contents(self) -> tuple[str, ...]:
        """Names of the letters and texts this node sends; each has to stand in the journey."""
        return ()

    def channels(self) -> tuple[str, ...]:
        """The channels this node sends on, each once."""
        return ()

    def summary(self) -> str:
        """One line in words for the card on the canvas."""
        return ""

    def because(self, batch: Batch, row: int) -> str:
        """What decided for one contact, in words, when somebody tries the journey out; may stay empty."""
        return ""

    def problems(self, graph: JourneyGraph) -> list[Problem]:
        """What is wrong with this node where it stands, beyond what its settings refuse."""
        return []
