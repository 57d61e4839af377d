"""Chores are found by a scan; what we find out about people is an event that journeys answer."""

import os
from types import SimpleNamespace

from sojourn.runtime.chores import leftovers
from sojourn.runtime.chores.chore import Chore, chores
from sojourn.runtime.occurrences import occur


def test_every_chore_has_a_name_of_its_own():
    names = [chore.name for chore in chores()]

    assert len(names) == len(set(names))
    assert all(isinstance(chore, Chore) and chore.seconds > 0 and chore.pace_ms > 0 for chore in chores())


def test_an_occurrence_is_stored_and_starts_a_journey(stage, step):
    stage.people(2)
    stage.journey("vip", {"in": step("trigger_event", {"event": "became_vip"}, next="out"), "out": step("exit")})

    due = stage.db.write(
        lambda tx: occur(tx, stage.shelf, [(2, "became_vip", {"stage": "gold"})], stage.clock.now_ms())
    )

    assert due == 1
    assert stage.rows("SELECT contact_id, name FROM events") == [(2, "became_vip")]
    assert stage.rows("SELECT contact_id FROM enrollments") == [(2,)]


def test_uploads_nobody_finished_go_after_a_day(tmp_path):
    (tmp_path / "uploads").mkdir()
    for name in ("old.upload", "new.upload"):
        (tmp_path / "uploads" / name).write_text("email\nann@example.com\n")
    os.utime(tmp_path / "uploads" / "old.upload", (1_700_000_000, 1_700_000_000))

    leftovers.CHORE.run(SimpleNamespace(home=tmp_path))

    assert [file.name for file in (tmp_path / "uploads").iterdir()] == ["new.upload"]
