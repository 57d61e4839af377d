"""The ledger: what counts, what a merge carries, and that no entry can be changed without being noticed."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.storage import consents
from sojourn.storage.columns import load
from sojourn.storage.consent_chain import verify
from sojourn.storage.consents import Said
from sojourn.storage.database import Database

NOW = 1_790_000_000_000


@pytest.fixture
def people(db: Database) -> Database:
    rows = [(n, f"u{n}@example.com", f"+42060{n}", "{}", NOW, NOW) for n in range(1, 5)]
    db.write(lambda tx: tx.insert("contacts", "id,email,phone,properties,created_at,changed_at", rows))
    return db


def say(db: Database, contact: int, action: str, topic: str = "news", channel: str = "email", **proof: Any) -> bool:
    return db.write(
        lambda tx: consents.say(tx, contact, channel, action, source="test", now_ms=NOW, topic=topic, **proof)
    )


def test_the_last_word_counts_and_the_same_again_is_no_entry(people: Database) -> None:
    assert say(people, 1, "granted", ip="192.0.2.1", wording="v3", language="cs")
    assert not say(people, 1, "granted")
    assert say(people, 1, "withdrawn")
    assert say(people, 1, "granted", channel="sms")

    assert people.look(lambda tx: consents.states(tx, 1)) == {
        ("email", "news"): "withdrawn",
        ("sms", "news"): "granted",
    }
    assert people.look(lambda tx: consents.last(tx, 2, "email", "news")) is None
    about = people.look(lambda tx: tx.rows("SELECT identifier, ip, wording, language FROM consents ORDER BY id"))
    assert about[0] == ("u1@example.com", "192.0.2.1", "v3", "cs")
    assert about[2][0] == "+420601"


def test_a_confirmation_is_written_down_even_where_a_yes_stood(people: Database) -> None:
    say(people, 1, "granted")
    assert say(people, 1, "granted", confirmed_ms=NOW + 5)
    assert not say(people, 1, "granted", confirmed_ms=NOW + 9)


def test_a_yes_that_may_not_overrule_counts_only_where_nothing_is_known(people: Database) -> None:
    say(people, 1, "withdrawn")
    rows = [Said(n, "email", "granted", "import", "news", overrules=False) for n in (1, 2)]
    rows.append(Said(3, "email", "denied", "import", "news", overrules=False))
    new = people.write(lambda tx: consents.append(tx, rows, NOW))

    assert [one.contact_id for one in new] == [2, 3]
    assert people.look(lambda tx: consents.last(tx, 1, "email", "news")) == "withdrawn"


def test_every_change_of_an_entry_is_noticed(people: Database) -> None:
    for contact in (1, 2, 3):
        for action in ("granted", "withdrawn", "granted"):
            say(people, contact, action, evidence={"page": "footer", "n": contact})
    assert people.look(verify).breaks == ()
    assert people.look(verify).entries == 9

    for change, says in (
        ("UPDATE consents SET action = 'granted' WHERE id = 2", "was changed after"),
        ("UPDATE consents SET at = at + 1 WHERE id = 2", "was changed after"),
        ("UPDATE consents SET identifier = 'eve@example.com' WHERE id = 2", "Who or what"),
        ("UPDATE consents SET evidence = '{}' WHERE id = 2", "Who or what"),
        ("DELETE FROM consents WHERE id = 2", "before this one"),
        ("UPDATE consents SET contact_id = 2 WHERE id = 3", "was changed after"),
    ):

        class _Back(Exception):
            pass

        def tamper(tx, change=change, says=says) -> None:
            tx.run(change)
            assert [one for one in verify(tx).breaks if says in one.text], change
            raise _Back

        with pytest.raises(_Back):
            people.write(tamper)
    assert people.look(verify).breaks == ()


def test_after_an_erasure_the_chain_holds_without_the_person(people: Database) -> None:
    for action in ("granted", "withdrawn"):
        say(people, 1, action, ip="192.0.2.1", agent="Browser", evidence={"page": "canary"})
    say(people, 2, "granted")
    people.write(lambda tx: consents.unveil(tx, [1]))

    found = people.look(verify)
    assert (found.entries, found.erased, found.breaks) == (3, 2, ())
    left = people.look(
        lambda tx: tx.rows("SELECT identifier, ip, agent, salt, evidence FROM consents WHERE contact_id = 1")
    )
    assert [(*row[:4], load(row[4])) for row in left] == [(None, None, None, None, {})] * 2


def test_a_merge_carries_what_counts_and_breaks_no_chain(people: Database) -> None:
    say(people, 1, "granted", topic="a", wording="v1", confirmed_ms=NOW)
    say(people, 1, "withdrawn", topic="b")
    say(people, 1, "granted", topic="c")
    say(people, 2, "granted", topic="b")
    say(people, 2, "denied", topic="c")
    people.write(lambda tx: consents.carry(tx, [(1, 2)], NOW + 1))

    states = people.look(lambda tx: consents.states(tx, 2))
    assert states == {("email", "a"): "granted", ("email", "b"): "withdrawn", ("email", "c"): "denied"}
    carried = people.look(
        lambda tx: tx.rows("SELECT topic, wording, confirmed_at FROM consents WHERE source = 'merge'")
    )
    assert sorted(carried) == [("a", "v1", NOW), ("b", "", None)]
    assert people.look(verify).breaks == ()
