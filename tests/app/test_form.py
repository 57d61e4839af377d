"""Forms made from settings: every built-in step's, and those of a package nobody here has heard of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from nicegui import Client, core
from nicegui.page import page
from pydantic import BaseModel, Field

from sojourn.app.canvas.form import clause
from sojourn.app.canvas.form.around import Around, Option, Seen
from sojourn.app.canvas.form.choose import parts, widget_for
from sojourn.app.canvas.form.completing import Completing
from sojourn.app.canvas.form.conditions import Conditions
from sojourn.app.canvas.form.days import Some
from sojourn.app.canvas.form.entries import Entries
from sojourn.app.canvas.form.field import fields_of
from sojourn.app.canvas.form.fields import Fields
from sojourn.app.canvas.form.form import Form, faults
from sojourn.app.canvas.form.letter import Letter
from sojourn.app.canvas.form.mapping import Mapped
from sojourn.app.canvas.form.named import EventName, PropertyName
from sojourn.app.canvas.form.number import parsed
from sojourn.app.canvas.form.pair import Again, Duration, Hours
from sojourn.app.canvas.form.rule import RuleBuilder
from sojourn.app.canvas.form.switch import Switch
from sojourn.app.canvas.form.value import typed
from sojourn.app.canvas.form.variants import Variants, level
from sojourn.app.canvas.form.widget import Single
from sojourn.app.canvas.form.zone import Zone
from sojourn.nodes.node import NodeSettings
from sojourn.nodes.registry import node_types
from sojourn.nodes.zones import TimeOfDay, ZoneName

Run = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture(autouse=True)
def run() -> Iterator[Run]:
    """A page to draw on, without a browser; what has to wait for something is run on it."""
    loop = core.loop = asyncio.new_event_loop()
    client = Client(page(""))

    async def on_page(walk: Callable[[], Awaitable[None]]) -> None:
        with client:
            await walk()

    with client:
        yield lambda walk: loop.run_until_complete(on_page(walk))
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    client.delete()
    loop.close()
    core.loop = None


def widget(fields: Fields, name: str) -> Any:
    return next(each for each in fields.widgets if name in each.names)


def drawn(kind: str, settings: dict[str, Any] | None = None) -> Fields:
    type_ = node_types()[kind]
    return Fields(type_.Settings, dict(type_.example) if settings is None else settings, Around(), lambda: None)


# ── the built-in steps ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", sorted(node_types()))
def test_settings_come_out_of_their_form_as_they_went_in(kind: str) -> None:
    type_ = node_types()[kind]
    fields = drawn(kind)
    said: dict[str, Any] = {}
    for each in fields.widgets:
        said |= each.read()
    assert fields.settings == dict(type_.example)
    assert type_.Settings.model_validate(said) == type_.Settings.model_validate(dict(type_.example))
    assert {name for each in fields.widgets for name in each.names} == {
        field.name for field in fields_of(type_.Settings)
    }


@pytest.mark.parametrize("kind", sorted(node_types()))
def test_a_fresh_step_shows_its_empty_form_and_what_is_missing(kind: str) -> None:
    type_ = node_types()[kind]
    fields = drawn(kind, {})
    fields.complain(list(faults(type_.Settings, {})))
    assert fields.settings == {}


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("trigger_event", "event", EventName), ("trigger_event", "where", Conditions),
        ("trigger_event", "reentry", Again),
        ("trigger_event", "rule", RuleBuilder), ("trigger_schedule", "date_property", PropertyName),
        ("trigger_schedule", "zone", Zone), ("trigger_schedule", "yearly", Switch), ("wait", "unit", Duration),
        ("cap", "amount", Duration), ("send_window", "days", Some), ("send_window", "from", Hours),
        ("send_window", "zone", Zone), ("branch", "rule", RuleBuilder), ("multi_split", "paths", Entries),
        ("random_split", "variants", Variants), ("update", "set", Mapped), ("email", "letter", Letter),
    ],
)  # fmt: skip
def test_each_setting_has_the_widget_that_knows_most_about_it(kind: str, name: str, expected: type) -> None:
    assert isinstance(widget(drawn(kind), name), expected)


def test_what_nobody_touched_stays_as_it_came() -> None:
    fields = drawn("wait", {"amount": 2, "later": "from another version"})
    widget(fields, "amount").put("amount", 3)
    assert fields.settings == {"amount": 3, "unit": "days", "later": "from another version"}


def test_only_the_units_that_count_are_offered() -> None:
    assert [*widget(drawn("cap"), "unit").inputs["unit"].options] == ["hours", "days", "weeks"]


def test_complaints_stand_at_the_widget_they_are_about() -> None:
    fields = drawn("random_split", {"variants": [{"name": "a", "weight": 50}, {"name": "b", "weight": 40}]})
    model = node_types()["random_split"].Settings
    assert fields.complain(list(faults(model, fields.settings))) == []
    assert widget(fields, "variants")._note.text == "Ways add up to 90 instead of 100."
    widget(fields, "variants")._level()
    fields.complain(list(faults(model, fields.settings)))
    assert not widget(fields, "variants")._note.visible
    assert [row["weight"] for row in fields.settings["variants"]] == [50, 50]


def test_shares_are_dealt_out_evenly() -> None:
    assert [level(count) for count in (2, 3, 7)] == [[50, 50], [34, 33, 33], [15, 15, 14, 14, 14, 14, 14]]


# ── settings of a package nobody here knows ───────────────────────────────────────────────────────────


class Tone(Enum):
    warm = "w"
    plain = "p"


class Stop(BaseModel):
    street: str = Field(min_length=2)
    floor: int | None = None


class Strange(NodeSettings):
    colour: Tone = Tone.warm
    sure: bool | None = None
    many: list[int] = Field(default_factory=list, description="Numbers.")
    stop: Stop | None = None
    stops: list[Stop] = Field(default_factory=list)
    on: Literal["doors", "windows"] = "doors"
    which: tuple[Literal["red", "green"], ...] = ("red",)
    day: date | None = None
    at: TimeOfDay = "08:00"
    zone: ZoneName = "UTC"
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    free: dict[str, Any] | list[int] | None = None
    note: str = Field("", json_schema_extra={"format": "multiline"})
    event: str = Field(min_length=1, json_schema_extra={"format": "event"})


def test_a_made_up_package_gets_a_form_for_every_setting() -> None:
    given = {
        "colour": "p", "sure": False, "many": [3, 4], "stop": {"street": "Main", "floor": 2},
        "stops": [{"street": "A St"}, {"street": "B St", "floor": 1}], "which": ["green"], "day": "2026-05-01",
        "share": 0.25, "free": {"deep": [1, {"deeper": True}]}, "event": "arrived",
    }  # fmt: skip
    fields = Fields(Strange, given, Around(), lambda: None)
    said: dict[str, Any] = {}
    for each in fields.widgets:
        said |= each.read()
    assert Strange.model_validate(said) == Strange.model_validate(given)
    names = {field.name: widget_for(field).__name__ for field in fields_of(Strange)}
    assert names == {
        "event": "EventName", "colour": "Choice", "sure": "Choice", "many": "Several", "stop": "Group",
        "stops": "Entries", "on": "Choice", "which": "Some", "day": "Clock", "at": "Clock", "zone": "Zone",
        "share": "Number", "free": "Raw", "note": "Text",
    }  # fmt: skip


def test_its_faults_are_said_where_they_are() -> None:
    fields = Fields(Strange, {"event": "x", "stops": [{"street": "A"}], "share": 2}, Around(), lambda: None)
    for each in fields.widgets:
        each.touched = True
    assert fields.complain(list(faults(Strange, fields.settings))) == []
    assert "at least 2 characters" in widget(fields, "stops")._forms[0].widgets[0]._note.text
    assert widget(fields, "share")._note.text.startswith("Share can be 1 at most.")


def test_a_part_that_may_be_left_out_can_be_taken_in_and_out() -> None:
    fields = Fields(Strange, {"event": "x"}, Around(), lambda: None)
    group = widget(fields, "stop")
    group._switch.value = True
    group._fields.widgets[0].take("Main")
    assert fields.settings["stop"] == {"street": "Main"}
    group._switch.value = False
    assert fields.settings["stop"] is None


def test_json_that_cannot_be_read_is_said_and_changes_nothing() -> None:
    fields = Fields(Strange, {"event": "x", "free": [1]}, Around(), lambda: None)
    raw = widget(fields, "free")
    raw.input.value = '{"a": '
    assert "no JSON" in raw._note.text and fields.settings["free"] == [1]
    raw.input.value = '{"a": 2}'
    assert fields.settings["free"] == {"a": 2} and not raw._note.visible


def test_all_widgets_are_found_by_the_scan() -> None:
    assert all(issubclass(kind, Single) or len(fields) == 2 for kind, fields in parts(Strange))


# ── what people type ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "meant"),
    [("CZ", "CZ"), ("12", 12), ("-1.5", -1.5), ("true", True), ("007", "007"), ("1e5", "1e5"), ("+420", "+420"),
     ("12345678901234567", "12345678901234567"), ("1.50", "1.50"), ("0", 0), ("nan", "nan")],
)  # fmt: skip
def test_a_value_is_what_it_looks_like_and_never_loses_a_digit(text: str, meant: Any) -> None:
    value = typed(text)
    assert value == meant and type(value) is type(meant)


@pytest.mark.parametrize(("text", "meant"), [("3", 3), ("2.5", 2.5), ("", None), ("many", "many"), ("1e999", "1e999")])
def test_a_number_is_whole_where_it_can_be(text: str, meant: Any) -> None:
    assert parsed(text, None) == meant and type(parsed(text, None)) is type(meant)


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────

A, B = {"property": "country", "value": "CZ"}, {"event": "purchased", "did": False, "days": 30}
C = {"message": "opened", "step": "first"}


@pytest.mark.parametrize(
    "rule",
    [
        A, B, C, {"trigger": "total", "op": "more_than", "value": 3}, {"all": [A]}, {"any": [A, B]}, {"not": A},
        {"not": {"any": [A, B]}}, {"not": {"all": [A]}}, {"not": {"not": B}}, {"all": [A, {"any": [B, {"not": C}]}]},
        {"all": [{"all": [{"all": [A]}]}, B]}, {"foo": 1}, {"all": [{"property": "a", "event": "b"}]},
    ],
)  # fmt: skip
def test_a_rule_comes_out_of_the_tree_as_it_went_in(rule: dict[str, Any]) -> None:
    tree = clause.read(rule)
    assert tree.written() == rule
    for place, test in tree.places():
        found: Any = rule
        for part in place:
            found = found[part]
        assert found == test.clause


def test_a_rule_grows_and_shrinks() -> None:
    tree = clause.read(A)
    assert tree.written() == A
    tree.add(clause.Test(B))
    assert tree.written() == {"all": [A, B]}
    last = tree.parts[1]
    tree.indent(last)
    assert tree.written() == {"all": [A, {"any": [B]}]}
    tree.outdent(last)
    assert tree.written() == {"all": [A, B]}
    tree.move(last, -1)
    assert tree.written() == {"all": [B, A]}
    tree.mode = "none"
    assert tree.written() == {"not": {"any": [B, A]}}
    tree.remove(last)
    tree.remove(tree.parts[0])
    assert tree.written() is None


def test_a_broken_test_deep_in_a_rule_is_pointed_at() -> None:
    rule = {"all": [A, {"any": [B, {"property": "age", "op": "more_than", "value": "old"}]}]}
    fields = drawn("branch", {"rule": rule})
    fields.complain(list(faults(node_types()["branch"].Settings, fields.settings)))
    notes = [row._note.text for row in widget(fields, "rule")._rows.values()]
    assert notes == ["", "", "The value has to be a number (for “is more than”)."]


def test_another_operator_keeps_what_still_makes_sense() -> None:
    fields = drawn("branch", {"rule": A})
    (row,) = widget(fields, "rule")._rows.values()
    row.op.value = "in"
    assert fields.settings["rule"] == {"property": "country", "op": "in", "value": ["CZ"]}
    row.op.value = "exists"
    assert fields.settings["rule"] == {"property": "country", "op": "exists"}


# ── a form before others' eyes ────────────────────────────────────────────────────────────────────────


def test_edits_go_out_shortly_and_spare_what_others_did_meanwhile(run: Run) -> None:
    everybody = {"amount": 1, "unit": "days"}
    handed: list[dict[str, Any]] = []

    async def hand(settings: dict[str, Any]) -> str | None:
        handed.append(settings)
        everybody.update(settings)
        return None

    async def walk() -> None:
        form = Form(node_types()["wait_until"].Settings, lambda: everybody, Around(), hand)
        name = widget(form.fields, "event")
        for typed_so_far in ("p", "pu", "purchased"):
            name.input.input.value = typed_so_far
        everybody["amount"] = 9  # somebody else, meanwhile
        form.refresh()
        assert widget(form.fields, "amount").inputs["amount"].value == "9"
        assert name.input.input.value == "purchased"
        await form.flush()
        await form.flush()

    run(walk)
    assert handed == [{"event": "purchased", "amount": 9, "unit": "days"}]


def test_names_are_completed_from_what_was_seen(run: Run) -> None:
    taken: list[str] = []

    async def events() -> list[Option]:
        return [Option("purchased", "12 · now"), Option("viewed", "3"), Option("repurchased", "1")]

    async def walk() -> None:
        field = Completing("Event", "", events, taken.append, name="event")
        await field._open()
        assert [each.value for each in field._found] == ["purchased", "viewed", "repurchased"]
        field.input.value = "Purch"
        assert [each.value for each in field._found] == ["purchased", "repurchased"]
        field._move(1)
        field._enter()
        assert (field.input.value, field._menu.value, taken[-1]) == ("purchased", False, "purchased")

    run(walk)


def test_properties_are_those_of_the_event_the_condition_is_about(run: Run) -> None:
    asked: list[str | None] = []

    async def properties(event: str | None) -> list[Seen]:
        asked.append(event)
        return [Seen("total", "20, 30", (20, 30))]

    async def walk() -> None:
        fields = Fields(
            node_types()["trigger_event"].Settings,
            {"event": "purchased", "where": [{"property": "total", "value": 2}]},
            Around(properties=properties),
            lambda: None,
        )
        (row,) = widget(fields, "where")._rows
        assert [each.value for each in await row._offer()] == ["total"]
        assert await row._samples() == [20, 30]

    run(walk)
    assert asked == ["purchased", "purchased"]


# ── what somebody only begins ─────────────────────────────────────────────────────────────────────────


def test_a_fresh_test_of_a_rule_is_quiet_until_it_is_left_or_complete() -> None:
    handed: list[Any] = []
    fields = drawn("branch")
    rule = widget(fields, "rule")
    before = rule.read()
    fields.watch(lambda names: handed.append(rule.read()))
    rule._add(rule.tree, "property")
    fresh = next(test for test in rule._rows if test.fresh)
    assert rule.read() == before and not handed
    rule._left(fresh)
    assert rule.read() != before and len(handed) == 1, "what was left half done is told"
    rule._add(rule.tree, "event")
    fresh = next(test for test in rule._rows if test.fresh)
    rule._rows[fresh].put({"event": "purchased"})
    assert not fresh.fresh and "purchased" in str(handed[-1])


def test_a_fresh_condition_is_quiet_until_it_is_left() -> None:
    fields = drawn("trigger_event", {"event": "viewed"})
    where = widget(fields, "where")
    where._add()
    assert not where.value and where._rows[0]._note.text == ""
    where._left(0)
    assert where.value == [{"property": ""}]
    fields.complain(list(faults(node_types()["trigger_event"].Settings, fields.settings)))
    assert where._rows[0]._note.text == "Say which property. Say what to compare with."


def test_values_are_offered_in_words() -> None:
    skipped = widget(drawn("email"), "when_skipped")
    assert skipped.field.label == "If they may not get it"
    assert skipped.select.options["go_on"] == "go on" and skipped.select.options["failed"] == "take the way “Failed”"
