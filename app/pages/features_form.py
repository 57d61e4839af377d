"""The definitions behind the figures, as the owner edits them: the life cycle's limits with a preview, and names."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ...runtime.feature_catalogue import STAGE_WORDS
from ...runtime.features import marks, measures
from ...runtime.features.measures import MeasureProblem, Measures
from ...runtime.features.spread import Overview, preview
from ...storage import users
from .. import words
from ..auth import permitted
from ..frame import button, here, sentence, table, visitor

LIMITS = ("loyal_orders", "loyal_days", "at_risk_days", "lost_days", "half_life_days")
NAMES = ("purchases", "refunds", "views", "silent", "total", "refund", "order_id", "products", "category")


def limits(known: Measures, seen: Overview, editable: bool) -> None:
    """Numbers, and what they would make of everybody before they are kept."""
    with ui.element("div").classes("sj-stack"):
        fields = {name: _number(name, known, editable) for name in LIMITS}
        if not editable:
            return
        place = ui.element("div").props('role="status" data-mark="preview"')

        @permitted("settings")
        async def look() -> None:
            wanted = _changed(known, {name: field.value for name, field in fields.items()})
            if wanted is None:
                return
            now_ms = here().clock.now_ms()
            found = await here().db.aread(lambda tx: preview(tx, wanted, now_ms))
            place.clear()
            with place:
                if found.seen < found.total:
                    sentence(f"Estimated from {words.number(found.seen)} people drawn by chance.").classes("sj-soft")
                rows = [
                    (title, words.number(seen.stages[stage]), words.number(found.stages[stage]))
                    for stage, title in STAGE_WORDS.items()
                ]
                table(("Stage", "Now", "With these limits"), rows, numbers=("Now", "With these limits"))

        @permitted("settings")
        async def save() -> None:
            await _save({name: field.value for name, field in fields.items()})

        with ui.element("div").classes("sj-dialog-actions"):
            button("Preview", look)
            button("Save", save, kind="main")


def meanings(known: Measures, editable: bool) -> None:
    """Lists of names, separated by commas."""
    with ui.element("div").classes("sj-event-names"):
        fields = {name: _names(name, known, editable) for name in NAMES}
    if not editable:
        return

    @permitted("settings")
    async def save() -> None:
        await _save({name: tuple(str(field.value or "").split(",")) for name, field in fields.items()})

    sentence("Several names are separated by commas; the first that says something counts.").classes("sj-soft")
    with ui.element("div").classes("sj-dialog-actions"):
        button("Save", save, kind="main")


def _number(name: str, known: Measures, editable: bool) -> Any:
    field = ui.number(Measures.model_fields[name].title or name, value=getattr(known, name), format="%g")
    field.props(f'outlined dense data-input="{name}"').classes("sj-field")
    field.set_enabled(editable)
    return field


def _names(name: str, known: Measures, editable: bool) -> Any:
    field = ui.input(Measures.model_fields[name].title or name, value=", ".join(getattr(known, name)))
    field.props(f'outlined dense maxlength="500" data-input="{name}"').classes("sj-field")
    field.set_enabled(editable)
    return field


def _changed(known: Measures, values: dict[str, Any]) -> Measures | None:
    try:
        return measures.changed(known, values)
    except MeasureProblem as problem:
        ui.notify(str(problem), type="negative", multi_line=True)
        return None


async def _save(values: dict[str, Any]) -> None:
    """Keep what was changed; everybody is worked out anew by it."""
    who, _ = await visitor()
    before = await here().db.aread(measures.load)
    wanted = _changed(before, values)
    if wanted is None:
        return
    if wanted == before:
        ui.notify("Nothing was changed.")
        return
    now_ms = here().clock.now_ms()
    changed = {name: value for name, value in wanted.model_dump(mode="json").items() if value != getattr(before, name)}

    def job(tx: Any) -> None:
        measures.save(tx, wanted)
        marks.fill_again(tx, now_ms)
        users.note(tx, who.email, "figures defined", "features", now_ms, changed)

    await here().db.awrite(job)
    ui.notify("Saved. Everybody is worked out anew; nobody is told of a stage that changes by it.", type="positive")
    await asyncio.sleep(1.2)  # so that it can be read
    ui.navigate.reload()
