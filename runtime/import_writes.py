"""Chunks of a file written into the store: contacts or events, what was wrong with rows, and how far the run came."""

from __future__ import annotations

from ..storage import imports, tombstones
from ..storage.database import Database, Tx
from . import consent_words, ingest
from .clock import Clock
from .csv_rows import Row
from .identity import People, Person
from .import_chunks import Chunk
from .program import ProgramShelf

KEPT = 10_000  # bad rows kept of one run; all are counted
ERASED = "This person was erased at their wish; they can only come back by signing up themselves."

Line = tuple[int, str, str]


class Writer:
    """Writes the chunks of one run; those that were written before it was interrupted are passed over."""

    def __init__(self, db: Database, clock: Clock, run_id: int, position: int, actor: str, basis: str) -> None:
        self._db, self._clock, self._run, self._source = db, clock, run_id, f"import {run_id}"
        self._actor, self._basis = actor, basis
        self._behind = position  # units that an earlier try has written
        self._shelf = ProgramShelf()
        self._at = 0

    def write(self, chunk: Chunk) -> int:
        """Write a chunk in one transaction; returns how many rows of the file it stood for."""
        start, self._at = self._at, self._at + chunk.size
        if self._at > self._behind:
            self._db.write(lambda tx: self._take_in(tx, chunk, start))
        return chunk.stands_for

    def _take_in(self, tx: Tx, chunk: Chunk, start: int) -> None:
        imports.move_on(tx, self._run, start, start + chunk.size)
        lines: list[Line] = [*chunk.bad, *((line, f"Note: {said}", raw) for line, said, raw in chunk.notes)]
        if chunk.events:
            counts = self._events(tx, chunk, lines)
        else:
            counts = self._contacts(tx, chunk, lines)
        imports.add_errors(tx, self._run, lines, KEPT)
        imports.add_up(tx, self._run, *counts)

    def _contacts(self, tx: Tx, chunk: Chunk, lines: list[Line]) -> tuple[int, int, int, int]:
        rows, bad = self._wanted(tx, chunk.rows, lines)
        people = People(tx, self._clock.now_ms(), self._source)
        claims = [people.claim(row.external_id, None, row.traits) for row in rows]
        people.find(claims)
        created = changed = unchanged = 0
        touched: set[Person] = set()
        said: list[tuple[Person, Row]] = []
        for row, claim in zip(rows, claims, strict=True):
            person = people.who(claim)
            if row.consents:
                said.append((person, row))
            lines += [(row.line, f"Note: {note}", row.raw) for note in people.set(person, row.traits)]
            if person.id == 0 and person not in touched:
                created += 1
            elif person.changed:
                changed += 1
            else:
                unchanged += 1
            unchanged += row.counts_as - 1
            if person.changed or person.id == 0:
                touched.add(person)
                person.changed = False
        for person in touched:
            person.changed = True
        people.save()
        self._consents(tx, said, lines)
        return created, changed, unchanged, len(chunk.bad) + bad

    def _consents(self, tx: Tx, said: list[tuple[Person, Row]], lines: list[Line]) -> None:
        """What the file says of consent; what nobody understands is left out, with a remark."""
        rows = []
        for person, row in said:
            for (channel, topic), state in row.consents.items():
                if state is None:
                    words = f"Note: the consent for {topic} by {channel} was left out: write yes or no."
                    lines.append((row.line, words, row.raw))
                else:
                    rows.append((person.root().id, channel, topic, state))
        if rows:
            evidence = {"import": self._run}
            consent_words.imported(tx, rows, self._basis, self._actor, evidence, self._clock.now_ms())

    def _wanted(self, tx: Tx, rows: list[Row], lines: list[Line]) -> tuple[list[Row], int]:
        """Without those who asked to be erased, and how many rows that leaves out."""
        names = [("email", row.email) for row in rows if row.email]
        names += [("user", row.external_id) for row in rows if row.external_id]
        names += [("phone", str(row.traits["phone"])) for row in rows if row.traits.get("phone")]
        gone = tombstones.buried(tx, names)
        if not gone:
            return rows, 0
        kept, left = [], 0
        for row in rows:
            own = {("email", row.email), ("user", row.external_id), ("phone", str(row.traits.get("phone")))}
            if own & gone:
                lines.append((row.line, ERASED, ""))
                left += row.counts_as
            else:
                kept.append(row)
        return kept, left

    def _events(self, tx: Tx, chunk: Chunk, lines: list[Line]) -> tuple[int, int, int, int]:
        names = [("user", one.user) for one in chunk.events if one.user]
        names += [("email", one.traits["email"]) for one in chunk.events if one.traits]
        gone = tombstones.buried(tx, names)
        wanted = []
        for one in chunk.events:
            if gone and {("user", one.user), ("email", one.traits.get("email"))} & gone:
                lines.append((one.index, ERASED, ""))
            else:
                wanted.append(one)
        receipt = ingest.take_in_history(tx, self._shelf, wanted, self._source, self._clock)
        lines += [(one.index, one.reason, one.sample) for one in receipt.rejected]
        lines += [(one.index, f"Note: {one.reason}", one.sample) for one in receipt.notes]
        refused = len(receipt.rejected)
        again = len(wanted) - refused - receipt.stored
        return receipt.stored, 0, again, len(chunk.bad) + refused + len(chunk.events) - len(wanted)
