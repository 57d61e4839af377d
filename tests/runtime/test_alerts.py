"""Colleagues hear of what happens one by one, and of thousands of things in one digest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from sojourn.app.secrets import Secrets
from sojourn.runtime import accounts
from sojourn.runtime.accounts import Given
from sojourn.runtime.channels.alert import ALERT, AlertChat, Alerting, AlertMail, ChatSettings
from sojourn.runtime.channels.channel import Delivered, Outcome, Parcel, Tools, TryLater
from sojourn.runtime.chores import alerts as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.forms import compile_form, fill_form
from sojourn.runtime.content.issues import LetterProblem
from sojourn.storage import alerts as store
from sojourn.storage import settings
from sojourn.storage.database import Database

from .post import BRAND, NOW, Post, journey
from .systems import Allowing, System

HERE = frozenset({"127.0.0.1"})
HOUR = 3_600_000


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post().start()
    yield office
    office.stop()


def parcels(*ids: int, **said: Any) -> list[Parcel]:
    compiled = compile_form({"title": "{{ contact.first_name }} complained", **said}, ALERT)
    contacts = {key: {"first_name": f"Name{key} <b>*&"} for key in ids}
    return [
        Parcel(key, "", fill_form(compiled, {"contact": contacts[key]}), BRAND, contact_id=key, contact=contacts[key])
        for key in ids
    ]


def house(db: Database, post: Post | None = None, at: int = NOW) -> Any:
    db.write(lambda tx: settings.store(tx, "sender_address", BRAND.sender_address))
    config = {"smtp_url": f"smtp://127.0.0.1:{post.port}?starttls=no" if post else None, "private_hosts": list(HERE)}
    return SimpleNamespace(db=db, clock=ManualClock(at), config=config, secrets=Secrets(b"s" * 32), shelf=None)


def tell(channel: Any, some: list[Parcel]) -> list[Outcome]:
    async def run() -> list[Outcome]:
        try:
            return await channel.hand_over(some, Allowing())
        finally:
            await channel.close()

    assert isinstance(channel, Alerting)
    return asyncio.run(run())


def by_mail(db: Database, post: Post, some: list[Parcel], at: int = NOW) -> list[Outcome]:
    return tell(AlertMail.at_home(accounts.tools(house(db, post, at))), some)


def subjects(post: Post) -> list[str]:
    return [str(message_from_bytes(content, policy=policy.default)["subject"]) for _, content in post.letters]


def test_a_few_are_told_one_by_one_to_each_colleague_with_a_way_to_the_contact(db: Database, post: Post) -> None:
    journey(db, 2)
    some = parcels(1, 2, to="ann@example.com, bob@example.com", text="They wrote: too loud")
    assert [type(one) for one in by_mail(db, post, some)] == [Delivered, Delivered]
    assert post.to() == ["ann@example.com"] * 2 + ["bob@example.com"] * 2
    assert subjects(post)[0] == "Name1 <b>*& complained"
    assert b"https://go.example.com/contacts/1" in post.letters[0][1] and b"too loud" in post.letters[0][1]


def test_two_thousand_people_make_a_few_mails_and_one_digest(db: Database, post: Post) -> None:
    count = 2_000
    journey(db, count)
    for first in range(1, count, 500):
        outcomes = by_mail(db, post, parcels(*range(first, first + 500), to="ann@example.com", most_per_hour=3))
        assert {type(one) for one in outcomes} == {Delivered}
    assert len(post.letters) == 3
    chore.run(house(db, post, NOW + HOUR - 1))
    assert len(post.letters) == 3
    chore.run(house(db, post, NOW + HOUR))
    chore.run(house(db, post, NOW + HOUR))
    assert len(post.letters) == 4
    assert subjects(post)[3].startswith("1 997 alerts")
    assert b"1&#8201;947 more" in post.letters[3][1]


def test_what_somebody_is_called_keeps_no_alert_from_colleagues(db: Database, post: Post) -> None:
    journey(db, 1)
    (outcome,) = by_mail(db, post, parcels(1, title="Ann\r\nBcc: eve@example.org\r\n asks", to="ops@example.com"))
    assert isinstance(outcome, Delivered) and subjects(post) == ["Ann Bcc: eve@example.org asks"]
    assert [to for to, _ in post.letters] == ["ops@example.com"]


def test_counting_once_more_after_a_lost_commit_answers_the_same(db: Database) -> None:
    journey(db, 3)
    rows = [(key, key, "title", "text") for key in (1, 2, 3)]
    told = [db.write(lambda tx: store.put(tx, "|a@example.com", 2, rows, NOW, NOW - HOUR)) for _ in range(2)]
    assert told == [{1, 2}, {1, 2}]


def test_people_erased_meanwhile_are_not_told_about(db: Database, post: Post) -> None:
    journey(db, 2)
    db.write(lambda tx: tx.run("UPDATE contacts SET erased_at = ? WHERE id = 2", (NOW,)))
    by_mail(db, post, parcels(1, 2, to="ann@example.com"))
    assert subjects(post) == ["Name1 <b>*& complained"]


def test_an_alert_that_did_not_get_through_is_tried_again_and_counted_once(db: Database, post: Post) -> None:
    journey(db, 1)
    post.rcpt = lambda address: "451 later"
    assert [type(one) for one in by_mail(db, post, parcels(1, to="ann@example.com", most_per_hour=1))] == [TryLater]
    post.rcpt = lambda address: "250 OK"
    assert [type(one) for one in by_mail(db, post, parcels(1, to="ann@example.com", most_per_hour=1))] == [Delivered]
    assert len(post.letters) == 1


def test_a_digest_that_did_not_get_through_waits(db: Database, post: Post) -> None:
    journey(db, 3)
    by_mail(db, post, parcels(1, 2, 3, to="ann@example.com", most_per_hour=1))
    post.rcpt = lambda address: "451 later"
    chore.run(house(db, post, NOW + HOUR))
    post.rcpt = lambda address: "250 OK"
    chore.run(house(db, post, NOW + 2 * HOUR))
    assert subjects(post)[1].startswith("2 alerts")


@pytest.mark.parametrize("form", ["slack", "teams"])
def test_a_chat_gets_what_it_reads_and_a_name_calls_nobody(db: Database, form: str) -> None:
    journey(db, 3)
    with System() as system:
        said = {"address": system.url + "/T0/B0/x", "form": form}
        given = Given.model_validate({"name": "ops", "medium": "alert", "carrier": "chat", "settings": said})
        parts = house(db)
        row = db.write(lambda tx: accounts.keep(tx, parts, given, "ann", NOW))
        assert system.url not in str(row.settings)  # the address is a secret
        some = parcels(1, 2, 3, account="ops", most_per_hour=1, text="<!channel> look")
        tell(accounts.open_account(parts, row), some)
        parts.clock.set(NOW + HOUR)
        chore.run(parts)
        first, second = (orjson.loads(one.body) for one in system.heard)
    if form == "slack":
        assert first["text"].startswith("*Name1 &lt;b&gt;∗&amp; complained*\n&lt;!channel&gt; look")
        assert second["text"].startswith("*2 alerts")
    else:
        blocks = first["attachments"][0]["content"]["body"]
        assert blocks[0]["text"] == "Name1 <b>*& complained"


def test_a_name_in_teams_is_no_link_that_says_something_else(db: Database) -> None:
    journey(db, 1)
    with System() as system:
        channel = AlertChat(
            ChatSettings.model_validate({"address": system.url, "form": "teams"}), accounts.tools(house(db), "ops")
        )
        tell(channel, parcels(1, title="[Sign in](https://evil.example)", text="[here](https://evil.example)"))
        blocks = orjson.loads(system.heard[0].body)["attachments"][0]["content"]["body"]
    assert all("](" not in one["text"] for one in blocks) and "evil.example" in blocks[0]["text"]


def test_an_address_that_cannot_work_stands_in_no_error(db: Database) -> None:
    said = {"address": "https://hooks.slack.com/services/T0/B0/hush#top"}
    given = Given.model_validate({"name": "ops", "medium": "alert", "carrier": "chat", "settings": said})
    parts = house(db)
    with pytest.raises(accounts.AccountProblem, match="what follows the #") as problem:
        db.write(lambda tx: accounts.keep(tx, parts, given, "ann", NOW))
    assert "hush" not in str(problem.value)
    with pytest.raises(ValidationError) as error:
        ChatSettings.model_validate(said)
    assert "hush" not in str(error.value)


def test_colleagues_or_a_chat_decide_who_carries_it(db: Database, post: Post) -> None:
    mail = AlertMail.at_home(accounts.tools(house(db, post)))
    chat = AlertChat.of(ChatSettings.model_validate({"address": "https://chat.example.com/x"}), Tools({}, "ops", db=db))
    assert mail is not None
    (to_mail,), (to_chat,) = parcels(1, to="ann@example.com"), parcels(1, account="ops")
    assert (mail.serves(to_mail), chat.serves(to_mail)) == (True, False)
    assert (mail.serves(to_chat), chat.serves(to_chat)) == (False, True)


MANY = ", ".join(f"a{n}@example.com" for n in range(11))


@pytest.mark.parametrize("said", [{"to": "nobody"}, {"to": "a@example.com", "account": "ops"}, {"to": MANY}])
def test_what_cannot_work_is_told_in_sentences(said: dict[str, Any]) -> None:
    with pytest.raises(LetterProblem):
        compile_form({"title": "x", **said}, ALERT)
