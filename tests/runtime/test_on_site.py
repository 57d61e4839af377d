"""Messages on the site: put down once, read by the one they are for, shown as often as was said."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.runtime import on_site
from sojourn.runtime.channels.channel import Delivered, Held, Mark, Outcome, Parcel, Refused, Tools
from sojourn.runtime.channels.in_app import IN_APP, InApp
from sojourn.runtime.chores import on_site as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.forms import compile_form, fill_form
from sojourn.runtime.content.issues import LetterProblem
from sojourn.runtime.content.links import Links
from sojourn.runtime.on_site import NoSuchMessage, NotTheirs, Visitor, fits, hash_of
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import merging
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import BRAND, NOW, journey
from sojourn.tests.runtime.systems import Allowing

MINUTE, HOUR = 60_000, 3_600_000
KEY, LINKS = "key of the instance", Links(b"secret")


def people(db: Database, count: int) -> None:
    """Contacts with a message each, and nothing that happened yet."""
    journey(db, count)
    db.write(lambda tx: tx.run("DELETE FROM events"))


def parcel(message_id: int, **said: Any) -> Parcel:
    data = {"contact": {"first_name": f"Name{message_id}"}}
    rendered = fill_form(compile_form({"text": "Hello {{ contact.first_name }}", **said}, IN_APP), data)
    return Parcel(message_id, "", rendered, BRAND, contact_id=message_id)


def put(db: Database, *parcels: Parcel, mark: Mark | None = None, at: int = NOW) -> list[Outcome]:
    channel = InApp(Tools({}, db=db, clock=ManualClock(at)))
    return asyncio.run(channel.hand_over(parcels, mark or Allowing()))


def waiting(db: Database, contact: int, page: str = "https://shop.example.com/", at: int = NOW) -> list[dict[str, Any]]:
    return db.look(lambda tx: on_site.waiting(tx, contact, page, at))


def did(db: Database, contact: int, message: int, what: str, at: int = NOW) -> None:
    db.write(lambda tx: on_site.note(tx, ProgramShelf(), contact, message, what, at))


def test_a_batch_is_put_down_once_however_often_it_is_tried_and_what_is_held_stays(db: Database) -> None:
    people(db, 3)
    mark = Allowing(2)
    assert [type(one) for one in put(db, parcel(1), parcel(2), parcel(3), mark=mark)] == [Delivered, Held, Delivered]
    assert mark.asked == [1, 2, 3]
    assert [type(one) for one in put(db, parcel(1, text="something else"))] == [Delivered]
    assert [one["text"] for one in waiting(db, 1)] == ["Hello Name1"]
    assert waiting(db, 2) == []


def test_what_says_nothing_or_is_for_somebody_erased_meanwhile_is_refused(db: Database) -> None:
    people(db, 2)
    db.write(lambda tx: tx.run("UPDATE contacts SET erased_at = ? WHERE id = 2", (NOW,)))
    empty, erased = put(db, parcel(1, text="{{ contact.nickname }}"), parcel(2))
    assert isinstance(empty, Refused) and "says nothing" in empty.text
    assert isinstance(erased, Refused) and "erased" in erased.text
    assert waiting(db, 1) == waiting(db, 2) == []


def test_it_shows_itself_so_often_with_a_pause_between_and_stays_in_the_list_until_it_is_over(db: Database) -> None:
    people(db, 1)
    put(db, parcel(1, shown_at_most=2, pause_minutes=30, expires_hours=5))

    def shows(at: int) -> list[bool]:
        return [one["show"] for one in waiting(db, 1, at=at)]

    assert shows(NOW) == [True]
    did(db, 1, 1, "seen", NOW)
    assert shows(NOW + 29 * MINUTE) == [False]
    assert shows(NOW + 30 * MINUTE) == [True]
    did(db, 1, 1, "seen", NOW + 30 * MINUTE)
    assert shows(NOW + 4 * HOUR) == [False]
    assert shows(NOW + 5 * HOUR) == []


def test_seen_clicked_and_closed_are_events_once_and_count_with_the_message(db: Database) -> None:
    people(db, 2)
    put(db, parcel(1), parcel(2))
    for what in ("seen", "seen", "clicked", "clicked", "closed", "closed"):
        did(db, 1, 1, what)
    names = db.look(lambda tx: tx.rows("SELECT name FROM events WHERE contact_id = 1 ORDER BY id"))
    assert [name for (name,) in names] == ["in_app_seen", "in_app_clicked", "in_app_closed"]
    assert db.look(lambda tx: tx.one("SELECT opened_at, clicked_at FROM messages WHERE id = 1")) == (NOW, NOW)
    assert waiting(db, 1) == []
    with pytest.raises(NoSuchMessage):
        did(db, 1, 2, "seen")
    assert db.look(lambda tx: tx.one("SELECT opened_at FROM messages WHERE id = 2")) == (None,)


def test_what_is_over_for_a_month_is_forgotten(db: Database) -> None:
    people(db, 3)
    put(db, parcel(1, expires_hours=1), parcel(2), parcel(3, expires_hours=8_760))
    did(db, 2, 2, "closed")
    for at, left in ((NOW + 720 * HOUR, 3), (NOW + 722 * HOUR, 1)):
        chore.run(SimpleNamespace(db=db, clock=ManualClock(at)))
        assert db.look(lambda tx: tx.value("SELECT count(*) FROM waiting_messages")) == left


def test_the_most_important_comes_first(db: Database) -> None:
    people(db, 3)
    db.write(lambda tx: tx.run("UPDATE messages SET contact_id = 1"))
    db.write(
        lambda tx: tx.many("UPDATE messages SET rank = ?, weight = ? WHERE id = ?", [(3, 9, 1), (1, 0, 2), (3, 10, 3)])
    )
    put(db, parcel(1), parcel(2), parcel(3))
    assert [one["id"] for one in waiting(db, 1)] == [2, 3, 1]


def test_nobody_reads_the_messages_of_somebody_else(db: Database) -> None:
    people(db, 2)
    db.write(
        lambda tx: tx.insert(
            "identities",
            "kind,value,contact_id,created_at,source",
            [("user", "ann", 1, NOW, ""), ("user", "bob", 2, NOW, "")],
        )
    )

    def whose(visitor: Visitor, at: int = NOW) -> int | None:
        return db.look(lambda tx: on_site.whose(tx, visitor, KEY, LINKS, at))

    token = LINKS.visit(1, NOW + HOUR)
    assert whose(Visitor("user", "ann", hash_of(KEY, "user", "ann"))) == 1
    assert whose(Visitor("user", "nobody", hash_of(KEY, "user", "nobody"))) is None
    assert whose(Visitor(proof=token)) == 1
    forged = [
        Visitor("user", "bob", hash_of(KEY, "user", "ann")),
        Visitor("anonymous", "ann", hash_of(KEY, "user", "ann")),
        Visitor("user", "ann", hash_of("another key", "user", "ann")),
        Visitor("user", "ann", ""),
        Visitor("user", "ann", "ü"),
        Visitor(proof=token[:-2]),
        Visitor(proof=LINKS.preferences(1, 1, NOW + HOUR).rsplit("/", 1)[1]),
        Visitor(),
    ]
    for one in forged:
        with pytest.raises(NotTheirs):
            whose(one)
    with pytest.raises(NotTheirs):
        whose(Visitor(proof=token), NOW + HOUR + 1)


@pytest.mark.parametrize(
    ("pattern", "page", "meant"),
    [
        ("/cart*", "https://shop.example.com/cart/2?x=1", True),
        ("/cart", "https://shop.example.com/cart?x=1#top", True),
        ("/cart", "https://shop.example.com/cart/2", False),
        ("/", "https://shop.example.com", True),
        ("/*/shoes", "https://shop.example.com/men/summer/shoes", True),
        ("/a*a*b", "https://shop.example.com/ab", False),
        ("/search?q=*", "https://shop.example.com/search?q=hat", True),
        ("https://shop.example.com/*", "https://shop.example.com/cart", True),
        ("https://shop.example.com/*", "https://evil.example.org/?https://shop.example.com/", False),
        ("*" * 20 + "x", "https://shop.example.com/" + "a" * 2_000, False),
    ],
)
def test_an_address_pattern_means_what_one_expects(pattern: str, page: str, meant: bool) -> None:
    assert fits(pattern, page) is meant


def test_a_token_still_opens_the_inbox_after_two_records_became_one(db: Database) -> None:
    people(db, 2)
    put(db, parcel(1))
    visitor = Visitor(proof=LINKS.visit(1, NOW + HOUR))
    db.write(lambda tx: merging.merge(tx, [merging.Pair(1, 2, "user")], NOW))
    assert db.look(lambda tx: on_site.whose(tx, visitor, KEY, LINKS, NOW)) == 2
    assert [one["text"] for one in waiting(db, 2)] == ["Hello Name1"]


def test_an_address_from_a_profile_never_runs_anything(db: Database) -> None:
    people(db, 1)
    put(db, parcel(1, button="Go", url="java{{ 'script' }}:alert(1)", picture="data:text/html,x"))
    (one,) = waiting(db, 1)
    assert (one["url"], one["picture"]) == ("", "")


def test_a_message_that_cannot_work_is_told_in_sentences() -> None:
    with pytest.raises(LetterProblem) as problem:
        compile_form({"text": "x", "button": "Go", "pages": ["cart"], "placement": "popup"}, IN_APP)
    assert "placement" in str(problem.value).lower()
    with pytest.raises(LetterProblem) as problem:
        compile_form({"text": "x", "button": "Go", "pages": ["cart"]}, IN_APP)
    assert "needs an address" in str(problem.value) and "“cart”" in str(problem.value)
