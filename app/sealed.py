"""Letters on our pages: a stranger's HTML in a frame from which nothing runs, asks or looks out."""

from __future__ import annotations

from html import escape

from nicegui import ui
from starlette.responses import HTMLResponse

from ..runtime.content.proof import Proof

POLICY = (
    "default-src 'none'; img-src 'self' data: https: http:; style-src 'unsafe-inline'; font-src https: data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""No script, no form, an origin of its own; links open in a new tab."""
MEASURED = (
    "default-src 'none'; img-src {images}; style-src 'unsafe-inline'; font-src https: data:; "
    "sandbox allow-same-origin; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""No script, no form, no link either; the page around may measure how high its parts are."""
INSTEAD = (
    '<body style="font:14px sans-serif;color:#5b6270;display:grid;place-items:center;min-height:90vh;margin:0 24px">'
)
IMAGES = "'self' data: https: http:"


def sealed(html: str) -> HTMLResponse:
    """The answer that brings a letter into such a frame."""
    return HTMLResponse('<base target="_blank">' + html, headers=_headers(POLICY))


def instead(proof: Proof) -> HTMLResponse:
    """What such a frame says where the letter cannot be shown."""
    says = proof.issues[0].text if proof.issues else "This letter cannot be shown yet."
    return sealed(f"{INSTEAD}<p>{escape(says)}</p>")


def measured(html: str, images: bool = True) -> HTMLResponse:
    """The same for the studio, which lays its blocks over the letter; without ``images`` as some readers have it."""
    return HTMLResponse(html, headers=_headers(MEASURED.format(images=IMAGES if images else "'none'")))


def _headers(policy: str) -> dict[str, str]:
    return {
        "content-security-policy": policy,
        "x-frame-options": "SAMEORIGIN",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }


def letter_frame(title: str, address: str = "") -> ui.element:
    """The frame itself; its links may be opened, all else is shut."""
    frame = ui.element("iframe").props('sandbox="allow-popups allow-popups-to-escape-sandbox" loading="lazy"')
    frame.props["title"] = title
    if address:
        frame.props["src"] = address
    return frame
