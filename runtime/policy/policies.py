"""The owner's policy as it is kept: which one applies now, how another one comes into force, and what came before."""

from __future__ import annotations

from typing import Any

from ...storage import policies as rows
from ...storage import settings, users
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.policies import PolicyVersion
from ..governance.approval import LONGEST, REVIEWERS, named
from ..program import content_hash
from .in_force import current as current
from .policy import NOTHING_SET, Policy
from .policy_file import PolicyProblem
from .policy_names import problems


class PolicyRefused(Exception):
    """The policy cannot be changed like this; the sentence says what to do."""


class NothingNew(PolicyRefused):
    """This is the policy that applies already: nothing was changed."""


class ChangedMeanwhile(PolicyRefused):
    """Somebody has changed the policy since you opened it. Look at it again, then make your change anew."""


class NothingProposed(PolicyRefused):
    """This change does not wait for an answer any more: look at the history."""


class OwnChange(PolicyRefused):
    """You proposed this change, so somebody else has to agree: this instance asks for four eyes."""


class MayNotAgree(PolicyRefused):
    """Your role may not agree to a policy. Ask the owner or a reviewer."""


class NotWhatYouSaw(PolicyRefused):
    """The proposal is not the one you were shown. Look at it again."""


def current_hash(tx: Tx) -> str:
    """The hash of the policy that applies now: what decisions and forms refer to."""
    return rows.stamp(tx) or digest(NOTHING_SET)


def digest(policy: Policy) -> str:
    """What a policy is known by."""
    return content_hash(policy.written())


def propose(
    tx: Tx, policy: Policy, author: str, now_ms: int, note: str = "", instead_of: str | None = None
) -> PolicyVersion:
    """Put a policy in force; where the instance asks for four eyes, put it up for somebody else to agree.

    ``instead_of`` is the hash of the policy the author had before their eyes. Raises PolicyProblem, NothingNew,
    ChangedMeanwhile.
    """
    rows.hold(tx)
    before = current_hash(tx)
    if instead_of is not None and instead_of != before:
        raise ChangedMeanwhile(ChangedMeanwhile.__doc__)
    if digest(policy) == before:
        raise NothingNew(NothingNew.__doc__)
    if wrong := problems(policy):
        raise PolicyProblem(wrong)
    rows.close(tx, "proposed", "withdrawn", named(author), now_ms)
    waits = four_eyes(tx)
    made = PolicyVersion(
        content=policy.written(), content_hash=digest(policy), status="proposed", author=named(author),
        note=note.strip()[:LONGEST], created_at=from_ms(now_ms),
    )  # fmt: skip
    if not waits:
        rows.close(tx, "in_force", "past", None, None)
        made.status = "in_force"
    tx.session.add(made)
    tx.session.flush()
    users.note(tx, author, "policy.propose" if waits else "policy.change", "the policy", now_ms, _about(made))
    return made


def agree(tx: Tx, number: int, by: str, hash_shown: str, now_ms: int) -> None:
    """Put a proposed policy in force. Raises NothingProposed, MayNotAgree, OwnChange, NotWhatYouSaw, PolicyProblem."""
    made = _proposed(tx, number)
    refusal = why_not(tx, made, by)
    if refusal is not None:
        raise refusal
    if not hash_shown == made.content_hash == content_hash(made.content):
        raise NotWhatYouSaw(NotWhatYouSaw.__doc__)
    if wrong := problems(Policy.model_validate(made.content)):
        raise PolicyProblem(wrong)
    rows.close(tx, "in_force", "past", None, None)
    rows.close(tx, "proposed", "in_force", named(by), now_ms)
    users.note(tx, by, "policy.agree", "the policy", now_ms, _about(made))


def decline(tx: Tx, number: int, by: str, now_ms: int) -> None:
    """Turn a proposed policy down; whoever proposed it takes it back so. Raises NothingProposed, MayNotAgree."""
    made = _proposed(tx, number)
    if made.author != named(by) and not _may_agree(tx, by):
        raise MayNotAgree(MayNotAgree.__doc__)
    rows.close(tx, "proposed", "declined", named(by), now_ms)
    users.note(tx, by, "policy.decline", "the policy", now_ms, _about(made))


def why_not(tx: Tx, made: PolicyVersion, by: str) -> PolicyRefused | None:
    """Why this person cannot agree; None when they can."""
    if not _may_agree(tx, by):
        return MayNotAgree(MayNotAgree.__doc__)
    if four_eyes(tx) and made.author == named(by):
        return OwnChange(OwnChange.__doc__)
    return None


def found(tx: Tx, number: int) -> PolicyVersion:
    """One version. Raises NothingProposed when there is none."""
    made = rows.version(tx, number)
    if made is None:
        raise NothingProposed(NothingProposed.__doc__)
    return made


def four_eyes(tx: Tx) -> bool:
    """Whether a second person has to agree."""
    return bool(settings.some(tx, ["four_eyes"]).get("four_eyes", False))


def _proposed(tx: Tx, number: int) -> PolicyVersion:
    rows.hold(tx)
    made = rows.version(tx, number)
    if made is not None:
        tx.session.refresh(made)
    if made is None or made.status != "proposed":
        raise NothingProposed(NothingProposed.__doc__)
    return made


def _may_agree(tx: Tx, email: str) -> bool:
    user = users.user_by_email(tx, email)
    return user is not None and user.disabled_at is None and user.role in REVIEWERS


def _about(made: PolicyVersion) -> dict[str, Any]:
    return {"version": made.id, "hash": made.content_hash} | ({"note": made.note} if made.note else {})
