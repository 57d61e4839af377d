"""What a channel's outcome means for a message: sent, tried again, given up, or in doubt."""

from __future__ import annotations

from typing import Any

from ..storage.messages import Leased, Result
from .channels.channel import Delivered, Outcome, Refused, TryLater, Unclear, Unreachable
from .channels.replies import is_full
from .policy.gate import PAUSE_MS, Verdict

MINUTE_MS = 60_000
# The waiting times after a "later" (RFC 5321 4.5.4.1): together 72 hours, then the letter is given up.
BACKOFF_MS = [minutes * MINUTE_MS for minutes in (1, 5, 15, 60, 120, *[240] * 17)]


def result_of(one: Leased, address: str | None, outcome: Outcome, inputs: dict[str, Any], now_ms: int) -> Result:
    """The result to record. What says nothing about the message gives it back as it was."""
    match outcome:
        case Delivered(code, text, reference, units, cost, gone, learnt):
            where = (address, one.channel) if address else None
            return Result(
                one.id, "sent", text, {"code": code, **inputs}, attempted=True, taken=where, reference=reference,
                units=units or None, cost=cost, gone=gone, learnt=learnt,
            )  # fmt: skip
        case Unclear(text):
            return Result(one.id, "in_doubt", text, inputs, attempted=True)
        case Refused(code, text, hard, gone, word):
            reason = f"Refused by the receiving side: {code} {text}" if code else text
            where = (address, one.channel) if address else None
            return Result(
                one.id,
                "failed",
                reason,
                {"code": code, "hard": hard},
                attempted=True,
                suppress=where if hard else None,
                bounced=where if not hard and is_full(text) else None,
                outcome=word,
                gone=gone,
            )
        case TryLater(code, text, after_ms):
            answer = f"{code} {text}" if code else text
            if one.attempts >= len(BACKOFF_MS):
                reason = f"Given up after 72 hours of trying. The last answer was: {answer}"
                where = (address, one.channel) if address and code else None
                return Result(one.id, "failed", reason, {"code": code}, attempted=True, bounced=where)
            due_at = now_ms + (after_ms or BACKOFF_MS[one.attempts])
            return Result(one.id, "retry", f"To be tried again: {answer}", {"code": code}, due_at, attempted=True)
        case Unreachable(text, after_ms) if after_ms:
            return Result(one.id, "defer", f"{text}: tried again shortly.", inputs, now_ms + after_ms)
        case _:
            return Result(one.id, "release", "")


def held_back(message_id: int, verdict: Verdict, now_ms: int) -> Result:
    """The result of a message the gate kept: later, or never."""
    due_at = (verdict.until_ms or now_ms + PAUSE_MS) if verdict.answer == "defer" else None
    return Result(message_id, verdict.answer, verdict.reason, verdict.inputs, due_at, outcome=verdict.outcome)
