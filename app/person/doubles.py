"""Two contacts who may be one: side by side, made one by a person's word, and two again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from ...runtime.merging import REASONS, NotTwo, merge_two, take_back
from ...storage import matches, users
from ...storage.database import Tx
from ...storage.matches import Suggested
from ...storage.merges import UNDO_MS, Merged
from ...storage.undoing import CannotUndo
from ...storage.views import ContactLine
from .. import words
from ..auth import may, permitted
from ..frame import button, card, chip, here, moment, sure, visitor
from .seen import Seen
from .story import plain

Again = Callable[[], Awaitable[None]]
MOST = 12  # rows side by side


def alike(seen: Seen, who: Any, again: Again) -> None:
    """The contacts that may be this one."""
    for pair in seen.alike:
        other = pair.other if pair.one == seen.contact.id else pair.one
        with ui.element("div").classes("sj-notice is-quiet"):
            ui.icon("people_alt")
            with ui.element("div").classes("sj-grow"):
                ui.label(f"Contact {other} may be the same person ({pair.score} %): {' '.join(pair.reasons)}")
                with ui.element("div").classes("sj-row"):
                    ui.link("Look at them", f"/contacts/{other}")
                    decision(pair, who, again)


def pair_card(pair: Suggested, people: dict[int, ContactLine], who: Any, again: Again) -> None:
    """A pair side by side, why they may be one, and the two answers."""
    one, other = people[pair.one], people[pair.other]
    with card() as box:
        box.props["data-pair"] = f"{pair.one}-{pair.other}"
        with ui.element("div").classes("sj-row"):
            chip(f"{pair.score} % sure", "good" if pair.score >= 90 else "warn")
            moment(pair.found_at)
        with ui.element("div").classes("sj-reasons"):
            for reason in pair.reasons:
                ui.label(reason).classes("sj-soft" if reason.startswith("But ") else "")
        with ui.element("div").classes("sj-beside").props('role="table"'):
            for label, left, right in rows(one, other):
                with ui.element("div").classes("sj-beside-row" + ("" if left == right else " is-different")) as row:
                    row.props('role="row"')
                    ui.label(label).classes("sj-soft").props('role="rowheader"')
                    for person, value in ((one, left), (other, right)):
                        with ui.element("div").classes("sj-break").props('role="cell"'):
                            if label == "Contact":
                                ui.link(value, f"/contacts/{person.id}").classes("sj-strong")
                            else:
                                ui.label(value or "–")
        with ui.element("div").classes("sj-dialog-actions"):
            decision(pair, who, again)


def rows(one: ContactLine, other: ContactLine) -> list[tuple[str, str, str]]:
    """What is known of both, line by line: names and addresses first, what differs before what is the same."""

    def said(person: ContactLine) -> dict[str, str]:
        return {key: words.shown(value) for key, value in person.properties.items()}

    now = here().clock.now_ms()
    fixed = [
        ("Contact", words.title_of(one), words.title_of(other)),
        ("E-mail", one.email or "", other.email or ""),
        ("Phone", one.phone or "", other.phone or ""),
        ("User id", one.external_id or "", other.external_id or ""),
        ("First seen", words.ago(one.created_at, now), words.ago(other.created_at, now)),
    ]
    left, right = said(one), said(other)
    rest = [(plain(key), left.get(key, ""), right.get(key, "")) for key in sorted(left.keys() | right.keys())]
    rest.sort(key=lambda row: (row[1] == row[2], not (row[1] and row[2]), row[0]))
    return [row for row in fixed if row[1] or row[2]] + rest[:MOST]


def decision(pair: Suggested, who: Any, again: Again) -> None:
    """The two answers, for those who may give them."""
    if not may(who, "edit"):
        return

    @permitted("edit")
    async def same() -> None:
        consequence = (
            "Everything of both becomes one contact's: names, what they did, messages, refusals. "
            "It can be undone for 30 days."
        )
        if not await sure("Are they one person?", consequence, "One person"):
            return
        actor, _ = await visitor()
        now = here().clock.now_ms()

        def job(tx: Tx) -> None:
            made = merge_two(tx, pair.one, pair.other, "hand", actor.email, now)
            users.note(tx, actor.email, "contacts merged", f"#{made.winner}", now, {"merged": made.loser})

        await _done(job, "They are one contact now.", again)

    @permitted("edit")
    async def two() -> None:
        actor, _ = await visitor()
        now = here().clock.now_ms()

        def job(tx: Tx) -> None:
            matches.decide(tx, pair.one, pair.other, "denied", actor.email, now)
            users.note(tx, actor.email, "contacts kept apart", f"#{pair.one}", now, {"other": pair.other})

        await _done(job, "Noted: two people. You will not be asked again.", again)

    button("Two people", two).props('data-mark="two-people"')
    button("One person", same, kind="main").props('data-mark="one-person"')


def past_merges(seen: Seen, who: Any, again: Again) -> None:
    """Who became part of this contact, and the way back."""
    if seen.merges:
        with card("Merges"):
            merge_list(seen.merges, who, again)


def merge_list(merges: Sequence[Merged], who: Any, again: Again) -> None:
    """Merges, the last first, with the way back while there is one."""
    with ui.element("div").classes("sj-timeline"):
        for merge in merges:
            with ui.element("div").classes("sj-happened").props('data-mark="merge"'):
                ui.link(f"Contact {merge.loser} became part of {merge.winner}", f"/contacts/{merge.winner}")
                moment(merge.at)
                why = REASONS.get(merge.reason, merge.reason)
                by = f", confirmed by {merge.actor}" if merge.actor else ""
                ui.label(f"Because {why}{by}.").classes("sj-soft")
                if merge.undone_at:
                    ui.label(f"Undone by {merge.undone_by or 'us'}.").classes("sj-soft")
                elif may(who, "edit") and merge.at >= here().clock.now_ms() - UNDO_MS:
                    with ui.element("div").classes("sj-happened-more"):
                        button("Undo", lambda merge=merge: _undo(merge, again)).props('data-mark="undo-merge"')


@permitted("edit")
async def _undo(merge: Merged, again: Again) -> None:
    consequence = (
        "What they were called, did and were sent before the merge goes back; what came since stays. "
        "Nobody's refusal is lost."
    )
    if not await sure(f"Make contact {merge.loser} a contact of its own again?", consequence, "Undo the merge"):
        return
    actor, _ = await visitor()
    now = here().clock.now_ms()

    def job(tx: Tx) -> None:
        take_back(tx, merge.id, actor.email, now)
        users.note(tx, actor.email, "merge undone", f"#{merge.winner}", now, {"contact": merge.loser})

    await _done(job, "They are two contacts again.", again)


async def _done(job: Callable[[Tx], None], said: str, again: Again) -> None:
    try:
        await here().db.awrite(job)
    except (NotTwo, CannotUndo) as problem:
        ui.notify(str(problem), type="warning", multi_line=True)
    else:
        ui.notify(said, type="positive")
    await again()
