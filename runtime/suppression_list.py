"""The list of addresses nothing is sent to, in and out as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ..storage import suppressions
from ..storage.columns import from_ms, to_ms
from ..storage.database import Database
from . import addresses
from .csv_file import CsvProblem

HEADS = ("address", "channel", "reason", "expires")
CHANNELS = ("", "email", "sms", "push")
TOGETHER = 1_000  # rows in one transaction
LISTED = 1_000  # bad lines that are named


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list that was read in: bad lines with their reasons."""

    rows: int
    added: int
    bad: list[tuple[int, str]]


class NoSuchColumns(CsvProblem):
    """The first line has to name the columns: address, and where wanted channel, reason and expires (a date)."""


def take_in(db: Database, text: str, now_ms: int) -> Taken:
    """Read a list; a line with one address and no head is fine too. Raises `NoSuchColumns`."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    rows = [(number, cells) for number, cells in enumerate(reader, start=1) if any(cell.strip() for cell in cells)]
    heads = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if {"address", "email"} & {*heads} and not any("@" in head for head in heads):
        heads = ["address" if head == "email" else head for head in heads]
        rows = rows[1:]
    elif len(heads) == 1:
        heads = ["address"]
    else:
        raise NoSuchColumns(NoSuchColumns.__doc__)
    good: list[tuple[str, str, str, int | None]] = []
    bad: list[tuple[int, str]] = []
    for number, cells in rows:
        try:
            good.append(_row(dict(zip(heads, (cell.strip() for cell in cells), strict=False))))
        except ValueError as problem:
            bad.append((number, str(problem)))
    added = 0
    for start in range(0, len(good), TOGETHER):
        part = good[start : start + TOGETHER]
        added += db.write(lambda tx, part=part: suppressions.suppress_many(tx, part, now_ms))
    return Taken(len(rows), added, bad[:LISTED])


def written(db: Database) -> Iterator[str]:
    """The list as lines of CSV, a head first."""
    yield ",".join(HEADS) + "\r\n"
    before = None
    while page := db.look(lambda tx, before=before: suppressions.listed(tx, "", before, TOGETHER)):
        out = io.StringIO()
        for one in page:
            expires = from_ms(one.expires_at).date().isoformat() if one.expires_at else ""
            csv.writer(out).writerow((_harmless(one.address), one.channel, _harmless(one.reason), expires))
        yield out.getvalue()
        before = page[-1].id


def address_of(text: str) -> str:
    """An e-mail address or phone number as it is kept. Raises `ValueError` with a sentence."""
    if "@" in text:
        try:
            return addresses.email(text)
        except addresses.NotAnAddress as problem:
            raise ValueError(f"This is no e-mail address: {problem}.") from None
    number = addresses.phone(text)
    if number is None:
        raise ValueError("This is neither an e-mail address nor a phone number.")
    return number


def _row(line: dict[str, str]) -> tuple[str, str, str, int | None]:
    channel = line.get("channel", "").lower()
    if channel not in CHANNELS:
        raise ValueError(f"There is no channel {channel!r}; leave it empty for all of them.")
    expires = line.get("expires", "")
    try:
        until = to_ms(_midnight(expires)) if expires else None
    except ValueError:
        raise ValueError(f"{expires!r} is no date such as 2027-01-31.") from None
    return address_of(line.get("address", "")), channel, (line.get("reason") or "imported")[:300], until


def _midnight(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _harmless(text: str) -> str:
    """A spreadsheet takes a cell that begins like this for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and not text[1:].isdigit() else text
