"""What somebody types about a contact: checked, kept, noted; wrong things change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.runtime.by_hand import CannotChange, NotKept, change_by_hand, typed
from sojourn.storage import people, tombstones
from sojourn.storage.columns import dump, load
from sojourn.storage.database import Database

NOW = 1_790_000_000_000


@pytest.fixture
def lena(db: Database) -> Database:
    rows = [(1, "lena@example.com", dump({"orders": 2}), NOW, NOW, None, None), (2, None, "{}", NOW, NOW, 1, None)]
    rows.append((3, None, "{}", NOW, NOW, None, NOW))
    columns = "id,email,properties,created_at,changed_at,merged_into,erased_at"
    db.write(lambda tx: tx.insert("contacts", columns, rows))
    return db


def change(db: Database, contact: int = 1, **traits: Any) -> bool:
    return db.write(lambda tx: change_by_hand(tx, contact, traits, "ann", NOW + 1))


def row(db: Database) -> tuple[Any, ...]:
    (found,) = db.look(lambda tx: tx.rows("SELECT email, phone, properties, changed_at FROM contacts WHERE id = 1"))
    return (*found[:2], load(found[2]), found[3])


def test_a_change_is_kept_and_noted_without_what_was_typed(lena: Database) -> None:
    assert change(lena, email="Lena@Example.org", city="Brno", orders=None)
    assert row(lena) == ("lena@example.org", None, {"city": "Brno"}, NOW + 1)
    assert lena.look(lambda tx: people.whose(tx, "lena@example.org")) == 1
    note = lena.look(lambda tx: tx.one("SELECT actor, action, subject, details FROM audit_entries"))
    assert note and (*note[:3], load(note[3])) == (
        "ann", "contact changed", "#1", {"properties": ["city", "email", "orders"]},
    )  # fmt: skip


def test_the_same_again_is_no_change(lena: Database) -> None:
    assert not change(lena, email="LENA@example.com", orders=2)
    assert lena.look(lambda tx: tx.value("SELECT count(*) FROM audit_entries")) == 0


@pytest.mark.parametrize(
    "traits", [{"email": "nobody"}, {"phone": "call me"}, {" ": "x"}, {"k" * 300: "x"}, {"k": "x" * 3_000}, {"k": "\0"}]
)
def test_what_cannot_be_kept_changes_nothing(lena: Database, traits: dict[str, Any]) -> None:
    with pytest.raises(NotKept):
        change(lena, **{"city": "Brno", **traits})
    assert row(lena) == ("lena@example.com", None, {"orders": 2}, NOW)


@pytest.mark.parametrize("contact", [2, 3, 9])
def test_who_is_not_there_is_not_changed(lena: Database, contact: int) -> None:
    with pytest.raises(CannotChange):
        change(lena, contact, city="Brno")


def test_the_address_of_somebody_erased_is_not_written_to(lena: Database) -> None:
    lena.write(lambda tx: tombstones.bury(tx, [("email", "old@example.com")], NOW))
    change(lena, email="old@example.com")
    assert lena.look(lambda tx: tx.rows("SELECT address FROM suppressions")) == [("old@example.com",)]


@pytest.mark.parametrize(
    ("text", "before", "value"),
    [("43", 2, 43), ("43,5", 2.0, 43.5), ("many", 2, "many"), ("43", "x", "43"), ("yes", False, True),
     ("no", True, False), ("  ", "x", None), ("43", None, "43"), ("true", None, True), ("nan", 1, "nan")],
)  # fmt: skip
def test_what_is_typed_stays_the_kind_of_thing_it_was(text: str, before: Any, value: Any) -> None:
    assert typed(text, before) == value and type(typed(text, before)) is type(value)
