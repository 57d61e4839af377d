"""Reading a store through must not let go of it: whoever closes it elsewhere would take its log along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sojourn.storage import scrubbing
from sojourn.storage.database import Database, sqlite_url

COME_AND_GO = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1])
other.execute("SELECT count(*) FROM said").fetchone()
other.close()
"""


def test_the_log_stays_when_somebody_else_comes_and_goes_afterwards(tmp_path: Path) -> None:
    """POSIX drops every lock of a process on a file when the process closes any descriptor of it."""
    file = tmp_path / "store.db"
    db = Database(sqlite_url(file))
    db.write(lambda tx: tx.run("CREATE TABLE said (word TEXT)"))
    try:
        for n in range(3):
            db.write(lambda tx, n=n: tx.run("INSERT INTO said VALUES (?)", (f"word-{n}",)))
            assert scrubbing.scrub(db, ["nobody@example.com"]).clean
            assert scrubbing.found_in(file, [f"word-{n}".encode()])
            db.write(lambda tx: tx.run("INSERT INTO said VALUES ('kept')"))
            subprocess.run([sys.executable, "-c", COME_AND_GO, str(file)], check=True)
            assert Path(f"{file}-wal").exists()
        assert db.look(lambda tx: tx.value("SELECT count(*) FROM said")) == 6
    finally:
        db.close()
