"""How the gate says why: sentences with the moment as it is where the contact lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ...nodes.zones import zone
from ...storage.consents import DENIED, WITHDRAWN
from .caps import Full
from .lengths import length_words

if TYPE_CHECKING:
    from ..channels.medium import Medium
    from .gate_questions import Asking

SETBACKS = {
    "complaint": "The contact complained",
    "negative_reply": "The contact answered that they do not want this",
    "bounce": "The last message on this channel bounced",
}


def until_words(ms: int, asking: Asking) -> str:
    """A moment on the contact's own clock."""
    return _moment(ms // 60_000, asking.rules.place(asking.of).zone)


@lru_cache(maxsize=8192)
def _moment(minute: int, zone_name: str) -> str:
    at = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone(zone_name))
    return f"{at:%H:%M} on {at.day} {at:%B %Y} in {zone_name}"


def medium_word(media: Mapping[str, Medium], channel: str) -> str:
    """A channel as it stands in a sentence: "text message"."""
    medium = media.get(channel)
    return medium.label.lower() if medium else channel.replace("_", " ")


def consent_words(word: str | None, asking: Asking) -> str:
    """Why there is no consent."""
    about = f"“{asking.under.topic}” by {medium_word(asking.rules.media, asking.of.channel)}"
    if word == WITHDRAWN:
        return f"The contact has unsubscribed from {about}."
    if word == DENIED:
        return f"The contact said no to {about}."
    return f"It is not known that the contact agreed to {about}, and what is not known is not taken for a yes."


def setback_words(kind: str, at_ms: int, until_ms: int, asking: Asking) -> str:
    """What went wrong, and until when we keep quiet after it."""
    return (
        f"{SETBACKS[kind]} at {until_words(at_ms, asking)}; nothing but what is owed to them goes out, "
        f"until {until_words(until_ms, asking)}."
    )


def full_words(asking: Asking, full: Full) -> str:
    """Why there is no place, without the full stop."""
    if full.kept_for is not None:
        of = f" under the rule “{full.cap.name}”" if full.cap else ""
        return f"The last place{of} is kept for a message that goes before this one"
    if (cap := full.cap) is not None:
        return _had_words(full.taken, full.most, cap.per, cap.window == "rolling", cap.name)
    if full.rule == "frequency":
        return "The contact has had as many messages this week as they asked for"
    word, span = medium_word(asking.rules.media, asking.of.channel), asking.rules.policy.cool_down[asking.of.channel]
    return f"Between one {word} and the next there have to be {length_words(span)}"


@lru_cache(maxsize=1024)
def _had_words(taken: int, most: int, per_ms: int, rolling: bool, name: str) -> str:
    span = f"in {length_words(per_ms)}" if rolling else "this week" if per_ms > 86_400_000 else "today"
    return f"The contact has had {taken} of {most} messages {span} (rule “{name}”)"
