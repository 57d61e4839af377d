"""The folder a mail server of one's own puts what comes back into: ``bounces/`` of the home, a Maildir."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from .intake import Taken
from .reading import BYTES

PAGE = 500  # files in one go
KEPT_S = 7 * 86_400  # so long a person can look at what was no bounce


def look(home: Path, take: Callable[[bytes], list[Taken]]) -> int:
    """Take in each file of ``bounces/new``; returns how many. What was understood is deleted: it holds addresses.

    What is no bounce, an answer of a person perhaps, stays in ``bounces/cur`` for a week. A file that is taken in
    twice, since the machine went down in between, does nothing the second time.
    """
    new, cur = home / "bounces" / "new", home / "bounces" / "cur"
    if not new.is_dir():
        return 0
    read = 0
    for file in sorted(one for one in new.iterdir() if one.is_file() and not one.name.startswith("."))[:PAGE]:
        with file.open("rb") as opened:
            taken = take(opened.read(BYTES + 1))
        read += 1
        if all(one.report.kind == "none" for one in taken):
            cur.mkdir(exist_ok=True)
            file.replace(cur / file.name)
        else:
            file.unlink()
    if cur.is_dir():
        for file in cur.iterdir():
            if file.is_file() and file.stat().st_mtime < time.time() - KEPT_S:
                file.unlink()
    return read
