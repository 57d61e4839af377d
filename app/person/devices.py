"""The phones and browsers somebody can be pushed to."""

from __future__ import annotations

from urllib.parse import urlsplit

from nicegui import ui

from ...storage.devices import Listed
from ..frame import card, moment
from .seen import Seen

KINDS = {"fcm": "Phone, by Firebase", "apns": "iPhone or iPad, by Apple", "web_push": "Browser"}


def devices(seen: Seen) -> None:
    """Every device that takes messages of theirs; nothing is shown where there is none."""
    if not seen.devices:
        return
    with card("Devices"), ui.element("div").classes("sj-timeline"):
        for one in seen.devices:
            with ui.element("div").classes("sj-happened"):
                ui.label(KINDS.get(one.carrier, one.carrier)).classes("sj-break")
                moment(one.seen_at)
                if where := _where(one):
                    ui.label(where).classes("sj-soft sj-break")


def _where(one: Listed) -> str:
    """The app it runs in, or the push service its browser chose."""
    return one.app or (urlsplit(one.token).hostname or "" if one.carrier == "web_push" else "")
