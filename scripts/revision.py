"""Drafts a migration from what the tables declare now and the last revision does not: read it before it is kept."""

import sys
import tempfile
from pathlib import Path

from sojourn.storage import migrate
from sojourn.storage.database import Database, sqlite_url

number, message = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    db = Database(sqlite_url(Path(folder) / "sojourn.db"))
    migrate.upgrade(db)
    migrate.draft_revision(db, message, number)
    db.close()
