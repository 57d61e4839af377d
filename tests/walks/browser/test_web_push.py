"""Web push in a real browser: the page asks politely, the worker shows what is pushed and tells what became of it.

A push service is on the internet, so the browser's own tools deliver the message the service would have delivered.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from sojourn.app.api import push, tracking
from sojourn.app.config import Config
from sojourn.app.secrets import Secrets
from sojourn.runtime import accounts
from sojourn.runtime.channels.web_push import WEB_PUSH, WebPushForm, shown
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.forms import compile_form, fill_form
from sojourn.runtime.content.links import Links
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.settings import Settings, load
from sojourn.storage import migrate, users
from sojourn.storage.database import Database, sqlite_url

from ...runtime.post import NOW, journey

KEY = "wk_" + "a" * 32
# What a browser subscribes with at its push service, which is not there: the page gets this instead.
SUBSCRIBED = """
const keys = {p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
              auth: "BTBZMqHH6r4Tts7J_aSIgg"};
let held = null;
PushManager.prototype.getSubscription = async () => held;
PushManager.prototype.subscribe = async (options) => held = {
  endpoint: "https://push.example.com/send/one", options: {applicationServerKey: options.applicationServerKey.buffer},
  unsubscribe: async () => { held = null; return true; },
  toJSON() { return {endpoint: this.endpoint, keys}; },
};
"""


class Stage(SimpleNamespace):
    """The parts of an instance, held on to as one is."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    @property
    def settings(self) -> Settings:
        return self.db.look(load)


@dataclass
class Site:
    """The instance at one address and a shop at another."""

    db: Database
    instance: str
    shop: str
    links: Links

    def message(self, **said: Any) -> str:
        """What the worker of this contact's browser gets, as the channel makes it."""
        fields = fill_form(compile_form({"medium": "web_push", **said}, WEB_PUSH), {}, self.links, 1).fields
        assert set(WebPushForm.model_fields) <= set(fields)
        return json.dumps(shown(fields))

    def moments(self) -> tuple[bool, bool, bool]:
        """Whether the message was delivered, opened, clicked."""
        row = self.db.look(lambda tx: tx.one("SELECT delivered_at, opened_at, clicked_at FROM messages WHERE id = 1"))
        assert row is not None
        return row[0] is not None, row[1] is not None, row[2] is not None

    def told(self) -> list[str]:
        return [name for (name,) in self.db.look(lambda tx: tx.rows("SELECT name FROM events WHERE id > 1"))]


def served(app: Starlette) -> tuple[str, Callable[[], None]]:
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
    journey(db, contacts=1)
    db.write(lambda tx: tx.run("UPDATE messages SET channel = 'web_push'"))
    db.write(lambda tx: users.add_key(tx, KEY, "write", "site", NOW))
    instance = Stage(
        db=db, clock=ManualClock(NOW), shelf=ProgramShelf(), secrets=Secrets(b"s" * 32), config=Config(home=tmp_path),
        runtime=SimpleNamespace(nudge=lambda: None),
    )  # fmt: skip
    account = {
        "name": "web",
        "medium": "web_push",
        "carrier": "web_push",
        "settings": {"contact": "mailto:a@example.com"},
    }
    db.write(lambda tx: accounts.keep(tx, instance, accounts.Given.model_validate(account), "owner", NOW))
    address, stop = served(Starlette(routes=[*push.routes(instance), *tracking.routes(instance)]))
    policy = (
        f"default-src 'none'; script-src 'self' {address}; connect-src {address}; worker-src 'self'; "
        "require-trusted-types-for 'script'; trusted-types sojourn-push"
    )

    async def page(request: Request) -> HTMLResponse:
        tag = f'<script async src="{address}/push/push.js" data-key="{KEY}" data-user="ada" data-ask="0.1"></script>'
        body = f"<h1>Shop</h1><button data-sojourn-push>Bell</button>{tag}"
        text = f"<!doctype html><html lang='en'><title>Shop</title>{body}"
        return HTMLResponse(text, headers={"content-security-policy": policy})

    async def worker(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f'importScripts("{address}/push/sw.js");', media_type="text/javascript")

    async def icon(request: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    routes = [Route("/sojourn-push.js", worker), Route("/favicon.ico", icon), Route("/{path:path}", page)]
    shop, stop_shop = served(Starlette(routes=routes))
    shop = shop.replace("127.0.0.1", "localhost")
    yield Site(db, address, shop, Links(instance.secrets.derive("links"), address))
    stop_shop()
    stop()
    db.close()


@pytest.fixture
def visitor(site: Site, chromium: Browser) -> Iterator[BrowserContext]:
    agent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"  # one without a screen would be taken for a scanner
    context = chromium.new_context(user_agent=agent, viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    context.grant_permissions(["notifications"], origin=site.shop)
    yield context
    context.close()


def deliver(context: BrowserContext, page: Page, site: Site, text: str) -> None:
    """What the push service would have done."""
    tools = context.new_cdp_session(page)
    versions: list[Any] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda said: versions.extend(said["registrations"]))
    tools.send("ServiceWorker.enable")
    until = time.monotonic() + 20
    while not versions and time.monotonic() < until:
        page.wait_for_timeout(50)
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": site.shop, "registrationId": versions[-1]["registrationId"], "data": text},
    )


def wait_until(page: Page, true: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not true() and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert true()


def installed(context: BrowserContext, site: Site) -> Page:
    page = context.new_page()
    page.add_init_script(SUBSCRIBED)
    page.goto(site.shop)
    page.wait_for_function("window.sojournPush")
    assert page.evaluate("sojournPush.subscribe()") == "granted"
    return page


def test_the_worker_shows_what_is_pushed_and_a_click_counts_and_leads_on(site: Site, visitor: BrowserContext) -> None:
    page = installed(visitor, site)
    row = site.db.look(lambda tx: tx.one("SELECT medium, token FROM devices"))
    assert row == ("web_push", "https://push.example.com/send/one")
    said = site.message(title="New in our shop", text="Red hats", link=f"{site.shop}/hats", stays=True)
    deliver(visitor, page, site, said)
    wait_until(page, lambda: site.moments() == (True, False, False))
    worker = visitor.service_workers[0]
    seen = "all => all.map(one => [one.title, one.body, one.requireInteraction])"
    found = worker.evaluate(f"self.registration.getNotifications().then({seen})")
    assert found == [["New in our shop", "Red hats", True]]
    # No tool clicks on a notification, and a browser opens no window without one: the event is made, the window noted.
    opened = worker.evaluate("""async () => {
        const [notification] = await self.registration.getNotifications();
        const gone = [];
        self.clients.openWindow = async (address) => { gone.push(address); };
        const event = new NotificationEvent("notificationclick", {notification});
        self.dispatchEvent(event);
        await new Promise((done) => setTimeout(done, 200));
        return {gone, left: (await self.registration.getNotifications()).length};
    }""")
    assert len(opened["gone"]) == 1 and opened["left"] == 0
    page.goto(opened["gone"][0])
    assert page.url == f"{site.shop}/hats", "the counted address leads to the page of the message"
    assert site.moments() == (True, True, True)


def test_closing_is_told_and_what_others_push_is_left_alone(site: Site, visitor: BrowserContext) -> None:
    page = installed(visitor, site)
    deliver(visitor, page, site, "not ours")
    deliver(visitor, page, site, site.message(title="News"))
    wait_until(page, lambda: site.moments()[0])
    worker = visitor.service_workers[0]
    worker.evaluate("""async () => {
        const [notification] = await self.registration.getNotifications();
        self.dispatchEvent(new NotificationEvent("notificationclose", {notification}));
    }""")
    wait_until(page, lambda: site.told() == ["web_push_closed"])
    assert worker.evaluate("self.registration.getNotifications().then(all => all.length)") == 1
    assert site.moments() == (True, False, False)
    worker.evaluate("""async () => {
        self.clients.openWindow = async () => {};
        const [notification] = await self.registration.getNotifications();
        self.dispatchEvent(new NotificationEvent("notificationclick", {notification}));
    }""")
    wait_until(page, lambda: site.moments() == (True, True, False))


def test_the_page_asks_in_its_own_words_first_and_takes_not_now_for_a_month(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script('Object.defineProperty(Notification, "permission", {get: () => "default"})')
    page.goto(site.shop)
    card = page.get_by_role("region", name="May we tell you about news here?")
    expect(card).to_be_visible()
    page.keyboard.press("Tab")
    card.get_by_role("button", name="Not now").click()
    expect(card).to_have_count(0)
    page.reload()
    page.wait_for_function("window.sojournPush")
    page.wait_for_timeout(400)
    expect(card).to_have_count(0)
    assert not complaints
    assert site.db.look(lambda tx: tx.value("SELECT count(*) FROM consents WHERE channel = 'web_push'")) == 0
    context.close()


def test_turned_on_by_a_button_and_off_again(site: Site, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.add_init_script(SUBSCRIBED)
    page.goto(site.shop)
    page.get_by_role("button", name="Bell").click()

    def said() -> list[str]:
        sql = "SELECT action FROM consents WHERE channel = 'web_push' ORDER BY id"
        return [action for (action,) in site.db.look(lambda tx: tx.rows(sql))]

    wait_until(page, lambda: said() == ["granted"])
    page.evaluate("sojournPush.unsubscribe()")
    assert said() == ["granted", "withdrawn"]
    assert site.db.look(lambda tx: tx.value("SELECT count(*) FROM devices")) == 0
