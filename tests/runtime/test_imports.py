"""Contacts from CSV files as people really make them; every row is accounted for. On both stores."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.runtime.clock import ManualClock
from sojourn.runtime.csv_file import CsvProblem
from sojourn.runtime.imports import MissingMapping, WrongMapping, run, sniff
from sojourn.storage import imports
from sojourn.storage.columns import load
from sojourn.storage.contacts import ImportRun
from sojourn.storage.database import Database

CLOCK = ManualClock(1_780_000_000_000)


class Table:
    """A file of contacts and the store it goes into."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.path = folder / "contacts.csv"

    def holds(self, text: str, encoding: str = "utf-8") -> Table:
        self.path.write_bytes(text.encode(encoding))
        return self

    def run(self, mapping: dict[str, str] | None = None, **how: Any) -> ImportRun:
        return run(self.db, self.path, mapping, CLOCK, "ann", **how)

    def counts(self, mapping: dict[str, str] | None = None) -> tuple[int, int, int, int]:
        done = self.run(mapping)
        assert done.rows == done.created + done.changed + done.unchanged + done.bad
        assert done.status == "done"
        return done.created, done.changed, done.unchanged, done.bad

    def errors(self) -> list[tuple[int, str]]:
        last = self.db.look(lambda tx: tx.value("SELECT max(id) FROM import_runs"))
        return [(line, reason) for line, reason, _ in self.db.look(lambda tx: imports.errors(tx, last))]

    def contacts(self) -> list[dict[str, Any]]:
        rows = self.db.look(
            lambda tx: tx.rows(
                "SELECT external_id, email, phone, properties FROM contacts WHERE merged_into IS NULL ORDER BY email"
            )
        )
        return [{"id": row[0], "email": row[1], "phone": row[2], **load(row[3])} for row in rows]


@pytest.fixture
def table(db: Database, tmp_path: Path) -> Table:
    return Table(db, tmp_path)


def test_a_usual_file(table: Table) -> None:
    table.holds(
        "E-mail,Customer ID,First name,Mobile,ZIP,Orders,Newsletter,Born\n"
        "ann@example.com,17,Ann,+420 602 123 456,01234,3,yes,4. 5. 1990\n"
        "Bob@Example.com,18,Bob,,56789,12.5,no,1991-12-31\n"
    )
    assert table.counts() == (2, 0, 0, 0)
    assert table.contacts() == [
        {
            "id": "17", "email": "ann@example.com", "phone": "+420602123456", "first_name": "Ann", "postcode": "01234",
            "orders": 3, "newsletter": True, "born": "1990-05-04",
        },
        {
            "id": "18", "email": "bob@example.com", "phone": None, "first_name": "Bob", "postcode": "56789",
            "orders": 12.5, "newsletter": False, "born": "1991-12-31",
        },
    ]  # fmt: skip
    assert table.counts() == (0, 0, 2, 0)


def test_a_preview_before_anything_is_written(table: Table) -> None:
    table.holds("Jméno;E-mailová adresa;Číslo zákazníka;Obrat\nÉva;eva@example.cz;007;1250,50\n", "cp1250")
    preview = sniff(table.path)
    assert (preview.dialect.encoding, preview.dialect.delimiter, preview.header) == ("cp1250", ";", True)
    assert preview.mapping == {
        "Jméno": "first_name",
        "E-mailová adresa": "email",
        "Číslo zákazníka": "external_id",
        "Obrat": "obrat",
    }
    assert [column.kind for column in preview.columns] == ["text", "text", "text", "comma_number"]
    assert preview.rows == (("Éva", "eva@example.cz", "007", "1250,50"),)
    assert table.contacts() == []


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Žluťoučký kůň"),
        ("utf-8-sig", "Žluťoučký kůň"),
        ("utf-16", "Žluťoučký kůň"),
        ("utf-16-le", "Žluťoučký kůň"),
        ("utf-16-be", "Žluťoučký kůň"),
        ("cp1250", "Žluťoučký kůň, Dvořák, ľalia, mäkčeň"),
        ("cp1252", "Núñez, Françoise, Jørgen, à côté"),
        ("utf-8", "日本語 😀"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, name: str, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f'email{delimiter}name\r\nann@example.com{delimiter}"{name}"\r\n'.encode(encoding))
    preview = sniff(path)
    assert preview.dialect.delimiter == delimiter
    assert preview.rows == (("ann@example.com", name),)


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("E-Mail", "email"), ("E-Mail-Adresse", "email"), ("Emailová adresa", "email"), ("Vorname", "first_name"),
        ("Priezvisko", "last_name"), ("Příjmení", "last_name"), ("Kundennummer", "external_id"), ("PLZ", "postcode"),
        ("Telefónne číslo", "phone"), ("Handy", "phone"), ("userId", "external_id"),
        ("Loyalty Points!", "loyalty_points"),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_names(tmp_path: Path, header: str, target: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{header},other\nx,y\n")
    assert sniff(path).mapping[header] == target


def test_no_header_and_a_separator_line(table: Table) -> None:
    table.holds("ann@example.com;Ann\nbob@example.com;Bob\n")
    assert table.counts() == (2, 0, 0, 0)
    assert table.contacts()[0] == {"id": None, "email": "ann@example.com", "phone": None, "column_2": "Ann"}
    table.holds("sep=|\r\nemail|name\r\ncat@example.com|Cat\r\n")
    assert table.counts() == (1, 0, 0, 0)


def test_bad_rows_are_listed_by_their_lines_and_the_rest_is_taken(table: Table) -> None:
    table.holds(
        "email,note\n"  # 1
        'ann@example.com,"two\nlines"\n'  # 2, 3
        "no address,x\n"  # 4
        "bob@example.com,x,too many\n"  # 5
        "\n"  # 6
        'cat@example.com,"never closed\n'  # 7
        "dan@example.com,fine\n"  # 8
        'eve@example.com,"quote" inside\n'  # 9
        "fay@example.com,nul \0\n"  # 10
        ",only a note\n"  # 11
        "gil@example.com\n"  # 12
        'hal@example.com,"a ""quote"" done right"\n'  # 13
    )
    assert table.counts() == (3, 0, 0, 7)
    listed = table.errors()
    assert [line for line, _ in listed] == [4, 5, 7, 9, 10, 11, 12]
    words = ["not valid", "3 cells", "never closed", "closing quote", "NUL", "neither an e-mail", "1 cells"]
    assert all(word in reason for word, (_, reason) in zip(words, listed, strict=True))
    assert [contact["note"] for contact in table.contacts()] == ["two\nlines", "fine", 'a "quote" done right']
    assert table.counts() == (0, 0, 3, 7)


def test_a_contact_that_stands_twice_is_put_together(table: Table) -> None:
    table.holds(
        "email,customer id,city,plan\n"
        "ann@example.com,,Brno,free\n"
        "ANN@example.com,17,,pro\n"
        "bob@example.com,,Graz,\n"
        "ann@example.com,,Ulm,\n"
    )
    assert table.counts() == (2, 0, 2, 0)
    assert table.contacts()[0] == {"id": "17", "email": "ann@example.com", "phone": None, "city": "Ulm", "plan": "pro"}
    assert [(line, "3 rows" in reason) for line, reason in table.errors()] == [(5, True)]
    assert table.counts() == (0, 0, 4, 0)


def test_empty_cells_change_nothing_and_new_ones_do(table: Table) -> None:
    table.holds("email,city,plan\nann@example.com,Brno,free\nbob@example.com,Graz,free\n").counts()
    table.holds("email,city,plan\nann@example.com,,pro\nbob@example.com,,\ncat@example.com,Ulm,free\n")
    assert table.counts() == (1, 1, 1, 0)
    assert table.contacts()[0]["city"] == "Brno"


def test_leading_zeros_and_long_numbers_stay_text(table: Table) -> None:
    table.holds("email,a,b,c\nann@example.com,007,12345678901234567890,1\nbob@example.com,12,1,2\n").counts()
    ann = table.contacts()[0]
    assert (ann["a"], ann["b"], ann["c"]) == ("007", "12345678901234567890", 1)


def test_columns_mapped_by_hand(table: Table) -> None:
    table.holds("Kontakt,Wer,Rest\nann@example.com,Ann,x\n")
    table.run({"Kontakt": "email", "Wer": "first_name", "Rest": ""})
    assert table.contacts() == [{"id": None, "email": "ann@example.com", "phone": None, "first_name": "Ann"}]
    with pytest.raises(MissingMapping, match="say which column is"):
        table.run({"Wer": "first_name"})
    with pytest.raises(WrongMapping, match="no column 'Mail'"):
        table.run({"Mail": "email"})
    with pytest.raises(WrongMapping, match="Two columns would become 'email'"):
        table.run({"Kontakt": "email", "Wer": "email"})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n\n", "no rows"),
        (b"PK\x03\x04rest", "workbook"),
        (bytes(range(256)) * 40, "."),
        (b'"email,name\nann@example.com,Ann\n', "first row, cannot be read. A quote is opened"),
        (b"name,city\nAnn,Brno\n", "say which column is"),
        (b",".join(b"c%d" % n for n in range(301)), "301 columns"),
    ],
)
def test_files_that_are_no_table_are_answered_in_sentences(
    tmp_path: Path, content: bytes, sentence: str, db: Database
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(CsvProblem, match=sentence):
        run(db, path, None, CLOCK, "ann")


def test_an_import_meets_those_who_are_known(table: Table) -> None:
    table.holds("email,plan\nann@example.com,free\n").counts()
    table.holds("email,user id,plan\nann@example.com,17,pro\n")
    assert table.counts() == (0, 1, 0, 0)
    assert table.contacts() == [{"id": "17", "email": "ann@example.com", "phone": None, "plan": "pro"}]


def people(count: int) -> str:
    cities = ("Brno", "Wien", "Košice")
    lines = (f"person{n}@example.com,u{n},Name {n},{cities[n % 3]},{n % 9}" for n in range(count))
    return "email,user id,first name,city,orders\n" + "\n".join(lines) + "\n"


def test_progress_is_told(table: Table) -> None:
    told: list[tuple[int, int]] = []
    table.holds(people(4_500)).run(progress=lambda done, total: told.append((done, total)))
    assert told == [(2_000, 4_500), (4_000, 4_500), (4_500, 4_500)]


CHILD = """
import sys
from pathlib import Path
from sojourn.runtime.clock import SystemClock
from sojourn.runtime.imports import run
from sojourn.storage.database import Database
run(Database(sys.argv[1]), Path(sys.argv[2]), None, SystemClock(), "ann", lambda done, total: print(done, flush=True))
"""


def test_an_import_that_was_killed_is_simply_run_again(table: Table, database_url: str) -> None:
    table.holds(people(30_000))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, database_url, str(table.path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    before = len(table.contacts())
    assert 2_000 <= before < 30_000
    told: list[int] = []
    done = table.run(progress=lambda rows, _: told.append(rows))  # goes on where the other one stood
    assert (done.created, done.changed, done.unchanged, done.bad) == (30_000, 0, 0, 0)
    assert len(table.contacts()) == 30_000
    assert table.counts() == (0, 0, 30_000, 0)
    statuses = table.db.look(lambda tx: tx.rows("SELECT status FROM import_runs ORDER BY id"))
    assert statuses == [("done",), ("done",)]


def test_an_import_is_fast(table: Table) -> None:
    table.holds(people(20_000))
    started = time.process_time()
    table.run()
    assert 20_000 / (time.process_time() - started) > 5_000  # 10,000 and more on a quiet machine


def test_many_broken_quotes_do_not_take_forever(table: Table) -> None:
    table.holds("email,name\n" + 'ann@example.com,"x\n' * 3_001)
    started = time.process_time()
    assert table.counts()[3] >= 1
    assert time.process_time() - started < 5


cell = st.sampled_from(["", "x", "Ann", "007", "1,5", 'a "b"', "two\nlines", "ann@example.com", "\0", "ž", ";", "'"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cell, min_size=1, max_size=4), max_size=12), seed=st.integers(0, 99))
def test_whatever_a_file_holds_every_row_is_accounted_for(table: Table, rows: list[list[str]], seed: int) -> None:
    dice = random.Random(seed)
    lines = [
        ",".join(text if dice.random() < 0.5 else '"' + text.replace('"', '""') + '"' for text in row) for row in rows
    ]
    table.holds("email,user id,name\n" + "\n".join(lines) + "\n")
    table.counts()
    again = table.counts()
    assert again[:2] == (0, 0)
