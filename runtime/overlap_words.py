"""What to do about two journeys that reach the same people, in words."""

from __future__ import annotations

from typing import NamedTuple

from .policy.policy_parts import CLASSES
from .policy.standing import CLASS_WORDS

NOTHING = "Nothing to do"
MUCH_PER_WEEK = 3.0  # messages to one person from two journeys
MOSTLY = 0.3  # of the smaller journey's people are in the other one too
OFTEN_CAPPED = 0.2


class Facts(NamedTuple):
    """Two journeys: ``one`` goes before ``other``, by rank and weight. Shares are from 0 to 1."""

    one: str
    other: str
    first: tuple[int, int]
    second: tuple[int, int]
    group: str
    per_week: float
    share: float
    capped: float
    has_caps: bool


def class_words(rank: int) -> str:
    """The class of messages of a rank."""
    return CLASS_WORDS[CLASSES[rank]]


def suggestion(of: Facts) -> str:
    """One or two sentences."""
    if of.group:
        return f"{NOTHING}: the group “{of.group}” keeps people from being in both."
    a_week = f"{of.per_week:.1f} messages a week"
    if of.second[0] == 0:
        return f"{NOTHING}: both are owed to people, and nothing holds such messages back."
    if of.capped >= OFTEN_CAPPED:
        held = f"Caps would hold back messages to {of.capped:.0%} of those in both. "
        if of.first == of.second:
            return f"{held}Give the more important one more weight in the policy: both stand alike now."
        return f"{held}“{of.one}” goes first; where “{of.other}” must not come late, put both in a group that refuses."
    if of.per_week >= MUCH_PER_WEEK and not of.has_caps:
        return f"Those in both would get {a_week}, and no cap holds any back: set one, such as 3 in 7 days."
    if of.per_week >= MUCH_PER_WEEK:
        return f"Those in both would get {a_week}: lower a cap, or put both in a group where the higher wins."
    if of.share >= MOSTLY and of.first[0] == of.second[0] and of.per_week >= 1:
        return f"They share {of.share:.0%} of the smaller one’s people: a group would let one wait for the other."
    return f"{NOTHING}: {a_week} to those in both." if of.per_week else f"{NOTHING}: neither writes much now."
