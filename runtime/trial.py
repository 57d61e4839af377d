"""What a trial tells: the way of one contact through a draft, step by step, with the reason at each."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..storage.handover import Filling

HAPPENED, TIMED_OUT = "happened", "timed_out"  # what may be chosen for a step that waits for an event
SENT, OPENED, CLICKED, FAILED = "sent", "opened", "clicked", "failed"  # and for a letter


class CannotTry(Exception):
    """The draft cannot be tried as it is; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Start:
    """A way into the journey: the trigger, and the event it takes (None: it is let in by hand or by the calendar)."""

    node: str
    title: str
    event: str | None


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that would have left, or would have been held back."""

    letter: str
    channel: str
    outcome: str  # sent, skipped or failed
    filling: Filling


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened on the way. ``port`` is how they left the node; "" when they stayed.

    ``until_ms`` is when a rest would be over, None when only an event ends it.
    """

    node: str
    at_ms: int
    port: str
    words: str
    until_ms: int | None = None
    posted: Posted | None = None


@dataclass(slots=True)
class Trial:
    """The way of one contact. ``notes`` say why they would not have come in; ``open`` are steps with a choice to make.

    A choice is happened or timed_out for a step that waits for an event; opened, clicked or failed for a letter.
    """

    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)  # what was taken to happen at those steps
    ended: str = ""

    @property
    def path(self) -> list[tuple[str, str]]:
        """``(node, port)`` as the engine writes walks."""
        return [(step.node, step.port) for step in self.steps if step.port]
