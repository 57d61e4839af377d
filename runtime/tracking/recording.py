"""Looks at letters written down: who they were, judged once more by when they came and by what came beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...storage import openings
from ...storage.database import Tx
from ...storage.openings import HUMAN, MACHINE, PIXEL, SCANNER, UNKNOWN, About, Row
from ...storage.reputation import OPENS
from ..deliverability import counting
from .readers import Judged

AT_ONCE_MS = 2_000  # nobody reads a letter sooner after it was handed over
BURST_MS = 2_000
BURST = 3  # links of one letter; nobody follows so many in that time
TRAP = -1  # the place of the link nobody can see
TRAPPED_MS = 10_000  # who falls into it looks at everything in so long
BY_SCANNERS = ("email", "sms")  # where somebody reads what was sent before its receiver does


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody asked for the picture of a message (place 0) or followed one of its links. ``at`` is in milliseconds."""

    message_id: int
    link: int
    url: str
    judged: Judged
    at: int


def record(tx: Tx, looks: Sequence[Look], machines_count: bool, now_ms: int) -> int:
    """Write them down; returns how many people are due now because their letter was opened.

    ``machines_count``: an opening by a machine counts as one. What turns out to be a scanner's is taken back.
    """
    known = openings.about(tx, [one.message_id for one in looks])
    known = {key: about for key, about in known.items() if not about.untracked}
    looks = [one for one in looks if one.message_id in known]
    trapped = {one.message_id: one.at for one in looks if one.link == TRAP}
    rows = [_row(one, known[one.message_id]) for one in looks if one.link != TRAP]
    openings.add(tx, rows, known)
    counted = (HUMAN, MACHINE) if machines_count else (HUMAN,)
    fresh = openings.seen(
        tx,
        [(row.message_id, row.at) for row in rows if row.link == PIXEL and row.kind in counted],
        [(row.message_id, row.at) for row in rows if row.link != PIXEL and row.kind == HUMAN],
    )
    bursts = _bursts(tx, rows)
    turned = [(key, *when, "burst") for key, when in bursts.items()]
    turned += [(key, at - TRAPPED_MS, at + TRAPPED_MS, "trap") for key, at in trapped.items()]
    taken_back = {of[0] for of in turned if openings.turn(tx, *of, counted)}
    counting.unseen(tx, OPENS, sorted(taken_back - set(fresh)), now_ms)
    opened = [message_id for message_id in fresh if message_id not in bursts and message_id not in trapped]
    people = {row.message_id for row in rows if row.kind == HUMAN}
    counting.seen(tx, OPENS, [message_id for message_id in opened if message_id in people], now_ms)
    return openings.wake(tx, opened, now_ms) if opened else 0


def _row(look: Look, about: About) -> Row:
    """With what the time of its message says: too soon for a person is a machine, or for a link a scanner."""
    kind, why = look.judged.kind, look.judged.why
    at_once = about.sent_at is None or look.at - about.sent_at < AT_ONCE_MS
    if at_once and about.channel in BY_SCANNERS and kind in (HUMAN, UNKNOWN):
        kind, why = MACHINE if look.link == PIXEL else SCANNER, "at_once"
    return Row(look.message_id, look.link, look.url, kind, why, look.at)


def _bursts(tx: Tx, rows: Sequence[Row]) -> Mapping[int, tuple[int, int]]:
    """The first and last moment of every burst these looks are part of, by message."""
    clicks = [row for row in rows if row.link != PIXEL]
    if not clicks:
        return {}
    found: dict[int, tuple[int, int]] = {}
    since = min(row.at for row in clicks) - BURST_MS
    near = openings.clicks(tx, sorted({row.message_id for row in clicks}), since)
    near.sort(key=lambda click: (click[0], click[3]))
    for message_id, group in groupby(near, key=lambda click: click[0]):
        moments = [at for *_, at in group]
        for first in range(len(moments) - BURST + 1):
            if moments[first + BURST - 1] - moments[first] <= BURST_MS:
                begun = found.get(message_id, (moments[first], 0))[0]
                found[message_id] = (begun, moments[first + BURST - 1])
    return {message: (first - BURST_MS, last) for message, (first, last) in found.items()}
