"""What the MJML engine gets wrong that can be put right behind it; docs/mjml.md lists what cannot."""

from __future__ import annotations

import re

PICTURE = re.compile(r"<img\b(?![^>]*\salt=)", re.I)  # alt="" is dropped, and a screen reader then reads the file name
BROKEN_PIXELS = re.compile(r'(\bwidth(?:="|:\s*))(\d+)\.\d+(?=px|")')  # Outlook takes whole pixels only


def fixed(page: str) -> str:
    """The engine's HTML without those faults."""
    return BROKEN_PIXELS.sub(r"\1\2", PICTURE.sub('<img alt=""', page))
