"""What the owner sets: brand, sender, addresses, time zone; and the keys programs come with."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from nicegui import ui

from ...runtime import settings as catalogue
from ...runtime.settings import SettingProblem, Settings
from ...storage import users
from ...storage.users import ApiKey, Who
from ..auth import may, permitted
from ..frame import button, card, chip, empty, here, moment, opened, sure, visitor

GROUPS = (
    ("Brand", ("brand_name", "brand_color", "brand_logo", "audience", "language", "timezone")),
    ("Letters", ("sender_name", "sender_address", "reply_to", "postal_address", "base_url", "short_url")),
    (
        "Counting",
        (
            "tracking_url",
            "track_opens",
            "track_clicks",
            "machine_opens_count",
            "honour_do_not_track",
            "scanner_trap",
            "conversion_days",
            "conversion_event",
            "opens_convert",
        ),
    ),
    ("Words behind links", ("utm", "own_domains", "utm_source", "utm_medium", "utm_campaign")),
    ("Checks of letters", ("words_wanted", "words_banned", "check_links")),
    ("Identity", ("phone_country", "phones_identify", "devices_proven", "merge_above")),
    ("A clean list", ("soft_bounces", "inactive_days", "inactive_stop_days")),
    ("Reviews", ("four_eyes",)),
)
KINDS = {"write": "Events in (write)", "admin": "Everything (admin)"}


@ui.page("/settings", title="Settings · Sojourn")
@permitted("see")
async def settings() -> None:
    """The settings by group, and the keys."""
    who, known = await visitor()
    keys = await here().db.aread(users.keys)
    framed = opened("Settings", who, known, "Settings", "What holds for the whole instance.")
    with framed, ui.element("div").classes("sj-columns"):
        with ui.element("div").classes("sj-stack"):
            for title, names in GROUPS:
                with card(title):
                    _group(names, known, may(who, "settings"))
        _keys(keys, who)


def _group(names: tuple[str, ...], known: Settings, editable: bool) -> None:
    fields = {name: _field(name, known, editable) for name in names}

    @permitted("settings")
    async def save() -> None:
        who, before = await visitor()
        changed = {name: field.value for name, field in fields.items() if field.value != getattr(before, name)}
        if not changed:
            ui.notify("Nothing was changed.")
            return
        now = here().clock.now_ms()

        def job(tx: Any) -> None:
            for name, value in changed.items():
                catalogue.save(tx, name, value)
                users.note(tx, who.email, "setting", name, now, {"value": value})

        try:
            await here().db.awrite(job)
        except SettingProblem as problem:
            ui.notify(str(problem).replace("`", ""), type="negative", multi_line=True)
            return
        here().runtime.nudge()
        ui.notify("Saved.", type="positive")

    if editable:
        with ui.element("div").classes("sj-dialog-actions"):
            button("Save", save, kind="main")


def _field(name: str, known: Settings, editable: bool) -> Any:
    info = Settings.model_fields[name]
    label, value = info.title or name.replace("_", " ").capitalize(), getattr(known, name)
    made: Any
    if isinstance(value, bool):
        made = ui.switch(label, value=value)
        ui.label(info.description or "").classes("sj-soft")
    elif name == "timezone":
        made = ui.select(sorted(available_timezones()), value=value, label=label, with_input=True)
        made.props("outlined dense").classes("sj-field")
    else:
        made = ui.textarea(label, value=value) if name == "postal_address" else ui.input(label, value=value)
        made.props("outlined dense" + (" autogrow" if name == "postal_address" else "")).classes("sj-field")
    if not isinstance(value, bool):
        ui.label(info.description or "").classes("sj-soft sj-hint")
    made.set_enabled(editable)
    return made


# ── keys ──────────────────────────────────────────────────────────────────────────────────────────────


def _keys(keys: list[ApiKey], who: Who) -> None:
    shown = keys

    @permitted("keys")
    async def again() -> None:
        nonlocal shown
        shown = await here().db.aread(users.keys)
        listing.refresh()

    with card("Keys for programs", "a write key lets your site send events"):

        @ui.refreshable
        def listing() -> None:
            if not shown:
                empty("key", "No key yet", "An SDK needs one to send events.")
            else:
                for key in shown:
                    _key(key, who, again)

        listing()
        if may(who, "keys"):
            with ui.element("div").classes("sj-dialog-actions"):
                button("New key", lambda: _new_key(again), "add")


def _key(key: ApiKey, who: Who, again: Callable[..., Any]) -> None:
    @permitted("keys")
    async def end() -> None:
        if await sure("Revoke this key?", "Programs that use it are refused from this moment.", "Revoke", "danger"):
            actor, _ = await visitor()
            now = here().clock.now_ms()

            def job(tx: Any) -> None:
                users.revoke_key(tx, key.id or 0, now)
                users.note(tx, actor.email, "key revoked", key.hint, now)

            await here().db.awrite(job)
            await again()

    with ui.element("div").classes("sj-key"):
        with ui.element("div").classes("sj-key-words"):
            ui.label(key.name or key.kind).classes("sj-strong")
            ui.label(f"{key.hint}… · {KINDS.get(key.kind, key.kind)}").classes("sj-soft")
            if not key.revoked_at:
                moment(round(key.created_at.timestamp() * 1000))
        if key.revoked_at:
            chip("revoked", "bad")
        elif may(who, "keys"):
            button("Revoke", end)


async def _new_key(again: Callable[..., Any]) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        ui.label("New key").classes("sj-card-title")
        name = ui.input("What it is for").props('outlined dense autofocus maxlength="80"').classes("sj-field")
        kind = ui.select(KINDS, value="write", label="What it may do").props("outlined dense").classes("sj-field")
        place = ui.element("div").classes("sj-stack")

        @permitted("keys")
        async def make() -> None:
            who, _ = await visitor()
            if kind.value not in KINDS:
                return
            key = new_key(kind.value)
            now = here().clock.now_ms()

            def job(tx: Any) -> None:
                users.add_key(tx, key, kind.value, str(name.value or "")[:80], now)
                users.note(tx, who.email, "key made", key[:8], now)

            await here().db.awrite(job)
            actions.clear()
            with place:
                ui.label("Copy it now: it is shown this once.").classes("sj-soft")
                with ui.element("div").classes("sj-row"):
                    ui.label(key).classes("sj-mono sj-source")
                    button("Copy", lambda: ui.clipboard.write(key), "content_copy")
            with actions:
                button("Done", dialog.close, kind="main")
            await again()

        with ui.element("div").classes("sj-dialog-actions") as actions:
            button("Cancel", dialog.close)
            button("Make it", make, kind="main")


def new_key(kind: str) -> str:
    """A fresh key: its kind, then 192 random bits."""
    return f"{kind[0]}k_{secrets.token_urlsafe(24)}"
