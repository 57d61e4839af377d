"""What is looked at when a draft is put up for review; later checks, such as a simulation, stand in the same list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...nodes.graph import JourneyGraph
from ...nodes.step import CapNeed
from ...storage import views
from ...storage.consent_views import tallies
from ...storage.consents import TOPIC
from ...storage.database import Tx
from ...storage.journeys import Journey, Version
from ..channels.channel import media
from ..content.checking.finding import Finding
from ..content.checking.of_journey import findings_of
from ..numbers import counted
from ..policy.gate_words import medium_word
from .reach import number, people
from .wording import said

SENDS = ("email", "sms")  # kinds of steps that are named like the channel they send by


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the check list: "good", to "look" at, or "bad"."""

    name: str
    state: Literal["good", "look", "bad"]
    text: str
    letter: str = ""  # what it is about, where that is one letter
    findings: tuple[dict[str, Any], ...] = ()  # what was found in it, the worst first


def run_checks(tx: Tx, journey: Journey, live: Version | None, now_ms: int) -> list[dict[str, Any]]:
    """The check list of the draft, as data to be kept with the review.

    Nobody outside is asked here: links count as they were found when they were asked.
    """
    looked = [check for look in CHECKS if (check := look(tx, journey, live)) is not None]
    found = findings_of(tx, journey.draft, now_ms)
    return [asdict(check) for check in (*looked, *(_letter(name, one) for name, one in found.items()))]


def _letter(name: str, found: Sequence[Finding]) -> Check:
    """One line for each letter; hints alone are no reason to look."""
    counts = Counter(one.severity for one in found)
    if not counts["error"] and not counts["warning"]:
        hints = f" {counted(counts['hint'], 'hint')} would make it better." if counts["hint"] else ""
        text = f"Letter “{name}”: nothing to correct.{hints}"
        return Check("letter", "good", text, name, tuple(one.as_dict() for one in found))
    said = [counted(counts["error"], "error")] if counts["error"] else []
    said += [counted(counts["warning"], "warning")] if counts["warning"] else []
    text = f"Letter “{name}”: {' and '.join(said)}. {found[0].sentence}"
    return Check("letter", "bad" if counts["error"] else "look", text, name, tuple(one.as_dict() for one in found))


def graph(_tx: Tx, journey: Journey, _live: Version | None) -> Check:
    """Nothing that is asked about has errors; what is left are warnings."""
    drawn = JourneyGraph(journey.draft)
    found = [said(problem, drawn) for problem in drawn.problems()]
    if not found:
        return Check("graph", "good", "Every way through the journey ends, and every step is complete.")
    return Check("graph", "look", f"{len(found)} to look at: " + " ".join(found))


def message_type(_tx: Tx, journey: Journey, live: Version | None) -> Check:
    """A transactional journey asks nobody's consent: turning one into it deserves a look."""
    now = journey.draft.get("message_type") or "marketing"
    before = live.content.get("message_type") or "marketing" if live else now
    if now != before:
        return Check("message type", "look", f"Its messages were {before} and would be {now}. Are they?")
    if now == "transactional":
        return Check("message type", "look", "Transactional: sent without consent, so nothing in it may advertise.")
    return Check("message type", "good", "Marketing: sent only to those who consented, each with a way out.")


def consent(tx: Tx, journey: Journey, _live: Version | None) -> Check | None:
    """How many could be written to: those who agreed to its topic."""
    graph = JourneyGraph(journey.draft)
    channels = {node.kind for node in graph.nodes.values() if node.contents() and node.kind in SENDS}
    if not channels or journey.draft.get("message_type") == "transactional":
        return None
    topic = journey.draft.get("topic") or TOPIC
    found = tallies(tx, [(channel, topic) for channel in sorted(channels)])
    words = " ".join(
        f"{counted(one.granted, 'person', 'people')} agreed to “{topic}” by {medium_word(media(), one.channel)}"
        + (f"; of {number(one.unknown)} it is not known, and they get nothing." if one.unknown else ".")
        for one in found
    )
    reached = all(one.granted for one in found)
    return Check("consent", "good" if reached and journey.draft.get("topic") else "look", words)


def cap(_tx: Tx, journey: Journey, _live: Version | None) -> Check | None:
    """Several letters and nothing that holds them back when somebody has had enough."""
    graph = JourneyGraph(journey.draft)
    sending = [node for node in graph.nodes.values() if node.contents()]
    if journey.draft.get("message_type") == "transactional" or len(sending) < 2:
        return None
    if any(isinstance(need, CapNeed) for node in graph.nodes.values() for need in node.needs()):
        return Check("cap", "good", "Those who got enough letters lately are held back.")
    return Check("cap", "look", f"{len(sending)} steps send, and no cap holds back those who got enough lately.")


def letters(_tx: Tx, journey: Journey, _live: Version | None) -> Check:
    """Every letter was compiled before this list was made."""
    kept = journey.draft.get("letters") or {}
    used = {name for node in JourneyGraph(journey.draft).nodes.values() for name in node.contents()}
    idle = sorted(set(kept) - used)
    if idle:
        return Check("letters", "look", f"No step sends {', '.join(f'“{name}”' for name in idle)}.")
    count = len(kept)
    how = {0: "It sends no letter.", 1: "Its letter can be sent."}
    return Check("letters", "good", how.get(count, f"All {count} letters can be sent."))


def stop(_tx: Tx, journey: Journey, live: Version | None) -> Check | None:
    """A way out that was there and is gone."""
    before, now = _listens(live.content if live else {}), _listens(journey.draft)
    gone = sorted(before - now)
    if not gone:
        return None
    return Check("way out", "look", f"{' and '.join(f'“{event}”' for event in gone)} no longer takes people out of it.")


def people_inside(tx: Tx, _journey: Journey, live: Version | None) -> Check | None:
    """Who is in the version that runs stays in it."""
    if live is None or live.id is None:
        return None
    inside = views.inside_versions(tx, live.journey_id).get(live.id, 0)
    return Check("people inside", "good", f"{people(inside)} inside version {live.number} and will finish it there.")


CHECKS: tuple[Callable[[Tx, Journey, Version | None], Check | None], ...] = (
    graph,
    message_type,
    consent,
    cap,
    letters,
    stop,
    people_inside,
)


def _listens(content: dict[str, Any]) -> set[str]:
    return {
        listen.event for node in JourneyGraph(content).nodes.values() if (listen := node.listens()) and listen.leave
    }
