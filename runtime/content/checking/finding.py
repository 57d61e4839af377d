"""One thing to say of a letter: how bad it is, where it is, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")


@dataclass(frozen=True, slots=True)
class Finding:
    """An error keeps a launch back, a warning is for a person to accept, a hint is advice.

    ``block`` is the id of a block and ``line`` a line of the MJML where they are known, ``language`` the language the
    finding is about ("" for the letter's own, or for all).
    """

    code: str  # which look found it, as docs/checks.md names it: "subject-length"
    severity: Severity
    sentence: str
    fix: str = ""
    block: str = ""
    line: int = 0
    language: str = ""

    @property
    def order(self) -> tuple[Any, ...]:
        """The worst first, then in the order of the letter."""
        return (SEVERITIES.index(self.severity), self.language, self.line, self.code, self.block, self.sentence)

    def as_dict(self) -> dict[str, Any]:
        """As data, for the API and for the review it is kept with."""
        return asdict(self)
