"""What a channel's outcome means for a message: sent, tried again, given up, or in doubt."""

from __future__ import annotations

from typing import Any

from ..storage.messages import Leased, Result
from .channels.channel import Delivered, Outcome, Refused, TryLater, Unclear, Unreachable
from .channels.replies import is_full
from .pacing import clock_words, name_of, whose
from .policy.gate import PAUSE_MS, Verdict
from .retrying import pause_ms


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
        case TryLater(code, text, after_ms, kind):
            answer = f"{code} {text}" if code else text
            pause = pause_ms(kind, one.attempts, one.id)
            if pause is None:
                reason = f"Given up after almost 72 hours of trying. The last answer was: {answer}"
                where = (address, one.channel) if address and code else None
                return Result(one.id, "failed", reason, {"code": code}, attempted=True, bounced=where)
            due_at = now_ms + (after_ms or pause)
            reason, known = f"To be tried again: {answer}", {"code": code, "kind": kind}
            if kind == "slow" and code and address and one.channel == "email":
                known["slower"] = whose(address)
                reason = (
                    f"{name_of(known['slower'])} asked us to slow down, tried again at {clock_words(due_at)}: {answer}"
                )
            return Result(one.id, "retry", reason, known, due_at, attempted=True)
        case Unreachable(text, after_ms) if after_ms:
            return Result(one.id, "defer", f"{text}: tried again shortly.", inputs, now_ms + after_ms)
        case _:
            return Result(one.id, "release", "")


def held_back(message_id: int, verdict: Verdict, now_ms: int) -> Result:
    """The result of a message the gate kept: later, or never."""
    due_at = (verdict.until_ms or now_ms + PAUSE_MS) if verdict.answer == "defer" else None
    return Result(message_id, verdict.answer, verdict.reason, verdict.inputs, due_at, outcome=verdict.outcome)
