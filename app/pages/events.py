"""What arrives: the last events, and what was refused at the door, with the reason."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...storage import views
from ...storage.columns import dump
from .. import words
from ..auth import permitted
from ..frame import button, empty, headline, here, moment, opened, table, visitor
from .contracts import address

EVENTS = ("Event", "Contact", "What it says", "When")
REFUSED = ("Reason", "From", "What it looked like", "When")


@ui.page("/events", title="Events · Sojourn")
@permitted("see")
async def events() -> None:
    """Two lists, kept fresh."""
    who, known = await visitor()
    asked = ""

    def read(tx: Any) -> tuple[Any, Any, Any]:
        found = views.events(tx, name=asked)
        return found, views.contacts_by_id(tx, sorted({row[1] for row in found})), views.rejections(tx)

    seen = await here().db.aread(read)
    with opened("Events", who, known, "Events", "What your site and your systems tell Sojourn.") as actions:
        with actions:
            search = ui.input(placeholder="Name of an event").classes("sj-search")
            search.props('outlined dense clearable debounce="300" aria-label="Only events of this name"')
        with ui.tabs().props('align="left" no-caps inline-label') as tabs:
            arrived = ui.tab("Arrived", icon="bolt")
            refused = ui.tab("Refused", icon="block")
        with ui.tab_panels(tabs, value=arrived).classes("sj-panels"):
            with ui.tab_panel(arrived):

                @ui.refreshable
                def listing() -> None:
                    if not seen[0]:
                        empty(
                            "bolt",
                            "No event of that name" if asked else "No event yet",
                            "Point a Segment-compatible SDK at this address with a write key from Settings.",
                        )
                    else:
                        table(EVENTS, [_event(row, seen[1]) for row in seen[0]])

                listing()
            with ui.tab_panel(refused):

                @ui.refreshable
                def refusals() -> None:
                    if not seen[2]:
                        empty("verified", "Nothing was refused", "A bad event is refused alone and listed here.")
                    else:
                        table(REFUSED, [_refusal(row) for row in seen[2]])

                refusals()

        @permitted("see")
        async def again() -> None:
            nonlocal seen, asked
            asked = (search.value or "").strip()[:200]
            found = await here().db.aread(read)
            if found[0] != seen[0]:
                seen = found
                listing.refresh()
            if found[2] != seen[2]:
                seen = found
                refusals.refresh()

        search.on_value_change(again)
        ui.timer(3, again, immediate=False)


def _event(row: Any, people: dict[int, Any]) -> list[Any]:
    _, contact_id, name, at, properties = row

    def person() -> None:
        found = people.get(contact_id)
        ui.link(words.title_of(found) if found else f"Contact {contact_id}", f"/contacts/{contact_id}")

    def contract() -> None:
        with ui.link(target=address(name)).classes("sj-row-link"):
            ui.label(name).classes("sj-strong")

    return [contract, person, _short(words.shown(properties)), lambda: moment(at)]


def _refusal(row: Any) -> list[Any]:
    at, source, _, reason, sample = row

    def look() -> None:
        text = sample if isinstance(sample, str) else dump(sample)

        def show() -> None:
            with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
                dialog.on("hide", dialog.delete)
                headline(dialog, "What it looked like")
                ui.label(text).classes("sj-mono sj-source")
                with ui.element("div").classes("sj-dialog-actions"):
                    button("Close", dialog.close)

        button("Look", show)

    return [reason, source, look, lambda: moment(at)]


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"
