"""Lists of addresses nothing is sent to come in and go out; what is wrong is said line by line."""

from __future__ import annotations

import pytest

from sojourn.runtime.suppression_list import NoSuchColumns, take_in, written
from sojourn.storage import suppressions

NOW = 1_790_000_000_000
LIST = """address,channel,reason,expires
Ada@Example.com,email,asked on the phone,
+420 601 123 456,sms,,2030-01-31
nobody,,,
eve@example.com,fax,,
bob@example.com,,,soon
"""


def test_a_list_is_taken_in_and_bad_lines_are_named(db):
    taken = take_in(db, LIST, NOW)

    assert (taken.rows, taken.added) == (5, 2)
    assert [line for line, _ in taken.bad] == [4, 5, 6]
    assert "no date" in taken.bad[2][1]
    kept = db.look(suppressions.listed)
    assert [(one.address, one.channel) for one in kept] == [("+420601123456", "sms"), ("ada@example.com", "email")]
    assert take_in(db, LIST, NOW).added == 0


def test_what_goes_out_comes_in_again(db, database_url):
    take_in(db, LIST, NOW)
    before = db.look(suppressions.listed)

    text = "".join(written(db))
    for one in before:
        db.write(lambda tx, one=one: suppressions.release(tx, one.id))
    assert take_in(db, text, NOW).added == 2
    after = db.look(suppressions.listed)
    assert {(a.address, a.channel, a.reason) for a in after} == {(b.address, b.channel, b.reason) for b in before}


def test_bare_addresses_are_a_list_too_and_a_table_without_names_is_not(db):
    assert take_in(db, "ada@example.com\nbob@example.com\n", NOW).added == 2
    with pytest.raises(NoSuchColumns):
        take_in(db, "ada@example.com,email\n", NOW)


def test_one_that_ran_out_can_be_suppressed_anew(db):
    db.write(lambda tx: suppressions.suppress(tx, "ada@example.com", "email", "full", NOW, expires_at=NOW + 10))
    db.write(lambda tx: suppressions.suppress(tx, "ada@example.com", "email", "too early", NOW + 5))
    assert db.look(suppressions.listed)[0].reason == "full"

    db.write(lambda tx: suppressions.suppress(tx, "ada@example.com", "email", "gone", NOW + 10))
    assert [(one.reason, one.expires_at) for one in db.look(suppressions.listed)] == [("gone", None)]
    assert db.look(lambda tx: suppressions.count(tx, NOW + 20)) == 1
