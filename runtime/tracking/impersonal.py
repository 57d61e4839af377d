"""An address as it is kept for figures by link: where it leads, without what may say who went there."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

LONGEST = 200  # characters
PERSONAL = re.compile(r"@|%40|[0-9a-f]{16,}|^(?=.*\d)(?=.*[A-Za-z])[\w~.=+-]{24,}$|^\d{7,}$", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def impersonal(url: str) -> str:
    """Scheme, host and path; parts of the path that look like an address, a token or a long number become "…"."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    path = "/".join("…" if PERSONAL.search(piece) else piece for piece in parts.path.split("/"))
    return f"{parts.scheme}://{host}{port}{path}"[:LONGEST] if host else ""
