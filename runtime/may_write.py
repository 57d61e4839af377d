"""May we write to somebody now? The gate's answer for each channel, about marketing and about what is owed to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..storage import accounts, consents, topics
from ..storage.consents import TOPIC
from ..storage.database import Tx
from ..storage.topics import Topic
from .channels.channel import media
from .policy.gate import Verdict
from .policy.supposed import Supposed, suppose

BEST = {"go": 0, "defer": 1, "skip": 2}
TOPICS = 8  # asked about


@dataclass(frozen=True, slots=True)
class May:
    """One channel. ``marketing`` is the answer for the topic they may hear of soonest; ``about`` are the titles of all
    the topics with that answer, ``owed`` the answer for what they are owed."""

    channel: str
    label: str
    icon: str
    marketing: Verdict
    about: tuple[str, ...]
    owed: Verdict


def may_write(tx: Tx, contact_id: int, now_ms: int, senders: Mapping[str, frozenset[str]] | None = None) -> list[May]:
    """The channels that are set up or that the contact ever spoke of, e-mail first. Raises CannotSuppose."""
    known = {channel for channel, _ in consents.states(tx, contact_id)}
    wanted = {"email", *known, *(one.medium for one in accounts.everyone(tx) if one.status == "on")}
    catalogue = topics.catalogue(tx)
    found = []
    for name, medium in media().items():
        if name not in wanted or not medium.to_people:
            continue
        asked = [topic for topic in catalogue if name in topic.channels][:TOPICS] or [_first(catalogue)]
        answers = [
            (topic, suppose(tx, Supposed(contact_id, name, now_ms, "promo", topic.name), now_ms, senders).verdict)
            for topic in asked
        ]
        best = min((verdict for _, verdict in answers), key=lambda one: (BEST[one.answer], one.until_ms or 0))
        about = tuple(topic.said("en") for topic, one in answers if (one.answer, one.rule) == (best.answer, best.rule))
        owed = suppose(tx, Supposed(contact_id, name, now_ms, "transactional"), now_ms, senders).verdict
        found.append(May(name, medium.label, medium.icon, best, about, owed))
    return sorted(found, key=lambda one: (one.channel != "email", one.label))


def _first(catalogue: list[Topic]) -> Topic:
    return next((topic for topic in catalogue if topic.name == TOPIC), catalogue[0])
