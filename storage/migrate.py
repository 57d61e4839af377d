"""Brings a store from any released revision to now, and says how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from .columns import Json, Moment
from .database import Database, Tx
from .doors import StorageError
from .tables import metadata

LOCK = 0x534F4A4E  # PostgreSQL advisory lock: two processes starting at once migrate one after the other


class StoreIsNewer(StorageError):
    """This database was written by a newer Sojourn: install that version, or restore a backup made by this one."""


def upgrade(db: Database, to: str = "head") -> None:
    """Bring the store to revision ``to``. Nothing happens when it is there; all or nothing otherwise."""

    def climb(tx: Tx) -> None:
        if tx.postgres:
            tx.run("SELECT pg_advisory_xact_lock(?)", (LOCK,))
        here = _revision(tx.connection)
        if here is not None and not knows(here):
            raise StoreIsNewer(StoreIsNewer.__doc__)
        if to == "head" and here == head():
            return
        command.upgrade(_config(tx.connection), to)

    db.write(climb, durable=True)


def revision(db: Database) -> str | None:
    """The revision the store is at; None when it is empty."""
    with db.read() as tx:
        return _revision(tx.connection)


def head() -> str:
    """The newest revision."""
    newest = _scripts().get_current_head()
    assert newest is not None
    return newest


def knows(revision: str) -> bool:
    """True for a revision this release can start from."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def differences(db: Database) -> list[Any]:
    """What the tables declare and the store does not have, or the other way round; empty when all is well."""
    with db.read() as tx:
        context = MigrationContext.configure(tx.connection, opts=options(tx.connection))
        return list(compare_metadata(context, metadata))


def draft_revision(db: Database, message: str, number: str) -> None:
    """Write a new revision file with what `differences` says, to be read and corrected by a person."""
    db.write(lambda tx: command.revision(_config(tx.connection), message, autogenerate=True, rev_id=number))


def options(connection: Connection) -> dict[str, Any]:
    """How Alembic compares and renders our tables."""
    return {
        "target_metadata": metadata,
        "compare_type": True,
        "render_as_batch": connection.dialect.name == "sqlite",
        "render_item": _render,
    }


def _render(kind: str, item: Any, _context: Any) -> Any:
    if kind == "type" and isinstance(item, Moment):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
