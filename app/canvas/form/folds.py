"""Long forms in parts: settings whose model names a ``fold`` stand folded away under it until somebody needs them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from nicegui import ui

from .field import Field


class Folds:
    """The folded parts of one form, each made with its first setting."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._parts: dict[str, ui.expansion] = {}

    def around(self, field: Field) -> AbstractContextManager[Any]:
        """Where this setting is drawn. A part in which something is set stands open."""
        title = str(field.schema.get("fold") or "")
        if not title:
            return nullcontext()
        if title not in self._parts:
            self._parts[title] = ui.expansion(title).classes("sj-form-fold").props("dense")
            self._parts[title].props["data-fold"] = title
        if self._settings.get(field.name, field.default) != field.default:
            self._parts[title].open()
        return self._parts[title]

    def open(self, field: Field) -> None:
        """Something is wrong inside."""
        title = str(field.schema.get("fold") or "")
        if title in self._parts:
            self._parts[title].open()
