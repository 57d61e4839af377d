"""Whom a draft would reach, and what publishing it does to the people inside: said before anybody says yes."""

from __future__ import annotations

from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Node, OnEvent, OnSchedule
from ...nodes.rule import Rule
from ...storage import journeys, reviews, views
from ...storage.database import Tx
from ...storage.journeys import Journey
from ..audience import audience

DAY_MS = 86_400_000
LATELY_DAYS = 30
SECONDS = 0.7  # given to one rule; what was not looked at is estimated


def reach(tx: Tx, content: dict[str, Any], now_ms: int) -> list[tuple[str, str]]:
    """``(title of the trigger, whom it would let in)`` for every trigger."""
    graph = JourneyGraph(content)
    return [(graph.nodes[step].title, _through(tx, graph.nodes[step], now_ms)) for step in graph.triggers]


def consequences(tx: Tx, journey: Journey, now_ms: int) -> list[str]:
    """What publishing the draft does, sentence by sentence."""
    assert journey.id is not None
    versions = {version.id: version.number for version in journeys.versions(tx, journey.id)}
    inside = views.inside_versions(tx, journey.id)
    said = [
        f"{people(count)} inside version {versions[version]} and will finish it there."
        for version, count in sorted(inside.items(), reverse=True)
        if version in versions and count
    ]
    if not versions:
        said.append("It has never run: nobody is inside, and people come in from now on.")
    elif not said:
        said.append("Nobody is inside an earlier version.")
    if versions:
        said.append(f"Whoever comes in from now on walks version {max(versions.values()) + 1}.")
    if journey.status == "paused":
        said.append("It is paused: publishing sets it going again, and what came due meanwhile happens at once.")
    for node in JourneyGraph(journey.draft).nodes.values():
        entry = node.entry()
        if isinstance(entry, OnEvent) and entry.backfill_days:
            _, doers = reviews.doings(tx, entry.event, now_ms - round(entry.backfill_days * DAY_MS))
            back = f"“{node.title}” also looks back {entry.backfill_days:g} days"
            said.append(f"{back}: up to {number(doers)} people more come in at once.")
    return said


def people(count: int) -> str:
    """So many people, with their verb."""
    return {0: "Nobody is", 1: "One person is"}.get(count, f"{number(count)} people are")


def number(count: int) -> str:
    """A count with its thousands apart."""
    return f"{count:,}".replace(",", "\u2009")


def _through(tx: Tx, node: Node, now_ms: int) -> str:
    entry = node.entry()
    rule = getattr(node.settings, "rule", None)
    who = _who_meet(tx, rule, now_ms)
    if isinstance(entry, OnEvent):
        times, doers = reviews.doings(tx, entry.event, now_ms - LATELY_DAYS * DAY_MS)
        did = f"{number(doers)} people did “{entry.event}” {number(times)} times in the last {LATELY_DAYS} days"
        return f"{did}, before its tests." if entry.where else f"{did}. {who}".strip()
    if isinstance(entry, OnSchedule):
        return who or f"All {number(views.contact_count(tx))} contacts, when their moment comes."
    return "Only whom a colleague or a program lets in."


def _who_meet(tx: Tx, rule: Any, now_ms: int) -> str:
    if not isinstance(rule, Rule):
        return ""
    found = audience(tx, rule, now_ms, SECONDS)
    about = "" if found.exact else "about "
    return f"{about}{number(found.estimate)} of {number(found.total)} contacts meet its rule.".capitalize()
