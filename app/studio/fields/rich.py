"""A text with a little markup: bold, italics, links and lists, and what can be said of the reader."""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from .field import Input

TOOLS = json.dumps([["bold", "italic", "underline"], ["link"], ["unordered", "ordered"], ["removeFormat"]])
PLAIN = """(event) => { event.preventDefault(); event.stopPropagation();
    document.execCommand('insertText', false, event.clipboardData.getData('text/plain')) }"""
NAMED = """(made) => {
    const page = made.el.querySelector('.q-editor__content');
    page.setAttribute('aria-label', made.el.closest('[data-field]').dataset.label);
    page.setAttribute('role', 'textbox'); page.setAttribute('aria-multiline', 'true');
    const named = () => made.el.querySelectorAll('a.q-btn:not([role])')
        .forEach(each => each.setAttribute('role', 'button'));
    const watched = {subtree: true, childList: true, attributeFilter: ['role']};
    named(); new MutationObserver(named).observe(made.el, watched) }"""
# what Quasar switches off among its tools loses its role


class Rich(Input):
    """What is pasted comes in as plain text: letters look as the kit says."""

    def draw(self, value: Any) -> None:
        self.place.props["data-label"] = self.field.label
        with ui.element("div").classes("st-label-line"):
            self.label()
            if self.at.variables is not None and not self.at.readonly:
                self.at.variables(self._insert)
        self.made = ui.editor(value=_text(value), on_change=lambda e: self.take(_text(e.value)))
        self.made.props('paragraph-tag="p" min-height="84px" max-height="320px" flat').classes("st-rich")
        self.made.props[":toolbar"] = TOOLS
        self.made.props["data-input"] = self.field.name
        self.made.on("vnodeMounted", js_handler=NAMED)
        self.made.on("paste.capture", js_handler=PLAIN)
        if self.at.own:
            self.made.props["placeholder"] = _text(self.at.own)
        if self.at.readonly:
            self.made.set_enabled(False)

    def put(self, value: Any) -> None:
        self.made.value = _text(value)

    def _insert(self, written: str) -> None:
        ui.run_javascript(
            f"const page = getElement({self.made.id}).$el.querySelector('.q-editor__content');"
            "const kept = window.sojournCaret; page.focus();"
            "if (kept && page.contains(kept.startContainer)) {"
            " const now = getSelection(); now.removeAllRanges(); now.addRange(kept) }"
            f"document.execCommand('insertText', false, {json.dumps(written)})"
        )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
