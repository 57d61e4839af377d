"""What DNS says of the sender, with the records to copy, and the keys that sign letters: two cards of a page."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui
from nicegui.element import Element

from ...runtime.deliverability import dns
from ...runtime.deliverability import keys as making
from ...runtime.deliverability.finding import CANNOT_ASK, LATER, Finding
from ...runtime.deliverability.keys import KeyProblem, Record
from ...runtime.numbers import counted
from ...storage.dkim_keys import ON, DkimKey
from .. import words
from ..auth import permitted
from ..frame import button, chip, empty, headline, here, moment, sentence, sure, table, visitor
from .changing import change

HERE = "/deliverability"
TONES = {"ok": "good", "wrong": "bad", "missing": "warn", "unknown": "", "optional": ""}
STATES = {"on": "signs", "off": "off", "waiting": "waits for DNS"}
ALGORITHMS = {"rsa-sha256": "RSA", "ed25519-sha256": "Ed25519"}
KINDS = {"rsa": "RSA, which everybody reads", "ed25519": "Ed25519, beside an RSA key"}
UNREAD = "Its record is not in DNS, as far as can be seen. Letters signed with it would fail at every receiver."


def looking(place: Element) -> None:
    place.clear()
    with place:
        ui.label("Asking DNS …").classes("sj-soft")


def show(place: Element, found: list[Finding]) -> None:
    place.clear()
    counts = dns.counted(found)
    with place:
        said = ", ".join(f"{words.number(count)} {state}" for state, count in counts.items() if count)
        ui.label(said).classes("sj-soft")
        unasked = [one for one in found if one.state == "unknown" and one.sentence == CANNOT_ASK]
        if len(unasked) > 1:
            ui.label(f"{CANNOT_ASK} {LATER}").classes("sj-strong sj-break")
            with ui.element("details").classes("sj-numbers"):
                with ui.element("summary"):
                    ui.label(f"Not asked: {counted(len(unasked), 'thing')}")
                for one in unasked:
                    ui.label(one.title).classes("sj-soft sj-break")
        for one in found:
            if len(unasked) < 2 or one not in unasked:
                _finding(one)


def _finding(one: Finding) -> None:
    with ui.element("div").classes("sj-stack sj-finding"):
        with ui.element("div").classes("sj-row"):
            state = "optional" if one.optional and one.state == "missing" else one.state
            chip(state, TONES[state])
            ui.label(one.title).classes("sj-strong")
        ui.label(one.sentence).classes("sj-break")
        if one.fix:
            sentence(one.fix).classes("sj-soft")
        for record in one.records:
            _record(record)


def _record(record: Record) -> None:
    """A line of DNS; its name and its value are copied by themselves, as panels have a field for each."""
    with ui.element("div").classes("sj-stack sj-dns"):
        with ui.element("div").classes("sj-row"):
            ui.label(f"{record.type} {record.name}").classes("sj-mono")
            button("Copy the name", lambda: ui.clipboard.write(record.name), "content_copy")
        with ui.element("div").classes("sj-row"):
            ui.label(record.quoted).classes("sj-mono sj-source")
            button("Copy the value", lambda: ui.clipboard.write(record.quoted), "content_copy")


def keys(kept: list[DkimKey], editable: bool) -> None:
    if not kept:
        empty("key", "No key yet", "Letters leave unsigned, and large providers refuse them in numbers.")
        return
    table(("Key", "Domain", "Kind", "State", "Made", ""), [_row(one, editable) for one in kept])


def _row(one: DkimKey, editable: bool) -> list[Any]:
    def state() -> None:
        chip(STATES[one.status], {"on": "good", "waiting": "warn"}.get(one.status, ""))

    def made() -> None:
        moment(round(one.created_at.timestamp() * 1000))

    def acts() -> None:
        with ui.element("div").classes("sj-row"):
            button("Record", lambda: _shown(one), "dns")
            if editable:
                button("Turn off" if one.status == ON else "Turn on", lambda: _turn(one))
                if one.status != ON:
                    button("Remove", lambda: _remove(one), kind="danger")

    return [one.selector, one.domain, ALGORITHMS.get(one.algorithm, one.algorithm), state, made, acts]


def _shown(one: DkimKey, title: str = "Publish this record", fresh: bool = False) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", lambda: ui.navigate.to(HERE) if fresh else dialog.delete())
        headline(dialog, title)
        ui.label(f"At whoever keeps the DNS of {one.domain}; then turn the key on.").classes("sj-soft")
        _record(making.record_of(one))
        with ui.element("div").classes("sj-dialog-actions"):
            button("Done", dialog.close, kind="main")


@permitted("settings")
async def new(domain: str) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "New key")
        name = ui.input("Domain letters come from", value=domain).props("outlined dense").classes("sj-field")
        kind = ui.select(KINDS, value="rsa", label="Kind").props("outlined dense").classes("sj-field")
        trouble = ui.label().classes("sj-soft").props('role="alert"')

        async def make() -> None:
            made = await _make(name.value or "", str(kind.value))
            if isinstance(made, DkimKey):
                dialog.close()
                _shown(made, "The key is made. Publish its record", fresh=True)
            elif made:
                trouble.set_text(made)

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Make it", make, kind="main")


@permitted("settings")
async def _make(domain: str, kind: str) -> DkimKey | str:
    who, _ = await visitor()
    try:
        return await asyncio.to_thread(making.make, here(), domain, kind, who.email)
    except KeyProblem as problem:
        return str(problem)


@permitted("settings")
async def _turn(one: DkimKey) -> None:
    if one.status == ON:
        if not await sure(f"Stop signing with {one.selector}?", "Letters leave without this signature.", "Turn it off"):
            return
    else:
        seen = await asyncio.to_thread(dns.in_dns, one)
        if seen.state != "ok" and not await sure(f"Turn {one.selector} on?", UNREAD, "Turn it on", kind="danger"):
            return
    await change(
        lambda tx, who, now_ms: making.turn(tx, one.selector, "off" if one.status == ON else "on", who, now_ms),
        HERE,
        KeyProblem,
    )


@permitted("settings")
async def _remove(one: DkimKey) -> None:
    consequence = "Leave its record in DNS for some days: letters on their way need it. The key cannot be had again."
    if await sure(f"Remove {one.selector}?", consequence, "Remove", kind="danger"):
        await change(lambda tx, who, now_ms: making.remove(tx, one.selector, who, now_ms), HERE, KeyProblem)
