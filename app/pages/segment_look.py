"""How many a segment would have while its rule is being written, and some of them: asked off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context

from ...runtime.segment_look import Look, look
from ...storage.views import ContactLine
from .. import words
from ..canvas.asking import count_words
from ..frame import card, here, sentence

SOON_S = 0.4


class LiveLook:
    """Draws where it is made; `ask` with what is written, as often as one likes."""

    def __init__(self) -> None:
        self._client = context.client
        self._at = here()
        self._wanted: Mapping[str, Any] | None = None
        self._busy = False
        with card("How many this is"), ui.element("div").classes("sj-look") as place:
            place.props('role="status" data-mark="live-count"')
            self._number = ui.label("…").classes("sj-look-number")
            self._words = ui.label("").classes("sj-soft")
        with card("Some of them"):
            self._people = ui.element("div").classes("sj-look-people").props('data-mark="sample"')

    def ask(self, written: Mapping[str, Any]) -> None:
        """Look again soon."""
        self._wanted = dict(written)
        self._words.classes("is-stale")
        self._number.classes("is-stale")
        if not self._busy:
            self._busy = True
            background_tasks.create(self._answer(), name="looking at a segment", context=self._client)

    async def _answer(self) -> None:
        try:
            while self._wanted is not None and not self._number.is_deleted:
                await asyncio.sleep(SOON_S)
                wanted, self._wanted = self._wanted, None
                now_ms = self._at.clock.now_ms()
                found = await self._at.db.aread(lambda tx, wanted=wanted, now_ms=now_ms: look(tx, wanted, now_ms))
                if self._wanted is None and not self._number.is_deleted:
                    self._show(found)
        finally:
            self._busy = False

    def _show(self, found: Look) -> None:
        self._number.classes(remove="is-stale")
        self._words.classes(remove="is-stale")
        audience = found.audience
        if audience is None:
            self._number.text = "–"
            self._words.text = "Finish the rule to see whom it means."
        else:
            self._number.text = words.number(audience.estimate)
            counted = ", counted exactly" if audience.exact and audience.total else ""
            self._words.text = count_words(audience) + counted
        self._people.clear()
        with self._people:
            if found.people is None:
                sentence("Finding some of them takes too long while you write; save it, and its page shows everybody.")
            elif not found.people:
                ui.label("Nobody." if audience else "–").classes("sj-soft")
            for person in found.people or ():
                person_line(person)


def person_line(person: ContactLine) -> None:
    """Somebody's name with a link, and their address."""
    with ui.link(target=f"/contacts/{person.id}").classes("sj-row-link sj-look-person"):
        title = words.title_of(person)
        ui.label(title).classes("sj-strong sj-clip")
        beside = person.email or person.external_id or ""
        if beside and beside != title:
            ui.label(beside).classes("sj-soft sj-clip")
