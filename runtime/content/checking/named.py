"""Letters by their names, and as somebody hands them in: looked at with what the store knows around them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from ....storage import journeys, letter_audits, templates
from ....storage.database import Tx
from .around import Around, Asked
from .asking import FRESH_MS, ask
from .finding import Finding
from .of_journey import SHELF, Looked, letters_of
from .surroundings import answered, around, completed


class NothingToCheck(Exception):
    """There is no letter of that name to check. `sojourn templates list` shows all templates."""


def check_named(parts: Any, name: str, online: bool = False) -> list[Finding]:
    """The findings of a template by its name. ``parts`` are those of the runtime; ``online`` asks its links too.

    Slow (it compiles, and may wait for others): call it off the loop, where no loop runs. Raises `NothingToCheck`.
    """

    def read(tx: Tx) -> Mapping[str, Any]:
        found = templates.named(tx, name)
        if found is None:
            raise NothingToCheck(f"There is no template called “{name}”. `sojourn templates list` shows all.")
        return found.content

    return check_source(parts, parts.db.look(read), online=online)


def check_in_journey(parts: Any, journey: str, letter: str, online: bool = False) -> list[Finding]:
    """The findings of a letter of a journey's draft. Raises `NothingToCheck`."""

    def read(tx: Tx) -> Mapping[str, Any]:
        found = journeys.journey_named(tx, journey)
        if found is None or letter not in letters_of(found.draft):
            raise NothingToCheck(f"The journey “{journey}” has no letter “{letter}”.")
        return found.draft

    content = parts.db.look(read)
    return check_source(parts, letters_of(content)[letter], content, online=online)


def check_source(
    parts: Any,
    source: Mapping[str, Any],
    content: Mapping[str, Any] | None = None,
    marketing: bool | None = None,
    online: bool = False,
) -> list[Finding]:
    """The findings of a letter as it is handed in, of the journey with this content where it is of one.

    What contacts are called does not stand in them. Slow like `check_named`.
    """
    looked = look_over(parts, source, content, marketing)
    if online:
        asyncio.run(ask_links(parts, looked))
    return looked.with_answers(parts.db.look(lambda tx: answered(tx, looked.addresses)))


def look_over(
    parts: Any,
    source: Mapping[str, Any],
    content: Mapping[str, Any] | None = None,
    marketing: bool | None = None,
    masked: bool = True,
) -> Looked:
    """What is found in a letter, links aside that were asked. ``masked``: what contacts are called is not in it."""
    now_ms = parts.clock.now_ms()
    is_owed = (content or {}).get("message_type") == "transactional"
    kind = not is_owed if marketing is None else marketing

    def read(tx: Tx) -> Around:
        return completed(tx, around(tx, content, kind, now_ms, masked), source)

    return SHELF.looked(source, parts.db.look(read))


async def ask_links(
    parts: Any, looked: Looked, told: Callable[[int, int], None] | None = None, anew: bool = False
) -> None:
    """Ask the pages behind a letter's links, ``anew`` also those asked lately, and write down what they answer."""
    now_ms = parts.clock.now_ms()
    known: dict[str, Asked] = await parts.db.aread(lambda tx: answered(tx, looked.addresses))
    stale = [
        one for one in sorted(looked.addresses) if anew or one not in known or now_ms - known[one].at_ms > FRESH_MS
    ]
    found = await ask(stale, now_ms, dict(parts.config).get("private_hosts") or (), told)
    if found:
        rows = {address: (one.at_ms, one.status, one.problem) for address, one in found.items()}
        await parts.db.awrite(lambda tx: letter_audits.keep_answers(tx, rows))
