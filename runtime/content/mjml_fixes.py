"""What the MJML engine gets wrong that can be put right before or behind it; docs/mjml.md lists what cannot."""

from __future__ import annotations

import re

CLASSES = re.compile(r'(?<=\smj-class=")[^"]*(?=")')
OF_ALL_BODIES = re.compile(r"<mj-attributes\b[^>]*>(?:(?!</mj-attributes>).)*?<mj-body\b([^>]*?)/?>", re.S)
BODY = re.compile(r"(?<=</mj-head>)(\s*)<mj-body\b([^>]*)>")
NAMED = re.compile(r'([\w-]+)\s*=\s*"[^"]*"')
PICTURE = re.compile(r"<img\b(?![^>]*\salt=)", re.I)
BROKEN_PIXELS = re.compile(r'(\bwidth(?:="|:\s*))(\d+)\.\d+(?=px|")')


def prepared(mjml: str) -> str:
    """MJML as the engine reads it rightly: of several classes the last one counts, and the body has its defaults."""
    mjml = CLASSES.sub(lambda names: " ".join(reversed(names[0].split())), mjml)
    defaults = OF_ALL_BODIES.search(mjml)
    return mjml if defaults is None else BODY.sub(lambda body: _with(body, defaults[1]), mjml, count=1)


def fixed(page: str) -> str:
    """The engine's HTML with the empty alternative texts it drops, and widths in whole pixels for Outlook."""
    return BROKEN_PIXELS.sub(r"\1\2", PICTURE.sub('<img alt=""', page))


def _with(body: re.Match[str], defaults: str) -> str:
    own = {name[1] for name in NAMED.finditer(body[2])}
    added = "".join(f" {one[0]}" for one in NAMED.finditer(defaults) if one[1] not in own)
    return f"{body[1]}<mj-body{body[2]}{added}>"
