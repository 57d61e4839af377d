"""Messages on somebody else's site: a page of another origin, under a policy that allows the script alone."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Response, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from sojourn.app.api import inbox
from sojourn.app.secrets import Secrets
from sojourn.runtime.channels.channel import Tools
from sojourn.runtime.channels.in_app import InApp
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.on_site import hash_of
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import migrate, users
from sojourn.storage.database import Database, sqlite_url

from ...app.stage import EVIL
from ...runtime.post import NOW
from ...runtime.systems import Allowing
from ...runtime.test_on_site import parcel, people
from .axe import grave

HOUR = 3_600_000


@dataclass
class Site:
    """The instance at one address, a shop at another, and what the shop's policy complained of."""

    db: Database
    clock: ManualClock
    instance: str
    shop: str
    key: str
    proof: str

    def put(self, *said: dict[str, Any]) -> None:
        channel = InApp(Tools({}, db=self.db, clock=self.clock))
        parcels = [parcel(number, **one) for number, one in enumerate(said, 1)]
        run = threading.Thread(
            target=lambda: asyncio.run(channel.hand_over(parcels, Allowing()))
        )  # beside Playwright's loop
        run.start()
        run.join()

    def ask(self, method: str, path: str, proof: str, **query: Any) -> httpx.Response:
        sign = base64.b64encode(f"{self.key}:{proof}".encode()).decode()
        return httpx.request(
            method, f"{self.instance}/v1/inbox{path}", params=query, headers={"authorization": f"Basic {sign}"}
        )


def served(app: Starlette) -> tuple[str, Callable[[], None]]:
    """A server in a thread of its own: its address, and what stops it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)

    def stop() -> None:
        server.should_exit = True
        thread.join()

    return f"http://127.0.0.1:{port}", stop


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    db = Database(sqlite_url(tmp_path / "sojourn.db"))
    migrate.upgrade(db)
    people(db, 6)
    db.write(lambda tx: tx.run("UPDATE messages SET contact_id = 1, rank = id"))
    named = [("user", "ann", 1, NOW, ""), ("user", "bob", 2, NOW, "")]
    db.write(lambda tx: tx.insert("identities", "kind,value,contact_id,created_at,source", named))
    key = "wk_" + "a" * 32
    db.write(lambda tx: users.add_key(tx, key, "write", "site", NOW))
    clock = ManualClock(NOW)
    instance = SimpleNamespace(
        db=db, clock=clock, secrets=Secrets(b"s" * 32), shelf=ProgramShelf(),
        runtime=SimpleNamespace(nudge=lambda: None),
    )  # fmt: skip
    address, stop = served(Starlette(routes=inbox.routes(instance)))
    proof = hash_of(inbox.inbox_key(instance), "user", "ann")
    policy = (
        f"default-src 'none'; script-src {address}; connect-src {address}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )

    async def page(request: Request) -> HTMLResponse:
        tag = f'<script async src="{address}/on-site/inbox.js" data-key="{key}" data-user="ann" data-proof="{proof}">'
        return HTMLResponse(
            f'<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1><button data-sojourn-inbox>Bell'
            f"</button><a href='/other'>Other</a></main>{tag}</script></html>",
            headers={"content-security-policy": policy},
        )

    async def robots(request: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    shop, stop_shop = served(Starlette(routes=[Route("/favicon.ico", robots), Route("/{path:path}", page)]))
    yield Site(db, clock, address, shop.replace("127.0.0.1", "localhost"), key, proof)
    stop_shop()
    stop()
    db.close()


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the shop; whatever the console or the policy complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def fresh(path: str = "/", width: int = 1280, look: Any = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme=look, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site.shop + path)
        return page

    yield fresh
    for context in contexts:
        context.close()
    assert not complaints


def noted(site: Site, message_id: int) -> tuple[bool, bool, bool, int]:
    row = site.db.look(
        lambda tx: tx.one(
            "SELECT seen_at IS NOT NULL, clicked_at IS NOT NULL, closed_at IS NOT NULL, shown "
            "FROM waiting_messages WHERE message_id = ?",
            (message_id,),
        )
    )
    assert row is not None
    return bool(row[0]), bool(row[1]), bool(row[2]), row[3]


def is_told(what: str) -> Callable[[Response], bool]:
    return lambda answer: answer.url.split("?")[0].endswith(f"/{what}") and answer.request.method == "POST"


def test_a_card_shows_what_was_written_and_runs_nothing_of_it(site: Site, visit: Callable[..., Page]) -> None:
    site.put({"title": EVIL.replace("{{ 7*7 }}", ""), "text": "Hello\n\nyou", "button": "Look", "url": "/other"})
    page = visit()
    card = page.locator(".card")
    expect(card.get_by_role("heading")).to_have_text(EVIL.replace("{{ 7*7 }}", ""))
    assert page.evaluate("() => window.__pwn") is None
    card.get_by_role("link", name="Look").click()  # what is told on the way out arrives all the same
    page.wait_for_url("**/other")
    for _ in range(400):
        if noted(site, 1)[1]:
            break
        page.wait_for_timeout(50)
    assert noted(site, 1)[:3] == (True, True, False)


def test_a_modal_holds_the_keyboard_and_gives_it_back(site: Site, visit: Callable[..., Page]) -> None:
    site.put({"title": "Sale", "text": "All hats", "button": "Look", "url": "/other", "placement": "modal"})
    page = visit()
    dialog = page.get_by_role("dialog", name="Sale")
    expect(dialog).to_be_visible()
    reached = set()
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.tagName + (document.querySelector('sojourn-messages')"
                                  ".shadowRoot.activeElement?.tagName || '')"))  # fmt: skip
    assert not any(one.startswith(("A", "BUTTON")) for one in reached)  # nothing of the page below
    assert {"SOJOURN-MESSAGESA", "SOJOURN-MESSAGESBUTTON"} <= reached
    with page.expect_response(is_told("closed")):
        page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.tagName") in ("BUTTON", "A")
    assert noted(site, 1) == (True, False, True, 1)


def test_frequency_pause_pages_and_order_are_kept(site: Site, visit: Callable[..., Page]) -> None:
    site.put(
        {"title": "First", "text": "1", "shown_at_most": 2, "pause_minutes": 60},
        {"title": "Second", "text": "2"},
        {"title": "Banner", "text": "3", "placement": "banner", "pages": ["/cart*"]},
    )
    page = visit()
    expect(page.locator(".card h2")).to_have_text("First")
    expect(page.locator(".banner")).to_have_count(0)
    page.goto(site.shop + "/cart/now")
    expect(page.locator(".banner")).to_contain_text("Banner")
    expect(page.locator(".card h2")).to_have_text("Second")
    site.clock.set(NOW + HOUR)
    page.goto(site.shop + "/")
    expect(page.locator(".card h2")).to_have_text("First")
    site.clock.set(NOW + 3 * HOUR)
    page.goto(site.shop + "/")
    expect(page.locator(".card h2")).to_have_text("Second")


@pytest.mark.parametrize(("width", "look"), [(1280, "light"), (390, "dark")])
def test_the_list_opens_by_a_bell_counts_and_is_closed_one_by_one(
    site: Site, visit: Callable[..., Page], tmp_path: Path, width: int, look: str
) -> None:
    site.put(*({"title": f"Note {n}", "text": "Something to read", "placement": "inbox"} for n in (1, 2)))
    page = visit(width=width, look=look)
    bell = page.get_by_role("button", name="Bell")
    expect(bell).to_have_attribute("data-count", "2")
    bell.click()
    dialog = page.get_by_role("dialog", name="Messages")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(bell).to_have_attribute("data-count", "")
    with page.expect_response(is_told("closed")):
        dialog.get_by_role("button", name="Close: Note 1").click()
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=tmp_path / "list.png")
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_function("() => window.sojourn && document.querySelector('[data-count]')")
    assert page.evaluate("() => sojourn.unread") == 0


def test_the_door_gives_nobody_the_messages_of_another(site: Site) -> None:
    site.put({"text": "For Ann alone"})
    assert [one["text"] for one in site.ask("GET", "", site.proof, userId="ann").json()["messages"]] == [
        "For Ann alone"
    ]
    assert site.ask("GET", "", site.proof, userId="bob").status_code == 403
    assert site.ask("GET", "", "").status_code == 403
    assert httpx.get(f"{site.instance}/v1/inbox", params={"userId": "ann"}).status_code == 401
    assert site.ask("POST", "/2/seen", site.proof, userId="ann").status_code == 404
    assert site.ask("POST", f"/{10**30}/seen", site.proof, userId="ann").status_code == 404
    made = httpx.post(f"{site.instance}/v1/inbox/token", json={"writeKey": site.key, "userId": "ann"})
    assert made.status_code == 403
    admin = "ak_" + "b" * 32
    site.db.write(lambda tx: users.add_key(tx, admin, "admin", "server", NOW))
    url = f"{site.instance}/v1/inbox/token"
    made = httpx.post(url, json={"userId": "ann", "days": 1}, headers={"authorization": f"Bearer {admin}"})
    token = made.json()["token"]
    assert [one["text"] for one in site.ask("GET", "", token).json()["messages"]] == ["For Ann alone"]
    assert httpx.post(url, json={"userId": "who"}, headers={"authorization": f"Bearer {admin}"}).status_code == 404
    site.clock.set(NOW + 25 * HOUR)
    assert site.ask("GET", "", token).status_code == 403


def test_the_script_is_small_and_is_not_sent_twice(site: Site) -> None:
    first = httpx.get(f"{site.instance}/on-site/inbox.js", headers={"accept-encoding": "identity"})
    assert len(first.content) < 10_000
    again = httpx.get(f"{site.instance}/on-site/inbox.js", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(("width", "look"), [(1280, "dark"), (390, "light")])
@pytest.mark.parametrize("placement", ["banner", "card", "modal"])
def test_nobody_is_kept_out_and_nothing_sticks_out(
    site: Site, visit: Callable[..., Page], placement: str, width: int, look: str
) -> None:
    text = "Everything you left is still there, and " + "a" * 60
    site.put({"title": "Back again", "text": text, "button": "To the cart", "url": "/cart", "placement": placement})
    page = visit(width=width, look=look)
    shown = page.locator(f".{placement}")
    expect(shown).to_be_visible()
    box = shown.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert grave(page) == []
