"""Contacts that may be one person, to be confirmed or denied; and the merges of the last 30 days, to be undone."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.numbers import counted
from ...storage import matches, merges, views
from ...storage.database import Tx
from ..auth import permitted
from ..frame import card, empty, here, opened, visitor
from ..person.doubles import merge_list, pair_card

AT_ONCE = 10


@ui.page("/duplicates", title="Duplicates · Sojourn")
@permitted("see")
async def duplicates() -> None:
    """The pairs that wait, the surest first."""
    who, known = await visitor()
    seen = await here().db.aread(_read)
    sure = known.merge_above
    lead = (
        f"Pairs at least {sure} % sure become one by themselves." if sure else "Who may be one person, to be confirmed."
    )
    with opened("Duplicates", who, known, "Duplicates", lead):

        @ui.refreshable
        def listing() -> None:
            count, pairs, people, done = seen
            if pairs:
                ui.label(counted(count, "pair waits for your word.", "pairs wait for your word.")).classes("sj-soft")
            else:
                empty(
                    "people_alt",
                    "No pair waits",
                    "Contacts that change are compared by name, address, phone and device; likely ones appear here.",
                )
            for pair in pairs:
                if pair.one in people and pair.other in people:
                    pair_card(pair, people, who, again)
            if done:
                with card("Recent merges", "each can be undone for 30 days"):
                    merge_list(done, who, again)

        @permitted("see")
        async def again() -> None:
            nonlocal seen
            seen = await here().db.aread(_read)
            listing.refresh()

        with ui.element("div").classes("sj-stack"):
            listing()


def _read(tx: Tx) -> tuple[int, list[matches.Suggested], dict[int, Any], list[merges.Merged]]:
    pairs = matches.waiting(tx, AT_ONCE)
    people = views.contacts_by_id(tx, sorted({key for pair in pairs for key in (pair.one, pair.other)}))
    since = here().clock.now_ms() - merges.UNDO_MS
    return matches.count_waiting(tx), pairs, people, merges.recent(tx, since, limit=20)
