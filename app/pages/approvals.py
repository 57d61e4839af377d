"""Approvals: drafts that wait for a second pair of eyes, and the view in which one is approved or sent back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...nodes.graph import JourneyGraph
from ...nodes.node import Problem
from ...runtime.governance import approval
from ...runtime.governance.difference import Difference, difference
from ...runtime.governance.missing import missing
from ...runtime.governance.reach import consequences, reach
from ...runtime.program import content_hash
from ...storage import journeys, policies, reviews
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.journeys import Journey
from ...storage.reviews import Review
from ..auth import key_of, may, permitted
from ..canvas.compared import ComparedCanvas, check_list, difference_list, state_chip
from ..canvas.publishing import lacking_list
from ..frame import button, card, chip, empty, frame, here, moment, opened, stylesheet, table, visitor
from ..sealed import instead, sealed
from .approval_letters import letters_card, reviewed

if TYPE_CHECKING:
    from ..instance import Instance


def routes(instance: Instance) -> list[Route]:
    """A letter that is up for review, for the frame that shows it."""

    async def letter(request: Request) -> Response:
        who = await request.app.state.accounts.who(key_of(request))
        if who is None or not may(who, "see"):
            return PlainTextResponse("Sign in first.", 401)
        number, name = request.path_params["review"], request.path_params["letter"]
        kept = await instance.db.aread(lambda tx: reviews.review(tx, number))
        source = ((kept.content.get("letters") or {}) if kept else {}).get(name)
        if kept is None or source is None:
            return PlainTextResponse("This letter is gone.", 404)
        found = await reviewed(instance, kept, source)
        return instead(found) if found.rendered is None else sealed(found.rendered.html)

    return [Route("/approvals/{review:int}/letters/{letter}", letter)]


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────


@ui.page("/approvals", title="Approvals · Sojourn")
@permitted("see")
async def approvals() -> None:
    """What waits, and what was decided lately."""
    who, known = await visitor()
    waiting, decided, policy = await here().db.aread(
        lambda tx: (reviews.open_reviews(tx), reviews.decided_reviews(tx), policies.newest(tx, "proposed"))
    )
    lead = "Drafts somebody asked you to look at before they run."
    with opened("Approvals", who, known, "Approvals", lead):
        rows = [_waiting(*line) for line in waiting]
        if policy is not None:
            rows.append(
                _line("/policy", "The policy", policy.note, policy.author, to_ms(policy.created_at), "a change")
            )
        if rows:
            table(("Journey", "Asked by", "Asked", "Would be", ""), rows)
        else:
            empty(
                "task_alt",
                "Nothing waits for you",
                "In the editor of a journey, “Ask for a review” puts its draft here.",
                ""
                if known.four_eyes
                else "With “Four eyes” under Settings, every journey comes by here before it runs.",
            )
        if decided:
            with card("Decided lately"):
                table(("Journey", "Decision", "By", "When"), [_decided(*line) for line in decided])


def _waiting(number: int, name: str, title: str, asked_by: str, asked_at: int, is_live: bool) -> list[Any]:
    would_be = "a new version" if is_live else "its first version"
    return _line(f"/approvals/{number}", title, name, asked_by, asked_at, would_be)


def _line(target: str, title: str, below: str, asked_by: str, asked_at: int, would_be: str) -> list[Any]:
    def what() -> None:
        with ui.link(target=target).classes("sj-row-link"):
            ui.label(title).classes("sj-strong")
            ui.label(below).classes("sj-soft")

    def look() -> None:
        button("Look", lambda: ui.navigate.to(target), kind="main")

    return [what, asked_by, lambda: moment(asked_at), lambda: chip(would_be), look]


def _decided(number: int, title: str, state: str, _asked: str, by: str, at: int) -> list[Any]:
    return [
        lambda: ui.link(title, f"/approvals/{number}").classes("sj-strong"),
        lambda: state_chip(state),
        by,
        lambda: moment(at),
    ]


# ── one review ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a reviewer is shown, read in one snapshot."""

    review: Review
    journey: Journey
    against: str  # what it is compared with
    before: dict[str, Any]
    stale: bool
    reach: list[tuple[str, str]]
    lacking: list[Problem]  # what this instance has not got yet, as long as something may be decided
    consequences: list[str]
    refusal: str | None


@ui.page("/approvals/{number}", title="Approval · Sojourn")
@permitted("see")
async def one(number: int) -> None:
    """The draft that is asked about, and what differs from what runs."""
    who, known = await visitor()
    now_ms = here().clock.now_ms()
    mail_server = bool(here().config.smtp_url)
    seen = await here().db.aread(lambda tx: read(tx, number, who.email, now_ms, mail_server))
    if seen is None:
        with frame("Approvals", who, known):
            empty("rule", "There is no such review", "The list has those that are open.")
        return
    review = seen.review
    found = await asyncio.to_thread(difference, seen.before, review.content)
    stylesheet("review.css")
    with opened("Approvals", who, known, seen.journey.title, found.summary) as actions:
        with actions:
            state_chip(review.state)
            if may(who, "see"):
                button("Open the journey", lambda: ui.navigate.to(f"/journeys/{seen.journey.name}/edit"), "route")
        _told(seen)
        with ui.element("div").classes("sj-columns"):
            with ui.element("div").classes("sj-stack"):
                canvas = _drawn(seen, found)
                with card("What changes", seen.against):
                    difference_list(found, canvas.focus)
                letters_card(review, known.brand_name)
            with ui.element("div").classes("sj-stack"):
                if review.state == "open":
                    _decision(seen, may(who, "review"))
                with card("Looked at"):
                    check_list(review.checks)
                    lacking_list(seen.lacking, JourneyGraph(review.content))
                _whom(seen)


def read(tx: Tx, number: int, email: str, now_ms: int, mail_server: bool) -> Seen | None:
    """The review with what it stands against now."""
    review = reviews.review(tx, number)
    journey = tx.session.get(Journey, review.journey_id) if review else None
    if review is None or journey is None:
        return None
    versions = journeys.versions(tx, review.journey_id)
    until = review.decided_at or review.asked_at
    earlier = [v for v in versions if v.created_at <= until and v.content_hash != review.content_hash]
    live = next((v for v in versions if v.id == journey.live_version), None) if review.state == "open" else None
    base = live or next(iter(earlier), None)
    refusal = approval.why_not(tx, review, email) if review.state == "open" else None
    return Seen(
        review, journey, f"against version {base.number}" if base else "nothing has run yet",
        dict(base.content) if base else {"message_type": review.content.get("message_type")},
        content_hash(journey.draft) != review.content_hash, reach(tx, review.content, now_ms),
        missing(tx, review.content, mail_server) if review.state in ("open", "approved") else [],
        consequences(tx, journey, now_ms), str(refusal) if refusal else None,
    )  # fmt: skip


def _told(seen: Seen) -> None:
    review = seen.review
    with card():
        with ui.element("div").classes("sj-row"):
            ui.icon("how_to_reg")
            ui.label(f"{review.asked_by} asked").classes("sj-strong sj-break")
            moment(to_ms(review.asked_at))
            ui.label(review.content_hash[:12]).classes("sj-mono sj-soft").tooltip(review.content_hash)
        if review.note:
            ui.label(review.note).classes("sj-break sj-note-text")
        if review.decided_by:
            with ui.element("blockquote").classes("sj-comment"):
                verb = {"approved": "approved it", "sent_back": "sent it back", "withdrawn": "withdrew it"}
                ui.label(f"{review.decided_by} {verb.get(review.state, review.state)}.").classes("sj-strong sj-break")
                if review.comment:
                    ui.label(review.comment).classes("sj-break")
        if review.state == "open" and seen.stale:
            with ui.element("div").classes("sj-finding"):
                ui.icon("error").classes("is-bad")
                ui.label("The draft was changed after this was asked: somebody has to ask again.")


def _drawn(seen: Seen, found: Difference) -> ComparedCanvas:
    with card("As it would be", "green is new, red goes, amber changes"):
        return ComparedCanvas(f"review-{seen.review.id}", found)


def _whom(seen: Seen) -> None:
    with card("Whom it reaches"), ui.element("div").classes("sj-stack").props('data-mark="reach"'):
        for title, sentence in seen.reach:
            with ui.element("div"):
                ui.label(title).classes("sj-strong sj-break")
                ui.label(sentence).classes("sj-soft sj-break")
        if seen.review.state in ("open", "approved") and seen.review.version_id is None:
            with ui.element("ul").classes("sj-said"):
                for sentence in seen.consequences:
                    with ui.element("li"):
                        ui.label(sentence)


def _decision(seen: Seen, allowed: bool) -> None:
    number, shown = seen.review.id or 0, seen.review.content_hash
    with card("Your decision"), ui.element("div").classes("sj-stack").props('data-mark="decision"'):
        if not allowed or seen.refusal:
            with ui.element("div").classes("sj-finding"):
                ui.icon("block").classes("is-warn")
                ui.label(seen.refusal or "Your role may look at this but not decide it.").classes("sj-break")
        if not allowed:
            return
        comment = ui.textarea("Comment").props('outlined dense autogrow data-mark="comment"')
        comment.props["maxlength"] = approval.LONGEST

        @permitted("review")
        async def approve() -> None:
            who, _ = await visitor()
            now, words = here().clock.now_ms(), str(comment.value or "")
            await _decided_as(lambda tx: approval.approve(tx, number, who.email, shown, now, words))

        @permitted("review")
        async def send_back() -> None:
            who, _ = await visitor()
            now, words = here().clock.now_ms(), str(comment.value or "")
            await _decided_as(lambda tx: approval.send_back(tx, number, who.email, words, now))

        with ui.element("div").classes("sj-dialog-actions"):
            button("Send back", send_back, "undo").props('data-mark="send-back"')
            yes = button("Approve", approve, "check", "main").props('data-mark="approve"')
            yes.set_enabled(not seen.refusal and not seen.stale)


async def _decided_as(job: Callable[[Tx], None]) -> None:
    try:
        await here().db.awrite(job)
    except approval.ReviewRefused as refusal:
        ui.notify(str(refusal), type="warning", multi_line=True)
        return
    ui.navigate.reload()
