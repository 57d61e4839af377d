"""People: who may come in and as what, invitations to copy, and everybody's own password."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from nicegui import ui
from nicegui.context import context

from ...storage import users
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.users import EmailTaken, LastOwner, User, Who
from ..auth import ROLES, accounts, key_of, permitted
from ..frame import button, card, chip, headline, here, moment, opened, sure, table, visitor
from ..harden import end_pages
from ..invitations import DAYS, invitation
from ..passwords import TooBusy, WeakPassword, hash_password
from ..patience import TooManyTries

Again = Callable[[], Awaitable[Any]]


@ui.page("/people", title="People · Sojourn")
@permitted("people")
async def people() -> None:
    """Everybody in one line."""
    who, known = await visitor()
    lead = "Who may come in, and what they may do."
    everybody = await here().db.aread(users.people)
    with opened("People", who, known, "People", lead) as actions:

        @permitted("people")
        async def again() -> None:
            nonlocal everybody
            everybody = await here().db.aread(users.people)
            listing.refresh()

        with actions:
            button("Invite", lambda: _invite(again), "person_add", "main").props('data-mark="invite"')

        @ui.refreshable
        def listing() -> None:
            table(("Person", "Role", "Last here", ""), [_person(user, who, again) for user in everybody])

        listing()
        with card("Roles"), ui.element("div").classes("sj-pairs"):
            for role, says in ROLES.items():
                ui.label(role.capitalize())
                ui.label(says[:1].upper() + says[1:] + ".")


def _person(user: User, me: Who, again: Again) -> list[Any]:
    def name() -> None:
        ui.label(user.name or user.email).classes("sj-strong sj-break")
        ui.label(user.email + (" · you" if user.id == me.id else "")).classes("sj-soft sj-break")

    def role() -> None:
        choice = ui.select({key: key.capitalize() for key in ROLES}, value=user.role).props("outlined dense")
        choice.props["aria-label"] = f"Role of {user.email}"
        choice.on_value_change(lambda event: _give_role(user, str(event.value), again))
        choice.set_enabled(user.id != me.id and user.disabled_at is None)

    def last() -> None:
        if user.disabled_at:
            chip("may not come in", "bad")
        elif not user.password_hash:
            chip("invited", "warn")
        else:
            moment(to_ms(user.signed_in_at) if user.signed_in_at else None)

    def tools() -> None:
        with ui.element("div").classes("sj-row").style("flex-wrap: nowrap"):
            if user.disabled_at is None:
                button("Link", lambda: _new_link(user, again), "link").tooltip("A link to set a password")
            if user.id != me.id:
                text = "Disable" if user.disabled_at is None else "Let in again"
                button(text, lambda: _turn(user, again))

    return [name, role, last, tools]


@permitted("people")
async def _invite(again: Again) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog").props('data-mark="invite-dialog"'):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Invite somebody")
        email = ui.input("E-mail address").props('outlined dense autofocus maxlength="320"').classes("sj-field")
        name = ui.input("Name").props('outlined dense maxlength="120"').classes("sj-field")
        roles = {key: f"{key.capitalize()}: {says}" for key, says in ROLES.items()}
        role = ui.select(roles, value="reviewer", label="Role").props("outlined dense").classes("sj-field")
        place = ui.element("div").classes("sj-stack")

        @permitted("people")
        async def make() -> None:
            me, _ = await visitor()
            now = here().clock.now_ms()
            try:
                address = validate_email(str(email.value or ""), check_deliverability=False, test_environment=True)
                if role.value not in ROLES:
                    return

                def job(tx: Tx) -> User:
                    user = users.add_user(
                        tx, address.normalized, "", secrets.token_hex(8), now,
                        role=role.value, name=str(name.value or "").strip()[:120],
                    )  # fmt: skip
                    users.vouch(tx, user.email, me.email, now)
                    users.note(tx, me.email, "user.invite", user.email, now, {"role": role.value})
                    return user

                user = await here().db.awrite(job)
            except (EmailNotValidError, EmailTaken) as problem:
                ui.notify(str(problem), type="warning", multi_line=True)
                return
            actions.clear()
            with place:
                _show_link(user, now)
            with actions:
                button("Done", dialog.close, kind="main")
            await again()

        with ui.element("div").classes("sj-dialog-actions") as actions:
            button("Cancel", dialog.close)
            button("Invite", make, kind="main").props('data-mark="invite-yes"')


@permitted("people")
async def _new_link(user: User, again: Again) -> None:
    agreed = await sure(
        f"A new link for {user.email}?",
        "With it they set a password of their own. Their old one, if any, works until then; earlier links do not.",
        "Make a link",
    )
    if not agreed:
        return
    me, _ = await visitor()
    now, stamp = here().clock.now_ms(), secrets.token_hex(8)

    def job(tx: Tx) -> User | None:
        users.new_stamp(tx, user.id or 0, stamp)
        users.vouch(tx, user.email, me.email, now)
        users.note(tx, me.email, "user.link", user.email, now)
        return users.user_by_email(tx, user.email)

    renewed = await here().db.awrite(job)
    if renewed is None:
        return
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"The link for {user.email}")
        _show_link(renewed, now)
        with ui.element("div").classes("sj-dialog-actions"):
            button("Done", dialog.close, kind="main")
    await again()


def _show_link(user: User, now_ms: int) -> None:
    link = here().config.address.rstrip("/") + invitation(here().secrets, user, now_ms)
    ui.label(f"Give them this link. It works once, for {DAYS} days, and is shown this once.").classes("sj-soft")
    with ui.element("div").classes("sj-row"):
        ui.label(link).classes("sj-mono sj-source").props('data-mark="link"')
        button("Copy", lambda: ui.clipboard.write(link), "content_copy")


@permitted("people")
async def _give_role(user: User, role: str, again: Again) -> None:
    if role not in ROLES or role == user.role:
        return
    await _change(user, lambda tx: users.change_role(tx, user.id or 0, role), "user.role", {"role": role}, again)


@permitted("people")
async def _turn(user: User, again: Again) -> None:
    disabling = user.disabled_at is None
    sentence = (
        "They are signed out at once and cannot come in. What they did stays."
        if disabling
        else "They can sign in again with their password and role."
    )
    word = "Disable" if disabling else "Let in"
    if not await sure(f"{word} {user.email}?", sentence, word, "danger" if disabling else "main"):
        return
    now = here().clock.now_ms()
    action = "user.disable" if disabling else "user.enable"
    await _change(user, lambda tx: users.disable(tx, user.id or 0, now if disabling else None), action, {}, again)


async def _change(user: User, job: Callable[[Tx], None], action: str, details: dict[str, Any], again: Again) -> None:
    me, _ = await visitor()
    now = here().clock.now_ms()

    def both(tx: Tx) -> None:
        job(tx)
        users.vouch(tx, user.email, me.email, now)
        users.note(tx, me.email, action, user.email, now, details)

    try:
        await here().db.awrite(both)
    except LastOwner as problem:
        ui.notify(str(problem), type="warning")
    await again()


# ── one's own account ─────────────────────────────────────────────────────────────────────────────────


@ui.page("/account", title="Your account · Sojourn")
@permitted("see")
async def account() -> None:
    """A new password for whoever looks."""
    who, known = await visitor()
    framed = opened("Account", who, known, "Your account", f"{who.email} · {who.role}")
    with framed, card("Password"), ui.element("div").classes("sj-stack"):
        old, new, twice = (
            ui.input(label, password=True).props('outlined dense maxlength="200"').classes("sj-field")
            for label in ("Password now", "New password", "New password again")
        )
        ui.label("At least 10 characters. Every other browser you are signed in with is signed out.").classes("sj-soft")

        @permitted("see")
        async def change() -> None:
            me, _ = await visitor()
            if new.value != twice.value:
                ui.notify("The two new passwords are not the same.", type="warning")
                return
            here_key = key_of(context.client.request)
            try:
                if not await accounts().is_password(me, str(old.value or "")):
                    ui.notify("The password now is not right.", type="warning")
                    return
                hashed = await asyncio.to_thread(hash_password, str(new.value or ""))
            except (WeakPassword, TooManyTries, TooBusy) as problem:
                ui.notify(str(problem), type="warning")
                return
            now, stamp = here().clock.now_ms(), secrets.token_hex(8)

            def job(tx: Tx) -> None:
                users.note(tx, me.email, "user.password", me.email, now)
                users.change_password(tx, me.id, hashed, stamp, keep=here_key)

            await here().db.awrite(job)
            for key in accounts().forget_others(me, here_key):
                end_pages(key)
            for field in (old, new, twice):
                field.value = ""
            ui.notify("Changed. Other browsers are signed out.", type="positive")

        with ui.element("div").classes("sj-dialog-actions"):
            button("Change", change, kind="main")
