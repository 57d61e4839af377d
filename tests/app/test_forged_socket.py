"""Forged intents over a real socket: refused and logged once each, and nothing of them is stored."""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio

from .stage import EDITOR, EVIL, PASSWORD
from .visitor import Page, Visitor

JOURNEY = "abandoned-cart"
EDIT = f"/journeys/{JOURNEY}/edit"
NOTE = {"op": "note", "text": "a note", "x": 0, "y": 0}
FORGED: list[dict[str, Any]] = [
    {"op": "configure", "node": "nobody", "title": "Mine"},
    {"op": "connect", "source": "last", "port": "next", "target": "nobody"},
    {"op": "connect", "source": "last", "port": "next", "target": "hour"},
    {"op": "connect", "source": "last", "port": "next", "target": "last"},
    {"op": "configure", "node": "end", "title": "A step of another journey"},
    {"op": "configure", "node": "start", "journey": "hostile", "title": "Mine"},
    {"op": "journey", "name": "hostile"},
    {"op": "configure", "node": "enough", "title": EVIL},
    {"op": "note", "text": EVIL, "x": 0, "y": 0},
    {"op": "configure", "node": "enough", "settings": {"reason": "x" * 500_000}},
    {"op": "drop_table"},
    {},
]
SHAPELESS: list[Any] = [[], ["no json"], ["null"], ['{"seq": "one", "intent": []}'], {"seq": 1}, "text", None, [[1]]]


@pytest.fixture
def editor(stage: str, visit: Callable[[str], Visitor]) -> Visitor:
    visitor = visit(stage)
    assert visitor.sign_in(EDITOR, PASSWORD).status_code == 303
    return visitor


@pytest.fixture
def draft(stage_home: Path) -> Callable[[str], str]:
    """The stored draft of a journey, as text."""

    def read(name: str) -> str:
        with sqlite3.connect(stage_home / "sojourn.db", timeout=10) as store:
            (found,) = store.execute("SELECT draft FROM journeys WHERE name = ?", (name,)).fetchone()
        store.close()
        return str(found)

    return read


@pytest.fixture
def refusals(stage_home: Path) -> Iterator[Callable[[], int]]:
    """How many refusals the log got since the test began, and nothing else from the canvas."""
    log = stage_home.parent / "stage.log"
    begun = log.stat().st_size

    def lines() -> list[str]:
        return log.read_bytes()[begun:].decode().splitlines()

    yield lambda: sum("sojourn.canvas: " in line and "was refused" in line for line in lines())
    assert not [line for line in lines() if len(line) > 1_000], "what was sent is not what fills the log"
    assert not [line for line in lines() if "Traceback" in line]


class Pen:
    """A canvas without a browser: sends what it is told to, and keeps the answers."""

    def __init__(self, page: Page, sio: socketio.AsyncClient) -> None:
        self.acks: list[dict[str, Any]] = []
        self._page, self._sio, self._seq = page, sio, 0
        self._load = secrets.token_hex(8)  # which load of the editor this is
        sio.on("run_javascript", self._hear)

    async def say(self, args: Any) -> None:
        """One event of the canvas, whatever it carries."""
        element, listener = next(
            (int(number), heard["listener_id"])
            for number, each in self._page.elements.items()
            for heard in each.get("events", [])
            if heard["type"] == "intent"
        )
        message = {"id": element, "client_id": self._page.client_id, "listener_id": listener, "args": args}
        await self._sio.emit("event", message)

    async def ask(self, intent: Any, wait_s: float = 5.0) -> dict[str, Any] | None:
        """One intent and the answer to it, None where there is none."""
        self._seq += 1
        wish = {"page": self._load, "seq": self._seq, "oldest": 1, "intent": intent}
        await self.say([json.dumps(wish)])
        for _ in range(int(wait_s * 50)):
            if found := next((ack for ack in self.acks if ack["seq"] == self._seq), None):
                return found
            await asyncio.sleep(0.02)
        return None

    def _hear(self, message: dict[str, Any], *_: Any) -> None:
        _, found, rest = message["code"].partition('"ack", [')
        if found:
            self.acks.append(json.JSONDecoder().raw_decode(rest)[0])


def draw(visitor: Visitor, page: Page, story: Callable[[Pen], Any]) -> Any:
    """Tell a story over the socket of a page."""

    async def told() -> Any:
        sio = await visitor.socket(page)
        try:
            return await story(Pen(page, sio))
        finally:
            await asyncio.sleep(0.4)  # a draft is stored 250 ms after the change
            await sio.disconnect()

    return asyncio.run(told())


def test_an_editor_draws_over_the_socket(
    editor: Visitor, draft: Callable[[str], str], refusals: Callable[[], int]
) -> None:
    async def story(pen: Pen) -> None:
        assert (await pen.ask({"op": "configure", "node": "enough", "title": "Enough is enough"}) or {})["ok"]
        await asyncio.sleep(1)
        assert json.loads(draft(JOURNEY))["nodes"]["enough"]["title"] == "Enough is enough"
        assert (await pen.ask({"op": "undo"}) or {})["ok"]

    draw(editor, editor.open(EDIT), story)
    assert "is enough" not in draft(JOURNEY)
    assert refusals() == 0


def test_what_an_editor_forges_is_refused_and_logged_once(
    editor: Visitor, draft: Callable[[str], str], refusals: Callable[[], int]
) -> None:
    async def story(pen: Pen) -> list[str]:
        assert (await pen.ask({"op": "disconnect", "edges": ["last:next"]}) or {})["ok"], "now a way out is free"
        await asyncio.sleep(1)
        before, said = draft(JOURNEY), []
        for number, intent in enumerate(FORGED, 1):
            ack = await pen.ask(intent)
            assert ack and not ack["ok"] and refusals() == number, intent
            said.append(ack["error"])
        await asyncio.sleep(1)
        assert draft(JOURNEY) == before
        assert (await pen.ask({"op": "undo"}) or {})["ok"]
        return said

    other = draft("hostile")
    said = draw(editor, editor.open(EDIT), story)
    assert draft("hostile") == other
    assert max(map(len, said)) < 400 and "round in circles" in said[2] and "itself" in said[3], said


def test_what_has_no_form_is_dropped(editor: Visitor, draft: Callable[[str], str], refusals: Callable[[], int]) -> None:
    async def story(pen: Pen) -> bool:
        for args in SHAPELESS:
            await pen.say(args)
        return (await pen.ask({"op": "move", "moves": {"start": [0]}}) or {})["ok"]

    before = draft(JOURNEY)
    assert draw(editor, editor.open(EDIT), story) is False, "the page still listens"
    assert draft(JOURNEY) == before


def test_ten_megabytes_end_the_socket_and_nothing_else(
    editor: Visitor, draft: Callable[[str], str], refusals: Callable[[], int]
) -> None:
    async def story(pen: Pen) -> None:
        assert await pen.ask({"op": "configure", "node": "enough", "title": "x" * 10_000_000}, wait_s=2) is None

    before = draft(JOURNEY)
    draw(editor, editor.open(EDIT), story)
    assert draft(JOURNEY) == before

    async def again(pen: Pen) -> Any:
        return await pen.ask({"op": "configure", "node": "nobody", "title": "Mine"})

    assert draw(editor, editor.open(EDIT), again)["ok"] is False, "the next page is served"


def test_who_may_only_look_changes_nothing(
    viewer: Visitor, draft: Callable[[str], str], refusals: Callable[[], int]
) -> None:
    async def story(pen: Pen) -> list[Any]:
        return [await pen.ask(intent) for intent in (NOTE, {"op": "undo"}, {"op": "journey", "title": "Mine"})]

    before = draft(JOURNEY)
    acks = draw(viewer, viewer.open(EDIT), story)
    assert [ack["ok"] for ack in acks] == [False] * 3 and "may look" in acks[0]["error"]
    assert refusals() == 3 and draft(JOURNEY) == before


def test_nobody_speaks_for_the_page_of_another_or_after_signing_out(
    editor: Visitor, viewer: Visitor, draft: Callable[[str], str]
) -> None:
    page, own = editor.open(EDIT), viewer.open(EDIT)

    async def borrowed(pen: Pen) -> Any:
        pen._page = page
        return await pen.ask(NOTE, wait_s=1)

    async def left(pen: Pen) -> Any:
        await asyncio.to_thread(editor.http.post, "/sign-out")
        return await pen.ask(NOTE, wait_s=1)

    before = draft(JOURNEY)
    assert draw(viewer, own, borrowed) is None
    assert draw(editor, page, left) is None
    assert draft(JOURNEY) == before
