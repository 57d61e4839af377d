"""The names a policy speaks of: channels there are not are refused, journeys and topics not there yet are told."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from ...storage import journeys, topics
from ...storage.database import Tx
from ..channels.channel import media
from ..consent_words import CHANNELS
from .hours import never_opens
from .policy import Policy


def known_channels() -> dict[str, str]:
    """The channels that reach people, by name, with what people call them."""
    spoken = {name: "WhatsApp" if name == "whatsapp" else name for name in CHANNELS}
    return {**spoken, **{name: medium.label for name, medium in media().items() if medium.to_people}}


def problems(policy: Policy) -> list[str]:
    """What a policy cannot speak of, as sentences: a rule for a misspelt channel would hold nobody back."""
    known = known_channels()
    unheard_of = [
        f"{where}: there is no channel {name}; {_near(name, known)}"
        for where, names in _channels(policy)
        for name in names
        if name not in known
    ]
    return unheard_of + never_opens(policy.quiet_hours, policy.working_hours)


def hints(tx: Tx, policy: Policy) -> list[str]:
    """What a policy speaks of that is not there, or not yet."""
    said = []
    there = {topic.name for topic in topics.catalogue(tx, archived=True)}
    for cap in policy.caps:
        said += [
            f"The cap {cap.name} speaks of the topic “{name}”, which is not there; {_near(name, there)}"
            for name in cap.topics
            if name not in there
        ]
    written = {journey.name for journey in journeys.journeys(tx)}
    named = {name: f"The group {group.name}" for group in policy.groups for name in group.journeys}
    named = {**dict.fromkeys(policy.priorities, "The priority"), **named}
    said += [
        f"{where} speaks of the journey “{name}”, which is not there (yet); {_near(name, written)}"
        for name, where in named.items()
        if name not in written
    ]
    return said


def _channels(policy: Policy) -> Iterator[tuple[str, Iterable[str]]]:
    yield from ((f"The cap {cap.name}", cap.channels) for cap in policy.caps)
    yield from ((f"Quiet hours {place}", hours.channels) for place, hours in enumerate(policy.quiet_hours, 1))
    yield from ((f"Working hours {place}", hours.channels) for place, hours in enumerate(policy.working_hours, 1))
    yield "The cool-down", policy.cool_down
    for channel, others in policy.fallback.order.items():
        yield "The fallback", (channel, *others)


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"there are {', '.join(names[:20])}." if names else "there is none."
