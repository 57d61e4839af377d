"""One file that holds a whole store at one moment, taken while it is being written to."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from . import migrate
from .database import Database

SUFFIX = ".sojourn-backup"
FORMAT = 1
PAGES = 4096  # copied between two calls of progress
CHUNK = 1 << 20

Progress = Callable[[int, int], None]  # done, of how many


class BackupProblem(Exception):
    """A backup could not be made or used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``database`` is its hash (sha256, hex); ``stamp`` names the instance it was taken from."""

    format: int
    version: str
    kind: str  # sqlite or postgresql
    revision: str
    taken_at: int  # milliseconds since 1970
    stamp: str
    database: str
    with_key: bool


def back_up(
    db: Database,
    target: Path,
    *,
    version: str,
    stamp: str,
    now_ms: int,
    key: bytes | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Write everything in ``db``, as of one moment, to ``target``; with ``key`` the secret key too."""
    if target.exists():
        raise BackupProblem(f"{target} exists already: name another file, or take that one away first.")
    if not target.parent.is_dir():
        raise BackupProblem(f"There is no folder {target.parent}: make it first.")
    with tempfile.TemporaryDirectory(prefix=".sojourn-", dir=target.parent) as folder:
        copy = Path(folder) / "database"
        (_dump_postgres if db.postgres else _copy_sqlite)(db.url, copy, progress or (lambda done, total: None))
        manifest = Manifest(
            format=FORMAT,
            version=version,
            kind="postgresql" if db.postgres else "sqlite",
            revision=migrate.revision(db) or "",
            taken_at=now_ms,
            stamp=stamp,
            database=digest(copy),
            with_key=key is not None,
        )
        part = Path(folder) / "backup"
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(file, "wb") as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as archive,
        ):
            archive.writestr("manifest.json", json.dumps(asdict(manifest), indent=2))
            if key is not None:
                archive.writestr("secret.key", key)
            archive.write(copy, "database")
        part.replace(target)
    return manifest


def sqlite_path(url: str) -> Path:
    """The file of a SQLite store."""
    return Path(url.removeprefix("sqlite:///"))


def digest(file: Path) -> str:
    """sha256 of a file, hex."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def run_server_tool(name: str, url: str, *arguments: str) -> None:
    """Run a PostgreSQL tool on a database, its password out of sight; what it complains of becomes the problem."""
    tool = shutil.which(name)
    if tool is None:
        raise BackupProblem(
            f"{name} is not on this machine: install the PostgreSQL client (apt-get install postgresql-client), "
            "or back up the server with its own means."
        )
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    command = [tool, "--no-password", f"--dbname={make_conninfo('', **parts)}", *arguments]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603  (no shell)
    if ran.returncode:
        raise BackupProblem(f"{name} could not do it: {ran.stderr.strip()}")


def _copy_sqlite(url: str, copy: Path, progress: Progress) -> None:
    source = sqlite3.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True, isolation_level=None)
    with closing(source), closing(sqlite3.connect(copy)) as target:
        # A read transaction held from outside pins the snapshot; without it every write would start the copy anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=PAGES, progress=lambda _, left, total: progress(total - left, total))
        target.execute("PRAGMA journal_mode=DELETE")


def _dump_postgres(url: str, copy: Path, progress: Progress) -> None:
    run_server_tool("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={copy}")
    progress(1, 1)
