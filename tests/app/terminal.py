"""The command line as a person and a script meet it: a process of its own, and a folder to live in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from .warm import warm

PASSWORD = "four words that fit\n"


def sojourn(home: Path, *words: str, typed: str = "", **environ: str) -> CompletedProcess[str]:
    """Run a command against this home; only these of our variables are set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SOJOURN_")}
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "in").write_text(typed, "utf-8")
        (place / "environ").write_text(json.dumps({**kept, "SOJOURN_HOME": str(home), **environ}), "utf-8")
        code = warm().call(place, *words)
        return CompletedProcess(words, code, (place / "out").read_text("utf-8"), (place / "err").read_text("utf-8"))
