"""New drafts: from a playbook, from a file, from another journey, or from nothing; never over an existing one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any
from unicodedata import combining, normalize

from ..nodes.slug import is_slug
from ..storage import journeys
from ..storage.database import Tx
from .governance import versions

RESERVED = frozenset({"new"})  # /journeys/new is a page
LONGEST = 64


def keep_new(tx: Tx, content: Mapping[str, Any], actor: str, now_ms: int) -> str:
    """Keep this content as the draft of a new journey; its name gets a number where it is taken. Returns the name."""
    name = free_name(tx, str(content.get("name") or content.get("title") or ""))
    versions.save_draft(tx, {**content, "name": name}, actor, now_ms)
    return name


def blank(tx: Tx, title: str, actor: str, now_ms: int) -> str:
    """A journey with nothing in it; returns its name."""
    title = title.strip() or "New journey"
    content = {
        "name": "",
        "title": title,
        "message_type": "marketing",
        "topic": "marketing",
        "nodes": {},
        "letters": {},
    }
    return keep_new(tx, content, actor, now_ms)


def duplicate(tx: Tx, name: str, actor: str, now_ms: int) -> str:
    """A copy of a journey's draft; returns the copy's name. Raises NoSuchJourney."""
    journey = journeys.journey_named(tx, name)
    if journey is None:
        raise versions.NoSuchJourney(name)
    content = deepcopy(journey.draft)
    content["title"] = f"{journey.title} (copy)"[:200]
    return keep_new(tx, content, actor, now_ms)


def free_name(tx: Tx, wanted: str) -> str:
    """A short name for a journey, from a name or a title, that no journey has."""
    return free(wanted, {journey.name for journey in journeys.journeys(tx)} | RESERVED, "journey")


def free(wanted: str, taken: Collection[str], otherwise: str) -> str:
    """A short name from a name or a title, with a number where it is taken; ``otherwise`` where nothing is left."""
    stem = wanted if is_slug(wanted) else _slug(wanted) or otherwise
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem[: LONGEST - len(str(number)) - 1]}-{number}"
    return name


def _slug(title: str) -> str:
    plain = "".join(letter for letter in normalize("NFKD", title) if not combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:LONGEST].strip("-")
