"""Rows of a file of contacts: read by the columns, and put together where several are about the same contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from . import addresses
from .consent_words import state_of, target_of
from .csv_columns import READERS, RESERVED, Column
from .csv_file import Record
from .envelope import JUNK_IDS, MAX_ID

MAX_CELL = 32_000  # characters
MAX_RAW = 2_000  # characters kept of a row that was left out


class Row(NamedTuple):
    """A row that can be taken in. ``counts_as`` is how many rows of the file it stands for.

    ``consents`` are ``(channel, topic)`` → what was said; None where the cell says something nobody understands.
    """

    line: int
    external_id: str | None
    email: str | None
    traits: dict[str, Any]
    raw: str
    counts_as: int = 1
    consents: Mapping[tuple[str, str], str | None] = {}


class Bad(NamedTuple):
    """A row that cannot be taken in, and why."""

    line: int
    reason: str
    raw: str


class Reader:
    """Turns records into rows, by the columns."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._width = len(columns)
        at = {column.target: n for n, column in enumerate(columns)}
        self._email, self._external_id, self._phone = (at.get(target) for target in RESERVED)
        self._properties = [
            (n, column.target, READERS.get(column.kind))
            for n, column in enumerate(columns)
            if column.target and column.target not in RESERVED and not target_of(column.target)
        ]
        self._consents = [(n, about) for n, column in enumerate(columns) if (about := target_of(column.target))]

    def keys(self, cells: list[str]) -> Iterator[str]:
        """Texts that are equal for rows about the same contact."""
        if len(cells) == self._width:
            if self._email is not None and (text := cells[self._email].strip()):
                yield "@" + text.lower()
            if self._external_id is not None and (text := cells[self._external_id].strip()):
                yield "#" + text

    def read(self, record: Record) -> Row | Bad:
        """The row, or why it cannot be taken in."""
        line, cells, problem, raw = record
        raw = raw[:MAX_RAW].rstrip("\r\n")
        if problem:
            raw = raw.replace("\0", "␀")
        if cells is None:
            return Bad(line, problem, raw)
        if len(cells) != self._width:
            return Bad(line, f"The row has {len(cells)} cells where the first row has {self._width}.", raw)
        if len(record.raw) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
            return Bad(line, f"A cell has more than {MAX_CELL} characters.", raw)
        external_id = None if self._external_id is None else cells[self._external_id].strip() or None
        if external_id and (len(external_id) > MAX_ID or external_id.lower() in JUNK_IDS):
            return Bad(line, f"The user id {external_id[:60]!r} is too long or nobody's.", raw)
        traits: dict[str, Any] = {}
        email = None
        if self._email is not None and (text := cells[self._email].strip()):
            try:
                email = traits["email"] = addresses.email(text)
            except addresses.NotAnAddress as error:
                return Bad(line, f"The e-mail address {text[:100]!r} is not valid: {error}.", raw)
        if email is None and external_id is None:
            return Bad(line, "The row has neither an e-mail address nor a user id.", raw)
        if self._phone is not None and (text := cells[self._phone].strip()):
            traits["phone"] = text
        for at, target, read in self._properties:
            text = cells[at].strip()
            if text:
                value = read(text) if read is not None else None
                traits[target] = text if value is None else value
        consents = {about: state_of(text) for at, about in self._consents if (text := cells[at].strip())}
        return Row(line, external_id, email, traits, raw, 1, consents)


class Held:
    """Rows about contacts that come more than once: put together, the later cell wins, taken in at the end."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}
        self._user_of: dict[str, str] = {}  # address → user id

    def hold(self, row: Row) -> None:
        """Put a row to what is known of its contact."""
        before: list[Row] = []
        if row.external_id is None:
            user = self._user_of.get(row.email or "")
            key = ("user", user) if user else ("email", row.email or "")
        else:
            key = ("user", row.external_id)
            if row.email:
                self._user_of.setdefault(row.email, row.external_id)
                if ("email", row.email) in self._rows:
                    before.append(self._rows.pop(("email", row.email)))
        if key in self._rows:
            before.append(self._rows.pop(key))
        traits: dict[str, Any] = {}
        consents: dict[tuple[str, str], str | None] = {}
        for earlier in before:
            traits |= earlier.traits
            consents |= earlier.consents
        self._rows[key] = row._replace(
            external_id=key[1] if key[0] == "user" else None,
            traits=traits | row.traits,
            consents=consents | dict(row.consents),
            counts_as=1 + sum(earlier.counts_as for earlier in before),
        )

    def all(self) -> list[Row]:
        """One row a contact."""
        return list(self._rows.values())
