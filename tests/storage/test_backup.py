"""A backup holds one moment of a store that is being written to, and comes back at rest."""

import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from sojourn.storage import migrate, restore, settings
from sojourn.storage.backup import BackupProblem, back_up
from sojourn.storage.database import Database, sqlite_url


@pytest.fixture
def filled(database_url: str) -> Iterator[Database]:
    """A store with a live and a paused journey, and a message in each state a crash or a backup can meet."""
    db = Database(database_url)
    migrate.upgrade(db)

    def fill(tx):
        for name, status in (("welcome", "live"), ("old", "paused"), ("new", "draft")):
            tx.run(
                "INSERT INTO journeys (name, title, status, draft, priority, created_at, changed_at)"
                " VALUES (?, ?, ?, '{}', 0, 1, 1)",
                (name, name, status),
            )
        for number, status in enumerate(("queued", "leased", "sending", "sent")):
            tx.run(
                "INSERT INTO messages (enrollment_id, seq, node, journey_id, version_id, contact_id, channel, content,"
                " status, queued_at, due_at, attempts) VALUES (?, 1, 0, 1, 1, 1, 'email', 'hello', ?, 5, 5, 0)",
                (number, status),
            )

    db.write(fill)
    yield db
    db.close()


@pytest.fixture
def empty_url(filled: Database, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty store of the same kind."""
    if not filled.postgres:
        yield sqlite_url(tmp_path / "restored.db")
        return
    name = f"r{uuid4().hex[:12]}"
    was = urlsplit(filled.url).path.removeprefix("/")
    with psycopg.connect(filled.url.replace(f"/{was}", "/postgres", 1), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        yield filled.url.replace(f"/{was}", f"/{name}", 1)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def save(db: Database, target: Path, key: bytes | None = None):
    return back_up(db, target, version="0.1.0", stamp="s", now_ms=1_000, key=key)


def test_a_restored_store_starts_at_rest(filled: Database, empty_url: str, tmp_path: Path) -> None:
    save(filled, tmp_path / "b.sojourn-backup")
    held = restore.put_back(tmp_path / "b.sojourn-backup", empty_url, now_ms=2_000, stamp="mine")
    assert held == {"journeys": 1, "messages": 2}
    db = Database(empty_url)
    with db.read() as tx:
        assert tx.rows("SELECT name, status FROM journeys ORDER BY id") == [
            ("welcome", "paused"),
            ("old", "paused"),
            ("new", "draft"),
        ]
        assert tx.value("SELECT count(*) FROM messages") == 4
        assert settings.fetch(tx, "restored_at") == 2_000
        assert settings.fetch(tx, "instance.stamp") == "mine"
    assert migrate.differences(db) == []
    db.write(lambda tx: tx.run("INSERT INTO settings (key, value) VALUES ('x', '1')"))  # and it can be written to
    db.close()


def test_a_backup_taken_while_writing_is_one_moment(filled: Database, empty_url: str, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            filled.write(
                lambda tx, n=number: [settings.store(tx, key, n) for key in ("first", "second")] and None,
            )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            save(filled, tmp_path / f"{number}.sojourn-backup")
    finally:
        stop.set()
        writer.join()
    restore.put_back(tmp_path / "2.sojourn-backup", empty_url, now_ms=1, stamp="s")
    db = Database(empty_url)
    with db.read() as tx:
        assert settings.fetch(tx, "first") == settings.fetch(tx, "second") > 0
    db.close()


def test_a_full_store_is_never_written_over(filled: Database, tmp_path: Path) -> None:
    save(filled, tmp_path / "b.sojourn-backup")
    with pytest.raises(BackupProblem, match="already"):
        restore.put_back(tmp_path / "b.sojourn-backup", filled.url, now_ms=1, stamp="s")
    with pytest.raises(BackupProblem, match="exists already"):
        save(filled, tmp_path / "b.sojourn-backup")


def test_a_damaged_backup_is_refused(filled: Database, empty_url: str, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    save(filled, good, key=b"k" * 32)
    assert restore.key(good) == b"k" * 32
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:-1] if name == "database" else old.read(name))
    with pytest.raises(BackupProblem, match="damaged"):
        restore.put_back(bad, empty_url, now_ms=1, stamp="s")
    (tmp_path / "text").write_text("no backup")
    with pytest.raises(BackupProblem, match="not a backup"):
        restore.look(tmp_path / "text")
    assert oct(os.stat(good).st_mode & 0o777) == "0o600"
