"""Contacts are found by how their names begin, whoever they are and however many there are."""

from __future__ import annotations

import pytest

from sojourn.storage import search, views
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

NOW = 1_790_000_000_000


@pytest.fixture
def crowd(db: Database) -> Database:
    def fill(tx: Tx) -> None:
        named = [(1, "lena.novakova@example.com", {"first_name": "Lena", "last_name": "Nováková"}), (2, None, {}),
                 (3, "ota@example.com", {"name": "Ota Novák"})]  # fmt: skip
        many = search.NEWEST + 10  # so that the first ones are found through the indexes alone
        tx.insert(
            "contacts",
            "id,email,properties,created_at,changed_at",
            [(key, email, dump(of), NOW, NOW) for key, email, of in named]
            + [(3 + n, f"p{n}@example.org", "{}", NOW, NOW) for n in range(1, many)],
        )
        tx.insert(
            "identities",
            "kind,value,contact_id,created_at",
            [("email", "lena.novakova@example.com", 1, NOW), ("user", "CRM-17", 2, NOW), ("id:till", "9917", 2, NOW),
             ("phone", "+420601123456", 3, NOW), ("email", "ota@example.com", 3, NOW)],
        )  # fmt: skip
        search.set_words(tx, {key: search.words_of(of.values()) for key, email, of in named})
        tx.run("UPDATE contacts SET merged_into = 1 WHERE id = 4")

    db.write(fill)
    return db


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lena", [1]), ("LENA", [1]), ("nováková", [1]), ("novak", [3, 1]), ("Novák ota", [3]), ("ota lena", []),
        ("lena.novakova@ex", [1]), ("Lena.Novakova@EXAMPLE.com", [1]), ("CRM-1", [2]), ("9917", [2]),
        ("+420601", [3]), ("ovak", []), ("p4@example.org", []), ("3", [3]), ("%", []), ("!", []), ("\U0010ffff", []),
    ],
)  # fmt: skip
def test_words_that_begin_a_name(crowd: Database, text: str, found: list[int]) -> None:
    assert [key for key in crowd.look(lambda tx: search.found(tx, text, 2**62, 50)) if key < 10] == found


def test_a_new_contact_is_found_at_once_by_any_part_of_what_is_known(crowd: Database) -> None:
    crowd.write(
        lambda tx: tx.insert(
            "contacts", "id,properties,created_at,changed_at", [(90_000, dump({"team": "Harlequins"}), NOW, NOW)]
        )
    )
    assert [line.id for line in crowd.look(lambda tx: views.contact_lines(tx, "harlequin"))] == [90_000]
    assert crowd.look(lambda tx: views.contact_lines(tx, "harlequin", before=90_000)) == []


def test_indexes_serve_it(crowd: Database) -> None:
    plan = (
        "EXPLAIN QUERY PLAN SELECT contact_id FROM identities WHERE value >= 'a' AND value < 'b'"
        if not crowd.postgres
        else "EXPLAIN SELECT contact_id FROM identities WHERE value ~>=~ 'a' AND value ~<~ 'b'"
    )

    def ask(tx: Tx) -> str:
        if tx.postgres:
            tx.run("SET LOCAL enable_seqscan = off")
        return str(tx.rows(plan))

    assert "ix_identities_value" in crowd.look(ask)
