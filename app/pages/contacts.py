"""The list of contacts: searched by address, id, name or any property, and brought in from a file."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.numbers import counted
from ...storage import views
from ...storage.views import PAGE, ContactLine
from .. import words
from ..auth import may, permitted
from ..frame import button, empty, here, moment, opened, table, visitor
from .import_contacts import import_dialog

COLUMNS = ("Contact", "E-mail", "Id", "Known for", "Last change")


@ui.page("/contacts", title="Contacts · Sojourn")
@permitted("see")
async def contacts() -> None:
    """Contacts, the last to come first."""
    who, known = await visitor()
    count = await here().db.aread(views.contact_count)
    lines = await here().db.aread(views.contact_lines)
    asked = ""
    more = len(lines) == PAGE
    lead = counted(count, "person is known.", "people are known.") if count else "Everybody a journey can write to."

    with opened("Contacts", who, known, "Contacts", lead) as actions:
        with actions:
            search = ui.input(placeholder="Search by name, e-mail, phone or id").classes("sj-search")
            search.props('outlined dense clearable debounce="300" aria-label="Search contacts"')
            if may(who, "edit"):
                button("Import CSV", lambda: import_dialog(look_for), "upload_file")

        @ui.refreshable
        def listing() -> None:
            if not lines and asked:
                empty("search_off", "Nobody matches", "Every word has to begin a name, an address, a number or an id.")
            elif not lines:
                empty(
                    "group_add",
                    "No contact yet",
                    "Import a CSV file, or let your site send `identify` events: Settings has the keys for that.",
                )
            else:
                table(COLUMNS, [_row(line) for line in lines])
                if more:
                    with ui.element("div").classes("sj-row"):
                        button("Show more", show_more, "expand_more")

        @permitted("see")
        async def look_for() -> None:
            nonlocal lines, asked, more
            asked = (search.value or "").strip()[:200]
            lines = await here().db.aread(lambda tx: views.contact_lines(tx, asked))
            more = len(lines) == PAGE
            listing.refresh()

        @permitted("see")
        async def show_more() -> None:
            nonlocal lines, more
            last = lines[-1].id
            following = await here().db.aread(lambda tx: views.contact_lines(tx, asked, last))
            lines, more = lines + following, len(following) == PAGE
            listing.refresh()

        search.on_value_change(look_for)
        listing()


def _row(line: ContactLine) -> list[Any]:
    def name() -> None:
        with ui.link(target=f"/contacts/{line.id}").classes("sj-row-link"):
            ui.label(words.title_of(line)).classes("sj-strong")

    return [name, line.email or "–", line.external_id or "–", _known(line), lambda: moment(line.changed_at)]


def _known(line: ContactLine) -> str:
    """The first few properties that are not already in the row."""
    named = ("name", "first_name", "last_name", "email", "phone")
    shown = [f"{key}: {words.shown(value)}" for key, value in sorted(line.properties.items()) if key not in named]
    text = ", ".join(shown[:3])
    return text if len(text) <= 90 else text[:89] + "…"
