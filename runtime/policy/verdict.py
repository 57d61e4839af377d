"""The gate's answer about one message, with everything it knew when it gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...storage.handover import Facts
from .gate_questions import Asking, Refusal

if TYPE_CHECKING:
    from .gate import Terms


class Verdict(NamedTuple):
    """The gate's answer: go, defer or skip, why, and what it knew. ``until_ms``: deferred until then, if known.
    A fourth answer is release: not by this account, to be asked about again at once.

    ``outcome`` is what the step that sent it is told of one that never goes: no_address, blocked, no_consent, capped,
    expired, other_way, leave, or skipped.
    """

    answer: str
    reason: str
    inputs: dict[str, Any]
    until_ms: int | None = None
    outcome: str | None = None

    @property
    def go(self) -> bool:
        """True when the message may be handed over."""
        return self.answer == "go"

    @property
    def rule(self) -> str:
        """What decided, in one word."""
        return self.inputs.get("rule", "")


def let_go(asking: Asking) -> Verdict:
    """Nothing was said against it."""
    return Verdict("go", "Nothing stands against it.", known(asking, "go"))


def refused(asking: Asking, refusal: Refusal) -> Verdict:
    """What a refusal means for the message: later, as long as it may wait so long, or never."""
    rule, reason, outcome, later, until_ms = refusal
    inputs = known(asking, rule)
    if not later:
        return Verdict("skip", reason, inputs, None, outcome)
    if until_ms is None:
        return Verdict("defer", reason, inputs)
    inputs["until"] = until_ms
    if until_ms > asking.last_ms:
        return Verdict("skip", f"{reason[:-1]}: longer than this message may wait.", inputs, None, "expired")
    return Verdict("defer", reason, inputs, until_ms)


def known(asking: Asking, rule: str) -> dict[str, Any]:
    """What the answer went by, as it is kept."""
    of = asking.of
    found = dict(asking.shared.inputs)
    found["rule"] = rule
    found["address"] = of.address is not None
    found["suppressed"] = of.suppressed
    found["consent"] = of.consents.get(asking.under.topic) or "unknown"
    found["paused_until"] = of.paused_until
    found["per_week"] = of.per_week
    found["seen"] = asking.seen_ms
    found["in_journey"] = of.in_journey
    found["at"] = asking.at_ms
    return found


def shared_inputs(of: Facts, under: Terms, rank: int) -> dict[str, Any]:
    """What is kept with every message of a sort; what differs from one to the next has its place and is still open."""
    return {
        "rule": None,
        "address": None,
        "suppressed": None,
        "consent": None,
        "topic": under.topic,
        "type": "transactional" if under.transactional else "marketing",
        "rank": rank,
        "weight": of.weight,
        "legal_basis": of.legal_basis or ("contract" if under.transactional else "consent"),
        "paused_until": None,
        "per_week": None,
        "seen": None,
        "journey": of.journey_status,
        "in_journey": None,
        "version": of.version_id,
        "content_hash": of.content_hash,
        "at": None,
    }
