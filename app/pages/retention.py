"""How long things are kept: a number of days for each kind, what would go today, and nothing that goes unasked."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ...runtime.governance import retention as keeping
from ...runtime.numbers import counted
from ..auth import may, permitted
from ..frame import button, card, here, opened, sentence, sure, visitor

LEAD = "What nobody needs any more should not lie around. Days are counted from the last time; 0 keeps for ever."


@ui.page("/retention", title="Retention · Sojourn")
@permitted("see")
async def retention() -> None:
    """The rules, and a dry run of them."""
    who, known = await visitor()
    days = await here().db.aread(keeping.rules)
    editable = may(who, "settings")
    with opened("Retention", who, known, "Retention", LEAD), ui.element("div").classes("sj-stack"):
        fields: dict[str, ui.number] = {}
        said: dict[str, ui.label] = {}
        for rule in keeping.RULES:
            with card(rule.title):
                sentence(rule.sentence).classes("sj-soft")
                with ui.element("div").classes("sj-row"):
                    field = ui.number("Days", value=days[rule.key], min=0, max=keeping.LONGEST, precision=0)
                    field.props(f'outlined dense aria-label="Days: {rule.title}" data-rule={rule.key}')
                    field.set_enabled(editable)
                    fields[rule.key] = field
                    said[rule.key] = ui.label("").classes("sj-soft").props('role="status"')

        def asked() -> dict[str, int]:
            return {key: int(field.value or 0) for key, field in fields.items()}

        @permitted("see")
        async def look() -> None:
            for label in said.values():
                label.text = "Counting …"
            found = await asyncio.to_thread(keeping.would_go, here().db, asked(), here().clock.now_ms())
            for key, label in said.items():
                label.text = _words(key, found[key]) if asked()[key] else "Kept for ever."

        @permitted("settings")
        async def save() -> None:
            found = await asyncio.to_thread(keeping.would_go, here().db, asked(), here().clock.now_ms())
            going = [_words(key, n) for key, n in found.items() if n]
            if going and not await sure(
                "Keep things no longer than this?",
                f"{' '.join(going)} It begins within the hour and cannot be taken back.",
                "Save and let it go",
                kind="danger",
            ):
                return

            def keep(tx: Any) -> None:
                keeping.keep(tx, asked(), who.email, here().clock.now_ms())

            try:
                await here().db.awrite(keep)
            except keeping.NoSuchRule as problem:
                ui.notify(str(problem), type="negative")
                return
            ui.notify("Saved.", type="positive")

        with ui.element("div").classes("sj-dialog-actions"):
            button("What would go today?", look, "visibility")
            if editable:
                button("Save", save, kind="main")


def _words(key: str, count: int) -> str:
    if key == "silent":
        return f"{counted(count, 'person would be made anonymous', 'people would be made anonymous')} today."
    return f"{counted(count, 'row would be deleted', 'rows would be deleted')} today."
