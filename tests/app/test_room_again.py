"""A page that lost its line asks again: each wish is carried out once, in its order, also across a restart."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.app.canvas.clipboard import Clipboard
from sojourn.app.canvas.heard import MOST_PAGES, Heard, Wish
from sojourn.app.canvas.room import Room, Viewer
from sojourn.app.canvas.saving import Draft, heard_of
from sojourn.runtime import drafts
from sojourn.runtime.clock import SystemClock
from sojourn.storage import journeys
from sojourn.storage.database import Database
from sojourn.storage.users import Who

from .sheet import Sheet

OLGA, EMIL = Who(1, "olga@example.com", "Olga", "owner"), Who(2, "emil@example.com", "Emil", "editor")
PAGE = "page0000"


def wait(n: int = 0) -> dict[str, Any]:
    return {"op": "add", "kind": "wait", "x": 0, "y": 200 * n}


class Server:
    """A journey that is open in one process."""

    def __init__(self, db: Database) -> None:
        def look(tx: Any) -> tuple[Any, Heard]:
            found = journeys.journey_named(tx, "sketch")
            assert found is not None
            return {**found.draft, "name": "sketch"}, heard_of(tx, "sketch")

        content, heard = db.look(look)
        draft = Draft(db, SystemClock(), "sketch")
        draft.heard = heard
        self.room = Room(draft, content, (), Clipboard())

    def sit(self, who: Who = OLGA) -> Viewer:
        viewer = Viewer(who, Sheet())
        self.room.join(viewer)
        self.room.hello(viewer)
        return viewer


@pytest.fixture
def server(db: Database) -> Server:
    content = {"name": "sketch", "title": "Sketch", "message_type": "marketing", "nodes": {}, "letters": {}}
    db.write(lambda tx: drafts.keep_new(tx, content, OLGA.email, 1))
    return Server(db)


def test_what_is_asked_twice_is_done_once_and_answered_twice(server: Server) -> None:
    viewer = server.sit()
    first = server.room.once(viewer, Wish(PAGE, 1, 1), wait())
    again = server.room.once(viewer, Wish(PAGE, 1, 1), wait())
    assert first == again and first and first["page"] == PAGE
    assert len(server.room.content["nodes"]) == 1


def test_one_that_comes_before_its_turn_waits_until_it_is_sent_in_order(server: Server) -> None:
    viewer = server.sit()
    assert server.room.once(viewer, Wish(PAGE, 2, 1), wait()) is None
    assert not server.room.content["nodes"]
    for seq in (1, 2):
        assert server.room.once(viewer, Wish(PAGE, seq, 1), wait(seq))
    assert len(server.room.content["nodes"]) == 2


def test_a_refusal_is_remembered_too(server: Server) -> None:
    viewer = server.sit()
    gone = {"op": "delete", "nodes": ["wait-1"]}
    assert not (server.room.once(viewer, Wish(PAGE, 1, 1), gone) or {})["ok"]
    server.room.once(viewer, Wish(PAGE, 2, 1), wait())
    answer = server.room.once(viewer, Wish(PAGE, 1, 1), gone)
    assert answer and not answer["ok"] and "wait-1" in server.room.content["nodes"]


def test_a_page_cannot_speak_for_somebody_else(server: Server) -> None:
    server.room.once(server.sit(), Wish(PAGE, 1, 1), wait())
    server.room.once(server.sit(EMIL), Wish(PAGE, 1, 1), wait(1))
    assert len(server.room.content["nodes"]) == 2


def test_after_a_restart_what_was_saved_is_not_done_again_and_what_was_not_is(server: Server, db: Database) -> None:
    viewer = server.sit()
    server.room.once(viewer, Wish(PAGE, 1, 1), wait())
    server.room.draft.flush()
    server.room.once(viewer, Wish(PAGE, 2, 1), wait(1))  # applied and answered, but the process dies before it is saved
    after = Server(db)
    viewer = after.sit()
    assert set(after.room.content["nodes"]) == {"wait-1"}
    for seq in (1, 2):
        answer = after.room.once(viewer, Wish(PAGE, seq, 1), wait(seq))
        assert answer and answer["ok"]
    assert len(after.room.content["nodes"]) == 2


def test_a_step_drawn_without_a_line_keeps_the_id_it_was_drawn_under(server: Server) -> None:
    viewer = server.sit()
    drawn = {**wait(), "as": "wait-k3x9"}
    assert server.room.submit(viewer, drawn).select == ("wait-k3x9",)
    assert server.room.submit(viewer, drawn).select == ("wait-1",), "an id is given once"
    assert not server.room.submit(viewer, {**wait(), "as": "../etc"}).ok
    note = {"op": "note", "text": "Why", "x": 0, "y": 0, "as": "note-k3x9"}
    assert server.room.submit(viewer, note).ok
    assert server.room.submit(viewer, {"op": "note", "id": "note-k3x9", "text": "Because"}).ok


def test_only_the_last_pages_are_remembered() -> None:
    heard = Heard()
    for n in range(MOST_PAGES + 5):
        heard.note(1, Wish(f"page{n:04}", 1, 1), "done")
    assert len(heard.marks()) == MOST_PAGES
    assert heard.place(1, Wish("page0000", 9, 9)) == "next", "the page says what it still waits for"
