"""The dialogs of accounts: choose who carries, say what they want to know, send one message to see that it works."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.context import context

from ...runtime import account_test
from ...runtime import accounts as opening
from ...runtime.accounts import AccountProblem, Given
from ...runtime.channels.channel import AccountSettings, Channel, carriers, media
from ...storage import accounts
from ...storage.accounts import Account
from ..auth import permitted
from ..canvas.asking import Asking
from ..canvas.form.around import Around
from ..canvas.form.fields import Fields
from ..canvas.form.form import faults
from ..frame import button, headline, here, stylesheet, visitor

HERE = "/channels"


@permitted("settings")
async def choose_dialog() -> None:
    """Which medium, by whom."""
    stylesheet("forms.css")
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "New account")
        for name, medium in sorted(media().items(), key=lambda one: one[1].label):
            kinds = carriers(name)
            if not kinds:
                continue
            ui.label(medium.label).classes("sj-form-label").props('role="heading" aria-level="3"')
            with ui.element("div").classes("sj-choices"):
                for _, kind in sorted(kinds.items()):
                    _choice(kind, medium.icon, dialog)
        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)


def _choice(kind: type[Channel], icon: str, dialog: ui.dialog) -> None:
    def chosen() -> None:
        dialog.close()
        with context.client.content:  # what is drawn in the dialog goes with it
            account_dialog(kind, None)

    made = ui.element("button").classes("sj-choice").props('type="button"')
    with made.on("click", chosen, args=[]):
        ui.icon(icon)
        ui.label(kind.label or kind.carrier).classes("sj-strong")
        ui.label(kind.help).classes("sj-form-note")


def account_dialog(kind: type[Channel], account: Account | None) -> None:
    """Open an account, or change one. Secrets that are there stay unless something is typed."""
    assert kind.Settings is not None
    settings: Mapping[str, Any] = account.settings if account else {}
    stylesheet("forms.css")
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"{kind.label or kind.carrier}: {account.name if account else 'new account'}")
        if kind.help:
            ui.label(kind.help).classes("sj-soft")
        name = ui.input("Name", value=account.name if account else kind.carrier).props('outlined dense maxlength="64"')
        name.classes("sj-field").set_enabled(account is None)
        with ui.element("div").classes("sj-form"):
            asking = Asking(here())
            around = Around(inside=False, topics=asking.topics, journeys=asking.journeys)
            fields = Fields(kind.Settings, settings, around, lambda: None)
        if account is not None and account.sealed:
            ui.label("Secrets that are left empty stay as they are.").classes("sj-soft sj-hint")
        fault = ui.label("").classes("sj-form-fault is-whole").props('role="alert"')
        fault.visible = False

        @permitted("settings")
        async def save() -> None:
            who, _ = await visitor()
            instance, now_ms = here(), here().clock.now_ms()
            written = account.name if account else str(name.value or "").strip()
            given = Given(
                name=written or kind.carrier, medium=kind.name, carrier=kind.carrier,
                settings=fields.settings, status=None, place=None,
            )  # fmt: skip

            def job(tx: Any) -> None:
                if account is None and accounts.named(tx, given.name) is not None:
                    raise AccountProblem(f"There is an account “{given.name}” already: choose another name.")
                opening.keep(tx, instance, given, who.email, now_ms)

            kept = opening.secret_names(kind) if account is not None and account.sealed else set()
            found = faults(kind.Settings or AccountSettings, {**dict.fromkeys(kept, "kept"), **fields.settings})
            wrong = [one for one in found if not one[0] or one[0][0] not in kept]
            if wrong:
                rest = [text for _, text in fields.complain(wrong)]
                fault.text, fault.visible = " ".join([*rest, "Something is missing or wrong: see above."]), True
                return
            try:
                await instance.db.awrite(job)
            except AccountProblem as problem:
                fault.text, fault.visible = str(problem), True
                return
            ui.navigate.to(HERE)

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save", save, kind="main")


def test_dialog(account: Account) -> None:
    """One message to an address of one's own."""
    medium = media()[account.medium]
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"Test {account.name}")
        ui.label("One message to yourself. It belongs to no journey and stands in the audit trail.").classes("sj-soft")
        to = ui.input("To").props("outlined dense autofocus").classes("sj-field")
        to.visible = medium.address in ("phone", "email", "device")
        text = ui.input("Text", value="A test from Sojourn.").props("outlined dense").classes("sj-field")
        said = ui.label("").props('role="status"')

        @permitted("settings")
        async def send() -> None:
            who, _ = await visitor()
            said.text = "Sending …"
            try:
                found = await account_test.send(
                    here(), account.name, str(to.value or ""), str(text.value or ""), who.email
                )
                said.text = found.words
            except AccountProblem as problem:
                said.text = str(problem)

        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)
            button("Send", send, "send", kind="main")
