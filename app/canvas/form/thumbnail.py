"""A message, small: a letter as the real thing in a sandboxed frame, scaled down; any other by its first words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ....nodes.sending import medium_of
from ..message_picture import medium_icon, medium_label

WORDS = 140  # characters
SAYS = ("text", "title", "letter", "body")


def thumbnail(address: str, message: Mapping[str, Any] | None = None) -> ui.element:
    """The first screen of the letter at ``address``; it can neither run anything nor be clicked."""
    with ui.element("div").classes("sj-form-thumb").props('aria-hidden="true"') as place:
        if message is not None and medium_of(message) != "email":
            with place.classes("is-words"):
                ui.icon(medium_icon(medium_of(message)))
                ui.label(first_words(message))
        elif address:
            frame = ui.element("iframe").props('tabindex="-1" loading="lazy" scrolling="no" title="Preview"')
            frame.props["sandbox"] = ""
            frame.props["src"] = address
    return place


def about(message: Mapping[str, Any]) -> str:
    """One line below its name: the subject of a letter, else what it is."""
    if medium_of(message) == "email":
        return str(message.get("subject") or "") or "(no subject)"
    return medium_label(medium_of(message))


def first_words(message: Mapping[str, Any]) -> str:
    """How it begins."""
    said = next((str(message[key]) for key in SAYS if message.get(key)), "")
    return said if len(said) <= WORDS else f"{said[:WORDS]}…"
