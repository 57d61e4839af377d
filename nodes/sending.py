"""What every step that sends has in common: what its message came to, and which other form of it is tried then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from .node import Measure, Node, Port, Problem
from .outcomes import BY_CAP, FAILED, SENT, UNOPENED, Fallback, Try, cause_of, read_outcome
from .sending_settings import Way
from .step import HOUR_MS, Answer, Answers, Batch, Go, Hold, Leave, MessageNeed, Need, PolicyNeed, Send, sort_out

if TYPE_CHECKING:
    from .graph import JourneyGraph

SILENT = frozenset({"direct_mail", "webhook", "alert", "crm_task"})  # nobody ever tells whether these were opened
NAMES = {
    "email": "e-mail", "sms": "text message", "push": "push notification", "web_push": "browser notification",
    "in_app": "on-site message", "direct_mail": "letter on paper",
}  # fmt: skip


class Sending(Node):
    """Derive from this: `first` says the channel and the message. A turn is a place among the forms, from 0."""

    channel: ClassVar[str] = ""
    measures = (
        Measure("Sent", "sent", "in"),
        Measure("Opened", "opened", "sent"),
        Measure("Clicked", "clicked", "sent"),
    )

    def first(self) -> tuple[str, str]:
        """The channel and the content of the form that is tried first."""
        return self.channel, self.settings.message

    def others(self) -> Sequence[Way]:
        """The other forms, in their order."""
        return self.settings.instead

    @cached_property
    def sends(self) -> tuple[Send, ...]:
        """A `Send` for each form."""
        forms = [self.first(), *((way.channel, way.message) for way in self.others())]
        return tuple(Send(channel, content, turn) for turn, (channel, content) in enumerate(forms))

    def step(self, batch: Batch) -> Answers:
        outcome, rows = batch.outcome, batch.rows
        if not outcome:
            return [(self.sends[0], rows)]
        if self._is_chain:
            return sort_out((self._next(batch, row, outcome[row]), row) for row in rows)
        found = dict.fromkeys(outcome[row] for row in rows)
        return [(self._answer(one), [row for row in rows if outcome[row] == one]) for one in found]

    def ports(self) -> tuple[Port, ...]:
        return (Port("next", "Goes on", optional=True), Port("failed", "Failed", optional=True))

    def needs(self) -> tuple[Need, ...]:
        return (self._tries, _POLICY) if self._is_chain else ()

    def contents(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(send.content for send in self.sends if not send.content.startswith("@")))

    def channels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(send.channel for send in self.sends))

    def summary(self) -> str:
        content = self.sends[0].content
        return self._and_else("" if content.startswith("@") else content)

    def because(self, batch: Batch, row: int) -> str:
        told = batch.outcome[row] if batch.outcome else None
        return "whether it is opened" if self._is_chain and told and read_outcome(told)[0] == SENT else ""

    def problems(self, graph: JourneyGraph) -> list[Problem]:
        return [*self._about_failed(graph), *self._about_contents(graph)]

    # ── what comes next ───────────────────────────────────────────────────────────────────────────────

    @property
    def _is_chain(self) -> bool:
        return len(self.sends) > 1 and self.settings.instead_when != "never"

    @cached_property
    def _tries(self) -> MessageNeed:
        return MessageNeed("tries", node=self.id)

    def _answer(self, told: str | None) -> Answer:
        """Where they go when no other form is tried any more."""
        if told is None:
            return self.sends[0]
        word, _ = read_outcome(told)
        settings = self.settings
        if word == SENT:
            return Go("next")
        way = settings.when_failed if word == FAILED else settings.when_skipped
        if word in BY_CAP:
            way = BY_CAP[word] if settings.when_capped == "policy" else settings.when_capped
        if way == "leave":
            return Leave(cause_of(word))
        return Go("next" if way == "go_on" else "failed")

    def _next(self, batch: Batch, row: int, told: str | None) -> Answer:
        if told is None:
            return self.sends[0]
        word, turn = read_outcome(told)
        tries: Sequence[Try] = batch.facts[self._tries][row]
        policy: Fallback = batch.facts[_POLICY][row]
        then = self._untried({turn, *(one.turn for one in tries)}, policy)
        causes = self._causes(policy)
        if word == SENT:
            due = self._unopened_at(turn, tries, policy, batch.since_ms[row]) if UNOPENED in causes else None
            if then is None or due is None:
                return Go("next")
            return self.sends[then] if due <= batch.now_ms else Hold(due)
        if then is not None and cause_of(word) in causes:
            return self.sends[then]
        return Go("next") if any(one.sent_ms is not None for one in tries) else self._answer(told)

    def _untried(self, tried: set[int], policy: Fallback) -> int | None:
        """The next form: in the order of the policy where it has one for this channel, else as they stand."""
        named = policy.order.get(self.sends[0].channel, ()) if self.settings.instead_when == "policy" else ()
        place = {channel: n for n, channel in enumerate(named)}
        left = [turn for turn in range(1, len(self.sends)) if turn not in tried]
        return min(left, key=lambda turn: (place.get(self.sends[turn].channel, len(place)), turn), default=None)

    def _causes(self, policy: Fallback) -> frozenset[str]:
        settings = self.settings
        causes = policy.when if settings.instead_when == "policy" else frozenset(settings.causes)
        return causes if settings.unopened_after is None else causes | {UNOPENED}

    def _unopened_at(self, turn: int, tries: Sequence[Try], policy: Fallback, since_ms: int) -> int | None:
        """When what was sent counts as unopened; None when somebody opened it, or nobody would ever know."""
        if self.sends[turn].channel in SILENT or any(one.opened for one in tries):
            return None
        hours = self.settings.unopened_after
        sent_ms = max((one.sent_ms for one in tries if one.sent_ms is not None), default=since_ms)
        return sent_ms + (policy.unopened_after_ms if hours is None else round(hours * HOUR_MS))

    # ── words and problems ────────────────────────────────────────────────────────────────────────────

    def _and_else(self, text: str) -> str:
        others = list(dict.fromkeys(named(send.channel) for send in self.sends[1:]))
        return ", else ".join([text, *others]) if self._is_chain else text

    def _about_failed(self, graph: JourneyGraph) -> list[Problem]:
        settings = self.settings
        wanted = "failed" in (settings.when_skipped, settings.when_failed, settings.when_capped)
        connected = "failed" in graph.exits(self.id)
        if wanted and not connected:
            text = "nothing is attached to “Failed”; people who take it leave the journey here"
            return [Problem(text, self.id, "warning")]
        if connected and not wanted:
            text = "nobody takes the way “Failed” but by a cap; choose it in the settings, or take the edge away"
            return [Problem(text, self.id, "warning")]
        return []

    def _about_contents(self, graph: JourneyGraph) -> list[Problem]:
        found: list[Problem] = []
        for send in self.sends:
            entry = graph.letters.get(send.content)
            medium = medium_of(entry) if entry is not None else send.channel
            if medium != send.channel:
                text = f"“{send.content}” is written as {_one(medium)} and cannot go as {_one(send.channel)}"
                found.append(Problem(f"{text}; choose or write another", self.id, letter=send.content))
        if len({(send.channel, send.content) for send in self.sends}) < len(self.sends):
            found.append(Problem("the same message stands in the chain twice; each is tried once", self.id))
        return found


_POLICY = PolicyNeed("fallback")


def medium_of(entry: Mapping[str, Any]) -> str:
    """What an entry among a journey's letters is written for."""
    return str(entry.get("medium") or "email")


def named(channel: str) -> str:
    """A channel in words."""
    return NAMES.get(channel, channel.replace("_", " "))


def _one(channel: str) -> str:
    name = named(channel)
    return f"{'an' if name[:1] in 'aeio' else 'a'} {name}"
