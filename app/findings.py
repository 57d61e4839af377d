"""What was found in a letter, listed with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from .frame import stylesheet
from .studio.languages import named

MARKS = {
    "error": ("error", "is-bad", "keeps it back"),
    "warning": ("warning_amber", "is-warn", "worth a look"),
    "hint": ("lightbulb", "sj-soft", "could be better"),
}


def finding_list(found: Sequence[Mapping[str, Any]]) -> None:
    """Line by line, as they are kept with a review; nothing where nothing was found."""
    if not found:
        return
    stylesheet("checks.css")
    with ui.element("div").classes("sj-findings").props('data-mark="letter-findings"'):
        for one in found:
            icon, tone, words = MARKS.get(str(one.get("severity")), MARKS["hint"])
            with ui.element("div").classes("sj-finding"):
                ui.icon(icon).classes(tone).props["aria-label"] = words
                with ui.element("div").classes("sj-check-words"):
                    ui.label(_place(one) + str(one.get("sentence") or "")).classes("sj-break")
                    if one.get("fix"):
                        ui.label(str(one["fix"])).classes("sj-soft sj-break")


def _place(one: Mapping[str, Any]) -> str:
    parts = [named(str(one["language"]))] if one.get("language") else []
    parts += [f"line {one['line']}"] if one.get("line") else []
    said = ", ".join(parts)
    return f"{said[:1].upper()}{said[1:]}: " if said else ""
