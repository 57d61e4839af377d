"""What a letter can say of its reader, offered beside a text: with a word to fall back on where they may lack it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from nicegui import ui

from ..canvas.asking import Asking
from .bench import Bench

FALLBACKS = {"first_name": "there", "name": "there", "city": "your city", "country": "your country"}
ALWAYS = (
    ("brand.name", "the name of your brand"),
    ("journey.title", "the journey it is sent by"),
    ("preferences_url", "where they choose what they get"),
    ("unsubscribe_url", "where they unsubscribe"),
)
KEEP = """() => { const now = getSelection();
    window.sojournCaret = now.rangeCount ? now.getRangeAt(0).cloneRange() : null }"""


class Variables:
    """Draws its button where `offer` is called; what was chosen is handed over as a letter has it."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._asking = bench, Asking(bench.instance)

    def offer(self, insert: Callable[[str], None]) -> None:
        """The button; its list is asked for when it is opened."""
        opener = ui.button("Personalise", icon="person_add_alt", color=None).props("flat dense no-caps")
        with opener.classes("sj-form-tool st-personal"):
            menu = ui.menu().classes("sj-form-offers").props("max-height=360px")
        opener.on("mousedown", js_handler=KEEP)
        opener.on("click", partial(self._fill, menu, insert), args=[])

    async def _fill(self, menu: ui.menu, insert: Callable[[str], None]) -> None:
        event = self._bench.document.started_by()
        groups = [("Contact", [(f"contact.{each.name}", each.note) for each in await self._asking.properties(None)])]
        if event:
            seen = await self._asking.properties(event)
            groups.append((f"Event {event}", [(f"event.{each.name}", each.note) for each in seen]))
        groups.append(("Always there", list(ALWAYS)))
        menu.clear()
        with menu:
            for title, names in groups:
                ui.label(title).classes("sj-form-none sj-strong")
                for name, note in names:
                    with ui.menu_item(on_click=partial(_chosen, insert, name)).classes("sj-form-offer"):
                        ui.label(name.partition(".")[2] or name).classes("sj-clip")
                        ui.label(note).classes("sj-form-note")


def written(name: str) -> str:
    """A name as a letter has it; one with signs in it is read as an entry."""
    head, *rest = name.split(".")
    path = head + "".join(f".{part}" if part.isidentifier() else f"[{json.dumps(part)}]" for part in rest)
    always = head not in ("contact", "event")
    fallback = "" if always else f'|default("{FALLBACKS.get(rest[-1] if rest else "", "")}")'
    return "{{ " + path + fallback + " }}"


def _chosen(insert: Callable[[str], None], name: str, _clicked: object = None) -> None:
    insert(written(name))
