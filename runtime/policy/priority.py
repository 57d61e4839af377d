"""Which message goes first: its class, its weight within the class, then who has waited longest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...storage.handover import Facts
from .policy import CLASSES, Policy
from .standing import class_of

TRANSACTIONAL = 0  # the rank of what is owed; nothing else has it


def rank_of(content: Mapping[str, Any], policy: Policy | None = None) -> tuple[int, int]:
    """Rank and weight of the messages of a version: the policy's word on the journey, else the journey's own.

    What is transactional has rank 0, and nothing else has, whatever is said of it: caps and wishes do not hold it.
    """
    own, weight, _ = class_of(content)
    rank = CLASSES.index(own)
    over = policy.priorities.get(content.get("name", "")) if policy else None
    if over is None:
        return rank, weight
    return (TRANSACTIONAL if rank == TRANSACTIONAL else max(CLASSES.index(over.class_), 1)), over.weight


def effective(of: Facts, transactional: bool) -> int:
    """The rank a message counts by: what was queued before there were ranks has the lowest one written down."""
    return TRANSACTIONAL if transactional else max(of.rank, TRANSACTIONAL + 1)


def order(of: Facts, rank: int) -> tuple[int, int, int, int]:
    """A key to sort messages of one contact by: who comes first gets the place."""
    return rank, -of.weight, of.queued_at, of.message_id


def higher(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether a message is above another one by class or weight, not merely older."""
    return one[:2] < other[:2]
