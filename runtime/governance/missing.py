"""What a journey needs that this instance has not got yet: events nobody sent, a sender, somebody who agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from ...nodes.graph import JourneyGraph
from ...nodes.node import Node, OnEvent, Problem
from ...nodes.step import EventNeed, FeatureNeed
from ...storage import accounts, catalog, seen, segments, topics
from ...storage.consents import TOPIC
from ...storage.database import Tx
from ...storage.events import OURS
from ...storage.facts import feature_sql
from ..contracts import catalogue as contracts
from ..segment_checks import mentioned
from ..settings import load as load_settings
from .missing_channels import missing_channels
from .missing_journeys import missing_journeys

ALIKE = 0.75  # from here on, two names are taken for one that was misspelt


def missing(tx: Tx, content: Mapping[str, Any], mail_server: bool) -> list[Problem]:
    """Warnings that no look at the drawing alone can give. ``mail_server``: whether the instance has one."""
    graph = JourneyGraph(content)
    return [
        *_events(tx, graph), *_segments(tx, graph), *_letters(tx, graph, mail_server), *missing_channels(tx, graph),
        *missing_journeys(tx, graph),
        *_consent(tx, graph),
    ]  # fmt: skip


def _events(tx: Tx, graph: JourneyGraph) -> Iterator[Problem]:
    asked = [(key, event, what) for key, node in graph.nodes.items() for event, what in _asked(node).items()]
    names = sorted({event for _, event, _ in asked})
    unseen = set(names) - seen.events(tx, names)
    known = sorted({*catalog.event_names(tx), *contracts.known_names(tx)} - unseen) if unseen else []
    for key, event, what in asked:
        if event in unseen:
            near = get_close_matches(event, known, n=1, cutoff=ALIKE) or _but_for_case(event, known)
            hint = f" Is “{near[0]}” meant?" if near else ""
            yield Problem(f"{key}: No event called “{event}” has arrived yet; {what}.{hint}", key, "warning")


def _asked(node: Node) -> dict[str, str]:
    """The events a step asks about, and what comes of it as long as none arrives."""
    asked: dict[str, str] = {}
    entry, listen = node.entry(), node.listens()
    if isinstance(entry, OnEvent) and entry.event not in OURS:
        asked[entry.event] = "this starts when the first one comes"
    if listen is not None:
        asked[listen.event] = "nobody gets here by it before the first one comes"
    for need in node.needs():
        if isinstance(need, EventNeed):
            waits = need.since == "arrived"
            asked[need.event] = "until the first one comes, " + (
                "people wait here as long as they may" if waits else "nobody counts as having done it"
            )
    return asked


def _segments(tx: Tx, graph: JourneyGraph) -> Iterator[Problem]:
    """Segments and figures a step asks about that are not there: nobody is in them."""
    known = segments.rules(tx).keys()
    for key, node in graph.nodes.items():
        for name in sorted(mentioned(node.settings.model_dump(mode="json", by_alias=True)) - known):
            near = get_close_matches(name, known, n=1, cutoff=ALIKE)
            hint = f" Is “{near[0]}” meant?" if near else ""
            yield Problem(f"{key}: There is no segment called “{name}”, so nobody is in it.{hint}", key, "warning")
        for need in node.needs():
            if isinstance(need, FeatureNeed) and feature_sql(need.feature) == "NULL":
                yield Problem(f"{key}: There is no feature called “{need.feature}”.", key, "warning")


def _letters(tx: Tx, graph: JourneyGraph, mail_server: bool) -> Iterator[Problem]:
    if not any("email" in node.channels() for node in graph.nodes.values()):
        return
    known = load_settings(tx)
    if not known.sender_address:
        yield _warning("Letters have no sender yet, so none can leave: set the sender address under Settings.")
    if not mail_server and not any(one.status == "on" for one in accounts.everyone(tx, ["email"])):
        yield _warning(
            "There is no mail server yet: letters wait until an account under Channels, or SOJOURN_SMTP_URL, names one."
        )
    if not known.postal_address and graph.content.get("message_type", "marketing") == "marketing":
        text = "Letters carry no postal address, which the law of most countries wants under marketing: "
        yield _warning(text + "set it under Settings.")


def _consent(tx: Tx, graph: JourneyGraph) -> Iterator[Problem]:
    """Marketing under a topic nobody can agree to, or nobody has, reaches nobody."""
    name = graph.content.get("topic") or TOPIC
    sends = any(node.contents() for node in graph.nodes.values())
    if not sends or graph.content.get("message_type") == "transactional":
        return
    topic = topics.named(tx, name)
    if topic is None:
        near = get_close_matches(name, [one.name for one in topics.catalogue(tx)], n=1, cutoff=ALIKE)
        hint = f" Is “{near[0]}” meant?" if near else " Set it up under Privacy, Consent."
        yield _warning(f"Nobody is asked whether they agree to “{name}”: it is no topic of this instance.{hint}")
    elif topic.archived_at is not None:
        yield _warning(f"The topic “{name}” was archived, so nobody new can agree to it.")
    if not seen.topics(tx, [name]):
        yield _warning(f"Nobody has agreed to “{name}” yet; until somebody does, no letter leaves.")


def _warning(text: str) -> Problem:
    return Problem(text, None, "warning")


def _but_for_case(event: str, known: list[str]) -> list[str]:
    """``OrderCompleted``, ``order_completed`` and ``Order Completed`` are easily taken for one another."""
    return [name for name in known if _letters_of(name) == _letters_of(event)][:1]


def _letters_of(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())
