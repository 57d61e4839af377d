"""What a mail that came back says about one recipient, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .words import FULL

Kind = Literal["bounce", "delay", "complaint", "auto_reply", "none"]

ACTIONS = {
    "stop": "The address is not written to again.",
    "count": "Counted; after several in a row the address is left alone.",
    "note": "The letter counts as not delivered; the address stays as it is.",
    "withdraw": "Their consent to e-mail is withdrawn.",
    "wait": "Nothing: the server goes on trying.",
    "nothing": "Nothing.",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One recipient of one mail that came back. ``kind``: bounce, delay (it is still being tried), complaint,
    auto_reply or none. What is not known is empty."""

    kind: Kind
    recipient: str = ""
    code: int = 0  # as SMTP has it: 550
    enhanced: str = ""  # RFC 3463: 5.1.1
    word: str = ""  # ours, see `words`
    hard: bool = False
    diagnostic: str = ""
    reference: str = ""  # the Message-ID of the letter it is about
    message: int = 0  # our number of it, as the report claims
    mta: str = ""  # who reports
    came_to: tuple[str, ...] = ()  # the addresses the report itself was sent to

    @property
    def action(self) -> str:
        """What follows from it, a key of `ACTIONS`."""
        if self.kind == "bounce":
            return "stop" if self.hard else "count" if self.word == FULL else "note"
        return {"complaint": "withdraw", "delay": "wait"}.get(self.kind, "nothing")
