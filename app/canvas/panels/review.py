"""Review: ask for one, see how it stands, and publish what may be published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nicegui import ui

from ....runtime.content.checking.of_journey import looked_ahead
from ....runtime.governance import approval
from ....runtime.governance.problems import JourneyHasProblems
from ....runtime.program import content_hash
from ....storage import journeys, reviews
from ....storage.columns import to_ms
from ....storage.database import Tx
from ....storage.journeys import Journey, Version
from ....storage.reviews import Review
from ...auth import may, permitted
from ...frame import button, moment, stylesheet, visitor
from ..compared import check_list, state_chip
from ..desk import Desk, Panel
from ..publishing import ask_and_publish, lacking_list, refusal_words

AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How the draft stands between drawn and live."""

    journey: Journey
    digest: str
    live: Version | None
    four_eyes: bool
    reviews: tuple[Review, ...]  # the newest first

    @property
    def newest(self) -> Review | None:
        """The review that may still mean something."""
        return self.reviews[0] if self.reviews else None

    @property
    def is_live(self) -> bool:
        """Whether the draft is what runs."""
        return self.live is not None and self.live.content_hash == self.digest and self.journey.status != "draft"

    @property
    def approved(self) -> bool:
        """Whether exactly this draft was approved, and the approval not used yet."""
        one = self.newest
        return one is not None and one.state == "approved" and not one.version_id and one.content_hash == self.digest

    @property
    def waits(self) -> bool:
        """Whether a review is open."""
        return self.newest is not None and self.newest.state == "open"

    @property
    def key(self) -> tuple[Any, ...]:
        """What has to be drawn anew when it changes."""
        states = tuple((one.id, one.state, one.version_id) for one in self.reviews)
        return self.digest, self.journey.status, self.live and self.live.id, self.four_eyes, states


def standing(tx: Tx, name: str) -> Standing | None:
    """How a journey stands now."""
    journey = journeys.journey_named(tx, name)
    if journey is None or journey.id is None:
        return None
    live = journeys.version(tx, journey.live_version) if journey.live_version else None
    kept = tuple(reviews.reviews(tx, journey.id, 6))
    return Standing(journey, content_hash(journey.draft), live, approval.four_eyes(tx), kept)


class ReviewPanel:
    """Drawn anew whenever the draft or its review stands otherwise."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drawn: Any = None
        self._note = ""
        stylesheet("review.css")
        self._place = ui.element("div").classes("sj-stack").props('data-mark="review"')
        ui.timer(AGAIN_S, self._look)

    @permitted("see")
    async def _look(self) -> None:
        if not self._desk.room.draft.saved:
            return
        found = await self._desk.instance.db.aread(lambda tx: standing(tx, self._desk.room.name))
        errors = sum(problem.severity == "error" for problem in self._desk.room.problems)
        drawn = found and (found.key, errors, self._desk.room.document.beyond)
        if found is None or drawn == self._drawn:
            return
        self._drawn = drawn
        self._place.clear()
        with self._place:
            self._draw(found, errors)

    def _draw(self, now: Standing, errors: int) -> None:
        who, newest = self._desk.person, now.newest
        if now.is_live:
            number = now.live.number if now.live else 0
            self._say("check_circle", "is-good", f"The draft is what runs: version {number}.")
        elif errors:
            kept = "One problem keeps" if errors == 1 else f"{errors} problems keep"
            self._say("error", "is-bad", f"{kept} it from running.")
            button("Show it" if errors == 1 else "Show them", lambda: self._desk.open("problems"), "rule")
        elif now.approved and newest is not None:
            self._say("verified", "is-good", f"{newest.decided_by} approved exactly this draft.")
        elif now.waits:
            self._say("hourglass_top", "is-warn", "A review is open.")
        elif now.four_eyes:
            self._say("group", "is-warn", "Somebody who had no hand in it has to approve it first.")
        else:
            self._say("edit_note", "is-warn", "The draft is not live yet.")
        if newest is not None and not now.is_live:
            self._review(newest, now)
        if not errors:
            lacking_list([each for each in self._desk.room.document.beyond if not each.letter], self._desk.room.graph)
        if not now.is_live and not errors:
            self._actions(now, may(who, "publish"), may(who, "edit"))
        self._past(now)

    def _say(self, icon: str, tone: str, sentence: str) -> None:
        with ui.element("div").classes("sj-finding").props('data-mark="standing"'):
            ui.icon(icon).classes(tone)
            ui.label(sentence).classes("sj-strong sj-break")

    def _review(self, review: Review, now: Standing) -> None:
        with ui.element("div").classes("sj-reviewed"):
            with ui.element("div").classes("sj-row"):
                state_chip(review.state)
                moment(to_ms(review.decided_at or review.asked_at))
            ui.label(f"asked by {review.asked_by}").classes("sj-soft sj-break")
            if review.note:
                ui.label(f"“{review.note}”").classes("sj-break")
            if review.state == "open" and review.content_hash != now.digest:
                ui.label("The draft was changed since: ask again, so that what is approved is what you drew.")
            if review.comment and review.decided_by:
                with ui.element("blockquote").classes("sj-comment").props('data-mark="comment"'):
                    ui.label(review.comment).classes("sj-break")
                    ui.label(review.decided_by).classes("sj-soft")
            if review.state == "open":
                check_list(review.checks)
            ui.link("Open the review", f"/approvals/{review.id}").props('data-mark="to-review"')

    def _actions(self, now: Standing, may_publish: bool, may_edit: bool) -> None:
        newest = now.newest
        asked = now.waits and newest is not None and newest.content_hash == now.digest
        direct = now.approved or not now.four_eyes
        if may_edit and not now.approved and not asked:
            note = ui.textarea("What should they look at?", value=self._note).props("outlined dense autogrow")
            note.props["maxlength"] = approval.LONGEST
            note.on_value_change(lambda event: setattr(self, "_note", str(event.value or "")))
        with ui.element("div").classes("sj-row"):
            if may_publish and direct:
                button("Publish", self._publish, "rocket_launch", "main").props('data-mark="publish"')
            if may_edit and not now.approved and not asked:
                words = "Ask again" if newest and newest.state in ("open", "sent_back") else "Ask for a review"
                button(words, self._ask, "how_to_reg", "quiet" if direct else "main").props('data-mark="ask-review"')
            if may_edit and now.waits:
                button("Withdraw", self._withdraw).props('data-mark="withdraw"')

    def _past(self, now: Standing) -> None:
        earlier = [one for one in now.reviews[0 if now.is_live else 1 :] if one.state in ("approved", "sent_back")]
        if not earlier:
            return
        ui.label("Earlier").classes("sj-card-title")
        for one in earlier:
            with ui.element("div").classes("sj-reviewed"):
                with ui.element("div").classes("sj-row"):
                    state_chip(one.state)
                    moment(to_ms(one.decided_at or one.asked_at))
                ui.label(f"by {one.decided_by}").classes("sj-soft sj-break")
                if one.comment:
                    ui.label(one.comment).classes("sj-break")

    # ── what the buttons do ───────────────────────────────────────────────────────────────────────────

    @permitted("edit")
    async def _ask(self) -> None:
        await self._desk.room.draft.settle()
        who, _ = await visitor()
        name, note, now_ms = self._desk.room.name, self._note, self._desk.instance.clock.now_ms()

        def job(tx: Tx) -> None:
            journey = journeys.journey_named(tx, name)
            approval.ask(tx, (journey and journey.id) or 0, who.email, now_ms, note)

        await looked_ahead(self._desk.instance.db, self._desk.room.content, now_ms)
        if await self._tried(job):
            self._note = ""
            ui.notify("Asked. Reviewers find it under Approvals.", type="positive")

    @permitted("edit")
    async def _withdraw(self) -> None:
        who, _ = await visitor()
        now = await self._desk.instance.db.aread(lambda tx: standing(tx, self._desk.room.name))
        if now is None or now.newest is None:
            return
        review, now_ms = now.newest.id or 0, self._desk.instance.clock.now_ms()
        await self._tried(lambda tx: approval.withdraw(tx, review, who.email, now_ms))

    async def _publish(self) -> None:
        await self._desk.room.draft.settle()
        if await ask_and_publish(self._desk.room.name):
            await self._look()

    async def _tried(self, job: Any) -> bool:
        try:
            await self._desk.instance.db.awrite(job)
        except (approval.ReviewRefused, JourneyHasProblems) as refusal:
            ui.notify(refusal_words(refusal, self._desk.room.graph), type="warning", multi_line=True)
            return False
        await self._look()
        return True


def build(desk: Desk) -> None:
    """Draw the panel."""
    ReviewPanel(desk)


PANEL = Panel("review", "Review and publish", "how_to_reg", 50, build)
