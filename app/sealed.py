"""Letters on our pages: a stranger's HTML in a frame from which nothing runs, asks or looks out."""

from __future__ import annotations

from nicegui import ui
from starlette.responses import HTMLResponse

POLICY = (
    "default-src 'none'; img-src 'self' data: https: http:; style-src 'unsafe-inline'; font-src https: data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""No script, no form, an origin of its own; links open in a new tab."""


def sealed(html: str) -> HTMLResponse:
    """The answer that brings a letter into such a frame."""
    headers = {
        "content-security-policy": POLICY,
        "x-frame-options": "SAMEORIGIN",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse('<base target="_blank">' + html, headers=headers)


def letter_frame(title: str, address: str = "") -> ui.element:
    """The frame itself; its links may be opened, all else is shut."""
    frame = ui.element("iframe").props('sandbox="allow-popups allow-popups-to-escape-sandbox" loading="lazy"')
    frame.props["title"] = title
    if address:
        frame.props["src"] = address
    return frame
