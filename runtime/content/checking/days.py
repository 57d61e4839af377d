"""Days as people write them in letters, in English, Czech, Slovak and German."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
DOTTED = re.compile(r"\b(\d{1,2})\s*\.\s*(\d{1,2})\s*\.\s*(\d{4})?")
SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")  # the month first, as only English has it
NAMED = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?([^\W\d_]{3,12})\.?,?(?:\s+(\d{4}))?", re.I)
MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4}))?", re.I)
MONTHS = (
    ("jan", "led"), ("feb", "feb", "únor"), ("mar", "břez", "mär", "marc"), ("apr", "dub"),
    ("may", "kvě", "máj", "mai"),
    ("jun", "červn", "jún"), ("jul", "červenc", "júl"), ("aug", "srp"), ("sep", "září"), ("oct", "říj", "okt"),
    ("nov", "listopad"), ("dec", "prosin", "dez"),
)  # fmt: skip


def days_in(text: str, language: str, today: date) -> list[date]:
    """The days a text names, in order of the forms. One without a year is that nearest to today."""
    return [day for parts in _parts(text, language) if (day := _day(*parts, today)) is not None]


def _parts(text: str, language: str) -> Iterator[tuple[int, int, int]]:
    for year, month, day in ISO.findall(text):
        yield int(year), int(month), int(day)
    for day, month, year in DOTTED.findall(text):
        yield int(year or 0), int(month), int(day)
    for first, second, year in SLASHED.findall(text):
        month, day = (first, second) if language == "en" and int(second) > 12 else (second, first)
        if language != "en" or int(first) > 12 or int(second) > 12:  # else nobody knows which is which
            yield int(year), int(month), int(day)
    for day, name, year in NAMED.findall(text):
        yield int(year or 0), _month(name), int(day)
    for name, day, year in MONTH_FIRST.findall(text):
        yield int(year or 0), _month(name), int(day)


def _month(name: str) -> int:
    low = name.casefold()
    return next((number for number, stems in enumerate(MONTHS, 1) if low.startswith(stems)), 0)


def _day(year: int, month: int, day: int, today: date) -> date | None:
    try:
        if year:
            return date(year, month, day)
        near = [date(today.year + shift, month, day) for shift in (-1, 0, 1)]
        return min(near, key=lambda one: abs((one - today).days))
    except ValueError:
        return None
