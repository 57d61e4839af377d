"""What is pasted lies on nothing that is there."""

from __future__ import annotations

from typing import Any

from sojourn.app.canvas.clipboard import Clipboard
from sojourn.app.canvas.room import Room, Viewer
from sojourn.app.canvas.saving import Draft
from sojourn.runtime.clock import SystemClock
from sojourn.storage.database import Database
from sojourn.storage.users import Who

from .sheet import Sheet


def covered(nodes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (one["id"], other["id"])
        for n, one in enumerate(nodes)
        for other in nodes[:n]
        if abs(one["x"] - other["x"]) < 280 and abs(one["y"] - other["y"]) < 96
    ]


def test_copies_find_a_free_place(tmp_path: Any) -> None:
    nodes = {f"n{n}": {"kind": "exit", "next": {}, "at": [300 * (n % 3), 140 * (n // 3)]} for n in range(12)}
    db = Database(f"sqlite:///{tmp_path}/store.db")
    room = Room(Draft(db, SystemClock(), "sketch"), {"name": "sketch", "nodes": nodes}, (), Clipboard())
    viewer = Viewer(Who(1, "olga@example.com", "Olga", "owner"), Sheet())
    room.join(viewer)
    assert room.submit(viewer, {"op": "copy", "nodes": ["n0", "n1", "n5"]}).ok
    for _ in range(3):
        assert room.submit(viewer, {"op": "paste", "x": 40, "y": 60}).ok
    assert room.submit(viewer, {"op": "duplicate", "nodes": ["n4"]}).ok
    drawn = room.document.views()["nodes"]
    assert len(drawn) == 12 + 9 + 1
    assert not covered(drawn)
