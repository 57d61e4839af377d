"""A message as its reader would see it: a bubble on a phone, a notification, a card on the site, a sheet of paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from ...runtime.channels.channel import media

Fields = Mapping[str, Any]
SHOWN = 2_000  # characters of a field without a picture of its own


def picture(medium: str, fields: Fields, brand: str) -> ui.element:
    """Draw it where we are; ``fields`` are filled, ``brand`` is who writes."""
    with ui.element("div").classes("sj-sight").props('data-mark="sight"') as place:
        place.props["data-medium"] = medium
        _PICTURES.get(medium, _listed)(fields, brand or "You")
    return place


def _said(fields: Fields, name: str) -> str:
    return str(fields.get(name) or "")


def _text(fields: Fields, brand: str) -> None:
    with ui.element("div").classes("sj-phone"):
        ui.label(brand).classes("sj-phone-head sj-clip")
        with ui.element("div").classes("sj-phone-talk"):
            ui.label(_said(fields, "text") or "…").classes("sj-bubble")


def _notification(fields: Fields, brand: str) -> None:
    with ui.element("div").classes("sj-phone is-locked"):
        if fields.get("silent"):
            ui.label("It shows nothing: it only wakes the app.").classes("sj-sight-note")
            return
        with ui.element("div").classes("sj-notice"):
            with ui.element("div").classes("sj-notice-head"):
                ui.icon("notifications")
                ui.label(brand).classes("sj-clip")
                ui.label("now")
            if title := _said(fields, "title"):
                ui.label(title).classes("sj-notice-title")
            ui.label(_said(fields, "text")).classes("sj-notice-text")
            _image(_said(fields, "image"))


def _on_site(fields: Fields, _brand: str) -> None:
    placement = _said(fields, "placement") or "card"
    with ui.element("div").classes("sj-site"):
        for _ in range(5):
            ui.element("div").classes("sj-site-line")
        with ui.element("div").classes("sj-site-card").props(f'data-placement="{_PLACED.get(placement, "card")}"'):
            _image(_said(fields, "picture"))
            if title := _said(fields, "title"):
                ui.label(title).classes("sj-notice-title")
            ui.label(_said(fields, "text")).classes("sj-notice-text")
            if button := _said(fields, "button"):
                ui.label(button).classes("sj-site-button")


def _paper(fields: Fields, brand: str) -> None:
    with ui.element("div").classes("sj-paper"):
        ui.label(brand).classes("sj-paper-from")
        place = " ".join(_said(fields, name) for name in ("postcode", "city"))
        address = [_said(fields, "name"), _said(fields, "street"), _said(fields, "street2"), place]
        ui.label("\n".join(line for line in [*address, _said(fields, "country")] if line.strip())).classes(
            "sj-paper-to"
        )
        if heading := _said(fields, "heading"):
            ui.label(heading).classes("sj-notice-title")
        ui.label(_said(fields, "letter")).classes("sj-paper-text")


def _listed(fields: Fields, _brand: str) -> None:
    with ui.element("dl").classes("sj-sight-list"):
        for name, value in fields.items():
            if value not in (None, "", [], {}, False):
                with ui.element("dt"):
                    ui.label(name.replace("_", " ").capitalize())
                with ui.element("dd"):
                    ui.label(str(value)[:SHOWN])


def _image(address: str) -> None:
    if address.startswith("https://"):
        image = ui.element("img").classes("sj-sight-image").props('alt="" referrerpolicy="no-referrer"')
        image.props["src"] = address


_PLACED = {name: name for name in ("banner", "modal", "card", "inbox")}
_PICTURES: dict[str, Callable[[Fields, str], None]] = {
    "sms": _text,
    "push": _notification,
    "web_push": _notification,
    "in_app": _on_site,
    "direct_mail": _paper,
}


def medium_label(medium: str) -> str:
    """What a medium is called."""
    known = media().get(medium)
    return known.label if known else medium


def medium_icon(medium: str) -> str:
    """Its icon."""
    known = media().get(medium)
    return known.icon if known else "chat"
