"""Takes in letters that came back: from the folder of the home, and from the bounce mailbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import notices
from ..bounces import folder, mailbox
from ..bounces.intake import Taken, paths_of, take_in
from .chore import HOUR_MS, Chore


def run(parts: Any) -> int:
    """Returns how many people are due because of what came back. That a mailbox cannot be read stands on every page."""
    due = 0

    def take(raw: bytes) -> list[Taken]:
        nonlocal due
        taken = take_in(parts.db, parts.shelf, parts.clock, raw, paths_of(parts))
        due += taken[0].due if taken else 0
        return taken

    home = dict(parts.config).get("home")
    if home:
        folder.look(Path(home), take)
    problem: list[str] = []
    try:
        mailbox.look(parts.db, parts.secrets, take)
    except mailbox.MailboxProblem as why:
        problem = [str(why)]
    parts.db.write(lambda tx: notices.put(tx, "bounces", problem))
    return due


CHORE = Chore("bounces", 60, run, pace_ms=6 * HOUR_MS, apart=True)
