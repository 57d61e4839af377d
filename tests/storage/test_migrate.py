"""The store grows from nothing, and from every released revision, to exactly what the tables declare."""

import sqlite3
from pathlib import Path

import pytest

from sojourn.storage import migrate
from sojourn.storage.database import Database, sqlite_url
from sojourn.storage.tables import metadata

RELEASED = {"0001": "0.1.0", "0002": "0.2.0", "0004": "0.3.0", "0005": "0.4.0"}  # the last revision of each release
OLD = Path(__file__).parents[1] / "old_databases"


def shape(db: Database) -> list[tuple]:
    """Everything a store says about its tables, columns and indexes, but Alembic's own table."""
    with db.read() as tx:
        if db.postgres:
            columns = tx.rows(
                "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '') "
                "FROM information_schema.columns WHERE table_schema = current_schema()"
            )
            indexes = tx.rows(
                "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
            )
        else:
            columns = [
                (table, *column[1:], without_rowid)
                for table, without_rowid in tx.rows("SELECT name, wr FROM pragma_table_list WHERE schema = 'main'")
                for column in tx.rows("SELECT * FROM pragma_table_info(?)", (table,))
            ]
            indexes = tx.rows("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'")
    return sorted((row for row in [*columns, *indexes] if row[0] != "alembic_version"), key=str)


def test_an_empty_store_grows_to_what_the_tables_declare(database_url: str, tmp_path: Path) -> None:
    db = Database(database_url)
    assert migrate.revision(db) is None
    migrate.upgrade(db)
    assert migrate.revision(db) == migrate.head()
    assert migrate.differences(db) == []
    grown = shape(db)
    db.write(lambda tx: tx.run("DROP TABLE alembic_version"))
    db.write(lambda tx: metadata.drop_all(tx.connection))
    db.write(lambda tx: metadata.create_all(tx.connection))
    assert grown == shape(db)
    db.close()


def test_growing_again_changes_nothing(database_url: str) -> None:
    db = Database(database_url)
    migrate.upgrade(db)
    db.write(lambda tx: tx.run("INSERT INTO settings (key, value) VALUES ('brand_name', '\"Shop\"')"))
    migrate.upgrade(db)
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM settings")) == 1
    db.close()


def test_a_difference_would_be_seen(database_url: str) -> None:
    db = Database(database_url)
    migrate.upgrade(db)
    db.write(lambda tx: tx.run("DROP INDEX ix_enrollments_due"))
    assert [change[0] for change in migrate.differences(db)] == ["add_index"]
    db.close()


def test_a_newer_store_is_refused_in_words(database_url: str) -> None:
    db = Database(database_url)
    migrate.upgrade(db)
    db.write(lambda tx: tx.run("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.StoreIsNewer, match="newer Sojourn"):
        migrate.upgrade(db)
    db.close()


@pytest.mark.parametrize("revision", RELEASED)
def test_every_released_store_grows_to_now_and_keeps_its_rows(revision: str, tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    old = sqlite3.connect(file)
    old.executescript((OLD / f"{revision}.sql").read_text())
    old.close()
    db = Database(sqlite_url(file))
    assert migrate.revision(db) == revision
    migrate.upgrade(db)
    assert migrate.differences(db) == []
    with db.read() as tx:
        assert tx.rows("SELECT name, status FROM journeys") == [("welcome", "live")]
        assert tx.value("SELECT email FROM contacts") == "ann@example.com"
    db.close()


def test_every_revision_that_was_released_has_its_store_kept() -> None:
    assert {file.stem for file in OLD.glob("*.sql")} == set(RELEASED)
    assert all(migrate.knows(revision) for revision in RELEASED)
