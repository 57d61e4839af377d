"""A funnel's numbers are those one would count by hand, row by row."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sojourn.runtime import funnel
from sojourn.runtime.funnel import Funnel
from sojourn.storage import walking

HOUR = 3_600_000
DAY = 24 * HOUR
PEOPLE = 40


def journey(step: Any) -> dict[str, Any]:
    return {
        "start": step("trigger_event", {"event": "joined", "reentry": "always"}, next="deal"),
        "deal": step("random_split", {}, a="mail", b="day"),
        "mail": step("email", {"letter": "hello", "when_skipped": "leave"}, next="day"),
        "day": step("wait", {"amount": 1, "unit": "days"}, next="where"),
        "where": step("branch", {"rule": {"property": "country", "value": "CZ"}}, yes="out", no="often"),
        "often": step("branch", {"rule": {"event": "purchased", "since": "entered"}}, no="hour"),  # yes: ends there
        "hour": step("random_split", {"salt": "x"}, a="back"),  # b: ends there
        "out": step("exit", {"reason": "local"}),
        "bought": step("goal", {"event": "purchased"}),
        "back": step("jump", {"to": "where", "amount": 1, "unit": "days"}),
        "read": step("goal", {"event": "came_back", "leave": False}),
    }


def live(stage: Any, step: Any) -> None:
    """Some weeks of a journey: people join, half get a letter, some open, some buy, some come back."""
    stage.people(PEOPLE, country=lambda n: ("CZ", "DE")[n % 2])
    stage.journey("life", journey(step))
    for day in range(6):
        for n in range(1 + day, PEOPLE, 6):
            stage.happens(n, "joined")
        stage.beat(2 * HOUR)
        stage.hand_over("skipped" if day == 2 else "sent")
        stage.beat()
        now = stage.clock.now_ms()
        stage.db.write(
            lambda tx, now=now: tx.run(
                "UPDATE messages SET opened_at = ? WHERE status = 'sent' AND contact_id <= 20", (now,)
            )
        )
        for n in range(1, PEOPLE, 7):
            stage.happens(n, "came_back" if n % 2 else "purchased")
        stage.beat(22 * HOUR)
        if day == 3:
            stage.db.write(walking.fold)
            nodes = journey(step)
            nodes["afterwards"] = step("exit", {"reason": "later"})  # the next version: other indexes, the same steps
            nodes["hour"]["next"]["b"] = "afterwards"
            stage.journey("life", nodes)


def naive(stage: Any, from_ms: int) -> tuple[Counter[Any], Counter[Any]]:
    """What rows say, one by one: ``(step, what)`` for each step, and ``(what, day)`` for the journey as a whole."""
    steps: Counter[Any] = Counter()
    whole: Counter[Any] = Counter()
    ids = {
        v: stage.db.look(lambda tx, v=v: stage.shelf.program(tx, v)).ids
        for (v,) in stage.rows("SELECT id FROM versions")
    }
    for version, at, steps_text in stage.rows(
        "SELECT e.version_id, w.at, p.steps FROM walks w JOIN paths p ON p.id = w.path_id"
        " JOIN enrollments e ON e.id = w.enrollment_id"
    ):
        for part in steps_text.split():
            index, _, port = part.partition(":")
            if port != "queued" and at >= from_ms:
                steps[ids[version][int(index)], port] += 1
    for version, node, entered, ended, reason in stage.rows(
        "SELECT version_id, node, entered_at, ended_at, reason FROM enrollments"
    ):
        whole["entered", entered // DAY] += entered >= from_ms
        if ended is None:
            steps[ids[version][node], "here"] += 1
        else:
            whole["left:" + reason, ended // DAY] += ended >= from_ms
    for version, node, at in stage.rows(
        "SELECT e.version_id, c.node, c.at FROM conversions c JOIN enrollments e ON e.id = c.enrollment_id"
    ):
        whole["converted", at // DAY] += at >= from_ms
        steps[ids[version][node], "converted"] += at >= from_ms
    for version, node, queued, sent, opened, status in stage.rows(
        "SELECT version_id, node, queued_at, sent_at, opened_at, status FROM messages"
    ):
        at = sent or queued
        if at >= from_ms:
            what = "sent" if status == "sent" else "held_back" if status == "skipped" else "waiting"
            for key in (what, *(["opened"] if opened else [])):
                whole[key, at // DAY] += 1
                steps[ids[version][node], key] += 1
    return +steps, +whole


def told(found: Funnel) -> tuple[Counter[Any], Counter[Any]]:
    """The same, as the funnel has it."""
    steps: Counter[Any] = Counter()
    whole: Counter[Any] = Counter()
    for step, course in found.steps.items():
        tally = course.total
        for port, n in tally.moved.items():
            steps[step, port] += n
        for reason, n in tally.left.items():
            steps[step, "left:" + reason] += n
        for what in ("converted", "sent", "held_back", "opened"):
            steps[step, what] += getattr(tally, what)
        steps[step, "here"] += course.here
    for day, tally in found.whole.by_day.items():
        for what in ("entered", "converted", "sent", "held_back", "opened"):
            whole[what, day] += getattr(tally, what)
        for reason, n in tally.left.items():
            whole["left:" + reason, day] += n
    return +steps, +whole


def test_a_funnel_is_what_one_counts_by_hand(stage: Any, step: Any) -> None:
    live(stage, step)
    now = stage.clock.now_ms()
    for days in (None, 2, 5):
        from_day = funnel.period_start(days, now)
        found = stage.db.look(lambda tx, d=from_day: funnel.read(tx, 1, d))
        steps, whole = naive(stage, from_day * DAY)
        counted_steps, counted_whole = told(found)
        passed = ("read", "next")  # a goal that is only counted is no walk: it stands in no path
        assert counted_steps[passed] == steps["read", "converted"]
        del counted_steps[passed]
        assert counted_steps == steps
        assert counted_whole == whole
        assert found.whole.here == stage.rows("SELECT count(*) FROM enrollments WHERE ended_at IS NULL")[0][0]
    assert whole["converted", now // DAY - 1] or whole["converted", now // DAY]


def test_a_funnel_of_one_version_and_its_main_steps(stage: Any, step: Any) -> None:
    live(stage, step)
    one, two, both = (stage.db.look(lambda tx, v=v: funnel.read(tx, 1, 0, v)) for v in (1, 2, None))
    assert one.whole.total.entered + two.whole.total.entered == both.whole.total.entered > 0
    assert one.whole.total.entered == stage.rows("SELECT count(*) FROM enrollments WHERE version_id = 1")[0][0]
    assert "afterwards" not in one.steps and "end" not in two.whole.total.left
    assert two.steps["afterwards"].total.left["later"] == two.whole.total.left["later"]
    assert both.versions == [(1, 1), (2, 2)]
    names = [name for name, _ in both.main]
    assert names == ["Came in", "E-mail", "Converted"]
    assert dict(both.main)["E-mail"] == stage.rows("SELECT count(*) FROM messages WHERE status = 'sent'")[0][0]


def test_a_journey_nobody_published_has_an_empty_funnel(stage: Any) -> None:
    found = stage.db.look(lambda tx: funnel.read(tx, 77, 0))
    assert found == Funnel()
