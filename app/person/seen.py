"""What the page of a contact shows, read in one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...storage import devices, features, matches, merges, segments, timeline, topics, turned_away, views, wishes
from ...storage.database import Tx
from ...storage.merges import Merged
from ...storage.timeline import Entry
from ...storage.views import ContactLine, MessageLine, Stay

STAYS = 20


@dataclass(frozen=True, slots=True)
class Name:
    """One name they go by: its kind, since when, and where it came from."""

    kind: str
    value: str
    since: int
    source: str


@dataclass(frozen=True, slots=True)
class Word:
    """The last word on one channel and topic."""

    channel: str
    topic: str
    title: str
    action: str
    source: str
    at: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One contact, and all that belongs to them. ``asked`` is the number in the address: who became this one."""

    asked: int
    contact: ContactLine
    names: Sequence[Name]
    words: Sequence[Word]
    wish: wishes.Wish
    suppressions: Sequence[tuple[str, str, str]]
    segments: Sequence[Any]
    segment_titles: dict[str, str]
    figures: dict[str, Any] | None
    entries: Sequence[Entry]
    stays: Sequence[Stay]
    turned_away: Sequence[turned_away.Line]
    walks: dict[int, list[tuple[int, list[tuple[str, str]]]]]
    contents: dict[int, dict[str, Any]]
    messages: Sequence[MessageLine]
    merges: Sequence[Merged]
    alike: Sequence[matches.Suggested]
    devices: Sequence[devices.Listed]


def read(tx: Tx, asked: int) -> Seen | None:
    """One snapshot of a contact; somebody merged into another, and again, leads to the one they are now."""
    found = views.contact(tx, asked)
    if found is not None and found.merged_into is not None:
        found = views.contact(tx, merges.root(tx, asked) or asked)
    if found is None:
        return None
    key = found.id
    stays = views.stays(tx, key, limit=STAYS)
    addresses = [address for address in (found.email, found.phone) if address]
    titles = {topic.name: topic.said("en") for topic in topics.catalogue(tx, archived=True)}
    return Seen(
        asked,
        found,
        [Name(*row) for row in views.identities(tx, key)],
        [
            Word(channel, topic, titles.get(topic, topic), action, source, at)
            for channel, topic, action, source, at in views.last_words(tx, key)
        ],
        wishes.of(tx, key),
        views.suppressions(tx, addresses),
        segments.of_contact(tx, key),
        segments.titles(tx),
        features.of(tx, key),
        timeline.timeline(tx, key),
        stays,
        turned_away.of(tx, key),
        {stay.id: views.walks(tx, stay.id) for stay in stays},
        {version: views.content_of(tx, version) for version in {stay.version_id for stay in stays}},
        views.messages_of(tx, key),
        merges.merges_about(tx, key),
        matches.waiting(tx, 5, about=key),
        devices.listed(tx, key),
    )
