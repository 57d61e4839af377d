"""Addresses in a text made short: on the owner's own domain, counted, leading only where they were written to lead."""

from __future__ import annotations

import re

from .codes import LEAVE
from .links import Links

FOUND = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}'’”]")


def shortened(text: str, links: Links, message_id: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text with its addresses made short, and ``(code, where it leads)`` of each.

    The unsubscribe address becomes the message's way out, which is found by its code alone. Of more than seven
    different addresses the last stay as they are.
    """
    base = f"{links.short_url or links.base_url}/s/"
    made: dict[str, str] = {}

    def short(found: re.Match[str]) -> str:
        url = found.group()
        if url.startswith(f"{links.base_url}/u/"):
            return base + links.codes.make(message_id, LEAVE)
        if url not in made:
            if len(made) >= LEAVE:
                return url
            made[url] = links.codes.make(message_id, len(made))
        return base + made[url]

    said = FOUND.sub(short, text)
    return said, tuple((code, url) for url, code in made.items())


def way_out(links: Links, message_id: int) -> str:
    """The short address where the receiver of a message says no."""
    return f"{links.short_url or links.base_url}/s/{links.codes.make(message_id, LEAVE)}"
