"""A server for tests: a real instance with a small shop in it, in a process of its own. Run: stage.py HOME PORT."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from argon2 import PasswordHasher
from nicegui import ui

from sojourn.app.auth import permitted
from sojourn.app.instance import Instance
from sojourn.app.main import create_app
from sojourn.runtime import ingest, settings
from sojourn.runtime.channels.inbox import Inbox
from sojourn.runtime.governance import versions
from sojourn.storage import users
from sojourn.storage.database import Tx
from sojourn.tests.app.warm import warm

OWNER, VIEWER, PASSWORD = "owner@example.com", "viewer@example.com", "correct horse battery"
EDITOR, REVIEWER = "editor@example.com", "reviewer@example.com"
EVIL = '"><img src=x onerror="window.__pwn=1"><script>window.__pwn=1</script>{{ 7*7 }}'
HOUR = 3_600_000

MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ contact.first_name }}, your cart waits.</mj-text>"
    '<mj-button href="https://shop.example.com/cart">Back to the cart</mj-button>'
    '<mj-text><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text></mj-column></mj-section></mj-body></mjml>'
)


def step(kind: str, settings: dict[str, Any] | None = None, title: str = "", **exits: str) -> dict[str, Any]:
    """A node of a journey's content."""
    return {"kind": kind, "title": title, "settings": settings or {}, "next": exits}


CART = {
    "name": "abandoned-cart",
    "title": "Abandoned cart",
    "message_type": "marketing",
    "description": "Reminds people of what they left in their cart, once, and stops when they buy.",
    "nodes": {
        "start": step("trigger_event", {"event": "added_to_cart", "reentry": "always"}, next="hour"),
        "hour": step(
            "wait_until", {"event": "purchased", "amount": 1, "unit": "hours"}, happened="bought", timed_out="cap"
        ),
        "cap": step("cap", {"max": 2, "amount": 7, "unit": "days"}, ok="split", capped="enough"),
        "split": step(
            "random_split",
            {"variants": [{"name": "letter", "weight": 90}, {"name": "nothing", "weight": 10}]},
            letter="reminder",
            nothing="enough",
        ),
        "reminder": step("email", {"letter": "reminder"}, title="Cart reminder", next="day"),
        "day": step("wait", {"amount": 1, "unit": "days"}, next="big"),
        "big": step(
            "branch",
            {"rule": {"property": "country", "op": "equals", "value": "CZ"}},
            title="Lives in Czechia?",
            yes="last",
            no="enough",
        ),
        "last": step("email", {"letter": "last"}, title="Last call", next="enough"),
        "enough": step("exit", {"reason": "no-purchase"}),
        "bought": step("goal", {"event": "purchased"}, title="Bought"),
    },
    "letters": {
        "reminder": {"subject": "{{ contact.first_name }}, your cart waits", "mjml": MJML},
        "last": {"subject": "Last call", "mjml": MJML},
    },
}
HOSTILE = {
    **CART,
    "name": "hostile",
    "title": EVIL,
    "description": EVIL,
    "nodes": {"start": step("trigger_api", title=EVIL, next="end"), "end": step("exit", title=EVIL)},
    "letters": {},
}


def populate(instance: Instance, people: int = 60) -> None:
    """An owner, a viewer, two journeys and some carts; unless there is somebody already."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # everybody signs in a hundred times here
    hashed, now = quick.hash(PASSWORD), instance.clock.now_ms()

    def job(tx: Tx) -> bool:
        if users.any_user(tx):
            return False
        users.add_user(tx, OWNER, hashed, "one", now, name="Olga Owner")
        users.add_user(tx, VIEWER, hashed, "one", now, role="viewer")
        users.add_user(tx, EDITOR, hashed, "one", now, role="editor", name="Edita Editor")
        users.add_user(tx, REVIEWER, hashed, "one", now, role="reviewer", name="Rita Reviewer")
        settings.save(tx, "sender_address", "hello@example.com")
        settings.save(tx, "postal_address", "1 Main Street, Springfield")
        for content in (CART, HOSTILE):
            versions.publish(tx, versions.save_draft(tx, content, OWNER, now), OWNER, now)
        return True

    if instance.db.write(job):
        asyncio.run(ingest.accept(instance.db, instance.shelf, instance.clock, shop(people), "shop"))


def shop(people: int) -> list[dict[str, Any]]:
    """What a shop's SDK would send."""
    sent: list[dict[str, Any]] = []
    names = ("Ada", "Bořek", "Chloé", "Dagmar", "Emil", "Fatima")
    for n in range(people):
        who = {"userId": f"c{n}", "context": {"library": {"name": "test"}}}
        traits = {
            "email": f"c{n}@example.com",
            "first_name": EVIL if n == people - 1 else names[n % 6],
            "country": ("CZ", "DE", "FR")[n % 3],
            "consents": {"email": {"marketing": True}},
        }
        sent += [
            {"type": "identify", "messageId": f"i{n}", **who, "traits": traits},
            {"type": "track", "messageId": f"t{n}", **who, "event": "added_to_cart", "properties": {"total": 20 + n}},
        ]
    return [*sent, {"type": "track", "messageId": "bad", "userId": "c1"}]


@ui.page("/explode")
@permitted("see")
async def explode() -> None:
    """A page with a mistake in it."""
    raise ValueError("secret-db-password")


@contextmanager
def serve(home: Path, *flags: str, port: int = 0) -> Iterator[str]:
    """Run the stage in a process of its own; yields its address. What it says goes to ``home/../stage.log``."""
    port = port or free_port()
    address, log = f"http://127.0.0.1:{port}", home.parent / "stage.log"
    server = warm().start(log, str(home), str(port), *flags)
    try:
        for _ in range(1200):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(address + "/sign-in")
                break
            assert warm().runs(server), log.read_text()
            time.sleep(0.05)
        yield address
    finally:
        warm().stop(server)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main(home: Path, port: int, flags: Sequence[str] = ()) -> None:
    home.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("sojourn").setLevel("INFO")
    inbox = Inbox(home / "inbox")
    inbox.start()
    instance = Instance.create(home, port=port, clock="manual", smtp_url=inbox.url)
    if "--empty" not in flags:
        populate(instance)
    uvicorn.run(create_app(instance), host="127.0.0.1", port=port, log_level="warning")
    instance.close()
    inbox.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
