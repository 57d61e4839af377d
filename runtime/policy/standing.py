"""How a journey stands among the others, in words: its class, where that comes from, and its weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .policy_parts import CLASSES, Class

CLASS_WORDS: dict[Class, str] = {
    "transactional": "Transactional", "automation": "Automation", "lifecycle": "Lifecycle", "promo": "Promotion",
}  # fmt: skip
WEIGHT = 50  # of a journey that says nothing
_BY_TRIGGER: dict[str, tuple[Class, str]] = {
    "trigger_event": ("automation", "people come in by what they do"),
    "trigger_api": ("automation", "a program sends people in"),
    "trigger_segment": ("lifecycle", "people come in by a segment"),
    "trigger_schedule": ("promo", "it goes out on a day you chose"),
}


def class_of(content: Mapping[str, Any]) -> tuple[Class, int, str]:
    """The class, the weight, and why it is that class as half a sentence."""
    said = content.get("priority")
    said = said if isinstance(said, Mapping) else {}
    weight = said.get("weight")
    weight = weight if type(weight) is int and 0 <= weight <= 100 else WEIGHT
    if content.get("message_type") == "transactional":
        return "transactional", weight, "its messages are owed to people"
    if said.get("class") in CLASSES:
        chosen = CLASSES[max(CLASSES.index(said["class"]), 1)]  # nothing else than such messages goes before all
        return chosen, weight, "that is what was chosen"
    found, why = min((_triggers(content) or [_BY_TRIGGER["trigger_schedule"]]), key=lambda each: CLASSES.index(each[0]))
    return found, weight, why


def standing(content: Mapping[str, Any]) -> str:
    """The whole in one sentence."""
    found, weight, why = class_of(content)
    return f"It counts as {CLASS_WORDS[found].lower()}, because {why}, with weight {weight} of 100."


def _triggers(content: Mapping[str, Any]) -> list[tuple[Class, str]]:
    nodes = content.get("nodes")
    entries = nodes.values() if isinstance(nodes, Mapping) else ()
    kinds = [each.get("kind") for each in entries if isinstance(each, Mapping)]
    return [_BY_TRIGGER[kind] for kind in kinds if isinstance(kind, str) and kind in _BY_TRIGGER]
