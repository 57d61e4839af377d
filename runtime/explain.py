"""Why somebody got a message, or did not: from what was known then, never from what is known now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..storage.columns import from_ms
from ..storage.database import Tx
from ..storage.stories import Story, story
from .numbers import counted

RESULTS = {
    "queued": "It waits to be sent.",
    "leased": "A sender has it in hand.",
    "sending": "It is being handed over now.",
    "sent": "It was handed over and accepted.",
    "in_doubt": "Whether it arrived is not known, and it is not sent again.",
    "failed": "It could not be delivered.",
    "skipped": "It was not sent.",
}


PLAIN = ("next", "queued")  # ways out that need no word


class NoSuchMessage(Exception):
    """There is no message with this number: `sojourn messages` lists them."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A message's story, and the same in words."""

    story: Story

    @property
    def node(self) -> str:
        """The id of the step that sent it."""
        return self._name(self.story.node)

    def _name(self, index: int) -> str:
        ids = sorted(self.story.content.get("nodes") or {})
        return ids[index] if index < len(ids) else f"step {index}"

    def _way(self, steps: str) -> str:
        """A walk by the ids of its steps, with the way taken where it says something."""
        said = []
        for step in steps.split():
            index, _, port = step.partition(":")
            said.append(self._name(int(index)) + ("" if port in PLAIN else f" ({port.replace(':', ': ')})"))
        return " → ".join(said)

    def words(self) -> list[str]:
        """Sentences, in the order things happened."""
        of = self.story
        said = [f"Message {of.message_id} ({of.channel}) to contact {of.contact_id}, {of.email or 'without address'}."]
        if of.entered_at is not None:
            cause = f", because of the event {of.event} of {_when(of.event_at)}" if of.event else ""
            said.append(
                f"The contact entered the journey {of.journey_title or of.journey} on {_when(of.entered_at)}{cause}."
            )
        if of.version is not None:
            digest = (of.content_hash or "")[:12]
            by = f"approved by {of.approved_by} on {_when(of.approved_at)}" if of.approved_by else "approved by nobody"
            said.append(f"It ran version {of.version} ({digest}), {by}.")
        for walk in of.walks:
            if walk.seq <= of.seq:
                said.append(f"{_when(walk.at)}: went {self._way(walk.steps)}.")
        way = f", as the {_ordinal(of.turn + 1)} way of its chain: those before did not reach them" if of.turn else ""
        what = "its message" if of.letter.startswith("@") else f"the letter {of.letter}"
        said.append(f"{_when(of.queued_at)}: the step {self.node} queued {what}{way}.")
        for one in of.decisions:
            known = ", ".join(f"{key} = {_shown(value)}" for key, value in sorted(one.inputs.items()))
            said.append(f"{_when(one.at)}: {one.verdict}. {one.reason}{f' (known: {known})' if known else ''}")
        said.append(f"Result: {RESULTS.get(of.status, of.status)}{f' {of.reason}' if of.reason else ''}")
        if of.account:
            said.append(f"It went by the account {of.account}{self._paid()}.")
        moments = (
            (of.delivered_at, "the carrier says that it arrived"),
            (of.opened_at, "first opened"),
            (of.clicked_at, "first clicked"),
        )
        said += [f"{_when(moment)}: {what}." for moment, what in moments if moment is not None]
        return said

    def _paid(self) -> str:
        """What it took and came to, as far as that is known."""
        of = self.story
        units = f", {counted(of.units, 'part', 'parts')}" if of.units else ""
        if of.cost is None:
            return units
        amount = f"{of.cost / 1_000_000:.4f}".rstrip("0").rstrip(".")
        return f"{units}, for {amount} {of.settings.get('currency') or ''}".rstrip()


def explain(tx: Tx, message_id: int) -> Explanation:
    """The explanation of one message. Raises `NoSuchMessage`."""
    found = story(tx, message_id)
    if found is None:
        raise NoSuchMessage(NoSuchMessage.__doc__)
    return Explanation(found)


def _ordinal(n: int) -> str:
    return {2: "second", 3: "third", 4: "fourth"}.get(n, f"{n}th")


def _when(ms: int | None) -> str:
    return "an unknown time" if ms is None else f"{from_ms(ms):%Y-%m-%d %H:%M:%S} UTC"


def _shown(value: Any) -> str:
    return (
        {None: "none", True: "yes", False: "no"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )
