"""The protocol of the canvas without a browser: intents up, patches down, each person's own way back."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.app.canvas.clipboard import Clipboard
from sojourn.app.canvas.room import Ack, Room, Viewer
from sojourn.app.canvas.saving import Draft
from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.node import Problem
from sojourn.runtime import drafts
from sojourn.runtime.clock import SystemClock
from sojourn.storage import journeys
from sojourn.storage.database import Database
from sojourn.storage.users import Who

from .sheet import Sheet

OLGA, EMIL = Who(1, "olga@example.com", "Olga", "owner"), Who(2, "emil@example.com", "Emil", "editor")
VERA = Who(3, "vera@example.com", "Vera", "viewer")


class Table:
    """A room with people in it, as they would sit before their browsers."""

    def __init__(self, db: Database, name: str = "sketch") -> None:
        content = {"name": name, "title": "Sketch", "message_type": "marketing", "topic": "news", "nodes": {},
                   "letters": {}}  # fmt: skip
        self.db = db
        self.name = db.write(lambda tx: drafts.keep_new(tx, content, OLGA.email, 1))
        self.clipboard = Clipboard()
        self.room = Room(Draft(db, SystemClock(), self.name), content, (), self.clipboard)
        self.olga, self.emil = self.sit(OLGA), self.sit(EMIL)

    def sit(self, who: Who) -> Viewer:
        viewer = Viewer(who, Sheet())
        self.room.join(viewer)
        self.room.hello(viewer)
        return viewer

    def do(self, viewer: Viewer, op: str, **rest: Any) -> Ack:
        return self.room.submit(viewer, {"op": op, **rest})

    def must(self, viewer: Viewer, op: str, **rest: Any) -> list[str]:
        ack = self.do(viewer, op, **rest)
        assert ack.ok, ack.error
        return list(ack.select)

    def add(self, viewer: Viewer, kind: str, **rest: Any) -> str:
        return self.must(viewer, "add", kind=kind, x=0, y=0, **rest)[0]

    def path(self, *kinds: str) -> list[str]:
        """Steps of these kinds, each behind the one before."""
        ids: list[str] = []
        for kind in kinds:
            before = {"from": {"node": ids[-1], "port": "next"}} if ids else {}
            ids.append(self.add(self.olga, kind, **before))
        return ids


@pytest.fixture
def table(db: Database) -> Table:
    return Table(db)


def test_an_edit_is_seen_by_everybody(table: Table) -> None:
    start, wait = table.path("trigger_event", "wait")
    for viewer in (table.olga, table.emil):
        assert viewer.canvas.nodes[start]["title"] == "Event"
        assert viewer.canvas.edges[f"{start}:next"]["target"] == wait
        assert viewer.canvas.rev == table.room.revision
    assert table.olga.canvas.nodes == {node["id"]: node for node in table.room.snapshot(table.emil)["nodes"]}
    assert JourneyGraph(table.room.content).ids == sorted([start, wait])


def test_an_email_comes_with_a_letter_that_can_be_sent(table: Table) -> None:
    from sojourn.runtime.content.letter import compile_letter

    one, other = table.path("email", "email")
    letters = table.room.content["letters"]
    assert [table.room.content["nodes"][key]["settings"]["letter"] for key in (one, other)] == list(letters)
    assert all("unsubscribe_url" in compile_letter(letter).page for letter in letters.values())
    table.must(table.olga, "delete", nodes=[other])
    assert len(table.room.content["letters"]) == 1, "nobody had written a word of it"


def test_letters_of_blocks_carry_the_brand_kit_and_keep_it(table: Table) -> None:
    kit = {"primary": "#123456"}
    table.room.kit = lambda: kit
    bare = {"subject": "Hi", "blocks": [{"id": "b1", "kind": "footer", "settings": {}}]}
    table.must(table.olga, "journey", letters={"offer": bare})
    assert table.room.content["letters"]["offer"]["kit"] == {"primary": "#123456"}
    kit["primary"] = "#654321"
    table.must(table.olga, "journey", letters={"offer": {**bare, "subject": "Hello"}})
    assert table.room.content["letters"]["offer"]["kit"] == {"primary": "#123456"}, "it looks as it was seen"
    table.must(table.olga, "journey", letters={"other": bare})
    assert table.room.content["letters"]["other"]["kit"] == kit
    table.must(table.olga, "undo")
    assert "other" not in table.room.content["letters"]


def test_a_circle_is_refused_and_a_jump_is_not(table: Table) -> None:
    start, wait, update, jump = table.path("trigger_event", "wait", "update", "jump")
    table.must(table.olga, "delete", nodes=[jump])
    refused = table.do(table.olga, "connect", source=update, port="next", target=wait)
    assert not refused.ok and "round in circles" in (refused.error or "")
    jump = table.add(table.olga, "jump", **{"from": {"node": update, "port": "next"}})
    table.must(table.olga, "configure", node=jump, settings={"to": wait, "amount": 1, "unit": "days"})
    assert "“Wait”" in table.olga.canvas.nodes[jump]["sub"]
    assert table.do(table.olga, "connect", source=start, port="next", target=wait).error == (
        "This way out is connected already."
    )
    free = table.add(table.emil, "wait")
    assert "trigger" in (table.do(table.olga, "connect", source=free, port="next", target=start).error or "")


def test_a_step_is_put_on_an_edge_and_taken_out_of_it(table: Table) -> None:
    start, end = table.path("trigger_event", "exit")
    wait = table.add(table.olga, "wait", on_edge=f"{start}:next")
    assert {edge["id"]: edge["target"] for edge in table.emil.canvas.edges.values()} == {
        f"{start}:next": wait,
        f"{wait}:next": end,
    }
    table.must(table.emil, "delete", nodes=[wait])
    assert table.olga.canvas.edges == {f"{start}:next": {**table.olga.canvas.edges[f"{start}:next"], "target": end}}


def test_each_undoes_only_their_own(table: Table) -> None:
    olgas = table.add(table.olga, "wait")
    emils = table.add(table.emil, "exit")
    table.must(table.olga, "undo")
    assert set(table.emil.canvas.nodes) == {emils}
    assert table.do(table.olga, "undo").error == "There is nothing of yours to undo."
    table.must(table.olga, "redo")
    table.must(table.emil, "undo")
    assert set(table.olga.canvas.nodes) == {olgas}
    assert table.olga.canvas.last("patch")["undo"] and not table.emil.canvas.last("patch")["undo"]


def test_undo_is_refused_where_somebody_changed_the_same_since(table: Table) -> None:
    wait = table.add(table.olga, "wait")
    table.must(table.emil, "configure", node=wait, settings={"amount": 3, "unit": "days"})
    refused = table.do(table.olga, "undo")
    assert not refused.ok and "Emil has changed “Wait” since" in (refused.error or "")
    start = table.add(table.emil, "trigger_event")
    end = table.add(table.olga, "exit")
    table.must(table.emil, "connect", source=start, port="next", target=end)
    refused = table.do(table.olga, "undo")
    assert not refused.ok and "has been connected to this step since" in (refused.error or "")
    assert end in table.room.content["nodes"]


def test_moving_does_not_stand_in_the_way_of_settings(table: Table) -> None:
    wait = table.add(table.olga, "wait")
    table.must(table.olga, "configure", node=wait, settings={"amount": 3, "unit": "days"})
    table.must(table.emil, "move", moves={wait: [40, 60]})
    table.must(table.olga, "undo")
    assert table.room.content["nodes"][wait] == {"kind": "wait", "settings": {}, "next": {}, "at": [40, 60]}


def test_typing_is_one_step_back(table: Table) -> None:
    wait = table.add(table.olga, "wait")
    for title in ("N", "Ni", "Night"):
        table.must(table.olga, "configure", node=wait, title=title)
    assert table.emil.canvas.nodes[wait]["title"] == "Night"
    table.must(table.olga, "undo")
    assert table.emil.canvas.nodes[wait]["title"] == "Wait"


def test_steps_are_copied_into_another_journey_with_their_letters(table: Table, db: Database) -> None:
    start, mail, jump = table.path("trigger_event", "email", "jump")
    table.must(table.olga, "configure", node=jump, settings={"to": mail, "amount": 2, "unit": "days"})
    table.must(table.olga, "copy", nodes=[start, mail, jump])
    other = Table(db, "other")
    other.room.clipboard = table.clipboard
    ids = other.must(other.olga, "paste", x=100, y=50)
    nodes = other.room.content["nodes"]
    assert [nodes[key]["kind"] for key in ids] == ["trigger_event", "email", "jump"]
    assert nodes[ids[2]]["settings"]["to"] == ids[1]
    assert nodes[ids[1]]["settings"]["letter"] in other.room.content["letters"]
    assert other.do(other.emil, "paste", x=0, y=0).error == "You have not copied anything yet."
    twice = table.must(table.olga, "duplicate", nodes=[mail])
    letters = [table.room.content["nodes"][key]["settings"]["letter"] for key in (mail, *twice)]
    assert len(set(letters)) == 2


def test_a_journey_gets_a_place_among_the_others_and_gives_it_back(table: Table) -> None:
    table.must(table.olga, "journey", priority={"class": "promo", "weight": 70})
    assert table.room.content["priority"] == {"class": "promo", "weight": 70}
    refused = table.do(table.olga, "journey", priority={"class": "promo", "weight": 101}).error
    assert refused == "The weight lies outside of what the canvas holds."
    table.must(table.olga, "undo")
    assert "priority" not in table.room.content
    table.must(table.olga, "journey", priority={"weight": 20})
    table.must(table.olga, "journey", priority={"class": None, "weight": 50})
    assert "priority" not in table.room.content


def test_notes_are_kept_and_do_not_count(table: Table) -> None:
    [note] = table.must(table.olga, "note", text="Ask legal", x=5, y=6, w=200, h=90)
    table.must(table.emil, "move", moves={note: [7, 8]})
    assert table.olga.canvas.notes[note] == {"id": note, "text": "Ask legal", "x": 7, "y": 8, "w": 200, "h": 90}
    table.must(table.olga, "delete", notes=[note])
    assert "notes" not in table.room.content
    table.must(table.olga, "undo")
    assert table.room.content["notes"][note]["text"] == "Ask legal"


def test_a_renamed_way_out_keeps_its_edge_and_a_dropped_one_loses_it(table: Table) -> None:
    split, end = table.add(table.olga, "random_split"), table.add(table.olga, "exit")
    table.must(table.olga, "connect", source=split, port="b", target=end)
    ways = [{"name": "a", "weight": 50}, {"name": "other", "weight": 50}]
    table.must(table.olga, "configure", node=split, settings={"variants": ways})
    assert set(table.emil.canvas.edges) == {f"{split}:other"}
    ways = [{"name": "a", "weight": 40}, {"name": "c", "weight": 30}, {"name": "d", "weight": 30}]
    table.must(table.olga, "configure", node=split, settings={"variants": ways})
    assert not table.emil.canvas.edges
    table.must(table.olga, "undo")
    table.must(table.olga, "undo")
    assert set(table.emil.canvas.edges) == {f"{split}:b"}


def test_problems_stand_on_the_card_and_are_mended(table: Table) -> None:
    start, wait = table.path("trigger_event", "wait")
    table.must(table.olga, "configure", node=start, settings={"event": "signed_up"})
    [loose] = table.emil.canvas.nodes[wait]["problems"]
    assert loose == {
        "text": "Nothing comes after it; people leave the journey here.",
        "severity": "warning",
        "fix": True,
    }
    [end] = table.must(table.emil, "fix", node=wait, problem=0)
    assert table.room.content["nodes"][wait]["next"] == {"next": end}
    assert table.room.problems == []
    assert table.do(table.emil, "fix", node=wait, problem=0).error == "This problem is no longer there."


def test_people_see_each_other(table: Table) -> None:
    wait = table.add(table.olga, "wait")
    table.room.pick(table.olga, [wait, "nothing"])
    [seen] = table.emil.canvas.last("people")
    assert (seen["name"], seen["picked"]) == ("Olga", [wait])
    assert table.olga.colour != table.emil.colour
    assert table.room.also_at(wait, table.emil) == ["Olga"]
    again = table.sit(OLGA)  # a second tab: her own, so nobody else to her
    assert again.canvas.last("load")["people"][0]["name"] == "Emil"
    assert table.room.also_at(wait, again) == []
    table.room.leave(again)
    table.room.leave(table.olga)
    assert table.emil.canvas.last("people") == []


def test_who_may_only_look_changes_nothing(table: Table) -> None:
    vera = table.sit(VERA)
    assert vera.canvas.last("load")["readonly"]
    ack = table.do(vera, "add", kind="wait", x=0, y=0)
    assert not ack.ok and "Your role" in (ack.error or "")
    table.emil.person = Who(2, "emil@example.com", "Emil", "viewer")  # demoted while the page is open
    assert not table.do(table.emil, "add", kind="wait", x=0, y=0).ok
    table.room.leave(table.olga)
    assert not table.do(table.olga, "add", kind="wait", x=0, y=0).ok, "a page that is gone asks for nothing"
    assert table.room.content["nodes"] == {}


def test_a_browser_that_missed_something_gets_everything(table: Table) -> None:
    rev = table.emil.canvas.rev
    table.emil.canvas._patch = lambda patch: None  # the network is down
    start, wait = table.path("trigger_event", "wait")
    del table.emil.canvas._patch
    assert table.emil.canvas.rev == rev
    table.room.hello(table.emil, rev=1)
    assert set(table.emil.canvas.nodes) == {start, wait} and table.emil.canvas.rev == table.room.revision
    table.add(table.emil, "exit")
    assert table.olga.canvas.nodes == table.emil.canvas.nodes


def test_what_is_drawn_is_saved_and_read_back(table: Table, db: Database) -> None:
    table.path("trigger_event", "email", "exit")
    assert not table.room.draft.saved
    table.room.draft.flush()
    assert table.room.draft.saved
    stored = db.look(lambda tx: journeys.journey_named(tx, table.name))
    assert stored is not None and stored.draft == table.room.content
    again = Room(Draft(db, SystemClock(), table.name), stored.draft, (), Clipboard())
    assert again.document.views() == table.room.document.views()


def test_another_content_takes_the_place_of_all_and_can_be_taken_back(table: Table) -> None:
    table.path("trigger_event", "email", "exit")
    drawn = table.room.content
    older = {"name": "x", "title": "Older", "nodes": {"go": {"kind": "trigger_api", "settings": {}, "next": {}}}}
    assert table.room.replace(table.olga, older, "Restore version 1").ok
    assert table.room.content["title"] == "Older" and set(table.emil.canvas.nodes) == {"go"}
    table.must(table.olga, "undo")
    assert table.room.content == drawn


def test_what_no_drawing_tells_stands_on_the_card_until_the_step_is_changed(table: Table) -> None:
    start, wait = table.path("trigger_event", "wait")
    table.must(table.olga, "configure", node=start, settings={"event": "signed_up"})
    unseen = Problem(f"{start}: No event called “signed_up” has arrived yet.", start, "warning")
    table.room.found_out([unseen])
    assert "No event called “signed_up” has arrived yet." in [
        problem["text"] for problem in table.emil.canvas.nodes[start]["problems"]
    ]
    table.must(table.olga, "move", moves={wait: [300, 300]})
    assert unseen in table.room.problems
    revision = table.room.revision
    table.room.found_out([unseen])
    assert table.room.revision == revision, "what is known already is not told again"
    table.must(table.olga, "configure", node=start, settings={"event": "joined"})
    assert unseen not in table.room.problems
    assert table.emil.canvas.nodes[start]["problems"] == []
