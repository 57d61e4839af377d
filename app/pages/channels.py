"""Channels: what messages go out by, how each is, and the dialogs that open, change and try an account."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from ...runtime import accounts as opening
from ...runtime.accounts import AccountProblem
from ...runtime.channels.channel import Channel, carriers, media
from ...storage import accounts
from ...storage.accounts import Account
from .. import words
from ..auth import may, permitted
from ..frame import button, card, chip, empty, here, opened, sentence, sure, table, visitor
from ..row_menu import row_menu
from .channel_dialogs import account_dialog, choose_dialog, test_dialog

LEAD = "Everything messages go out by: e-mail, texts, push, the inbox on your site, and other systems."
LATELY_MS = 7 * 86_400_000


@ui.page("/channels", title="Channels · Sojourn")
@permitted("see")
async def channels() -> None:
    """One card for each medium that has something to say, then the accounts."""
    who, known = await visitor()
    instance = here()
    now_ms = instance.clock.now_ms()

    def read(tx: Any) -> tuple[Any, ...]:
        return accounts.everyone(tx), accounts.used(tx, now_ms - LATELY_MS)

    kept, counts = await instance.db.aread(read)
    editable = may(who, "settings")
    with opened("Channels", who, known, "Channels", LEAD):
        if editable:
            with ui.element("div").classes("sj-row"):
                button("New account", choose_dialog, "add", kind="main")
        with card("Accounts", "of several for one medium, the first is asked first"):
            if kept:
                table(
                    ("Account", "For", "By", "State", "Sent in 7 days", "Failed", "Callbacks", ""),
                    [_row(one, counts.get(one.name, {}), editable) for one in kept],
                    numbers=("Sent in 7 days", "Failed"),
                )
            else:
                empty(
                    "cell_tower",
                    "No account yet",
                    "E-mail goes by the mail server of the configuration.",
                    "For texts, push and other systems open an account at whoever carries them.",
                )
        with card("What there is", "every medium a step can send by"):
            _media(kept)


def _row(one: Account, counts: dict[str, int], editable: bool) -> list[Any]:
    kind = carriers(one.medium).get(one.carrier)
    medium = media().get(one.medium)

    def state() -> None:
        word, tone = _health(one)
        if tone != "bad":
            chip(word, tone)
            return
        with ui.element("div"):
            chip("trouble", tone)
            ui.label(word).classes("sj-soft sj-break")

    def calls() -> None:
        if kind is not None and (kind.capabilities.receipts or kind.capabilities.replies):
            ui.label(_callback(one.name)).classes("sj-mono sj-break")
        else:
            ui.label("none").classes("sj-soft")

    def acts() -> None:
        if editable and kind is not None:
            on = one.status == "on"
            with ui.element("div").classes("sj-row is-deeds"):
                button("Test", lambda: test_dialog(one), "send")
                row_menu(
                    one.name,
                    [
                        ("Change", "edit", partial(account_dialog, kind, one)),
                        ("Turn off" if on else "Turn on", "toggle_off" if on else "toggle_on", lambda: _turn(one)),
                        ("Close", "delete", lambda: _close(one)),
                    ],
                )

    return [
        one.name,
        medium.label if medium else one.medium,
        kind.label if kind else one.carrier,
        state,
        words.number(counts.get("sent", 0)),
        words.number(counts.get("failed", 0)),
        calls,
        acts,
    ]


def _health(one: Account) -> tuple[str, str]:
    if one.status != "on":
        return "off", ""
    runtime = here().__dict__.get("runtime")
    channel: Channel | None = runtime.outbox.channels.account(one.name) if runtime else None
    if channel is None:
        cannot = f"The account {one.name} cannot be opened"
        said = [why for why in runtime.outbox.channels.troubles if why.startswith(cannot)] if runtime else []
        return (said[0], "bad") if said else ("on", "good")
    health = channel.health()
    return ("on", "good") if health.ok else (health.text or "not reached", "bad")


def _callback(name: str) -> str:
    return f"{here().settings.base_url}/hooks/{name}"


def _media(kept: list[Account]) -> None:
    with_accounts = {one.medium for one in kept if one.status == "on"}
    configured = set(here().runtime.outbox.channels) if "runtime" in here().__dict__ else set()
    rows = []
    for name, medium in sorted(media().items(), key=lambda one: one[1].label):
        ready = name in with_accounts or name in configured

        def state(ready: bool = ready, name: str = name) -> None:
            if ready:
                chip("ready", "good")
            else:
                chip("needs an account" if carriers(name) else "not set up", "warn")

        by = ", ".join(kind.label or carrier for carrier, kind in sorted(carriers(name).items())) or "the house itself"
        rows.append([medium.label, medium.help, by, state])
    table(("Medium", "What it is", "Carried by", "State"), rows)
    sentence("Steps that send by something that is not ready keep their messages until it is.")


@permitted("settings")
async def _turn(one: Account) -> None:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    await here().db.awrite(lambda tx: opening.turn(tx, one.name, one.status != "on", who.email, now_ms))
    ui.navigate.to("/channels")


@permitted("settings")
async def _close(one: Account) -> None:
    question = f"Close {one.name}?"
    if not await sure(
        question, "Its secrets are forgotten. What went out by it stays in the record.", "Close", "danger"
    ):
        return
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    try:
        await here().db.awrite(lambda tx: opening.remove(tx, one.name, who.email, now_ms))
    except AccountProblem as problem:
        ui.notify(str(problem), type="negative")
        return
    ui.navigate.to("/channels")
