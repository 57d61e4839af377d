"""What the policy was before: every version with who set it, who agreed, and what it changed in words."""

from __future__ import annotations

from dataclasses import dataclass

from ...storage import policies as rows
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.policies import PolicyVersion
from .policy import NOTHING_SET, Policy
from .words import Change, difference, said

STATUS_WORDS = {
    "in_force": "applies", "past": "applied before", "proposed": "waits for somebody to agree",
    "declined": "was turned down", "withdrawn": "was replaced before anybody agreed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """One version. ``changes`` are against what applied when it was proposed."""

    number: int
    status: str
    author: str
    note: str
    at_ms: int
    decided_by: str | None
    decided_at_ms: int | None
    content_hash: str
    policy: Policy
    changes: tuple[Change, ...]

    @property
    def said(self) -> list[str]:
        """The changes as lines of text."""
        return said(self.changes)


def past(tx: Tx, limit: int = 50) -> list[Past]:
    """The last versions, the newest first."""
    found = rows.versions(tx, limit + 1)
    return [_told(each, _before(each, found[place + 1 :])) for place, each in enumerate(found)][:limit]


def proposal(tx: Tx) -> Past | None:
    """The change that waits for somebody to agree, against what applies now."""
    waiting = rows.newest(tx, "proposed")
    applies = rows.newest(tx, "in_force")
    return _told(waiting, applies) if waiting is not None else None


def _before(version: PolicyVersion, earlier: list[PolicyVersion]) -> PolicyVersion | None:
    """The one that applied just before: the newest of the earlier ones that ever did."""
    return next((each for each in earlier if each.status in ("past", "in_force")), None)


def _told(version: PolicyVersion, before: PolicyVersion | None) -> Past:
    policy = Policy.model_validate(version.content)
    base = Policy.model_validate(before.content) if before else NOTHING_SET
    return Past(
        version.id or 0, version.status, version.author, version.note, to_ms(version.created_at), version.decided_by,
        to_ms(version.decided_at) if version.decided_at else None, version.content_hash, policy,
        tuple(difference(base, policy)),
    )  # fmt: skip
