"""Webhooks: the list with what became of what was told, the log of each, and the dialog that makes one."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.contracts import catalogue
from ...runtime.exchange import webhooks as hooks
from ...storage import users, webhooks
from ...storage.webhooks import Webhook
from .. import words
from ..auth import permitted
from ..frame import button, chip, empty, here, moment, sure, table, visitor

HERE = "/in-and-out?part=webhooks"
TONES = {"on": "good", "off": "", "disabled": "bad", "delivered": "good", "failed": "bad", "waiting": "warn"}
OURS = ("joined_segment", "left_segment", "lifecycle_changed")


def webhook_list(
    found: list[Webhook], counts: dict[int, dict[str, int]], event_names: list[str], segments: list[str], editable: bool
) -> None:
    """All webhooks; ``editable`` for the owner."""
    with ui.element("div").classes("sj-stack sj-wide"):
        if editable:
            with ui.element("div").classes("sj-row"):
                button("New webhook", lambda: _new_dialog(event_names, segments), "add", kind="main")
        if not found:
            empty(
                "webhook", "Nobody is told yet", "A webhook sends chosen events to an address of yours as they happen."
            )
            return
        table(
            ("Webhook", "Told of", "State", "Told", "Waiting", "Failed", ""),
            [_row(one, counts.get(one.id or 0, {}), editable) for one in found],
            numbers=("Told", "Waiting", "Failed"),
        )


def _row(one: Webhook, counts: dict[str, int], editable: bool) -> list[Any]:
    number = one.id or 0

    def name() -> None:
        ui.label(one.title).classes("sj-strong sj-break")
        ui.label(one.url).classes("sj-soft sj-break")

    def state() -> None:
        chip("turned off: it failed" if one.status == "disabled" else one.status, TONES.get(one.status, ""))
        if one.status == "on" and one.failing_since is not None:
            chip("failing", "warn")

    def acts() -> None:
        with ui.element("div").classes("sj-row"):
            button("Log", lambda: _log(number, one.title), "list")
            if editable:
                button("Test", lambda: _test(number), "send")
                button("Turn off" if one.status == "on" else "Turn on", lambda: _turn(number))
                button("Delete", lambda: _delete(number, one.title), kind="danger")

    told = ", ".join(one.events) + (f" (segments {', '.join(one.segments)})" if one.segments else "")
    figures = [words.number(counts.get(kind, 0)) for kind in ("delivered", "waiting", "failed")]
    return [name, told, state, *figures, acts]


@permitted("see")
async def _log(number: int, title: str) -> None:
    rows = await here().db.aread(lambda tx: webhooks.log(tx, number))
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        ui.label(f"What {title} was told").classes("sj-card-title")
        if rows:
            table(("Event", "State", "Tries", "Answer", "When"), [_told(row) for row in rows], numbers=("Tries",))
        else:
            empty("inbox", "Nothing yet", "Send a test, or wait for the first event.")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close, kind="main")


def _told(row: Any) -> list[Any]:
    _, event, status, attempts, code, said, created, tried, due = row

    def state() -> None:
        chip(status, TONES.get(status, ""))

    def when() -> None:
        moment(tried or created)
        if due is not None and attempts:
            with ui.element("div").classes("sj-row sj-soft"):
                ui.label("again")
                moment(due)

    answer = " ".join(part for part in (str(code or ""), said) if part) or "–"
    return [event or "a test", state, str(attempts), answer, when]


@permitted("settings")
async def _test(number: int) -> None:
    now_ms = here().clock.now_ms()
    await here().db.awrite(lambda tx: hooks.test(tx, number, now_ms))
    ui.notify("A test is on its way; the log says what came back.")


@permitted("settings")
async def _turn(number: int) -> None:
    now_ms = here().clock.now_ms()

    def job(tx: Any) -> None:
        kept = webhooks.get(tx, number)
        if kept is None:
            return
        if kept.status == "on":
            kept.status = "off"
            webhooks.keep(tx, kept)
        else:
            webhooks.again(tx, number, now_ms)

    await here().db.awrite(job)
    ui.navigate.to(HERE)


@permitted("settings")
async def _delete(number: int, title: str) -> None:
    if await sure(f"Delete {title}?", "It is told nothing more, and its log is gone.", "Delete", kind="danger"):
        who, _ = await visitor()
        now_ms = here().clock.now_ms()

        def job(tx: Any) -> None:
            webhooks.remove(tx, number)
            users.note(tx, who.email, "webhook deleted", title, now_ms)

        await here().db.awrite(job)
        ui.navigate.to(HERE)


@permitted("settings")
async def _new_dialog(event_names: list[str], segment_names: list[str]) -> None:
    names = sorted({*event_names, *catalogue.shipped(), *OURS})
    with ui.dialog(value=True).props("persistent") as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        ui.label("New webhook").classes("sj-card-title")
        place = ui.element("div").classes("sj-stack")
        with place:
            title = ui.input("Name").props('outlined dense autofocus maxlength="200"').classes("sj-field")
            url = ui.input("Address").props('outlined dense placeholder="https://"').classes("sj-field")
            events = ui.select(names, multiple=True, value=[], label="Told of these events", with_input=True)
            events.props("outlined dense use-chips").classes("sj-field")
            segments = ui.select(
                segment_names, multiple=True, value=[], label="Only of these segments (joined and left)"
            )
            segments.props("outlined dense use-chips").classes("sj-field")
            segments.set_visibility(bool(segment_names))

        @permitted("settings")
        async def make() -> None:
            who, _ = await visitor()
            instance, now_ms = here(), here().clock.now_ms()
            wanted = [str(one) for one in events.value or []], [str(one) for one in segments.value or []]
            given = str(title.value or ""), str(url.value or "")

            def job(tx: Any) -> str:
                _, secret = hooks.make(tx, instance.secrets.seal, *given, *wanted, who.email, now_ms)
                users.note(tx, who.email, "webhook made", given[0][:200], now_ms)
                return secret

            try:
                secret = await instance.db.awrite(job)
            except hooks.WebhookProblem as problem:
                ui.notify(str(problem), type="negative", multi_line=True)
                return
            place.clear()
            actions.clear()
            with place:
                ui.label("This secret proves to the receiver that a message is from here.")
                ui.label("Copy it now: it is shown this once.").classes("sj-soft")
                with ui.element("div").classes("sj-row"):
                    ui.label(secret).classes("sj-mono sj-source")
                    button("Copy", lambda: ui.clipboard.write(secret), "content_copy")
            with actions:
                button("Done", lambda: ui.navigate.to(HERE), kind="main")

        with ui.element("div").classes("sj-dialog-actions") as actions:
            button("Cancel", dialog.close)
            button("Make it", make, kind="main")
