"""Is the way out open, and how much waits?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .channels.channel import Channel
from .numbers import counted


@dataclass(frozen=True, slots=True)
class Health:
    """How sending is, in sentences. ``waiting`` counts due messages that nobody has taken yet."""

    ok: bool
    sentences: tuple[str, ...]
    waiting: int


def health_of(channels: Mapping[str, Channel], waiting: Mapping[str, int], troubles: Sequence[str] = ()) -> Health:
    """From the channels of this process, the messages that wait for each, by name, and the accounts in ``troubles``."""
    sentences = list(troubles)
    sentences += [
        f"Nothing is configured for {name}; {counted(count, 'message waits', 'messages wait')} until it is."
        for name, count in sorted(waiting.items())
        if name not in channels
    ]
    for name, channel in channels.items():
        state = channel.health()
        if not state.ok:
            wait = counted(waiting.get(name, 0), "message waits and goes", "messages wait and go")
            sentences.append(f"{state.text}; {wait} when it is back.")
    return Health(not sentences, tuple(sentences), sum(waiting.values()))
