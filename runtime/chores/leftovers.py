"""Files that nobody finished with go after a day: uploads that were never taken in, tables read by way of CSV."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .. import parquet
from .chore import Chore

UPLOADS = "uploads"  # in the instance's home
KEPT_S = 24 * 3_600


def let_go(parts: Any) -> int:
    """Delete what was not touched for a day; nobody is due for it. Files age by the machine's own clock."""
    folders: list[Path] = [parquet.folder()]
    if home := getattr(parts, "home", None):
        folders.append(home / UPLOADS)
    old = time.time() - KEPT_S
    for file in (file for folder in folders for file in folder.glob("*")):
        if file.is_file() and file.stat().st_mtime < old:
            file.unlink(missing_ok=True)
    return 0


CHORE = Chore("leftovers", 3_600, let_go)
