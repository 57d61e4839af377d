"""Looks daily over the letters of journeys that run: links that died, offers that are over, reviews that are due."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...storage import journeys, letter_audits
from ...storage.database import Tx
from ..content.checking import Finding
from ..content.checking.looks.offers import day_of
from ..content.checking.named import ask_links
from ..content.checking.of_journey import Looked, of_journey
from ..content.checking.surroundings import answered
from ..settings import load
from .chore import DAY_MS, HOUR_MS, Chore

FORGOTTEN_MS = 30 * DAY_MS  # what an address answered so long ago is not true any more
IN_TIME = frozenset(("links-dead", "offers", "coupons"))  # what changes by itself while a journey runs


def run(parts: Any) -> int:
    """All live journeys, one by one, once a day."""
    now_ms = parts.clock.now_ms()
    if now_ms - parts.db.look(letter_audits.audited_at) < DAY_MS:
        return 0
    live = parts.db.look(_live)
    asks = parts.db.look(load).check_links and dict(parts.config).get("clock") != "manual"
    for journey_id, content in live.items():
        looked = parts.db.look(lambda tx, content=content: of_journey(tx, content, now_ms))
        if asks:
            for one in looked.values():
                asyncio.run(ask_links(parts, one))
        parts.db.write(lambda tx, i=journey_id, c=content, found=looked: _keep(tx, i, c, found, now_ms))
    parts.db.write(lambda tx: (letter_audits.forget_audits(tx, live), letter_audits.age_out(tx, now_ms - FORGOTTEN_MS)))
    return 0


def overdue(content: Mapping[str, Any], now_ms: int) -> list[Finding]:
    """A journey may say itself by when somebody has to look at it again."""
    day = day_of(content.get("review_by"))
    if day is None or day >= datetime.fromtimestamp(now_ms / 1000, UTC).date():
        return []
    sentence = f"It was to be looked at again by {day.isoformat()}."
    return [Finding("offers", "warning", sentence, "Look it over, and publish it with a later day.")]


def _live(tx: Tx) -> dict[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    for journey in journeys.journeys(tx):
        version = journeys.version(tx, journey.live_version) if journey.live_version else None
        if journey.status == "live" and journey.id is not None and version is not None:
            found[journey.id] = version.content
    return found


def _keep(tx: Tx, journey_id: int, content: Mapping[str, Any], looked: Mapping[str, Looked], now_ms: int) -> None:
    known = answered(tx, {address for one in looked.values() for address in one.addresses})
    said: dict[str, list[dict[str, Any]]] = {"": [one.as_dict() for one in overdue(content, now_ms)]}
    for letter, one in looked.items():
        said[letter] = [
            found.as_dict() for found in one.with_answers(known) if found.code in IN_TIME or found.severity == "error"
        ]
    letter_audits.keep_audit(tx, journey_id, said, now_ms)


CHORE = Chore("letters", HOUR_MS / 1000, run, pace_ms=30 * DAY_MS, apart=True)
