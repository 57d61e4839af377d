"""Real stores for every test: a SQLite file and a PostgreSQL server of our own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from sojourn.storage.database import Database, sqlite_url
from sojourn.storage.tables import metadata

MEMORY = "/dev/shm"  # a store of a test lives for a second, and making its thousand files is what takes time

# How long an example takes says more of the machine than of the product: figures come from the benches.
settings.register_profile("sojourn", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sojourn")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server without a database name; started here unless SOJOURN_TEST_POSTGRES names one."""
    given = os.environ.get("SOJOURN_TEST_POSTGRES")
    if given:
        yield given.rstrip("/")
        return
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    initdb = str(binaries[-1]) if binaries else shutil.which("initdb")
    if not initdb:
        pytest.fail("No PostgreSQL found. `make test` installs it; by hand: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="sojourn-pg-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_postgres:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    control = str(Path(initdb).with_name("pg_ctl"))
    data, socket = folder / "data", folder
    run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*as_postgres, initdb, "-D", data, "-U", "sojourn", "-A", "trust", "-E", "UTF8"], **run)
    options = f"-k {socket} -c listen_addresses='' -c fsync=off -c max_connections=200"
    subprocess.run([*as_postgres, control, "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], **run)
    try:
        yield f"postgresql://sojourn@/{{}}?host={socket}"
    finally:
        subprocess.run([*as_postgres, control, "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """A database with all tables, which others are copied from: much faster than making each table again."""
    name = f"ready{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        _make_tables(postgres_server.format(name))
        yield name
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, which others are copied from."""
    file = tmp_path_factory.mktemp("ready") / "sojourn.db"
    _make_tables(sqlite_url(file))
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database, once on each store: empty, but with all tables for a test that asks for ``db``."""
    ready = "db" in request.fixturenames
    if request.param == "sqlite":
        file = tmp_path / "sojourn.db"
        if ready:
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield sqlite_url(file)
        return
    server: str = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template") if ready else "template1"
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(server.format("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY FILE_COPY'.encode())
        yield server.format(name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An empty store with all tables, once on each kind."""
    database = Database(database_url)
    yield database
    database.close()


def _make_tables(url: str) -> None:
    database = Database(url)
    database.write(lambda tx: metadata.create_all(tx.connection))
    if not database.postgres:
        database.outside(lambda driver: driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    database.close()
