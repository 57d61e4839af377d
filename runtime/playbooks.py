"""Journeys to start from: each a folder in ``assets/playbooks`` with its journey, its letters and what it needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx

from ..nodes.graph import JourneyGraph
from ..storage import seen
from ..storage.database import Tx
from . import drafts

FOLDER = Path(__file__).parent.parent / "assets" / "playbooks"
GROUPS = ("Start well", "Bring them back", "After the order", "Keep and grow")
LETTER_HERE, WHY_HERE = "<!-- the letter -->", "<!-- why -->"


class NoSuchPlaybook(Exception):
    """There is no playbook of that name. `sojourn playbooks list` shows all."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no playbook called {name!r}. `sojourn playbooks list` shows all.")


@dataclass(frozen=True, slots=True)
class Need:
    """Something a playbook lives on; ``sample`` is a value of the property, or the properties of the event."""

    kind: str  # event, property or topic
    name: str
    reason: str
    sample: Any = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure to watch, and what to aim for."""

    label: str
    aim: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """A complete journey with what it is for; ``before`` lists what to do before it goes live."""

    name: str
    title: str
    sentence: str
    group: str
    goal: str
    needs: tuple[Need, ...]
    kpis: tuple[Kpi, ...]
    before: tuple[str, ...]
    sample_contact: dict[str, Any]
    content: dict[str, Any]  # shared by everybody who asks: copy it before changing it


@cache
def playbooks() -> tuple[Playbook, ...]:
    """All of them, group by group, in the order they are shown."""
    look = (FOLDER / "look.mjml").read_text("utf-8")
    found = [_read(path.parent, look) for path in sorted(FOLDER.glob("*/about.json"))]
    return tuple(book for _, _, book in sorted(found, key=lambda each: each[:2]))


def playbook(name: str) -> Playbook:
    """The playbook of that name. Raises NoSuchPlaybook."""
    for book in playbooks():
        if book.name == name:
            return book
    raise NoSuchPlaybook(name)


def known_here(tx: Tx) -> frozenset[tuple[str, str]]:
    """``(kind, name)`` of everything a playbook may need that this instance has seen."""
    needs = {(need.kind, need.name) for book in playbooks() for need in book.needs}

    def of(kind: str) -> list[str]:
        return sorted(name for which, name in needs if which == kind)

    found = [("event", name) for name in seen.events(tx, of("event"))]
    found += [("property", name) for name in seen.properties(tx, of("property"))]
    found += [("topic", name) for name in seen.topics(tx, of("topic"))]
    return frozenset(found)


def add(tx: Tx, name: str, actor: str, now_ms: int) -> str:
    """Make a draft of the playbook under a name that is free; returns that name. Raises NoSuchPlaybook."""
    return drafts.keep_new(tx, deepcopy(playbook(name).content), actor, now_ms)


def sample_event(book: Playbook, letter: str) -> Mapping[str, Any]:
    """The properties of the event that leads to this letter, made up, for showing it; nothing for a schedule."""
    journey = JourneyGraph(book.content)
    samples = {need.name: need.sample for need in book.needs if need.kind == "event"}
    for step in journey.ids:
        if letter in journey.nodes[step].contents():
            for trigger in journey.triggers:
                event = getattr(journey.nodes[trigger].entry(), "event", None)
                if event and trigger in nx.ancestors(journey.graph, step):
                    return samples.get(event, {})
    return {}


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────


def _read(folder: Path, look: str) -> tuple[int, int, Playbook]:
    """The playbook with its place: group and order. Letters come from their files and are put into the shared look."""
    about = json.loads((folder / "about.json").read_text("utf-8"))
    content = json.loads((folder / "journey.json").read_text("utf-8"))
    for letter in content["letters"].values():
        inner = (folder / letter.pop("mjml_file")).read_text("utf-8").replace("\n", "\n      ").strip()
        letter["mjml"] = look.replace(LETTER_HERE, inner).replace(WHY_HERE, about["why"])
    book = Playbook(
        name=folder.name,
        title=about["title"],
        sentence=about["sentence"],
        group=about["group"],
        goal=about["goal"],
        needs=tuple(_needs(about["needs"])),
        kpis=tuple(Kpi(**kpi) for kpi in about["kpis"]),
        before=tuple(about["before"]),
        sample_contact=about["sample_contact"],
        content=content,
    )
    return GROUPS.index(book.group), about["order"], book


def _needs(given: Mapping[str, Any]) -> Iterator[Need]:
    for event in given["events"]:
        yield Need("event", event["name"], event["for"], event["properties"])
    for each in given["properties"]:
        yield Need("property", each["name"], each["for"], each["sample"], each.get("optional", False))
    for topic in given["topics"]:
        yield Need("topic", topic, "only people who agreed to it get anything")
