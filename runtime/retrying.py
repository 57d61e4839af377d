"""When a message that was wanted later is tried again: by what that meant, longer each time, for almost 72 hours.

RFC 5321 4.5.4.1 wants a first pause of half an hour of servers; a letter to a person who waits may be asked sooner.
"""

from __future__ import annotations

from hashlib import sha256

MINUTE_MS = 60_000
LONGEST = 64 * 60  # minutes, to which up to a tenth is added: given up before the gate would call it out of date


def _schedule(*first: int, then: int) -> tuple[int, ...]:
    """These pauses, then the same again and again, until the time is over."""
    pauses = list(first)
    while sum(pauses) + then <= LONGEST:
        pauses.append(then)
    return tuple(pauses)


MINUTES = {
    "busy": _schedule(1, 5, 15, 60, 120, then=240),
    "slow": _schedule(2, 5, 10, 20, 40, 60, 120, then=240),
    "greylist": _schedule(5, 10, 20, 40, 60, 120, then=240),  # most let one in after 5 minutes, some after an hour
    "full": _schedule(120, 240, 480, then=720),  # people empty a mailbox by the day
}
SPREAD = 0.1  # of a pause is added at most, so that what was refused together does not come back together


def pause_ms(kind: str, attempts: int, message_id: int) -> int | None:
    """How long to wait after so many tries before this one; None: no more. The same for the same message and try."""
    minutes = MINUTES.get(kind, MINUTES["busy"])
    if attempts >= len(minutes):
        return None
    share = int.from_bytes(sha256(f"{message_id}.{attempts}".encode()).digest()[:4]) / 2**32
    return int(minutes[attempts] * MINUTE_MS * (1 + SPREAD * share))
