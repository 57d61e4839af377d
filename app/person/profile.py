"""Who somebody is: what is known of them, changed by hand by those who may, and every name they go by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from ...runtime import addresses
from ...runtime.by_hand import CannotChange, NotKept, change_by_hand, typed
from ...runtime.person import EMAIL_FLAG
from ...storage.views import ContactLine
from .. import words
from ..auth import may, permitted
from ..frame import button, card, chip, headline, here, moment, visitor
from .seen import Seen
from .story import plain

MOST = 60  # fields in the dialog
KINDS = {
    "user": "User id",
    "anonymous": "Browser or app",
    "email": "E-mail",
    "phone": "Phone",
    "device": "Device",
    "cookie": "Cookie",
}
FLAGS = {
    addresses.DISPOSABLE: "An address made to be thrown away",
    addresses.ROLE: "An office's address, not a person's",
}
Again = Callable[[], Awaitable[None]]


def profile(seen: Seen, who: Any, again: Again) -> None:
    """What is known of them."""
    person = seen.contact
    with card("Profile"):
        with ui.element("div").classes("sj-pairs"):
            _pair("E-mail", person.email)
            flag = FLAGS.get(str(person.properties.get(EMAIL_FLAG)))
            if flag:
                ui.label("")
                chip(flag, "warn")
            _pair("Phone", person.phone)
            for key, value in sorted(person.properties.items()):
                if key != EMAIL_FLAG:
                    _pair(plain(key), words.shown(value))
            ui.label("First seen")
            moment(person.created_at)
            ui.label("Last change")
            moment(person.changed_at)
        if may(who, "edit") and not person.erased_at:
            with ui.element("div").classes("sj-dialog-actions"):
                button("Change", lambda: _change(person, again), "edit").props('data-mark="change-contact"')


def names(seen: Seen) -> None:
    """Every name they go by, since when and from where."""
    with card("Names", "how messages find this contact"):
        if not seen.names:
            ui.label("None yet.").classes("sj-soft")
        with ui.element("div").classes("sj-timeline"):
            for name in seen.names:
                with ui.element("div").classes("sj-happened").props('data-mark="name"'):
                    ui.label(name.value).classes("sj-break")
                    moment(name.since)
                    ui.label(name_kind(name.kind) + (f", from {name.source}" if name.source else "")).classes("sj-soft")


def name_kind(kind: str) -> str:
    """The kind of a name in words: an id of another system is called by that system."""
    return KINDS.get(kind) or plain(kind.removeprefix("id:"))


def _pair(label: str, value: str | None) -> None:
    if value is not None:
        ui.label(label)
        ui.label(value)


def _change(person: ContactLine, again: Again) -> None:
    kept = {key: value for key, value in sorted(person.properties.items()) if _plain(key, value)}
    before: dict[str, Any] = {"email": person.email, "phone": person.phone, **kept}
    fields: dict[str, ui.input] = {}
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "What is known of them")
        ui.label("Emptied is taken away. The change is noted with your name.").classes("sj-soft")
        for key, value in list(before.items())[:MOST]:
            label = {"email": "E-mail"}.get(key) or plain(key)
            fields[key] = _field(label, _written(value)).props('data-mark="property"')
        with ui.element("div").classes("sj-row"):
            name = _field("Another property", "")
            value = _field("Its value", "")

        @permitted("edit")
        async def save() -> None:
            traits = {key: typed(field.value or "", before[key]) for key, field in fields.items()}
            traits = {key: value for key, value in traits.items() if value != before[key]}
            if another := (name.value or "").strip():
                traits[another] = typed(value.value or "", None)
            actor, _ = await visitor()
            now = here().clock.now_ms()
            try:
                changed = await here().db.awrite(lambda tx: change_by_hand(tx, person.id, traits, actor.email, now))
            except (CannotChange, NotKept) as problem:
                ui.notify(str(problem), type="negative", multi_line=True)
                return
            dialog.close()
            ui.notify("Saved." if changed else "Nothing was changed.", type="positive" if changed else None)
            await again()

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save", save, kind="main").props('data-mark="save-contact"')


def _field(label: str, value: str) -> ui.input:
    return ui.input(label, value=value).props("outlined dense").classes("sj-field")


def _plain(key: str, value: Any) -> bool:
    return key != EMAIL_FLAG and isinstance(value, str | int | float)


def _written(value: Any) -> str:
    return words.shown(value) if isinstance(value, bool) else "" if value is None else str(value)
