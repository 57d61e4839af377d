"""Why people in a journey got nothing so far, step by step, in words: from the last decision on each message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..nodes.graph import JourneyGraph
from ..storage import funnels, held
from ..storage.consents import TOPIC
from ..storage.database import Tx
from ..storage.held import Group

LOOKED_AT = 1_000  # of the newest people inside, to see whether anybody agreed
NAMED = ("", "cap", "letter", "coupons")  # rules whose reasons differ
WHY = {  # what decided, as it stands after "wait" and "skipped"
    "quiet_hours": "quiet hours where they live",
    "working_hours": "it is outside the hours in which this may go out",
    "cap": "they had as many as the rule “{name}” allows",
    "cool_down": "it is too soon after the last message on the channel",
    "frequency": "they had as many this week as they asked for",
    "reserve": "the place is kept for a message that goes first",
    "complaint": "they complained lately",
    "negative_reply": "they answered lately that they do not want this",
    "bounce": "the last message on the channel bounced",
    "pause": "they asked for a pause",
    "no_consent": "it is not known that they agreed, or they said no",
    "suppressed": "the address is on the list of those left alone",
    "stopped": "they said STOP to the sender",
    "no_address": "there is no address for the channel",
    "erased": "they were erased",
    "silence": "they have not been seen for long",
    "journey_paused": "the journey is paused",
    "left": "they left the journey",
    "unapproved": "this version is not approved",
    "warm_up": "the sender is being warmed up, and those who read most go first",
    "provider": "marketing to their mailbox provider stands still",
    "expired": "it waited longer than it may",
    "letter": "set aside, their facts do not fit the letter: {name}",
    "coupons": "the pool of coupons “{name}” is empty",
}


@dataclass(frozen=True, slots=True)
class Line:
    """So many people at one step, and what holds their message back.

    ``state`` is waiting, retrying, next (its turn comes), skipped or failed; ``why`` goes on after it.
    """

    count: int
    state: str
    rule: str
    why: str
    next_ms: int | None = None  # when the first of them is asked again
    last_ms: int | None = None  # the newest decision


def read(tx: Tx, journey_id: int, contents: Mapping[int, Mapping[str, Any]], since_ms: int) -> dict[str, list[Line]]:
    """By step, the largest first; of the versions in ``contents``. What was skipped or failed counts since then.

    In a journey on pause nothing is asked again before it goes on, whatever else holds it back.
    """
    resting = held.is_paused(tx, journey_id)
    ids = {version: JourneyGraph(content).ids for version, content in contents.items()}
    found: dict[str, dict[tuple[str, str, str], Line]] = {}
    for group in held.groups(tx, journey_id, since_ms):
        if group.version_id in ids and group.node < len(ids[group.version_id]):
            _add(found.setdefault(ids[group.version_id][group.node], {}), line_of(group, resting))
    return {step: _sorted(lines.values()) for step, lines in found.items()}


def of_journey(tx: Tx, journey_id: int) -> dict[str, list[Line]]:
    """By step, of all versions and from the beginning."""
    return read(tx, journey_id, {version: content for version, _, content in funnels.drawn(tx, journey_id)}, 0)


def together(by_step: Mapping[str, Sequence[Line]]) -> list[Line]:
    """The same for the journey as a whole."""
    lines: dict[tuple[str, str, str], Line] = {}
    for some in by_step.values():
        for line in some:
            _add(lines, line)
    return _sorted(lines.values())


def line_of(group: Group, resting: bool = False) -> Line:
    """One group in words."""
    if resting and group.status == "queued":
        return Line(group.count, "waiting", "journey_paused", WHY["journey_paused"], None, group.last_ms)
    state = (
        group.status if group.status != "queued" else {"": "next", "retry": "retrying"}.get(group.verdict, "waiting")
    )
    why = WHY.get(group.rule, "").replace("{name}", group.name).rstrip(".")
    if not why and state != "next":
        why = group.said.rstrip(".")
    next_ms = group.next_ms if group.status == "queued" else None
    return Line(group.count, state, group.rule, why, next_ms, group.last_ms)


def nobody_agreed(tx: Tx, journey_id: int, content: Mapping[str, Any]) -> int:
    """How many people stand in a journey of marketing none of whom may get it, as far as one looks; 0: it is fine."""
    if content.get("message_type") == "transactional":
        return 0
    graph = JourneyGraph(content)
    channels = sorted({channel for node in graph.nodes.values() for channel in node.channels()})
    if not channels:
        return 0
    people, willing = held.agreed(tx, journey_id, channels, content.get("topic") or TOPIC, LOOKED_AT)
    return people if not willing else 0


def _add(lines: dict[tuple[str, str, str], Line], line: Line) -> None:
    key = line.state, line.rule, line.why if line.rule in NAMED else ""
    known = lines.get(key)
    if known is None:
        lines[key] = line
        return
    nexts = [one for one in (known.next_ms, line.next_ms) if one is not None]
    lasts = [one for one in (known.last_ms, line.last_ms) if one is not None]
    lines[key] = Line(
        known.count + line.count, line.state, line.rule, known.why, min(nexts, default=None), max(lasts, default=None)
    )


def _sorted(lines: Any) -> list[Line]:
    order = {"waiting": 0, "retrying": 1, "next": 2, "skipped": 3, "failed": 4}
    return sorted(lines, key=lambda line: (order[line.state], -line.count, line.why))
