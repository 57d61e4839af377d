"""Pages anybody may open, in the look of the brand: their language, their policy, what they read and how often."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ..runtime.settings import Settings
from .patience import Patience, TooManyTries
from .plain import POLICY, document
from .public_words import Words, language_for

LARGEST = 16_384  # bytes of a form
FIELDS = 400  # of them
LIGHT, DARK = "#ffffff", "#1c1f26"  # what the brand's colour stands on
READABLE = 4.5  # to 1, WCAG 2.2


class TooLong(Exception):
    """The form has more than 16,384 bytes."""


class NoForm(Exception):
    """What was sent is no form, or none of the page's buttons sent it."""


class Door:
    """What the public doors share. ``patience`` slows down whoever tries too often from one address."""

    def __init__(self, instance: Any, longest_s: float = 60.0) -> None:
        self.instance = instance
        self._patience = Patience(longest_s)

    def words(self, request: Request, known: str = "", chosen: str | None = None) -> Words:
        """In the language of whoever looks."""
        asked = chosen or request.query_params.get("lang")
        accepted = request.headers.get("accept-language", "")
        return Words(language_for(asked, known, accepted, self.instance.settings.language))

    def page(self, template: str, words: Words, status: int = 200, **values: Any) -> Response:
        """A page of the brand. No script, nothing from elsewhere but the logo, and in nobody's frame."""
        known: Settings = self.instance.settings
        policy = POLICY
        if known.brand_logo:
            parts = urlsplit(known.brand_logo)
            policy = POLICY.replace("img-src 'self'", f"img-src 'self' {parts.scheme}://{parts.netloc}")
        return HTMLResponse(
            document(template, t=words, brand=known.brand_name or known.sender_name, logo=known.brand_logo, **values),
            status,
            {
                "content-security-policy": policy,
                "cache-control": "no-store",
                "referrer-policy": "no-referrer",  # the address of a page is a key to it
                "content-language": words.language,
            },
        )

    def sentence(self, words: Words, status: int, title: str, sentence: str) -> Response:
        """A page that says one thing."""
        return self.page("public_sentence.html", words, status, title=title, sentence=sentence)

    def slow_down(self, request: Request) -> None:
        """Count a try from there. Raises TooManyTries."""
        self._patience.begin(address_of(request))


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def agent_of(request: Request) -> str:
    """What the browser calls itself, bounded and printable."""
    said = request.headers.get("user-agent", "")[:300]
    return "".join(letter if letter.isprintable() else " " for letter in said)


async def read_form(request: Request) -> dict[str, list[str]]:
    """What was filled in, urlencoded or in parts, bounded; every name with all its values. Raises TooLong, NoForm."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > LARGEST:
        raise TooLong(TooLong.__doc__)
    size = 0
    pieces: list[bytes] = []
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST:
            raise TooLong(TooLong.__doc__)
        pieces.append(piece)
    kept = Request(request.scope, _again(b"".join(pieces)))
    filled: dict[str, list[str]] = {}
    try:
        async with kept.form(max_files=0, max_fields=FIELDS, max_part_size=4096) as form:
            for name, value in form.multi_items():
                if isinstance(value, str) and "\0" not in value:
                    filled.setdefault(name, []).append(value.encode("utf-8", "replace").decode())
    except (HTTPException, MultiPartException) as problem:
        raise NoForm(NoForm.__doc__) from problem
    return filled


def _again(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def brand_css(color: str) -> str:
    """The brand's colour as the pages use it: darker or lighter where it could not be read."""
    light, dark = _readable(color, LIGHT), _readable(color, DARK)
    return (
        f":root {{ --accent: {light}; --on-accent: {_on(light)}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; --on-accent: {_on(dark)}; }} }}\n"
    )


def _readable(color: str, ground: str) -> str:
    """The colour, mixed with black or white until it reads on this ground."""
    toward = 0 if _light(ground) > 0.5 else 255
    channels = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    for step in range(21):
        mixed = [round(one + (toward - one) * step / 20) for one in channels]
        found = "#" + "".join(f"{one:02x}" for one in mixed)
        if contrast(found, ground) >= READABLE:
            return found
    return "#000000" if toward == 0 else "#ffffff"


def _on(color: str) -> str:
    return max(("#ffffff", "#14161b"), key=lambda ink: contrast(ink, color))


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    brighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _light(color: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4) for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


__all__ = ["Door", "NoForm", "TooLong", "TooManyTries", "address_of", "agent_of", "brand_css", "contrast", "read_form"]
