"""Nodes that are overheard while the engine asks them, and what they answered, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..nodes.node import Node
from ..nodes.step import Answer, Back, Batch, Do, Go, Leave, Send


@dataclass(frozen=True, slots=True)
class Seen:
    """A node was asked about the contact, and what it said; why is read at once, before profiles change."""

    node: Node
    answer: Answer
    why: str


class Watched:
    """A node that is overheard while the engine asks it."""

    def __init__(self, node: Node, seen: list[Seen]) -> None:
        self._node, self._seen = node, seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._node, name)

    def step(self, batch: Batch) -> Any:
        answers = self._node.step(batch)
        for answer, rows in answers:
            if rows:
                self._seen.append(Seen(self._node, answer, self._node.because(batch, rows[0])))
        return answers


def in_words(seen: Seen | None, port: str) -> str:
    """Why they went on, rest or leave, in words."""
    if seen is None:
        return "called away to the goal" if port == "left:goal" else "called away"
    answer, why = seen.answer, seen.why or seen.node.summary()
    if isinstance(answer, Send) or (isinstance(answer, Go) and seen.node.channels()):
        return ""  # the message says it
    if isinstance(answer, Leave):
        return "converted" if answer.converted else f"leaves: {answer.reason.replace('_', ' ')}"
    if isinstance(answer, Go | Do):
        label = next((way.label or way.name for way in seen.node.ports() if way.name == answer.port), answer.port)
        return f"{label}: {why}" if len(seen.node.ports()) > 1 and why else why
    if isinstance(answer, Back):
        return f"back: {seen.node.summary()}"
    return f"waits: {why}" if why else "waits"
