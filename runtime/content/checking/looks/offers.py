"""Offers that are over, and letters whose review is due."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from ..around import Around
from ..days import days_in
from ..finding import Finding
from ..look import Look
from ..page import Page
from ..preparing import Prepared
from ..words import words_of

CODE = "offers"
NEAR = 60  # characters between “valid until” and its day


def look(page: Page, around: Around) -> Iterator[Finding]:
    """Days that stand behind “valid until” and have passed."""
    if not around.now_ms:
        return
    today = datetime.fromtimestamp(around.now_ms / 1000, UTC).date()
    phrases = "|".join(re.escape(word) for word in words_of("until", page.language))
    until = re.compile(rf"(?<!\w)(?:{phrases})(?!\w)", re.I)
    for element, text in page.texts:
        for found in until.finditer(text):
            days = days_in(text[found.end() : found.end() + NEAR], page.language, today)
            if days and days[0] < today:
                yield page.finding(
                    CODE, "warning", f"The offer is over: “{text[found.start() : found.end() + 30].strip()}”.",
                    "Change the day, or take the offer out.", element,
                )  # fmt: skip


def review(made: Prepared, around: Around) -> Iterator[Finding]:
    """A letter may say when somebody has to look at it again."""
    day = day_of(made.source.get("review_by"))
    if day is not None and around.now_ms and day < datetime.fromtimestamp(around.now_ms / 1000, UTC).date():
        yield Finding(
            CODE, "warning", f"The letter was to be looked at again by {day.isoformat()}.",
            "Look it over, and set a later day.",
        )  # fmt: skip


def day_of(value: Any) -> date | None:
    """A day as it is written down: 2027-01-31."""
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


LOOK = Look(
    CODE, "Offers and reviews", "warning",
    "Journeys run for years: a day that has passed is looked for daily in the letters of live journeys, and told under "
    "Health. A journey or a letter may carry “review_by”, the day somebody has to look again.",
    page=look, letter=review,
)  # fmt: skip
