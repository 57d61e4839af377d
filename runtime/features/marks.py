"""How far the figures are: which events and contacts have been looked at, what is being filled, the quintiles' cuts."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from ...storage import features
from ...storage import settings as rows
from ...storage.database import Tx

KEY = "features.marks"
UNSURE_S = 60  # PostgreSQL gives ids out before they are committed: so long is looked back
AGAIN = 10_000  # event ids looked through again when the newest were deleted: SQLite gives them out once more


@dataclass(slots=True)
class Marks:
    """``event`` and ``contact`` are the last ids looked at, ``tops`` earlier ones ``[when seen, event, contact]``.

    ``last`` tells the last event from another that got its id; ``since`` is from when on (ms) a new stage is told:
    what the definitions of today make of earlier times is no news. ``fill`` is the round through everybody:
    ``{"after": id, "upto": id}``; ``cuts`` are the buyers' groups of a ``day`` (since 1970, UTC), given to everybody
    up to ``after``.
    """

    event: int = 0
    contact: int = 0
    last: list[int] = field(default_factory=list)
    tops: list[list[float]] = field(default_factory=list)
    since: int = 0
    fill: dict[str, int] | None = None
    cuts: dict[str, Any] = field(default_factory=dict)

    def begin(self, tx: Tx) -> tuple[int, int]:
        """Where new ids end now. On PostgreSQL what was the end a minute ago is where reading begins again."""
        top = features.newest(tx)
        if features.event_stamp(tx, self.event) != self.last:
            self.event = max(0, min(self.event, top[0]) - AGAIN)
        if tx.postgres and self.tops and self.tops[-1][1:] == [self.event, self.contact]:
            self.event, self.contact = int(self.tops[0][1]), int(self.tops[0][2])
        return top

    def finish(self, tx: Tx) -> None:
        """Everything up to the end was looked at."""
        self.last = features.event_stamp(tx, self.event)
        if not tx.postgres:
            return
        now = time.time()
        if not self.tops or self.tops[-1][1:] != [self.event, self.contact]:
            self.tops.append([now, self.event, self.contact])
        while len(self.tops) > 1 and self.tops[1][0] < now - UNSURE_S:
            self.tops.pop(0)

    @property
    def grades(self) -> dict[str, list[float]] | None:
        """The cuts of every grade; None before there are any."""
        return {name: self.cuts[name] for name in features.GRADED} if self.cuts.get("r") else None


def load(tx: Tx) -> Marks | None:
    """The marks; None when nothing was ever worked out."""
    kept = rows.fetch(tx, KEY)
    return None if kept is None else Marks(**kept)


def save(tx: Tx, marks: Marks) -> None:
    """Keep the marks."""
    rows.store(tx, KEY, asdict(marks))


def fill_again(tx: Tx, now_ms: int) -> None:
    """Work everybody out once more, telling nobody: a definition was changed."""
    marks = load(tx)
    if marks is not None:
        marks.since = now_ms
        marks.fill = {"after": 0, "upto": features.newest(tx)[1]}
        save(tx, marks)
