"""What was kept long enough goes, by the owner's rules; the dry run says how much, and what is asked for stays."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.runtime.governance import retention
from sojourn.storage import bounces, erasing, messages, signups
from sojourn.storage.columns import load

from .conftest import DAY, HOUR


@pytest.fixture
def crowd(stage):
    """Four people a year on: one came yesterday, one opened a letter, one stands in a journey, one is silent."""
    stage.people(4, city="Brno")
    for contact in (2, 3, 4):
        stage.happens(contact, "visited", page="home")
    stage.clock.set(stage.clock.now_ms() + 399 * DAY)
    stage.happens(1, "visited", page="home")
    stage.clock.set(stage.clock.now_ms() + DAY)
    now_ms = stage.clock.now_ms()
    columns = "enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts"
    letter = (9, 1, 0, 1, 1, 2, "email", "a", "sent", now_ms - 2 * DAY, now_ms - 2 * DAY, 1, now_ms - DAY)
    stage.db.write(lambda tx: tx.insert("messages", f"{columns},opened_at", [letter]))
    stage.db.write(
        lambda tx: tx.run(
            "INSERT INTO enrollments (journey_id, version_id, contact_id, node, seq, outbox, entered_at, since_at)"
            " VALUES (1, 1, 3, 0, 0, 0, ?, ?)",
            (now_ms - 300 * DAY, now_ms - 300 * DAY),
        )
    )
    return stage


def test_only_the_silent_are_made_anonymous_and_their_events_still_count(crowd):
    days = {**crowd.db.look(retention.rules), "silent": 365}
    now_ms = crowd.clock.now_ms()

    assert retention.would_go(crowd.db, days, now_ms)["silent"] == 1
    assert retention.sweep(crowd.db, days, now_ms)["silent"] == 1

    assert crowd.rows("SELECT id FROM contacts WHERE email IS NULL") == [(4,)]
    assert [load(p) for (p,) in crowd.rows("SELECT properties FROM contacts WHERE id = 4")] == [{}]
    assert [load(p) for (p,) in crowd.rows("SELECT properties FROM events WHERE contact_id = 4")] == [{}]
    assert retention.would_go(crowd.db, days, now_ms)["silent"] == 0


def test_nothing_goes_as_long_as_no_rule_says_so(crowd):
    assert set(retention.sweep(crowd.db, crowd.db.look(retention.rules), crowd.clock.now_ms()).values()) == {0}


def test_old_events_go_and_young_ones_stay(crowd, monkeypatch):
    monkeypatch.setattr(retention, "SPAN", 2)
    monkeypatch.setattr(retention, "PEOPLE", 1)
    days = {**crowd.db.look(retention.rules), "events": 30}
    now_ms = crowd.clock.now_ms()

    assert retention.would_go(crowd.db, days, now_ms)["events"] == 3
    assert retention.sweep(crowd.db, days, now_ms, go_on=lambda: False)["events"] < 3
    retention.sweep(crowd.db, days, now_ms)
    assert crowd.rows("SELECT contact_id FROM events") == [(1,)]


def test_rules_are_kept_and_nonsense_is_refused(stage):
    stage.db.write(lambda tx: retention.keep(tx, {"events": 730}, "owner@example.com", HOUR))
    assert stage.db.look(retention.rules)["events"] == 730

    for wrong in ({"events": -1}, {"letters": 3}, {"events": 40_000}):
        with pytest.raises(retention.NoSuchRule):
            stage.db.write(lambda tx, wrong=wrong: retention.keep(tx, wrong, "owner@example.com", HOUR))


def test_nothing_names_the_anonymous_any_more(crowd):
    """What they signed up with, what servers said of them and what was told of them elsewhere goes with their name."""
    theirs = "p4@example.com"

    def plant(tx: Any) -> None:
        row = {"form": "footer", "contact_id": 4, "email": theirs, "language": "en", "wording": "w", "asked_at": 0}
        signups.ask(tx, signups.SignUp(**row, ip="192.0.2.7", agent="Phone", fields={"first_name": "Ada"}))
        bounces.bounced(tx, theirs, "email", f"<{theirs}> is full", 0)
        tx.run("INSERT INTO wishes (contact_id, per_week, language, changed_at) VALUES (4, 2, 'en', 0)")
        reason = f"550 <{theirs}> is unknown"
        letter = (8, 1, 0, 1, 1, 4, "email", "a", "failed", reason, 0, 0)
        columns = (
            "enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,reason,queued_at,due_at"
        )
        tx.insert("messages", f"{columns},attempts", [(*letter, 1)])
        number = tx.value("SELECT id FROM messages WHERE contact_id = 4")
        messages.decide(tx, [messages.Result(number, "failed", reason, {"said": reason})], 0)

    crowd.db.write(plant)
    days = {**crowd.db.look(retention.rules), "silent": 365}

    assert retention.sweep(crowd.db, days, crowd.clock.now_ms())["silent"] == 1

    assert crowd.db.look(lambda tx: list(erasing.mentioned(tx, theirs))) == []
    assert crowd.rows("SELECT count(*) FROM signups") == crowd.rows("SELECT count(*) FROM wishes") == [(0,)]
    assert crowd.rows("SELECT count(*) FROM tombstones") == [(0,)]  # nobody asked for it: they may come back


def test_who_comes_back_while_the_sweep_is_on_its_way_stays(crowd):
    """Between the look and the act they open the shop's door."""
    days = {**crowd.db.look(retention.rules), "silent": 365}
    now_ms = crowd.clock.now_ms()

    class Meanwhile:
        write = staticmethod(crowd.db.write)

        def look(self, query: Any) -> Any:
            found = crowd.db.look(query)
            if found == [4]:
                crowd.happens(4, "visited", page="home")
            return found

    door: Any = Meanwhile()
    assert retention.sweep(door, days, now_ms)["silent"] == 0
    assert crowd.rows("SELECT email FROM contacts WHERE id = 4") == [("p4@example.com",)]
