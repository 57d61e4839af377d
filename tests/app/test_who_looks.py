"""Who looks at a letter: people count, machines that fetch ahead and scanners are told apart, also afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.app.api import noticing, tracking
from sojourn.app.instance import Instance
from sojourn.runtime import settings
from sojourn.runtime.chores.openings import CHORE, KEPT_MS
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.links import Links
from sojourn.runtime.tracking.impersonal import impersonal
from sojourn.runtime.tracking.readers import CLICK, OPEN, WHY, judge
from sojourn.storage import erasing, reputation, users, wishes
from sojourn.tests.app.asking import Client

SENT = 1_790_000_000_000
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
GMAIL = {"user-agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"}
APPLE = {"user-agent": "Mozilla/5.0"}
BARRACUDA = {"user-agent": "Barracuda Sentinel (EE)"}
SHOP = "https://shop.example.com/"


@pytest.fixture
def instance(tmp_path: Path, database_url: str) -> Iterator[Instance]:
    opened = Instance.create(tmp_path / "home", database_url=database_url)
    opened.clock = ManualClock(SENT + 600_000)
    columns = (
        "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts"
    )
    row = (1, 2, 1, 3, 9, "email", "hello", "sent", SENT, SENT, 1, SENT)

    def prepare(tx: Any) -> None:
        tx.insert("messages", f"{columns},sent_at", [(5, 1, *row), (6, 2, *row)])
        tx.insert("contacts", "id,email,properties,created_at,changed_at", [(9, "a@example.com", "{}", SENT, SENT)])

    opened.db.write(prepare)
    yield opened
    opened.close()


@pytest.fixture
def client(instance: Instance) -> Client:
    return Client(tracking.routes(instance))


@pytest.fixture
def links(instance: Instance) -> Links:
    return Links(instance.secrets.derive("links"))


def at(instance: Instance, ms: int) -> None:
    """So long after the letter was handed over."""
    instance.clock = ManualClock(SENT + ms)


def seen(instance: Instance, message: int = 5) -> tuple[int | None, int | None]:
    """First opening and first click by a person, in milliseconds after sending."""
    row = instance.db.look(lambda tx: tx.one("SELECT opened_at, clicked_at FROM messages WHERE id = ?", (message,)))
    assert row
    return tuple(None if moment is None else moment - SENT for moment in row)  # type: ignore[return-value]


def kept(instance: Instance) -> list[tuple[Any, ...]]:
    sql = "SELECT link, url, kind, why, n FROM openings ORDER BY message_id, link, url, kind"
    return [tuple(row) for row in instance.db.look(lambda tx: tx.rows(sql))]


def test_machines_are_counted_apart_and_people_are_not_missed(instance: Instance, client: Client, links: Links) -> None:
    at(instance, 1_000)
    client.get(links.pixel(5), headers=FIREFOX)  # nobody reads so soon
    at(instance, 60_000)
    client.get(links.pixel(5), headers=APPLE)
    client.get(links.pixel(5), headers=FIREFOX | {"sec-purpose": "prefetch"})
    client.get(links.pixel(5), headers={"user-agent": ""})
    client.get(links.click(5, SHOP, 1), headers=BARRACUDA)
    client.head(links.click(5, SHOP, 1))
    assert seen(instance) == (None, None)
    at(instance, 120_000)
    client.get(links.pixel(5), headers=GMAIL)
    at(instance, 180_000)
    client.get(links.pixel(5), headers=FIREFOX)
    assert seen(instance) == (120_000, None)
    assert kept(instance) == [
        (0, "", "human", "gmail", 2),
        (0, "", "machine", "at_once", 3),
        (0, "", "unknown", "nameless", 1),
        (1, SHOP, "scanner", "gateway", 1),
    ]


def test_a_click_of_a_person_is_an_opening_too(instance: Instance, client: Client, links: Links) -> None:
    answer = client.get(links.click(5, f"{SHOP}u/a@example.com/42?token=abc#top", 3), headers=FIREFOX)
    assert answer.headers["location"] == f"{SHOP}u/a@example.com/42?token=abc#top"
    assert seen(instance) == (600_000, 600_000)
    assert kept(instance) == [(3, f"{SHOP}u/…/42", "human", "browser", 1)]


def counted(instance: Instance) -> int:
    """Letters people opened, among the figures of the sender."""
    day = SENT // reputation.DAY_MS
    rows = instance.db.look(lambda tx: reputation.days(tx, day - 1, day + 1))
    return sum(n for *_, kind, n in rows if kind == reputation.OPENS)


def test_a_burst_of_links_was_no_person_and_what_was_counted_is_taken_back(
    instance: Instance, client: Client, links: Links
) -> None:
    for number, ms in enumerate((600_000, 600_700, 601_500, 602_400)):
        at(instance, ms)
        if number == 0:
            client.get(links.pixel(5), headers=FIREFOX)
        client.get(links.click(5, f"{SHOP}{number}", number + 1), headers=FIREFOX)
        assert seen(instance) == ((600_000, 600_000) if number < 2 else (None, None))
        assert counted(instance) == (1 if number < 2 else 0), "of those who read, by which the sender is judged"
    assert {kind for _, _, kind, *_ in kept(instance)} == {"scanner"}
    assert sum(row[-1] for row in kept(instance)) == 5
    at(instance, 900_000)
    client.get(links.click(5, f"{SHOP}2", 3), headers=FIREFOX)
    assert seen(instance) == (900_000, 900_000), "who comes after the scanner is a person"
    assert counted(instance) == 1
    assert seen(instance, 6) == (None, None)


def test_what_people_did_before_a_scanner_came_stays(instance: Instance, client: Client, links: Links) -> None:
    at(instance, 100_000)
    client.get(links.click(5, f"{SHOP}0", 1), headers=FIREFOX)
    for number in range(4):
        at(instance, 600_000 + 100 * number)
        client.get(links.click(5, f"{SHOP}{number}", number + 1), headers=FIREFOX)
    assert seen(instance) == (100_000, 100_000)


def test_who_falls_into_the_trap_is_a_scanner(instance: Instance, client: Client, links: Links) -> None:
    client.get(links.click(5, SHOP, 1), headers=FIREFOX)
    assert seen(instance) == (600_000, 600_000)
    at(instance, 603_000)
    answer = client.get(links.click(5, "", -1), headers=FIREFOX)
    assert (answer.status_code, "location" in answer.headers) == (204, False)
    assert seen(instance) == (None, None)
    assert kept(instance) == [(1, SHOP, "scanner", "trap", 1)]


def test_machines_count_where_the_owner_wants_it(instance: Instance, client: Client, links: Links) -> None:
    instance.db.write(lambda tx: settings.save(tx, "machine_opens_count", True))
    client.get(links.pixel(5), headers=APPLE)
    assert seen(instance) == (600_000, None)


def test_whoever_does_not_want_to_be_counted_is_led_on_uncounted(
    instance: Instance, client: Client, links: Links
) -> None:
    for said in ({"dnt": "1"}, {"sec-gpc": "1"}):
        assert client.get(links.click(5, SHOP, 1), headers=FIREFOX | said).headers["location"] == SHOP
    assert seen(instance) == (None, None)
    instance.db.write(
        lambda tx: tx.run("INSERT INTO wishes (contact_id, changed_at, language, untracked) VALUES (9, 0, '', 1)")
    )
    assert client.get(links.click(5, SHOP, 1), headers=FIREFOX).headers["location"] == SHOP
    assert client.get(links.pixel(5), headers=FIREFOX).status_code == 200
    assert seen(instance) == (None, None) and kept(instance) == []


def test_a_link_leads_on_while_the_store_fails(
    instance: Instance, client: Client, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(job: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(instance.db, "awrite", fails)
        assert client.get(links.click(5, SHOP, 1), headers=FIREFOX).headers["location"] == SHOP
    assert seen(instance) == (None, None)
    client.get(links.click(5, SHOP, 1), headers=FIREFOX)
    assert seen(instance) == (600_000, 600_000), "the next one is counted again"


def test_what_was_looked_at_is_forgotten_with_the_contact_and_with_time(
    instance: Instance, client: Client, links: Links
) -> None:
    for message in (5, 6):
        client.get(links.click(message, SHOP, 1), headers=FIREFOX)
    parts = SimpleNamespace(db=instance.db, clock=ManualClock(SENT + KEPT_MS))
    CHORE.run(parts)
    assert len(kept(instance)) == 2
    parts.clock.set(SENT + KEPT_MS + 700_000)
    CHORE.run(parts)
    assert kept(instance) == [] and seen(instance) == (600_000, 600_000)
    client.get(links.click(5, SHOP, 1), headers=FIREFOX)
    instance.db.write(lambda tx: erasing.forget(tx, [9], [("email", "a@example.com")], SENT))
    assert kept(instance) == []
    client.get(links.click(5, SHOP, 1), headers=FIREFOX)
    assert kept(instance) == [], "of somebody who was erased nothing is written down"


@pytest.mark.parametrize(
    ("what", "agent", "address", "kind"),
    [
        (OPEN, "Mozilla/5.0", "104.28.0.1", "machine"),
        (OPEN, "Mozilla/5.0 (iPhone) AppleWebKit/605", "17.58.63.1", "machine"),
        (OPEN, "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "74.6.0.1", "human"),
        (OPEN, "Mozilla/5.0 (iPhone) AppleWebKit/605", "::ffff:40.94.1.2", "human"),
        (CLICK, "Mozilla/5.0 (Windows NT 10.0) Chrome/139", "40.92.1.2", "scanner"),
        (CLICK, "Mozilla/5.0 (Windows NT 10.0) Chrome/139", "209.222.82.7", "scanner"),
        (CLICK, "Mozilla/5.0 (Windows NT 10.0) Chrome/139", "8.8.8.8", "human"),
        (CLICK, "Mozilla/5.0 (X11) HeadlessChrome/139", "8.8.8.8", "scanner"),
        (CLICK, "python-requests/2.32", "8.8.8.8", "unknown"),
        (CLICK, "", "nobody", "unknown"),
    ],
)
def test_one_request_says_this_much(what: str, agent: str, address: str, kind: str) -> None:
    judged = judge(what, {"user-agent": agent}, address)
    assert judged.kind == kind and judged.why in WHY


@pytest.mark.parametrize(
    ("url", "kept_as"),
    [
        ("https://shop.example.com/p/42?utm_source=x&u=ada#a", "https://shop.example.com/p/42"),
        ("https://x.example/u/ada%40example.com/offers", "https://x.example/u/…/offers"),
        ("https://x.example/t/9f86d081884c7d659a2feaa0c55ad015", "https://x.example/t/…"),
        ("https://x.example/login/eyJhbGciOiJIUzI1NiIsInR5cCI6", "https://x.example/login/…"),
        ("https://user:secret@x.example:8443/a", "https://x.example:8443/a"),
        ("https://[", ""),
    ],
)
def test_nothing_personal_is_kept_of_an_address(url: str, kept_as: str) -> None:
    assert impersonal(url) == kept_as


def test_a_program_says_it_for_somebody_with_an_admin_key_alone(instance: Instance) -> None:
    doors = Client(noticing.routes(instance))
    write, admin = "w" * 20, "a" * 20
    for key, kind in ((write, "write"), (admin, "admin")):
        instance.db.write(lambda tx, key=key, kind=kind: users.add_key(tx, key, kind, "crm", SENT))
    said = {"person": "a@example.com", "allowed": False, "why": "by phone"}
    assert doors.post("/v1/tracking", json=said).status_code == 401
    assert doors.post("/v1/tracking", json=said, auth=(write, "")).status_code == 403
    for changed in (True, False):
        assert doors.post("/v1/tracking", json=said, auth=(admin, "")).json() == {"success": True, "changed": changed}
    assert instance.db.look(lambda tx: wishes.of(tx, 9)).untracked
    assert doors.post("/v1/tracking", json=said | {"person": "no@example.com"}, auth=(admin, "")).status_code == 404
    assert doors.post("/v1/tracking", json={"person": True, "allowed": "no"}, auth=(admin, "")).status_code == 400
