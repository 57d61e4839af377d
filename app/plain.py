"""Pages without a socket: Jinja templates that escape everything, under a policy that runs no script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "assets" / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from ``assets/pages``."""
    return HTMLResponse(
        _templates.get_template(template).render(values),
        status,
        {"content-security-policy": POLICY, "cache-control": "no-store"},
    )


def document(template: str, **values: Any) -> str:
    """A document that stands on its own, such as one a person takes home."""
    return _templates.get_template(template).render(values)


def sentence_page(title: str, sentence: str) -> str:
    """A page that says one thing."""
    return _templates.get_template("sentence.html").render(title=title, sentence=sentence)
