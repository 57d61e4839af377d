"""Facts from outside for letters: the weather where somebody lives, and whatever else an address can say."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from ...runtime import outside as house
from ...runtime.exchange.caller import Caller
from ...runtime.settings import load as load_settings
from ...storage import outside as rows
from ...storage import users
from ...storage.columns import dump
from ...storage.database import Tx
from ...storage.handover import Filling
from ...storage.outside import OutsideSource
from ..auth import may, permitted
from ..frame import button, chip, empty, headline, here, moment, opened, sure, table, visitor
from ..row_menu import row_menu
from .changing import change

COLUMNS = ("Source", "Facts", "State", "")
TRIED = {"city": "Prague", "country": "CZ", "language": "en"}


@ui.page("/outside-facts", title="Outside facts · Sojourn")
@permitted("see")
async def outside_facts() -> None:
    """Every source by name."""
    who, known = await visitor()
    sources = await here().db.aread(rows.sources)
    lead = "What an address on the internet says of a place, kept for a while and put into letters."
    with opened("Outside facts", who, known, "Outside facts", lead) as actions:
        if may(who, "settings"):
            with actions:
                button("New source", lambda: _change(None), "add", kind="main")
        if not sources:
            empty(
                "wb_sunny",
                "No source yet",
                "Name an address that answers with JSON, such as a weather service asked by {city}.",
            )
            return
        table(COLUMNS, [_row(one, may(who, "settings")) for one in sources])


def _row(source: OutsideSource, editable: bool) -> list[Any]:
    def name() -> None:
        with ui.element("div"):
            ui.label(source.title or source.name).classes("sj-strong sj-break")
            ui.label(source.url).classes("sj-soft sj-break")

    def facts() -> None:
        for fact in source.fields:
            ui.label(f"outside.{source.name}.{fact}").classes("sj-mono sj-break")

    def state() -> None:
        if not source.active:
            chip("off")
        elif source.trouble:
            chip("no answer", "bad")
            ui.label(source.trouble).classes("sj-soft sj-break")
        else:
            chip("answers", "good") if source.answered_at else chip("not asked yet")
        moment(source.answered_at)

    def acts() -> None:
        if editable:
            with ui.element("div").classes("sj-row is-deeds"):
                button("Try it", lambda: _try(source.name), "play_arrow")
                row_menu(
                    source.title or source.name,
                    [("Change", "edit", lambda: _change(source)), ("Delete", "delete", lambda: _delete(source))],
                )

    return [name, facts, state, acts]


@permitted("settings")
async def _try(name: str) -> None:
    instance = here()
    source = await instance.db.aread(lambda tx: rows.named(tx, name))
    if source is None:
        return
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"Try {source.name}")
        words = list(dict.fromkeys(house.WORD.findall(source.url)))
        fields = {word: ui.input(word.replace("_", " "), value=TRIED.get(word, "")) for word in words}
        for field in fields.values():
            field.props("outlined dense").classes("sj-field")
        said = ui.element("div").classes("sj-stack").props('role="status"')

        @permitted("settings")
        async def ask() -> None:
            contact = {word: field.value or "" for word, field in fields.items()}
            zone = (await instance.db.aread(load_settings)).timezone
            url = house.address_for(source.url, Filling(contact, {}, {}), zone)
            said.clear()
            caller = Caller(instance.config.private_hosts, answer_s=source.timeout_ms / 1000)
            try:
                if not url:
                    raise house.OutsideProblem("A word of the address is not known: write something for each of them.")
                facts = await house.ask(source, url, caller, instance.secrets.open)
            except house.OutsideProblem as problem:
                with said:
                    ui.label(str(problem))
                    ui.label(f"Letters say instead: {_shown(source.fallback)}").classes("sj-soft sj-break")
                return
            finally:
                await caller.close()
            with said:
                ui.label(url).classes("sj-soft sj-break")
                lacking = {fact: f"nothing; letters say “{word}”" for fact, word in source.fallback.items()}
                told = {**dict.fromkeys(source.fields, "nothing"), **lacking, **facts}
                table(("Fact", "Says"), [(fact, str(told[fact])) for fact in source.fields])

        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)
            button("Ask now", ask, kind="main")


@permitted("settings")
async def _delete(source: OutsideSource) -> None:
    if not await sure(f"Delete {source.name}?", "Letters that ask for it find nothing.", "Delete", kind="danger"):
        return

    def job(tx: Tx, who: str, now_ms: int) -> None:
        rows.remove(tx, source.id or 0)
        users.note(tx, who, "outside.delete", source.name, now_ms)

    await change(job, "/outside-facts")


@permitted("settings")
async def _change(source: OutsideSource | None) -> None:
    instance = here()
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"The source {source.name}" if source else "New source of facts")
        known = source or OutsideSource(name="", url="", created_at=0)
        name = ui.input("Name in letters, such as weather", value=known.name)
        url = ui.input("Address", value=known.url, placeholder="https://weather.example.com/now?city={city}")
        ui.label(
            "Words in braces are filled for each reader: {city}, {country}, {region}, {language}, {timezone}, or a "
            "property of the contact. Who lacks one gets the fallbacks."
        ).classes("sj-soft")
        facts = ui.textarea("Facts", value=_lines(known))
        facts.props('placeholder="temperature = /current/temperature = 15"')
        ui.label("One a line: name = where it stands in the answer = fallback.").classes("sj-soft")
        headers = ui.textarea("Headers", placeholder="X-Api-Key: …")
        ui.label("One a line. They are kept sealed; left empty, they stay as they are.").classes("sj-soft")
        minutes = ui.number("Answers are kept for so many minutes", value=known.keep_minutes, min=1, max=43_200)
        wait = ui.number("Wait so many milliseconds for one", value=known.timeout_ms, min=200, max=3_000)
        active = ui.switch("In use", value=bool(known.active))
        for field in (name, url, facts, headers, minutes, wait):
            field.props("outlined dense").classes("sj-field")
        if source:
            name.disable()

        @permitted("settings")
        async def save() -> None:
            who, _ = await visitor()
            now_ms = instance.clock.now_ms()
            try:
                fields, fallback = _read(facts.value or "")
                sealed = (
                    instance.secrets.seal(dump(_headers(headers.value or ""))) if (headers.value or "").strip() else ""
                )

                def job(tx: Any) -> None:
                    key = source.name if source else str(name.value or "").strip()
                    kept = rows.named(tx, key)
                    if kept is not None and source is None:
                        raise house.OutsideProblem(f"There is a source “{key}” already: choose another name.")
                    kept = kept or OutsideSource(name=key, url="", created_at=now_ms, created_by=who.email)
                    kept.url, kept.fields, kept.fallback = str(url.value or "").strip(), fields, fallback
                    kept.keep_minutes, kept.timeout_ms = int(minutes.value or 0), int(wait.value or 0)
                    kept.active, kept.sealed = int(bool(active.value)), sealed or kept.sealed
                    rows.keep(tx, house.checked(kept))
                    users.note(tx, who.email, "outside.change", key, now_ms)

                await instance.db.awrite(job)
            except house.OutsideProblem as problem:
                ui.notify(str(problem), type="negative", multi_line=True)
                return
            ui.navigate.to("/outside-facts")

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save" if source else "Make it", save, kind="main")


def _lines(source: OutsideSource) -> str:
    return "\n".join(
        " = ".join([fact, pointer, *([_shown(source.fallback[fact])] if fact in source.fallback else [])])
        for fact, pointer in source.fields.items()
    )


def _read(text: str) -> tuple[dict[str, str], dict[str, Any]]:
    fields: dict[str, str] = {}
    fallback: dict[str, Any] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        fact, _, rest = line.partition("=")
        pointer, given, value = rest.partition("=")
        fields[fact.strip()] = pointer.strip()
        if given:
            fallback[fact.strip()] = _value(value.strip())
    return fields, fallback


def _value(text: str) -> Any:
    try:
        read = json.loads(text)
    except ValueError:
        return text[:500]
    return read if isinstance(read, int | float) and not isinstance(read, bool) else text[:500]


def _headers(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, _, value = line.partition(":")
        if not key.strip().replace("-", "").isalnum() or not value.strip() or not line.isascii():
            raise house.OutsideProblem("A header is written “Name: value”, one a line.")
        found[key.strip().lower()] = value.strip()
    return found


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{fact.replace('_', ' ')} {_shown(one)}" for fact, one in value.items()) or "nothing"
    return str(value)
