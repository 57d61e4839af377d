"""Puts a backup back into an empty place, where it stands still until a person has looked at it."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from . import migrate, settings
from .backup import FORMAT, BackupProblem, Manifest, digest, run_server_tool, sqlite_path
from .database import Database, Tx, sqlite_url


def look(file: Path) -> Manifest:
    """What a backup holds. Raises BackupProblem when it is none, or of a newer release."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest(**json.loads(archive.read("manifest.json")))
    except FileNotFoundError:
        raise BackupProblem(f"There is no file {file}.") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError):
        raise BackupProblem(f"{file} is not a backup made by `sojourn backup`, or it is damaged.") from None
    if manifest.format > FORMAT or not migrate.knows(manifest.revision):
        raise BackupProblem(
            f"{file} was made by Sojourn {manifest.version}, which is newer: install that version first."
        )
    return manifest


def key(file: Path) -> bytes | None:
    """The secret key inside a backup, if it was made with it."""
    with zipfile.ZipFile(file) as archive:
        return archive.read("secret.key") if "secret.key" in archive.namelist() else None


def put_back(file: Path, url: str, *, now_ms: int, stamp: str) -> dict[str, int]:
    """Restore ``file`` into the empty store at ``url``, at rest, for the instance with this ``stamp``.

    Returns how many journeys were paused and how many letters are held.
    """
    manifest = look(file)
    kind = "postgresql" if url.startswith("postgresql") else "sqlite"
    if manifest.kind != kind:
        raise BackupProblem(
            f"This backup was taken from {manifest.kind} and cannot go into {kind}: name a {manifest.kind} database."
        )
    return (_into_postgres if kind == "postgresql" else _into_sqlite)(file, manifest, url, now_ms, stamp)


def hold(tx: Tx, now_ms: int, stamp: str) -> dict[str, int]:
    """Pause every live journey, so that its waiting letters stay, and mark the store as restored."""
    journeys = tx.run("UPDATE journeys SET status = 'paused' WHERE status = 'live'").rowcount
    held = tx.value("SELECT count(*) FROM messages WHERE status IN ('queued', 'leased')")
    settings.store(tx, "restored_at", now_ms)
    settings.store(tx, "instance.stamp", stamp)
    return {"journeys": journeys, "messages": held}


def _into_sqlite(file: Path, manifest: Manifest, url: str, now_ms: int, stamp: str) -> dict[str, int]:
    target = sqlite_path(url)
    if target.exists():
        raise BackupProblem(f"{target} exists already: a backup goes into an empty home folder only.")
    part = target.with_name(target.name + ".restoring")
    part.unlink(missing_ok=True)
    try:
        _unpack(file, manifest, part)
        held = _settle(sqlite_url(part), now_ms, stamp)
        part.rename(target)
    finally:
        for leftover in part.parent.glob(part.name + "*"):
            leftover.unlink()
    return held


def _into_postgres(file: Path, manifest: Manifest, url: str, now_ms: int, stamp: str) -> dict[str, int]:
    db = Database(url)
    try:
        if db.look(lambda tx: tx.value("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")):
            raise BackupProblem("That database has tables already: a backup goes into an empty database only.")
    finally:
        db.close()
    dump = file.with_name(file.name + ".unpacked")
    try:
        _unpack(file, manifest, dump)
        run_server_tool("pg_restore", url, "--no-owner", "--no-acl", "--single-transaction", str(dump))
    finally:
        dump.unlink(missing_ok=True)
    return _settle(url, now_ms, stamp)


def _unpack(file: Path, manifest: Manifest, target: Path) -> None:
    target.touch(mode=0o600)
    try:
        with zipfile.ZipFile(file) as archive, archive.open("database") as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    except zipfile.BadZipFile:
        raise BackupProblem(f"{file} is damaged: its database cannot be read.") from None
    if digest(target) != manifest.database:
        raise BackupProblem(f"{file} is damaged: its database is not the one that was written.")


def _settle(url: str, now_ms: int, stamp: str) -> dict[str, int]:
    db = Database(url)
    try:
        migrate.upgrade(db)
        return db.write(lambda tx: hold(tx, now_ms, stamp), durable=True)
    finally:
        db.close()
