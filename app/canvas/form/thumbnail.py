"""A letter, small: the real thing in a sandboxed frame, scaled down."""

from __future__ import annotations

from nicegui import ui


def thumbnail(address: str) -> ui.element:
    """The first screen of the letter at ``address``; it can neither run anything nor be clicked."""
    with ui.element("div").classes("sj-form-thumb").props('aria-hidden="true"') as place:
        if address:
            frame = ui.element("iframe").props('tabindex="-1" loading="lazy" scrolling="no" title="Preview"')
            frame.props["sandbox"] = ""
            frame.props["src"] = address
    return place
