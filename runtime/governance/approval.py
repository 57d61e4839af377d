"""Four eyes on a draft: ask, withdraw, approve or send back; an approval holds for the content that was shown, once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...storage import journeys, reviews, users
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.journeys import Journey
from ...storage.reviews import Review
from ..program import content_hash
from ..settings import load as load_settings
from .checks import run_checks
from .problems import refuse_errors

REVIEWERS = frozenset({"owner", "reviewer"})  # roles whose approval counts
SITTING_MS = 30 * 60_000  # changes no further apart than this are one sitting
LONGEST = 4_000  # characters of a note or a comment


class ReviewRefused(Exception):
    """A review cannot go on like this; the sentence says what to do."""


class NoSuchReview(ReviewRefused):
    """There is no such review. The approvals page lists those that are open."""


class NothingNew(ReviewRefused):
    """The draft is what is live already: change something before you ask for a review."""


class AskedAlready(ReviewRefused):
    """A review of exactly this draft is open already. Withdraw it first if you want to ask anew."""


class AlreadyDecided(ReviewRefused):
    """This review is not open any more: look at what was decided."""


class DraftChanged(ReviewRefused):
    """The draft is not what you were shown: somebody has changed it since. Look at the difference again."""


class MayNotReview(ReviewRefused):
    """Your role may not approve. Ask the owner to make you a reviewer."""


class OwnWork(ReviewRefused):
    """You had a hand in this draft, so somebody else has to approve it: this instance asks for four eyes."""


class SaysNothing(ReviewRefused):
    """Say what has to change, so that the author knows what to do."""


class NotApprovedYet(ReviewRefused):
    """This instance asks for four eyes: ask for a review, and publish once somebody else has approved this draft."""


class VouchedFor(ReviewRefused):
    """The account that approves was made, or given its role, by somebody who worked on this draft."""

    def __init__(self, voucher: str) -> None:
        super().__init__(
            f"{voucher} worked on this draft and gave this account its way in or its role after the work began: "
            "a reviewer who was here before has to look."
        )


# ── the author's side ─────────────────────────────────────────────────────────────────────────────────


def ask(tx: Tx, journey_id: int, asked_by: str, now_ms: int, note: str = "", hash_shown: str | None = None) -> Review:
    """Ask for a review of the draft as it is. An open review of an earlier draft is withdrawn.

    Raises JourneyHasProblems, NothingNew, AskedAlready, DraftChanged.
    """
    journey = _held(tx, journey_id)
    digest = content_hash(journey.draft)
    if hash_shown is not None and hash_shown != digest:
        raise DraftChanged(DraftChanged.__doc__)
    live = journeys.version(tx, journey.live_version) if journey.live_version else None
    if live is not None and live.content_hash == digest:
        raise NothingNew(NothingNew.__doc__)
    refuse_errors(tx, journey.draft, now_ms)
    earlier = reviews.latest(tx, journey_id)
    if earlier is not None and earlier.state == "open":
        if earlier.content_hash == digest:
            raise AskedAlready(AskedAlready.__doc__)
        _close(tx, earlier, "withdrawn", asked_by, now_ms, "A newer draft was put up for review.", journey.name)
    review = Review(
        journey_id=journey_id, content_hash=digest, content=journey.draft, asked_by=named(asked_by),
        asked_at=from_ms(now_ms), note=note.strip()[:LONGEST], editors=sorted(_hands(tx, journey_id)),
        checks=run_checks(tx, journey, live, now_ms),
    )  # fmt: skip
    tx.session.add(review)
    tx.session.flush()
    users.note(tx, asked_by, "review.ask", journey.name, now_ms, {"review": review.id, "hash": digest})
    return review


def withdraw(tx: Tx, review_id: int, by: str, now_ms: int) -> None:
    """Take the question back. Raises AlreadyDecided."""
    review, journey = _open(tx, review_id)
    _close(tx, review, "withdrawn", by, now_ms, "", journey.name)


# ── the reviewer's side ───────────────────────────────────────────────────────────────────────────────


def approve(tx: Tx, review_id: int, by: str, hash_shown: str, now_ms: int, comment: str = "") -> None:
    """Approve exactly the content under ``hash_shown``, which has to be the one asked about and the draft still.

    Who may is looked up in this transaction. Raises MayNotReview, AlreadyDecided, DraftChanged, OwnWork, VouchedFor.
    """
    review, journey = _open(tx, review_id)
    refusal = why_not(tx, review, by)
    if refusal is not None:
        raise refusal
    if not hash_shown == review.content_hash == content_hash(review.content) == content_hash(journey.draft):
        raise DraftChanged(DraftChanged.__doc__)
    _close(tx, review, "approved", by, now_ms, comment, journey.name)


def send_back(tx: Tx, review_id: int, by: str, comment: str, now_ms: int) -> None:
    """Give the draft back with what has to change. Raises MayNotReview, AlreadyDecided, SaysNothing."""
    review, journey = _open(tx, review_id)
    if not _may_review(tx, by):
        raise MayNotReview(MayNotReview.__doc__)
    if not comment.strip():
        raise SaysNothing(SaysNothing.__doc__)
    _close(tx, review, "sent_back", by, now_ms, comment, journey.name)


def why_not(tx: Tx, review: Review, by: str) -> ReviewRefused | None:
    """Why this person's approval would not count; None when it would."""
    if not _may_review(tx, by):
        return MayNotReview(MayNotReview.__doc__)
    if not four_eyes(tx):
        return None
    hands = _hands(tx, review.journey_id) | {review.asked_by, *review.editors}
    if named(by) in hands:
        return OwnWork(OwnWork.__doc__)
    user = users.user_by_email(tx, by)
    if user is not None and user.vouched_at is not None and named(user.vouched_by) in hands:
        began = min([round(review.asked_at.timestamp() * 1000), *(first for _, first, _ in _edits(tx, review))])
        if user.vouched_at >= from_ms(began):
            return VouchedFor(user.vouched_by)
    return None


# ── what publishing asks ──────────────────────────────────────────────────────────────────────────────


def four_eyes(tx: Tx) -> bool:
    """Whether this instance publishes only what a second person approved."""
    return load_settings(tx).four_eyes


def clearance(tx: Tx, journey_id: int, digest: str) -> Review | None:
    """The approval that lets content of this hash be published; None when there is none and none is needed.

    Only the newest review counts, only once, and only while whoever approved may still review.
    Raises NotApprovedYet when the instance asks for four eyes.
    """
    newest = reviews.latest(tx, journey_id)
    approved = (
        newest is not None
        and newest.state == "approved"
        and newest.version_id is None
        and newest.content_hash == digest == content_hash(newest.content)
    )
    if not four_eyes(tx):
        return newest if approved else None
    if newest is None or not approved:
        raise NotApprovedYet(NotApprovedYet.__doc__)
    by = newest.decided_by or ""
    if named(by) in {newest.asked_by, *newest.editors}:
        raise NotApprovedYet(f"{by} approved their own work before this instance asked for four eyes: ask again.")
    if not _may_review(tx, by):
        raise NotApprovedYet(f"{by}, who approved this draft, may no longer review: ask for a review again.")
    return newest


def settle(tx: Tx, journey: Journey, version_id: int, review: Review | None, by: str, now_ms: int) -> None:
    """After publishing: the approval is used up, an open review has nothing left to decide, the draft has no hands."""
    if review is not None and review.id is not None:
        reviews.use_up(tx, review.id, version_id)
    newest = reviews.latest(tx, journey.id or 0)
    if newest is not None and newest.state == "open":
        _close(tx, newest, "withdrawn", by, now_ms, "It was published without waiting for this review.", journey.name)
    reviews.forget_edits(tx, journey.id or 0)


def touched(tx: Tx, journey: Journey, actors: Iterable[str], now_ms: int) -> None:
    """Remember whose hand is in the draft now; the audit trail gets one line for a sitting of each."""
    assert journey.id is not None
    before = {editor: last for editor, _, last in reviews.edits(tx, journey.id)}
    for editor in dict.fromkeys(named(actor) for actor in actors):
        reviews.edited(tx, journey.id, editor, now_ms)
        if now_ms - before.get(editor, 0) > SITTING_MS:
            users.note(tx, editor, "journey.draft", journey.name, now_ms)


def named(person: str) -> str:
    """How a person is written in reviews: one address, one spelling."""
    return person.strip().lower()


# ── helpers ───────────────────────────────────────────────────────────────────────────────────────────


def _hands(tx: Tx, journey_id: int) -> set[str]:
    return {named(editor) for editor, _, _ in reviews.edits(tx, journey_id)}


def _edits(tx: Tx, review: Review) -> list[tuple[str, int, int]]:
    return reviews.edits(tx, review.journey_id)


def _may_review(tx: Tx, email: str) -> bool:
    user = users.user_by_email(tx, email)
    return user is not None and user.disabled_at is None and user.role in REVIEWERS


def _held(tx: Tx, journey_id: int) -> Journey:
    journey = journeys.hold(tx, journey_id)
    if journey is None:
        raise NoSuchReview(NoSuchReview.__doc__)
    return journey


def _open(tx: Tx, review_id: int) -> tuple[Review, Journey]:
    review = reviews.review(tx, review_id)
    if review is None:
        raise NoSuchReview(NoSuchReview.__doc__)
    journey = _held(tx, review.journey_id)
    tx.session.refresh(review)  # somebody may have decided while we waited for the journey
    if review.state != "open":
        raise AlreadyDecided(AlreadyDecided.__doc__)
    return review, journey


def _close(tx: Tx, review: Review, state: str, by: str, now_ms: int, comment: str, journey: str) -> None:
    hands = _hands(tx, review.journey_id) | {*review.editors}
    if not reviews.close(tx, review.id or 0, state, named(by), now_ms, comment.strip()[:LONGEST], hands):
        raise AlreadyDecided(AlreadyDecided.__doc__)
    tx.session.refresh(review)
    details: dict[str, Any] = {"review": review.id, "hash": review.content_hash}
    users.note(tx, by, f"review.{state}", journey, now_ms, details | ({"comment": comment} if comment else {}))
