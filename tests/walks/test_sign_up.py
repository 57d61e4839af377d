"""Double opt-in, walked: a form, a real letter, a button; and only then consent, with both halves as evidence."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from sojourn.app.api import centre, preferences, signup
from sojourn.app.instance import Instance
from sojourn.runtime import settings, signups
from sojourn.runtime.channels import inbox
from sojourn.runtime.governance.privacy import erase
from sojourn.storage import people, suppressions, tombstones
from sojourn.storage import signups as rows
from sojourn.storage.columns import load
from sojourn.storage.consent_chain import verify
from sojourn.storage.database import Tx
from sojourn.tests.app.asking import Client

FORM = rows.Form(
    name="news", words={"en": {"title": "Our letters"}}, topics=["marketing"], fields=["first_name"], changed_at=0
)
ADA = {"email": "Ada@Example.com ", "first_name": "Ada", "agree": "yes"}
DAY = 86_400_000


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """An instance with a mail server, a form and the confirmation journey live."""
    office = inbox.Inbox(tmp_path / "home" / "inbox")
    office.start()
    made = Instance.create(tmp_path / "home", clock="manual", smtp_url=office.url)

    def fill(tx: Tx) -> None:
        settings.save(tx, "sender_address", "hello@example.com")
        settings.save(tx, "base_url", "http://test")
        settings.save(tx, "brand_name", "Acme")
        rows.keep_form(tx, FORM)
        signups.prepare(tx, "test", made.clock.now_ms())

    made.db.write(fill)
    yield made
    made.close()
    office.stop()


@pytest.fixture
def client(instance: Instance) -> Client:
    return Client(signup.routes(instance), centre.routes(instance), preferences.routes(instance))


def ledger(instance: Instance) -> list[tuple[object, ...]]:
    return instance.db.look(lambda tx: tx.rows("SELECT channel, topic, action, source FROM consents ORDER BY id"))


def letters(instance: Instance, hours: float = 0) -> list[inbox.Line]:
    asyncio.run(instance.runtime.advance(round(hours * 3_600_000)))
    return list(inbox.letters(instance.home / "inbox", "ada@example.com"))


def confirm_path(instance: Instance) -> str:
    """Where the letter's button leads: counted first, as every link."""
    line = letters(instance)[0]
    found = inbox.letter(instance.home / "inbox", line.key)
    assert found is not None
    link = next(url for url in re.findall(r'href="([^"]+)"', found.html) if "/c/" in unescape(url))
    from sojourn.runtime.content.links import Links

    links = Links(instance.secrets.derive("links"))
    return links.read_click(unescape(link).rpartition("/c/")[2])[1].removeprefix("http://test")


def test_nothing_is_agreed_to_before_the_button_behind_the_letter_is_pressed(
    instance: Instance, client: Client
) -> None:
    page = client.get("/sign-up/news")
    assert "Our letters" in page.text and "I agree to get letters about News and offers" in page.text

    answer = client.post("/sign-up/news", data=ADA, headers={"user-agent": "Form/1"})
    assert answer.status_code == 200 and "mailbox" in answer.text
    assert ledger(instance) == []

    path = confirm_path(instance)
    asked = client.get(path)
    client.head(path)
    assert asked.status_code == 200 and "Was it you?" in asked.text and ledger(instance) == []

    done = client.post(path, headers={"user-agent": "Mail/2"})
    assert done.status_code == 200 and "You are signed up" in done.text
    assert ledger(instance) == [("email", "marketing", "granted", "form news")]
    row = instance.db.look(
        lambda tx: tx.one("SELECT identifier, confirmed_at, agent, evidence, wording, language FROM consents")
    )
    assert row is not None
    assert row[0] == "ada@example.com" and row[1] is not None and row[2] == "Mail/2"
    assert load(row[3])["asked_agent"] == "Form/1"
    assert "I agree" in (instance.db.look(lambda tx: rows.text_of(tx, row[4])) or "")
    assert instance.db.look(verify).breaks == ()

    client.post(path)  # twice is fine
    assert len(ledger(instance)) == 1
    names = instance.db.look(lambda tx: [n for (n,) in tx.rows("SELECT name FROM events ORDER BY id")])
    assert names == ["subscription_requested", "subscription_confirmed"]
    profile = instance.db.look(lambda tx: load(tx.value("SELECT properties FROM contacts")))
    assert profile["first_name"] == "Ada"


def test_who_was_erased_comes_back_by_their_own_hand(instance: Instance, client: Client) -> None:
    client.post("/sign-up/news", data=ADA)
    client.post(confirm_path(instance))
    contact = instance.db.look(lambda tx: people.whose(tx, "ada@example.com"))
    erase(instance.db, instance.home, contact or 0, "test", instance.clock.now_ms())
    asyncio.run(instance.runtime.advance(DAY))
    assert letters(instance) == []  # the mailbox was cleared too

    client.post("/sign-up/news", data=ADA)
    assert instance.db.look(suppressions.listed)[0].reason == suppressions.ERASED
    assert client.post(confirm_path(instance)).status_code == 200
    assert instance.db.look(suppressions.listed) == []
    assert instance.db.look(lambda tx: tombstones.buried(tx, [("email", "ada@example.com")])) == set()


def test_the_link_of_the_letter_grows_too_old(instance: Instance, client: Client) -> None:
    client.post("/sign-up/news", data=ADA)
    path = confirm_path(instance)
    asyncio.run(instance.runtime.advance(8 * DAY))
    assert client.post(path).status_code == 410
    assert ledger(instance) == []


def test_a_form_does_not_say_who_is_known_and_fills_nobodys_mailbox(instance: Instance, client: Client) -> None:
    first = client.post("/sign-up/news", data=ADA)
    second = client.post("/sign-up/news", data=ADA)
    assert first.text == second.text
    for _ in range(3):
        client.post("/sign-up/news", data=ADA)
    assert instance.db.look(lambda tx: tx.value("SELECT count(*) FROM signups")) == signups.MOST_AN_HOUR
    assert len(letters(instance)) == 1
    assert client.post("/sign-up/news", data=ADA).status_code == 429


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"email": "nobody"}, 422, "does not look like an e-mail"),
        ({"agree": ""}, 422, "tick that you agree"),
        ({"website": "http://spam.example.com"}, 200, "mailbox"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_and_nothing_is_kept(
    instance: Instance, client: Client, change: dict[str, str], status: int, says: str
) -> None:
    answer: httpx.Response = client.post("/sign-up/news", data=ADA | change)
    assert answer.status_code == status and says in answer.text
    assert instance.db.look(lambda tx: tx.value("SELECT count(*) FROM signups")) == 0
    assert instance.db.look(lambda tx: tx.value("SELECT count(*) FROM contacts")) == 0


def test_a_form_speaks_the_language_of_whoever_looks(client: Client) -> None:
    assert "Souhlasím" in client.get("/sign-up/news", headers={"accept-language": "cs-CZ,en;q=0.5"}).text
    assert 'lang="de"' in client.get("/sign-up/news?lang=de").text
    assert client.get("/sign-up/none").status_code == 404
    assert client.post("/sign-up/news", content=b"x" * 20_000).status_code == 413
