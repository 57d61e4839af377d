"""Messages whose letter cannot be filled for this contact now: set aside and shown, while all others go."""

from __future__ import annotations

from ..storage.handover import Facts
from ..storage.messages import Leased, Result
from .content.letter import BrokenLetter
from .coupons import NoCoupon

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
AGAIN_MS = DAY_MS  # their facts may have been corrected meanwhile
GIVEN_UP_MS = 7 * DAY_MS
NAMED = 300  # characters of the reason by which they are counted


def set_aside(one: Leased, known: Facts, problem: BrokenLetter, now_ms: int) -> Result:
    """Their facts break the letter: tried again each day, or when somebody says so; given up after a week."""
    said = str(problem)
    if now_ms - known.queued_at >= GIVEN_UP_MS:
        return Result(one.id, "failed", f"{said} It was tried for a week.", {"letter": one.content})
    inputs = {"rule": "letter", "name": said[:NAMED], "letter": one.content}
    return Result(one.id, "defer", said, inputs, now_ms + AGAIN_MS)


def no_coupon(one: Leased, known: Facts, no: NoCoupon, now_ms: int) -> Result:
    """The pool is empty: the letter waits until there are codes, which is looked at each hour and when some come. One
    whose pool is not there is set aside like any other that cannot be filled."""
    if no.broken:
        return set_aside(one, known, BrokenLetter(str(no)), now_ms)
    inputs = {"rule": "coupons", "name": no.pool, "letter": one.content}
    return Result(one.id, "defer", str(no), inputs, now_ms + HOUR_MS)
