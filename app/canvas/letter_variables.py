"""What a letter can speak of, offered beside its source: seen on contacts, and on the event that starts the journey."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from nicegui import ui

from .asking import Asking
from .desk import Desk
from .letter_proof import started_by

ALWAYS = ("unsubscribe_url", "preferences_url", "brand.name", "brand.address", "brand.url", "journey.title")


class Variables:
    """A button with its menu; ``insert`` gets what was chosen as it is written in a letter."""

    def __init__(self, desk: Desk, insert: Callable[[str], None]) -> None:
        self._desk, self._insert = desk, insert
        self._asking = Asking(desk.instance)
        opener = ui.button("Insert a variable", icon="data_object", color=None).props("flat dense no-caps")
        with opener.classes("sj-form-tool"):
            self._menu = ui.menu().classes("sj-form-offers").props("max-height=360px")
        opener.on("click", self._offer, args=[])

    async def _offer(self) -> None:
        event = started_by(self._desk.room.content)
        groups = [("Contact", [(f"contact.{each.name}", each.note) for each in await self._asking.properties(None)])]
        if event:
            seen = await self._asking.properties(event)
            groups.append((f"Event {event}", [(f"event.{each.name}", each.note) for each in seen]))
        groups.append(("Always there", [(name, "") for name in ALWAYS]))
        self._menu.clear()
        with self._menu:
            for title, names in groups:
                ui.label(title).classes("sj-form-none sj-strong")
                for name, note in names:
                    with ui.menu_item(on_click=partial(self._chosen, name)).classes("sj-form-offer"):
                        ui.label(name).classes("sj-clip")
                        ui.label(note).classes("sj-form-note")

    def _chosen(self, name: str, _clicked: object = None) -> None:
        """A name with signs in it is read as an entry."""
        head, *rest = name.split(".")
        path = head + "".join(f".{part}" if part.isidentifier() else f"[{json.dumps(part)}]" for part in rest)
        self._insert("{{ " + path + " }}")
