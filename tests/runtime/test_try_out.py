"""A trial tells what the engine would do, and leaves no trace."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sojourn.runtime import journey_file
from sojourn.runtime.content.letter import compile_letter, render
from sojourn.runtime.entries import admit
from sojourn.runtime.governance import versions
from sojourn.runtime.playbooks import playbooks
from sojourn.runtime.trial import CannotTry, Trial
from sojourn.runtime.try_out import starts, try_out
from sojourn.storage import trials, walking
from sojourn.storage.database import Database
from sojourn.storage.tables import metadata

HOUR = 3_600_000
DAY = 24 * HOUR
PEOPLE = 8
DEMO = sorted((Path(journey_file.__file__).parent.parent / "assets" / "demo" / "journeys").glob("*/journey.yaml"))
OLD = sorted((Path(__file__).parent.parent / "old_journeys").rglob("*.yaml"))
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ contact.first_name }}, "
    '<a href="{{ unsubscribe_url }}">stop</a></mj-text></mj-column></mj-section></mj-body></mjml>'
)


def step(kind: str, settings: dict[str, Any] | None = None, **ways: str) -> dict[str, Any]:
    return {"kind": kind, "settings": settings or {}, "next": ways}


def content(name: str, nodes: dict[str, Any]) -> dict[str, Any]:
    letters = {"hello": {"subject": "Hello {{ contact.first_name }}", "mjml": MJML}}
    used = {node["settings"].get("letter") for node in nodes.values()}
    kept = {name: letter for name, letter in letters.items() if name in used}
    return {"name": name, "title": name, "message_type": "marketing", "nodes": nodes, "letters": kept}


SPLITS = content(
    "splits",
    {
        "start": step("trigger_event", {"event": "joined", "reentry": "always"}, next="deal"),
        "deal": step("random_split", {}, a="mark", b="where"),
        "mark": step("update", {"set": {"country": "CZ"}}, next="where"),
        "where": step("branch", {"rule": {"property": "country", "value": "CZ"}}, yes="mail", no="late"),
        "late": step("wait", {"amount": 3, "unit": "days"}, next="mail"),
        "mail": step("email", {"letter": "hello", "when_skipped": "leave"}, next="seen"),
        "seen": step("branch", {"rule": {"message": "opened", "step": "mail"}}, yes="end", no="again"),
        "again": step("cap", {"max": 1, "amount": 2, "unit": "days"}, ok="second", capped="end"),
        "second": step("email", {"letter": "hello"}, next="end"),
        "end": step("exit", {"reason": "done"}),
    },
)
WINDOWS = content(
    "windows",
    {
        "start": step("trigger_event", {"event": "joined", "reentry": "always"}, next="hour"),
        "hour": step(
            "wait_until", {"event": "bought", "amount": 1, "unit": "hours"}, happened="thanks", timed_out="day"
        ),
        "day": step("send_window", {"from": "09:00", "to": "10:00"}, next="thanks"),
        "thanks": step("email", {"letter": "hello"}, next="week"),
        "week": step("wait", {"amount": 1, "unit": "weeks"}),
        "goal": step("goal", {"event": "converted"}),
    },
)
ROUNDS = content(
    "rounds",
    {
        "start": step("trigger_event", {"event": "joined", "reentry": "always"}, next="mail"),
        "mail": step("email", {"letter": "hello"}, next="enough"),
        "enough": step("branch", {"rule": {"message": "sent", "step": "mail", "times": 3}}, yes="end", no="again"),
        "again": step("jump", {"to": "mail", "amount": 2, "unit": "days"}),
        "end": step("exit", {"reason": "done"}),
    },
)


def read(path: Path) -> dict[str, Any]:
    return journey_file.read(path.read_text(), path.parent)


CONTENTS = [SPLITS, WINDOWS, ROUNDS, *map(read, DEMO), *map(read, OLD), *(book.content for book in playbooks())]


def crowd(stage: Any) -> None:
    zones = ("Europe/Prague", "America/New_York", "Asia/Tokyo", "nowhere")
    stage.people(
        PEOPLE,
        first_name=lambda n: f"P{n}",
        country=lambda n: ("CZ", "DE")[n % 2],
        timezone=lambda n: zones[n % 4],
        last_purchase_at="2026-01-01",
        birthday="1990-01-01",
    )


def digest(db: Database) -> dict[str, tuple[int, str]]:
    """Every table: how many rows, and a hash of all they hold."""

    def all_rows(tx: Any) -> dict[str, tuple[int, str]]:
        found = {}
        for table in sorted(metadata.tables):
            rows = sorted(repr(row) for row in tx.rows(f"SELECT * FROM {table}"))
            found[table] = len(rows), sha256("\n".join(rows).encode()).hexdigest()
        return found

    return db.look(all_rows)


def draft(stage: Any, given: dict[str, Any]) -> int:
    return stage.db.write(lambda tx: versions.save_draft(tx, given, "test", stage.clock.now_ms()))


def really(stage: Any, journey: int, contact: int, properties: dict[str, Any]) -> list[tuple[str, str]]:
    """Let the live journey run for one contact until it rests for good; the way the engine wrote down."""
    (name,) = stage.rows("SELECT name FROM journeys WHERE id = ?", journey)[0]
    stage.engine.run_due()
    program = stage.shelf.live(name)
    assert program is not None
    index, entry = program.entries[0]
    if hasattr(entry, "event"):
        stage.happens(contact, entry.event, **properties)
    else:
        stage.db.write(lambda tx: admit(tx, program, index, entry.reentry, [(contact, None)], stage.clock.now_ms()))
    for _ in range(60):
        stage.beat()
        if stage.hand_over():
            continue
        due = stage.db.look(lambda tx: walking.next_due(tx, stage.clock.now_ms()))
        if due is None:
            break
        stage.clock.set(due)
    walked = stage.rows(
        "SELECT p.steps FROM walks w JOIN paths p ON p.id = w.path_id JOIN enrollments e ON e.id = w.enrollment_id"
        " WHERE e.contact_id = ? AND e.journey_id = ? ORDER BY w.enrollment_id, w.seq",
        contact,
        journey,
    )
    steps = [part.partition(":") for (text,) in walked for part in text.split()]
    return [(program.ids[int(node)], port) for node, _, port in steps]


@pytest.mark.parametrize("given", CONTENTS, ids=lambda given: given["name"])
def test_a_trial_goes_the_way_the_engine_goes(stage: Any, given: dict[str, Any]) -> None:
    crowd(stage)
    journey = draft(stage, given)
    told = {
        n: try_out(stage.db, given, journey, n, stage.clock.now_ms(), properties={"total": 90 * n})
        for n in range(1, PEOPLE + 1)
    }
    stage.db.write(lambda tx: versions.publish(tx, journey, "test", stage.clock.now_ms()))
    began = stage.clock.now_ms()
    for contact, trial in told.items():
        stage.clock.set(began)
        expected = [] if trial.notes else trial.path
        assert really(stage, journey, contact, {"total": 90 * contact}) == expected
        assert trial.path and not trial.ended


@pytest.mark.parametrize("given", CONTENTS, ids=lambda given: given["name"])
def test_no_row_remains(stage: Any, given: dict[str, Any]) -> None:
    crowd(stage)
    journey = draft(stage, given)
    stage.db.write(lambda tx: versions.publish(tx, journey, "test", stage.clock.now_ms()))
    stage.happens(1, "joined", "added_to_cart", "bought")
    stage.beat()
    before = digest(stage.db)
    for n in range(1, PEOPLE + 1):
        for choice in ("happened", "opened", "failed"):
            choices = dict.fromkeys(given["nodes"], choice)
            assert try_out(stage.db, given, journey, n, stage.clock.now_ms(), choices=choices).path
    assert digest(stage.db) == before


def told(trial: Trial) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in trial.steps:
        found.setdefault(one.node, []).append(one.words)
    return found


def test_each_step_says_why(stage: Any) -> None:
    stage.people(2, first_name="Ada", country="DE", timezone="Europe/Prague")
    journey = draft(stage, SPLITS)
    trial = try_out(stage.db, SPLITS, journey, 1, stage.clock.now_ms())
    words = told(trial)
    assert words["deal"][0].startswith(("a 50 %: chance dealt ", "b 50 %: chance dealt "))
    assert "country is CZ (it is " in words["where"][0]
    assert words["mail"][0] == "sent"
    assert words["seen"] == ["No: opened the message of mail (0 times)"]
    assert words["again"] == ["Enough: 1 of 1 in 2 days"]
    assert words["end"] == ["leaves: done"]
    assert trial.open["mail"] == ("sent", "opened", "clicked", "failed")
    opened = try_out(stage.db, SPLITS, journey, 1, stage.clock.now_ms(), choices={"mail": "opened"})
    assert told(opened)["seen"] == ["Yes: opened the message of mail (once)"]
    assert "again" not in told(opened)


def test_waiting_takes_no_time_and_says_until_when(stage: Any) -> None:
    stage.people(1, timezone="UTC")
    journey = draft(stage, WINDOWS)
    now = stage.clock.now_ms()
    trial = try_out(stage.db, WINDOWS, journey, 1, now)
    rests = {one.node: one.until_ms or 0 for one in trial.steps if not one.port}
    assert rests["hour"] == now + HOUR
    assert trial.steps[-1].at_ms >= rests["week"] >= now + 7 * DAY
    assert ("hour", "timed_out") in trial.path
    happened = try_out(stage.db, WINDOWS, journey, 1, now, choices={"hour": "happened"})
    assert ("hour", "happened") in happened.path
    assert happened.chosen["hour"] == "happened"


def test_what_they_really_did_after_the_event_happens_again(stage: Any) -> None:
    stage.people(2)
    journey = draft(stage, WINDOWS)
    stage.happens(1, "joined", total=5)
    stage.beat(20 * 60_000)
    stage.happens(1, "bought")
    stage.beat(3 * DAY)
    stage.happens(1, "converted")
    stage.beat(DAY)
    now = stage.clock.now_ms()
    trial = try_out(stage.db, WINDOWS, journey, 1, now)
    assert ("hour", "happened") in trial.path
    assert ("week", "left:goal") in trial.path
    assert trial.path[-1] == ("goal", "left:goal")
    assert next(one.at_ms for one in trial.steps if one.port == "happened") == now + 20 * 60_000
    assert ("hour", "timed_out") in try_out(stage.db, WINDOWS, journey, 1, now, choices={"hour": "timed_out"}).path
    other = try_out(stage.db, WINDOWS, journey, 2, now)
    assert ("hour", "timed_out") in other.path, "another one's history is not theirs"
    (shown,) = (stage.db.look(lambda tx: trials.sample(tx, 2, "joined")),)
    assert shown.properties == {"total": 5}
    assert not shown.theirs


def test_who_may_not_get_it_is_passed_by_with_the_reason(stage: Any) -> None:
    stage.people(1)
    stage.db.write(lambda tx: tx.run("UPDATE contacts SET email = NULL"))
    journey = draft(stage, SPLITS)
    trial = try_out(stage.db, SPLITS, journey, 1, stage.clock.now_ms())
    assert "The contact has no address for this channel." in told(trial)["mail"]
    assert trial.path[-1] == ("mail", "left:no_address")


def test_the_letter_is_filled_for_them(stage: Any) -> None:
    stage.people(1, first_name="Ada")
    journey = draft(stage, WINDOWS)
    trial = try_out(stage.db, WINDOWS, journey, 1, stage.clock.now_ms())
    (posted,) = [one.posted for one in trial.steps if one.posted]
    filled = render(compile_letter(WINDOWS["letters"][posted.letter]), {"contact": posted.filling.contact})
    assert filled.subject == "Hello Ada"


def test_a_trial_says_who_would_not_come_in(stage: Any) -> None:
    stage.people(2, country="DE")
    trigger = {
        "event": "joined",
        "where": [{"property": "total", "op": "more_than", "value": 10}],
        "rule": {"property": "country", "value": "CZ"},
        "reentry": "once",
    }
    given = content("picky", {"start": step("trigger_event", trigger, next="end"), "end": step("exit")})
    journey = draft(stage, given)
    stage.db.write(
        lambda tx: tx.insert(
            "enrollments",
            "journey_id,version_id,contact_id,node,seq,entered_at,since_at,outbox,due_at",
            [(journey, 1, 1, 0, 0, 1, 1, 0, 1)],
        )
    )
    notes = try_out(stage.db, given, journey, 1, stage.clock.now_ms(), properties={"total": 1}).notes
    assert [note.split(" In earnest")[0] for note in notes] == [
        "The event's properties do not pass the tests of the trigger.",
        "Their profile does not meet the rule of the trigger.",
        "They are in this journey already.",
    ]


def test_a_draft_with_errors_is_not_tried_and_says_why(stage: Any) -> None:
    stage.people(1)
    broken = content("broken", {"start": step("trigger_event", {"event": ""}, next="gone")})
    with pytest.raises(CannotTry, match="start"):
        try_out(stage.db, broken, 1, 1, stage.clock.now_ms())
    with pytest.raises(CannotTry, match="choose another one"):
        try_out(stage.db, WINDOWS, 1, 99, stage.clock.now_ms())
    with pytest.raises(CannotTry, match="leave some out"):
        try_out(stage.db, WINDOWS, 1, 1, stage.clock.now_ms(), properties={"x": "y" * 50_000})
    assert [start.event for start in starts(WINDOWS)] == ["joined"]
