"""A form for the settings of a model: edited in place, checked at once, handed over shortly after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from nicegui import background_tasks, ui
from nicegui.context import context
from pydantic import BaseModel, ValidationError

from ....nodes.complaints import Place, complaints
from ....nodes.labels import subject
from .around import Around
from .fields import Fields

SHORTLY_S = 0.3
Hand = Callable[[dict[str, Any]], Awaitable[str | None]]


class Form:
    """Draws where it is made.

    ``now()`` gives the settings as they are for everybody, ``hand(settings)`` hands over edited ones and answers with
    a sentence when they were refused. Only what this person edited is written over what others did meanwhile.
    """

    def __init__(
        self, model: type[BaseModel], now: Callable[[], Mapping[str, Any]], around: Around, hand: Hand
    ) -> None:
        self._client = context.client
        self._model, self._now, self._hand = model, now, hand
        self._dirty: set[str] = set()
        self._waiting: asyncio.Task[None] | None = None
        with ui.element("div").classes("sj-form") as self.place:
            self._note = ui.label("").classes("sj-form-fault is-whole").props('role="alert"')
            self.fields = Fields(model, now(), around, self._edited)
        self.fields.watch(self._dirty.update)
        self._check()

    def refresh(self) -> None:
        """Show what others changed; what is being typed here stays."""
        settings = self._merged()
        if settings != self.fields.settings:
            self.fields.show(settings)
            self._check()

    async def flush(self) -> None:
        """Hand over what was edited and not handed over yet."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if not self._dirty:
            return
        settings = self._merged()
        self._dirty.clear()
        refusal = await self._hand(settings)
        if not self._note.is_deleted:
            self._check(refusal or "")

    def _edited(self) -> None:
        self._check()
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(self._shortly(), name="an edit is handed over", context=self._client)

    async def _shortly(self) -> None:
        await asyncio.sleep(SHORTLY_S)
        self._waiting = None
        await self.flush()

    def _merged(self) -> dict[str, Any]:
        mine = {name: value for name, value in self.fields.settings.items() if name in self._dirty}
        return {name: value for name, value in self._now().items() if name not in self._dirty} | mine

    def _check(self, refusal: str = "") -> None:
        rest = self.fields.complain(list(faults(self._model, self.fields.settings)))
        said = [refusal, *(f"{subject(self._model, place) or 'This step'} {text}." for place, text in rest)]
        self._note.text = " ".join(sentence for sentence in said if sentence)
        self._note.visible = bool(self._note.text)


def faults(model: type[BaseModel], settings: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """What the model finds wrong with these settings."""
    try:
        model.model_validate(dict(settings))
    except ValidationError as error:
        yield from complaints(error)
