"""What was found out about the sender, in words, with what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from .keys import Record

State = Literal["ok", "wrong", "missing", "unknown"]
CANNOT_ASK = "DNS could not be asked from here just now, so nothing is said about it."
LATER = "Look again later, or from a machine that reaches DNS."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``records`` are to be copied into DNS; nobody needs what is ``optional``."""

    check: str
    title: str
    state: State
    sentence: str
    fix: str = ""
    records: tuple[Record, ...] = ()
    optional: bool = False

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self), "records": [{**asdict(one), "quoted": one.quoted} for one in self.records]}


def unknown(check: str, title: str, sentence: str = CANNOT_ASK, fix: str = LATER) -> Finding:
    """What could not be found out."""
    return Finding(check, title, "unknown", sentence, fix)


def tags_of(record: str) -> dict[str, str]:
    """The tags of a record like ``v=DMARC1; p=none``; of one named twice the first."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found
