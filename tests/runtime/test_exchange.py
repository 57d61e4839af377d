"""Events from files, Parquet, exports, and data fetched by itself from PostgreSQL, SQLite and folders."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from sojourn.runtime import parquet
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.consent_words import NoBasis
from sojourn.runtime.contracts import catalogue
from sojourn.runtime.csv_file import CsvProblem
from sojourn.runtime.exchange import exports, foreign, pulls
from sojourn.runtime.imports import MissingEvent, remembered, run, sniff
from sojourn.runtime.repeats import Repeats
from sojourn.storage import connections, imports, tombstones
from sojourn.storage.connections import Connection
from sojourn.storage.database import Database

NOW = 1_790_000_000_000


class Plain:
    def seal(self, text: str) -> str:
        return f"sealed:{text[::-1]}"

    def open(self, sealed: str) -> str:
        return sealed.removeprefix("sealed:")[::-1]


class House:
    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder, self.clock, self.secrets = db, folder, ManualClock(NOW), Plain()
        self.home = folder / "home"
        self.home.mkdir()

    def file(self, text: str, name: str = "rows.csv") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def takes(self, path: Path, kind: str = "contacts", **how: Any) -> tuple[int, int, int, int]:
        done = run(self.db, path, how.pop("mapping", None), self.clock, "ann", kind=kind, **how)
        assert done.rows == done.created + done.changed + done.unchanged + done.bad
        return done.created, done.changed, done.unchanged, done.bad

    def rows(self, sql: str) -> list[Any]:
        return self.db.look(lambda tx: tx.rows(sql))

    def connect(self, url: str = "", **fields: Any) -> int:
        made = Connection(title="Shop", created_at=None, **fields)  # type: ignore[arg-type]
        return self.db.write(lambda tx: pulls.make(tx, self.secrets.seal, made, url, self.home, "ann", NOW))

    def pull(self, connection: int) -> str:
        return pulls.run(self.db, self.clock, self.secrets, connection)

    def errors(self) -> list[str]:
        last = self.db.look(lambda tx: tx.value("SELECT max(id) FROM import_runs"))
        return [reason for _, reason, _ in self.db.look(lambda tx: imports.errors(tx, last))]


@pytest.fixture
def house(db: Database, tmp_path: Path) -> House:
    return House(db, tmp_path)


EVENTS = (
    "user id,event,time,total,currency\n"
    "u1,purchased,2026-01-04T10:00:00Z,20.5,EUR\n"
    "u2,purchased,4. 1. 2026 11:30,7,EUR\n"
    "u1,refunded,1767522600,,EUR\n"
    ",purchased,2026-01-04,1,EUR\n"
    "u3,,2026-01-04,1,EUR\n"
    "u3,purchased,yesterday,1,EUR\n"
)


def test_events_from_a_file_and_again(house: House) -> None:
    path = house.file(EVENTS)
    assert house.takes(path, "events") == (3, 0, 0, 3)
    assert [word in reason for word, reason in zip(("whose", "which event", "no time"), house.errors(), strict=True)]
    found = house.rows("SELECT name, at, properties FROM events ORDER BY at")
    assert [(name, at) for name, at, _ in found] == [
        ("purchased", 1_767_520_800_000), ("refunded", 1_767_522_600_000), ("purchased", 1_767_526_200_000),
    ]  # fmt: skip
    assert house.takes(path, "events") == (0, 0, 3, 3)
    assert house.rows("SELECT count(*) FROM contacts") == [(2,)]


def test_all_rows_may_be_of_one_event_and_contracts_are_asked(house: House) -> None:
    form = {"properties": {"total": {"type": "number"}}, "required": ["total"]}
    house.db.write(lambda tx: catalogue.change(tx, "purchased", form, "strict", "ann", NOW))
    path = house.file("email,at,total\nann@example.com,2026-01-01,5\nbob@example.com,2026-01-02,\n")
    with pytest.raises(MissingEvent):
        house.takes(path, "events")
    assert house.takes(path, "events", event="purchased") == (1, 0, 0, 1)
    assert house.errors() == ["purchased needs the property “total”."]
    assert house.rows("SELECT count(*) FROM rejections") == [(0,)]


@pytest.mark.parametrize("kind", ["contacts", "events"])
def test_an_interrupted_run_goes_on_without_doubles(house: House, kind: str) -> None:
    lines = [f"u{n % 4_000},p{n},bought,2026-01-01T{n % 24:02}:00:00Z,{n}" for n in range(7_000)]
    if kind == "contacts":
        lines = [f"u{n},p{n},x,2026-01-01,{n}" for n in range(6_000)] + [
            f"u{n},p{n},y,2026-01-01,1" for n in range(1_000)
        ]
    path = house.file("user id,name,event,time,total\n" + "\n".join(lines) + "\n")

    def cut(done: int, _: int) -> None:
        if done >= 4_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.takes(path, kind, progress=cut)
    between = house.rows("SELECT status, position, rows FROM import_runs")
    assert between == [("failed", 4_000, 4_000)]
    totals = house.takes(path, kind)
    assert totals == ((7_000, 0, 0, 0) if kind == "events" else (6_000, 0, 1_000, 0))
    assert house.rows("SELECT status FROM import_runs") == [("done",)]
    assert house.rows(f"SELECT count(*) FROM {kind}") == [(7_000 if kind == "events" else 6_000,)]


def test_two_at_the_same_file_at_once_are_told(house: House) -> None:
    path = house.file("email\n" + "".join(f"a{n}@example.com\n" for n in range(5_000)))

    def meddle(done: int, _: int) -> None:
        if done == 2_000:
            house.takes(path)

    with pytest.raises(imports.AnotherRuns):
        house.takes(path, progress=meddle)
    assert house.rows("SELECT count(*) FROM contacts") == [(5_000,)]


def test_a_mapping_is_kept_for_files_of_the_same_shape(house: House) -> None:
    first = house.file("Kontakt,Wer,Rest\nann@example.com,Ann,x\n")
    house.takes(first, mapping={"Kontakt": "email", "Wer": "first_name", "Rest": ""})
    again = house.file("Kontakt,Wer,Rest\nbob@example.com,Bob,x\n", "next.csv")
    assert remembered(house.db, sniff(again)) == {"Kontakt": "email", "Wer": "first_name", "Rest": ""}
    assert house.takes(again) == (1, 0, 0, 0)
    other = house.file("Kontakt,Wer\nbob@example.com,Bob\n", "other.csv")
    assert remembered(house.db, sniff(other))["Wer"] == "wer"


def test_who_was_erased_stays_out(house: House) -> None:
    house.db.write(lambda tx: tombstones.bury(tx, [("email", "ann@example.com"), ("user", "u7")], NOW))
    path = house.file("email,user id\nANN@example.com,\nbob@example.com,u7\ncat@example.com,u8\n")
    assert house.takes(path) == (1, 0, 0, 2)
    assert house.rows("SELECT raw FROM import_errors") == [("",), ("",)]


def test_consents_in_a_file_need_to_rest_on_something_and_are_never_confirmed(house: House) -> None:
    path = house.file(
        "email,news\nann@example.com,yes\nbob@example.com,no\ncat@example.com,\ndan@example.com,perhaps\n"
    )
    mapping = {"email": "email", "news": "consent.email.newsletter"}
    with pytest.raises(NoBasis):
        house.takes(path, mapping=mapping)
    assert house.takes(path, mapping=mapping, basis="Signed at the counter in 2025") == (4, 0, 0, 0)
    said = house.rows("SELECT c.email, s.action FROM consents s JOIN contacts c ON c.id = s.contact_id ORDER BY 1")
    assert said == [("ann@example.com", "granted"), ("bob@example.com", "denied")]
    assert house.errors() == ["Note: the consent for newsletter by email was left out: write yes or no."]
    assert house.takes(path, mapping=mapping, basis="Again") == (0, 0, 4, 0)
    assert house.rows("SELECT count(*) FROM consents") == [(2,)]


def test_repeats_are_found_in_bounded_memory() -> None:
    repeats = Repeats()
    for n in range(50_000):
        repeats.add([f"@{n}@example.com", f"#{n % 49_990}"])
    repeats.done()
    assert all(repeats.repeated([f"#{n}"]) for n in range(10))
    assert sum(repeats.repeated([f"@{n}@example.com"]) for n in range(50_000)) < 100


def test_parquet_comes_in_and_goes_out(house: House, tmp_path: Path) -> None:
    house.takes(house.file("email,user id,first name,orders\nann@example.com,007,Ann,3\nbob@example.com,008,,4\n"))
    target = tmp_path / "out.parquet"
    exports.write(exports.contacts(house.db), target)
    assert parquet.is_parquet(target)
    house.db.write(lambda tx: (tx.run("DELETE FROM contacts"), tx.run("DELETE FROM identities")))
    assert house.takes(target)[0] == 2
    assert not any(parquet.folder().iterdir())  # what stood in for it names people
    back = list(exports.contacts(house.db))
    assert back[0][:3] == ["external_id", "email", "phone"]
    assert [row[1] for row in back[1:]] == ["ann@example.com", "bob@example.com"]


def test_a_broken_parquet_file_is_answered_in_a_sentence(house: House, tmp_path: Path) -> None:
    broken = tmp_path / "a.parquet"
    broken.write_bytes(b"PAR1" + os.urandom(500))
    with pytest.raises(CsvProblem, match="cannot be read"):
        house.takes(broken)


def test_a_spreadsheet_runs_no_formula_of_ours(house: House) -> None:
    path = house.file('email,user id,phone,note,debt\nann@example.com,1,+420602123456,"=HYPERLINK(""x"")",-5\n')
    house.takes(path)
    text = b"".join(exports.as_csv(exports.contacts(house.db))).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["note"], row["debt"], row["phone"]) == ('\'=HYPERLINK("x")', "-5", "+420602123456")


def test_what_was_exported_can_be_imported(house: House, tmp_path: Path) -> None:
    house.takes(house.file("email,user id,city\nann@example.com,1,Brno\nbob@example.com,2,\n"))
    house.takes(house.file(EVENTS, "e.csv"), "events")
    people, events = tmp_path / "people.csv", tmp_path / "events.csv"
    exports.write(exports.contacts(house.db), people)
    exports.write(exports.events(house.db, "purchased"), events)
    assert house.takes(people, mapping={**sniff(people).mapping, "created_at": ""})[:2] == (0, 0)
    assert house.takes(events, "events")[0] == 2  # other ids, so they count anew: an export is for another house


# ── fetched by itself ─────────────────────────────────────────────────────────────────────────────────


def test_a_sqlite_database_is_read_on_from_its_key(house: House, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    shop = sqlite3.connect(file)
    shop.execute("CREATE TABLE people (id INTEGER, mail TEXT, city TEXT)")
    shop.execute("INSERT INTO people VALUES (1, 'ann@example.com', 'Brno: a')")
    shop.commit()
    connection = house.connect(
        f"sqlite:///{file}", kind="database", query="SELECT id, mail AS email, city FROM people;", key_column="id",
    )  # fmt: skip
    assert house.rows("SELECT shown FROM connections") == [(f"sqlite:///{file}",)]
    assert "1 new" in house.pull(connection)
    assert "1 as before" in house.pull(connection)
    shop.execute("INSERT INTO people VALUES (2, 'bob@example.com', 'Graz')")
    shop.commit()
    assert house.pull(connection) == "2 rows: 1 new, 0 changed, 1 as before, 0 left out."
    assert house.rows("SELECT last_key FROM connections") in ([("2",)], [(2,)])
    shop.close()


def test_a_postgres_database_is_only_read(house: House, postgres_server: str) -> None:
    name = f"shop{uuid4().hex[:8]}"
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    url = postgres_server.format(name)
    with psycopg.connect(url, autocommit=True) as shop:
        shop.execute("CREATE TABLE orders (id serial, who text, at timestamptz, total numeric, lines jsonb)")
        shop.execute("INSERT INTO orders (who, at, total, lines) VALUES ('u1', '2026-01-02 10:00+00', 9.5, '[1]')")
    query = "SELECT id AS message_id, who AS user_id, at, total FROM orders"
    connection = house.connect(url, kind="database", brings="events", event="purchased", query=query, key_column="at")
    assert "1 new" in house.pull(connection)
    with psycopg.connect(url, autocommit=True) as shop:
        shop.execute(
            "INSERT INTO orders (who, at, total) VALUES ('u2', '2026-01-02 10:00+00', 3), ('u2', '2026-02-01', 4)"
        )
    assert house.pull(connection) == "3 rows: 2 new, 1 known, 0 left out."
    writes = "SELECT nextval('orders_id_seq')"
    with pytest.raises(foreign.ForeignProblem, match="read-only"):
        list(foreign.rows(url, writes))
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.mark.parametrize(
    ("url", "query", "key", "says"),
    [
        ("nonsense", "SELECT 1", "", "no address of a database"),
        ("sqlite:////nowhere/a.db", "SELECT 1", "", "no database file"),
        ("{file}", "DELETE FROM people", "", "begin with SELECT"),
        ("{file}", "SELECT 1; DROP TABLE a", "", "one query"),
        ("{file}", "SELECT 1", "id; DROP", "plain name"),
        ("sybase://h/d", "SELECT 1", "", "not known"),
    ],
)
def test_what_cannot_be_read_is_said_when_it_is_typed(house: House, url: str, query: str, key: str, says: str) -> None:
    file = house.folder / "shop.db"
    sqlite3.connect(file).close()
    file.touch()
    with pytest.raises(foreign.ForeignProblem, match=says):
        house.connect(url.replace("{file}", f"sqlite:///{file}"), kind="database", query=query, key_column=key)


def test_a_failing_query_is_said_and_kept(house: House, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    sqlite3.connect(file).close()
    file.touch()
    connection = house.connect(f"sqlite:///{file}", kind="database", query="SELECT * FROM absent", key_column="")
    assert "no such table" in house.pull(connection)
    assert house.rows("SELECT state FROM connections") == [("failed",)]


def test_our_own_database_and_folder_are_nobodys_source(house: House) -> None:
    own = house.home / "sojourn.db"
    sqlite3.connect(own).close()
    own.touch()
    with pytest.raises(pulls.ConnectionProblem, match="own database"):
        house.connect(f"sqlite:///{own}", kind="database", query="SELECT * FROM users")
    with pytest.raises(pulls.ConnectionProblem, match="own folder"):
        house.connect(kind="folder", shown=str(house.home))


def test_each_file_of_a_folder_is_taken_once(house: House, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    connection = house.connect(kind="folder", shown=str(drop))
    for name, text in (
        ("a.csv", "email\nann@example.com\n"),
        ("b.csv", "name\nBob\n"),
        ("c.doc", "x"),
        (".d.csv", "y"),
    ):
        (drop / name).write_text(text)
        os.utime(drop / name, (1_700_000_000, 1_700_000_000))
    said = house.pull(connection)
    assert "b.csv: Not taken in" in said
    assert house.pull(connection) == "Nothing new."
    (drop / "a.csv").write_text("email\nann@example.com\ncat@example.com\n")
    assert house.pull(connection) == "Nothing new."  # it may still be written
    os.utime(drop / "a.csv", (1_700_000_100, 1_700_000_100))
    assert house.pull(connection) == "a.csv: 2 rows: 1 new, 0 changed, 1 as before, 0 left out."
    assert [name for name, _, _ in house.db.look(lambda tx: connections.files(tx, connection))] == [
        "a.csv",
        "b.csv",
        "a.csv",
    ]


def test_agreements_are_taken_from_a_person_only_and_not_from_a_folder(house: House, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    path = drop / "a.csv"
    path.write_text("email,Consent email Weekly news\nann@example.com,yes\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert sniff(path).mapping["Consent email Weekly news"] == "consent.email.weekly_news"
    with pytest.raises(NoBasis):
        house.takes(path)
    said = house.pull(house.connect(kind="folder", shown=str(drop)))
    assert "1 new" in said and "Left out: Consent email Weekly news. Import agreements by hand" in said
    assert house.rows("SELECT email FROM contacts") == [("ann@example.com",)]
    assert house.rows("SELECT count(*) FROM consents") == [(0,)]


def test_what_is_due_runs_by_itself_and_failures_are_warnings(house: House, tmp_path: Path) -> None:
    from sojourn.runtime import notices

    drop = tmp_path / "drop"
    drop.mkdir()
    house.connect(kind="folder", shown=str(drop), minutes=60)
    pulls.run_due(house.db, house.clock, house.secrets)
    drop.rmdir()
    pulls.run_due(house.db, house.clock, house.secrets)
    assert house.db.look(notices.all_of) == []
    house.clock.set(NOW + 61 * 60_000)
    pulls.run_due(house.db, house.clock, house.secrets)
    assert "“Shop” failed: There is no folder" in house.db.look(notices.all_of)[0]
