"""What can be done with one row, behind one button, where it would take more room than the row itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from .frame import lasting, stylesheet

Act = tuple[str, str, Callable[..., Any]]


def row_menu(name: str, acts: Sequence[Act]) -> None:
    """A button for the row ``name`` that opens a list; each act is its words, its icon and what it does."""
    stylesheet("forms.css")
    opener = ui.button(icon="more_vert", color=None).props("flat dense round").classes("sj-form-mini")
    opener.props["aria-label"] = opener.props["title"] = f"What to do with {name}"
    with opener, ui.menu().classes("sj-menu"):
        for words, icon, act in acts:
            with ui.menu_item(on_click=lasting(act)).classes("sj-form-act"):
                ui.icon(icon)
                ui.label(words)
