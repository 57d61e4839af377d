"""A PostgreSQL server of our own, with the settings a real one has: it syncs, and its CPU is counted."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg

from sojourn.storage.database import Database
from sojourn.storage.tables import metadata

from .engine import Cpu


class Server:
    """A running server; each database in it is new and empty."""

    def __init__(self, folder: Path) -> None:
        self._url = f"postgresql://sojourn@/{{}}?host={folder}"
        self._process = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))

    def make(self) -> str:
        """The URL of a new database."""
        name = f"b{uuid4().hex[:12]}"
        with psycopg.connect(self._url.format("postgres"), autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"'.encode())
        return self._url.format(name)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A new database with all tables."""
        db = Database(self.make())
        db.write(lambda tx: metadata.create_all(tx.connection))
        try:
            yield db
        finally:
            db.close()

    def cpu(self) -> Cpu:
        """CPU seconds of this process and the server together, from now."""
        return Cpu(self._process)


@contextmanager
def server() -> Iterator[Server]:
    """Start one, and take it away afterwards."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not binaries:
        raise SystemExit("No PostgreSQL found: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="sojourn-pg-"))
    as_postgres: list[str] = []
    if os.getuid() == 0:
        as_postgres = ["runuser", "-u", "postgres", "--"]
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    control = [*as_postgres, str(binaries[-1].with_name("pg_ctl")), "-D", str(folder / "data")]

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run(*as_postgres, str(binaries[-1]), "-D", str(folder / "data"), "-U", "sojourn", "-A", "trust", "-E", "UTF8")
    options = f"-k {folder} -c listen_addresses='' -c max_connections=100 -c shared_buffers=512MB -c max_wal_size=4GB"
    run(*control, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield Server(folder)
    finally:
        run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
