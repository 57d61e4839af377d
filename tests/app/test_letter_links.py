"""What happens when somebody touches a letter: counted once, led on, unsubscribed by POST alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sojourn.app.api import preferences, tracking
from sojourn.app.instance import Instance
from sojourn.runtime.content.links import Links
from sojourn.storage.columns import to_ms
from sojourn.tests.app.asking import Client

BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
AT = to_ms(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def instance(tmp_path: Path, database_url: str) -> Iterator[Instance]:
    opened = Instance.create(tmp_path / "home", database_url=database_url)
    opened.db.write(
        lambda tx: tx.insert(
            "messages",
            "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,sent_at,attempts",
            [(5, 1, 1, 0, 1, 1, 9, "email", "hello", "sent", AT, AT, AT, 1)],
        )
    )
    opened.db.write(
        lambda tx: tx.insert(
            "contacts", "id,email,properties,created_at,changed_at", [(9, "a@example.com", "{}", AT, AT)]
        )
    )
    yield opened
    opened.close()


@pytest.fixture
def client(instance: Instance) -> Client:
    return Client(tracking.routes(instance), preferences.routes(instance))


@pytest.fixture
def links(instance: Instance) -> Links:
    return Links(instance.secrets.derive("links"))


def touched(instance: Instance) -> tuple[bool, bool]:
    row = instance.db.look(lambda tx: tx.one("SELECT opened_at, clicked_at FROM messages WHERE id = 5"))
    assert row
    return row[0] is not None, row[1] is not None


def ledger(instance: Instance) -> list[tuple[object, ...]]:
    return instance.db.look(lambda tx: tx.rows("SELECT contact_id, channel, action, source FROM consents"))


def test_an_opening_is_counted_by_get_and_not_by_head(instance: Instance, client: Client, links: Links) -> None:
    assert client.head(links.pixel(5)).status_code == 200
    assert touched(instance) == (False, False)
    answer = client.get(links.pixel(5), headers=BROWSER)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.content[:6] == b"GIF89a"
    assert touched(instance) == (True, False)


def test_a_click_counts_and_leads_on_to_what_was_signed(instance: Instance, client: Client, links: Links) -> None:
    target = "https://shop.example.com/cart?a=1&b=%C5%BE#top"
    assert client.head(links.click(5, target)).status_code == 302
    assert touched(instance) == (False, False)
    answer = client.get(links.click(5, target) + "?url=https://evil.example.com", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (302, target)
    assert touched(instance) == (True, True)
    first = instance.db.look(lambda tx: tx.one("SELECT opened_at, clicked_at FROM messages"))
    client.get(links.click(5, target), headers=BROWSER)
    assert instance.db.look(lambda tx: tx.one("SELECT opened_at, clicked_at FROM messages")) == first


def test_forged_links_get_a_page_and_change_nothing(instance: Instance, client: Client, links: Links) -> None:
    click = links.click(5, "https://shop.example.com").rpartition("/")[2]
    for path in (
        "/c/x",
        f"/c/{click[:-2]}",
        f"/u/{click}",
        f"/o/{click}.gif",
        f"/c/{links.pixel(5).rpartition('/')[2][:-4]}",
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "location" not in answer.headers
    assert "does not work" in client.get("/c/x").text
    assert client.post(f"/u/{click}").status_code == 404
    assert touched(instance) == (False, False)
    assert ledger(instance) == []


def test_looking_at_the_page_unsubscribes_nobody(instance: Instance, client: Client, links: Links) -> None:
    url = links.unsubscribe(9, 5, "email")
    answer = client.get(url, headers={"user-agent": "LinkScanner/1.0"})
    client.head(url)
    assert answer.status_code == 200
    assert '<form method="post">' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "a@example.com" not in answer.text
    assert ledger(instance) == []


FORM = {"data": {"List-Unsubscribe": "One-Click"}}
PARTS = {"files": {"List-Unsubscribe": (None, "One-Click")}}


@pytest.mark.parametrize("body", [FORM, PARTS, {}])
def test_one_post_unsubscribes(instance: Instance, client: Client, links: Links, body: dict) -> None:
    """RFC 8058: no cookie, no redirect; form or multipart; twice is once."""
    url = links.unsubscribe(9, 5, "email")
    answer = client.post(url, **body)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert ledger(instance) == [(9, "email", "withdrawn", "unsubscribe")]
    assert client.post(url).status_code == 200
    assert len(ledger(instance)) == 1


def test_who_was_merged_unsubscribes_as_who_they_are_now(instance: Instance, client: Client, links: Links) -> None:
    def merged(tx) -> None:
        tx.insert("contacts", "id,email,properties,created_at,changed_at", [(10, "a@example.com", "{}", AT, AT)])
        tx.run("UPDATE contacts SET merged_into = 10 WHERE id = 9")

    instance.db.write(merged)
    client.post(links.unsubscribe(9, 5, "email"))
    assert ledger(instance)[0][0] == 10
