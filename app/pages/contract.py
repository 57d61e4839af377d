"""One event's contract: how strictly it is meant, its properties as a form or as JSON, samples, and what broke it."""

from __future__ import annotations

from typing import Any

import orjson
from nicegui import ui

from ...runtime.contracts import catalogue, learning, schema
from ...runtime.numbers import counted
from ...storage import catalog, contracts, users
from ...storage.contracts import Contract
from ...storage.users import Who
from .. import words
from ..auth import may, permitted
from ..frame import button, card, chip, empty, here, moment, opened, sure, table, visitor
from .contract_form import TYPES, PropertyForm

SHOWN = 100  # violations
MODES = {
    "learn": "Learn: nothing is judged",
    "warn": "Warn: kept, counted and listed",
    "strict": "Strict: refused alone",
}


@ui.page("/contracts/event", title="Contract · Sojourn")
@permitted("see")
async def contract(name: str = "") -> None:
    """Everything about the contract of one event."""
    who, known = await visitor()

    def read(tx: Any) -> tuple[Contract | None, list[Any], list[Any]]:
        kept = catalogue.named(tx, name, here().clock.now_ms())
        return kept, contracts.violations(tx, name, SHOWN), catalog.event_properties(tx, name)

    found, broken, samples = await here().db.aread(read)
    with opened("Contracts", who, known, name or "Contract", found.title if found else "") as actions:
        if found is None:
            empty("contract_delete", "There is no such event", "It was never sent, and no contract is kept for it.")
            ui.link("All contracts", "/contracts")
            return
        with actions:
            if may(who, "edit") and found.id is not None:
                button("Forget it", lambda: _forget(name), "delete")
        with ui.element("div").classes("sj-columns"):
            with ui.element("div").classes("sj-stack"):
                _editor(found, who)
                _violations(broken, found.violations)
            with ui.element("div").classes("sj-stack"):
                _learnt(found)
                _samples(samples)


def _editor(found: Contract, who: Who) -> None:
    editable = may(who, "edit")
    form = catalogue.freeze(found)
    with card("Contract", found.description):
        with ui.element("div").classes("sj-row"):
            chip({"shipped": "comes with Sojourn", "learnt": "learnt", "edited": "yours"}.get(found.origin, ""))
        mode = ui.select(MODES, value=found.mode, label="How strictly it is meant").props("outlined dense")
        mode.classes("sj-field").set_enabled(editable)
        with ui.tabs().props('align="left" no-caps dense') as tabs:
            as_form = ui.tab("form", label="As a form")
            as_json = ui.tab("json", label="As JSON")
        with ui.tab_panels(tabs, value=as_form).classes("sj-panels"):
            with ui.tab_panel(as_form):
                fields = PropertyForm(form, editable)
            with ui.tab_panel(as_json):
                text = ui.textarea("JSON Schema", value=_pretty(form)).props('outlined autogrow spellcheck="false"')
                text.classes("sj-mono sj-wide").set_enabled(editable)

        def turned() -> None:
            """What was typed on one side stands on the other."""
            if tabs.value == "json":
                text.value = _pretty(fields.schema)
            else:
                try:
                    fields.show(schema.read(text.value or ""))
                except schema.BadSchema as problem:
                    ui.notify(str(problem), type="negative", multi_line=True)
                    tabs.value = "json"

        tabs.on_value_change(turned)

        @permitted("edit")
        async def save() -> None:
            actor, _ = await visitor()
            now_ms = here().clock.now_ms()
            try:
                wanted = schema.read(text.value or "") if tabs.value == "json" else schema.check(fields.schema)
            except schema.BadSchema as problem:
                ui.notify(str(problem), type="negative", multi_line=True, timeout=10_000)
                return

            def job(tx: Any) -> None:
                about = found.title, found.description
                catalogue.change(tx, found.name, wanted, str(mode.value), actor.email, now_ms, *about)
                users.note(tx, actor.email, "contract changed", found.name, now_ms, {"mode": mode.value})

            try:
                await here().db.awrite(job)
            except catalogue.BadContracts as problem:
                ui.notify(str(problem), type="negative")
                return
            ui.notify("Saved. It counts from the next event on.", type="positive")

        if editable:
            with ui.element("div").classes("sj-dialog-actions"):
                if found.learnt.get("n"):
                    button("Use what was learnt", lambda: _use(fields, text, found), "auto_awesome")
                button("Save", save, kind="main")


def _use(fields: PropertyForm, text: ui.textarea, found: Contract) -> None:
    learnt = learning.derive(found.learnt)
    fields.show(learnt)
    text.value = _pretty(learnt)


def _learnt(found: Contract) -> None:
    n = found.learnt.get("n", 0)
    with card("What arrives", f"learnt from {counted(n, 'event')}"):
        rows = []
        for name, kinds in sorted((found.learnt.get("properties") or {}).items()):
            there = sum(count for kind, count in kinds.items() if kind != "null")
            types = ", ".join(TYPES[kind] for kind in sorted(kinds) if kind in TYPES) or "Always empty"
            rows.append((name, types, words.share(there, n)))
        if rows:
            table(("Property", "Is", "There in"), rows, numbers=("There in",))
        else:
            empty("hourglass_empty", "Nothing has arrived yet", "What comes is learnt within seconds.")


def _samples(samples: list[Any]) -> None:
    with card("Samples", "values of the latest events"):
        rows = [(one.name, ", ".join(words.shown(value) for value in one.samples[:5])) for one in samples]
        if rows:
            table(("Property", "Such as"), rows)
        else:
            ui.label("There is no event of this name yet.").classes("sj-soft")


def _violations(broken: list[Any], count: int) -> None:
    with card("What broke it", f"{counted(count, 'event')} so far"):
        if not broken:
            empty("verified", "Nothing broke it", "Each event that does is listed here with the reason.")
            return

        def row(at: int, refused: int, reason: str, sample: str) -> list[Any]:
            def became() -> None:
                chip("refused" if refused else "kept", "bad" if refused else "warn")

            return [reason, became, sample[:160] or "–", lambda: moment(at)]

        table(
            ("What is wrong", "It was", "What it said", "When"),
            [row(at, refused, reason, sample) for at, refused, reason, _, sample in broken],
        )


@permitted("edit")
async def _forget(name: str) -> None:
    consequence = "Its schema, what was learnt and what broke it are gone. The events stay, and it learns anew."
    if await sure("Forget this contract?", consequence, "Forget it", kind="danger"):
        who, _ = await visitor()
        now_ms = here().clock.now_ms()

        def job(tx: Any) -> None:
            contracts.remove(tx, name)
            users.note(tx, who.email, "contract forgotten", name, now_ms)

        await here().db.awrite(job)
        ui.navigate.to("/contracts")


def _pretty(form: dict[str, Any]) -> str:
    return orjson.dumps(form, option=orjson.OPT_INDENT_2).decode()
