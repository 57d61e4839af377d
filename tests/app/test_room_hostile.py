"""What a forged or broken browser may send: it is refused in a sentence, and nothing of it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.app.canvas.clipboard import Clipboard
from sojourn.app.canvas.room import Room, Viewer
from sojourn.app.canvas.saving import Draft
from sojourn.nodes.checks import MOST_NODES
from sojourn.runtime.clock import SystemClock
from sojourn.storage.columns import dump
from sojourn.storage.database import Database
from sojourn.storage.users import Who

PWN = '<img src=x onerror="window.__pwn=1"><script>window.__pwn=1</script>{{ 7*7 }}'
DEEP: Any = []
for _ in range(200):
    DEEP = [DEEP]
SPLIT = {"kind": "random_split", "settings": {}, "next": {"a": "wait"}}
CONTENT: dict[str, Any] = {
    "name": "sketch", "title": "Sketch", "letters": {"hello": {"subject": "Hi", "mjml": "<mjml></mjml>"}},
    "nodes": {
        "start": {"kind": "trigger_api", "settings": {}, "next": {"next": "split"}, "at": [0, 0]},
        "split": {**SPLIT, "at": [300, 0]},
        "wait": {"kind": "wait", "settings": {"amount": 1, "unit": "days"}, "next": {}, "at": [600, 0]},
    },
}  # fmt: skip

FORGED: list[Any] = [
    None, 7, "add", [], {}, {"op": "drop_table"}, {"op": "add"}, {"op": ["add"]}, {"op": None},
    {"op": "add", "kind": "nothing", "x": 0, "y": 0},
    {"op": "add", "kind": "wait", "x": "here", "y": 0},
    {"op": "add", "kind": "wait", "x": float("nan"), "y": 0},
    {"op": "add", "kind": "wait", "x": 1e300, "y": 0},
    {"op": "add", "kind": "wait", "x": 0, "y": 0, "id": "chosen", "settings": {}},
    {"op": "add", "kind": "wait", "x": 0, "y": 0, "from": {"node": "start", "port": "next"}},
    {"op": "add", "kind": "wait", "x": 0, "y": 0, "from": {"node": "start", "port": "secret"}},
    {"op": "add", "kind": "wait", "x": 0, "y": 0, "on_edge": "wait:next"},
    {"op": "add", "kind": "trigger_api", "x": 0, "y": 0, "on_edge": "start:next"},
    {"op": "add", "kind": "exit", "x": 0, "y": 0, "on_edge": "start:next"},
    {"op": "move", "moves": {"nobody": [0, 0]}},
    {"op": "move", "moves": {}},
    {"op": "move", "moves": {"wait": [0]}},
    {"op": "connect", "source": "wait", "port": "next", "target": "split"},
    {"op": "connect", "source": "wait", "port": "next", "target": "wait"},
    {"op": "connect", "source": "wait", "port": "next", "target": "start"},
    {"op": "connect", "source": "wait", "port": "next", "target": "nobody"},
    {"op": "connect", "source": "nobody", "port": "next", "target": "wait"},
    {"op": "connect", "source": "split", "port": "a", "target": "wait"},
    {"op": "connect", "source": "split", "port": "z", "target": "wait"},
    {"op": "disconnect", "edges": ["nobody:next"]},
    {"op": "configure", "node": "nobody", "settings": {}},
    {"op": "configure", "node": "wait", "settings": {"amount": 1, "kind": "email"}},
    {"op": "configure", "node": "wait", "settings": {"amount": DEEP}},
    {"op": "configure", "node": "wait", "settings": {"amount": "x" * 10_000_000}},
    {"op": "configure", "node": "wait", "settings": {"amount": [0] * 100_000}},
    {"op": "configure", "node": "wait", "settings": {"amount": 10**40}},
    {"op": "configure", "node": "wait", "settings": {"unit": "\x00"}},
    {"op": "configure", "node": "wait", "settings": {"unit": "\ud800"}},
    {"op": "configure", "node": "wait", "settings": {1: 2}},
    {"op": "configure", "node": "wait", "settings": {"amount": object()}},
    {"op": "configure", "node": "wait", "title": "x" * 201},
    {"op": "configure", "node": "wait", "journey": "abandoned-cart", "settings": {}},
    {"op": "delete", "nodes": ["nobody"]},
    {"op": "copy", "nodes": ["nobody"]},
    {"op": "paste", "x": 0, "y": 0},
    {"op": "note", "text": "x" * 4_001, "x": 0, "y": 0},
    {"op": "note", "id": "nobody", "text": "hello"},
    {"op": "journey", "letters": {"hello": {"subject": "Hi", "mjml": "x" * 10_000_000}}},
    {"op": "journey", "letters": {"nobody": None}},
    {"op": "journey", "title": ""},
    {"op": "journey", "name": "abandoned-cart"},
    {"op": "journey", "message_type": "spam"},
    {"op": "fix", "node": "wait", "problem": 99},
    {"op": "fix", "node": "wait", "problem": "no such thing"},
    {"op": "undo"}, {"op": "redo"},
]  # fmt: skip


class Silent:
    """A canvas that counts patches."""

    patches = 0

    def patch(self, payload: Any) -> None:
        self.patches += 1

    def __getattr__(self, name: str) -> Any:
        return lambda payload: None


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('room')}/store.db")
    return Room(Draft(db, SystemClock(), "sketch"), CONTENT, (), Clipboard())


@pytest.fixture
def mallory(room: Room) -> Viewer:
    viewer = Viewer(Who(6, "mallory@example.com", "Mallory", "editor"), Silent())
    room.join(viewer)
    return viewer


@pytest.mark.parametrize("intent", FORGED, ids=lambda intent: repr(intent)[:60])
def test_a_forged_intent_changes_nothing(room: Room, mallory: Viewer, intent: Any) -> None:
    before = dump(room.content)
    ack = room.submit(mallory, intent)
    assert not ack.ok and ack.error and len(ack.error) < 400
    assert "Something went wrong" not in ack.error
    assert dump(room.content) == before and room.revision == 1
    assert mallory.canvas.patches == 0 and room.draft.saved


def test_a_refusal_is_logged_and_a_page_of_another_journey_has_no_say(
    room: Room, mallory: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sojourn.canvas")
    stranger = Viewer(Who(7, "eve@example.com", "Eve", "editor"), Silent())
    ack = room.submit(stranger, {"op": "delete", "nodes": ["wait"]})
    assert not ack.ok and "wait" in room.content["nodes"]
    assert "eve@example.com" in caplog.text and "refused" in caplog.text


SAID = (
    {"op": "configure", "node": "wait", "title": PWN},
    {"op": "configure", "node": "wait", "title": "Wait\u202egnp.exe"},
    {"op": "configure", "node": "wait", "title": "Wait\x1b[31m"},
    {"op": "configure", "node": "wait", "title": "One\nTwo"},
    {"op": "note", "text": "see </article>", "x": 0, "y": 0},
    {"op": "note", "text": "<!--", "x": 0, "y": 0},
    {"op": "journey", "title": PWN},
    {"op": "journey", "description": PWN},
    {"op": "move", "moves": {"wait": [0, 0]}, "label": PWN[:40]},
)


@pytest.mark.parametrize("intent", SAID, ids=lambda intent: repr(intent)[:60])
def test_markup_and_hidden_characters_are_refused_and_logged(
    room: Room, mallory: Viewer, intent: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sojourn.canvas")
    before = dump(room.content)
    ack = room.submit(mallory, intent)
    assert not ack.ok and ("looks like HTML" in str(ack.error) or "cannot be seen" in str(ack.error))
    assert dump(room.content) == before
    assert "mallory@example.com was refused" in caplog.text


def test_plain_words_with_a_smaller_sign_are_kept(room: Room, mallory: Viewer) -> None:
    assert room.submit(mallory, {"op": "configure", "node": "wait", "title": "a < b, 3 <4 & “c”"}).ok
    assert room.submit(mallory, {"op": "note", "text": "Spent < 40 €?\nThen wait.", "x": 0, "y": 0}).ok


def test_a_title_that_was_there_before_stands_in_no_way(tmp_path: Any) -> None:
    nodes = {**CONTENT["nodes"], "wait": {**CONTENT["nodes"]["wait"], "title": PWN}}
    db = Database(f"sqlite:///{tmp_path}/store.db")
    room = Room(Draft(db, SystemClock(), "sketch"), {**CONTENT, "nodes": nodes}, (), Clipboard())
    viewer = Viewer(Who(1, "olga@example.com", "Olga", "owner"), Silent())
    room.join(viewer)
    assert room.submit(viewer, {"op": "configure", "node": "wait", "title": PWN, "settings": {"amount": 2}}).ok
    [wait] = [node for node in room.document.views()["nodes"] if node["id"] == "wait"]
    assert wait["title"] == PWN, "text goes down as text; the canvas never reads it as HTML"


@pytest.mark.parametrize(
    "intent", [each for each in FORGED if isinstance(each, dict)], ids=lambda each: repr(each)[:60]
)
def test_no_refusal_speaks_of_fields_and_types(room: Room, mallory: Viewer, intent: Any) -> None:
    said = room.submit(mallory, intent).error or ""
    assert said.endswith(".") and said[0] in '“"' + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for word in ("Input", "List should", "pydantic", "type=", "on_edge", "dict", "items", "None"):
        assert word not in said, said


def test_the_most_steps_are_the_most(room: Room, mallory: Viewer) -> None:
    nodes = {f"n{n}": {"kind": "exit", "settings": {}, "next": {}, "at": [0, n]} for n in range(MOST_NODES)}
    assert room.replace(mallory, {"nodes": nodes}, "Many").ok
    assert "at most" in (room.submit(mallory, {"op": "add", "kind": "exit", "x": 0, "y": 0}).error or "")
    assert "at most" in (room.submit(mallory, {"op": "duplicate", "nodes": ["n1"]}).error or "")
    assert "at most" in (room.submit(mallory, {"op": "duplicate", "nodes": list(nodes)}).error or "")
    assert room.submit(mallory, {"op": "copy", "nodes": list(nodes)}).ok
    refused = room.submit(mallory, {"op": "copy", "nodes": [*nodes, "more"]})
    assert refused.error == "The list of steps is too long: 2,000 at once are the most."
    assert room.submit(mallory, {"op": "paste", "x": 0, "y": 0}).error == "You have not copied anything yet."


@pytest.mark.parametrize("broken", [
    {"nodes": []}, {"nodes": {"a": 7}}, {"nodes": {"a": {}}}, {"nodes": {"a": {"kind": 7, "settings": "x", "next": 1}}},
    {"nodes": {"a": {"kind": "wait", "next": {"next": "gone"}, "at": "here"}}, "letters": 3, "notes": {"n": 1}},
    {"nodes": {"a": {"kind": "wait", "next": {"next": "b"}}, "b": {"kind": "wait", "next": {"next": "a"}}}},
    {"nodes": {"a": {"kind": "from-an-extension", "settings": {"x": 1}, "next": {"out": "b"}}, "b": {"kind": "exit"}}},
])  # fmt: skip
def test_a_broken_draft_opens_with_problems(broken: dict[str, Any], tmp_path: Any) -> None:
    db = Database(f"sqlite:///{tmp_path}/store.db")
    room = Room(Draft(db, SystemClock(), "sketch"), {"name": "sketch", **broken}, (), Clipboard())
    viewer = Viewer(Who(1, "olga@example.com", "Olga", "owner"), Silent())
    room.join(viewer)
    assert room.snapshot(viewer)["rev"] == 1
    assert room.submit(viewer, {"op": "add", "kind": "wait", "x": 0, "y": 0}).ok
