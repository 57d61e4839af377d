"""Why people got nothing so far: counted from the last decision on each message, as one would by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sojourn.runtime import why_held
from sojourn.runtime.why_held import Line
from sojourn.storage import consents, funnels
from sojourn.storage.columns import dump
from sojourn.storage.database import Database

from .post import NOW, journey

HOUR, DAY = 3_600_000, 86_400_000
SAID = [  # message, at, verdict, reason, rule, and what the message is since: status, due
    (1, "go", "Nothing stands against it.", "go", "sent", NOW),
    (2, "defer", "Quiet hours until 08:00.", "quiet_hours", "queued", NOW + 2 * HOUR),
    (3, "defer", "Quiet hours until 09:00.", "quiet_hours", "queued", NOW + 3 * HOUR),
    (4, "skip", "The contact complained at 10:00.", "complaint", "skipped", NOW),
    (5, "skip", "The contact complained at 11:00.", "complaint", "skipped", NOW),
    (6, "defer", "The contact has had 3 of 3 messages.", "cap", "queued", NOW + DAY),
    (7, "retry", "The server asks for patience.", "", "queued", NOW + HOUR),
    (8, "failed", "550 user unknown.", "", "failed", NOW),
    (9, "", "", "", "queued", NOW),
    (10, "", "", "", "skipped", NOW - 40 * DAY),
]


def held(db: Database) -> dict[str, list[Line]]:
    journey(db, len(SAID))

    def job(tx: Any) -> None:
        for number, verdict, reason, rule, status, due in SAID:
            if verdict:  # something else was decided first: it does not count any more
                rows = [
                    (number, NOW - 2, "defer", "Quiet hours.", dump({"rule": "quiet_hours"})),
                    (number, NOW - 1, verdict, reason, dump({"rule": rule, "name": "weekly"} if rule else {})),
                ]
                tx.insert("decisions", "message_id,at,verdict,reason,inputs", rows)
            queued = NOW - 40 * DAY if number == 10 else NOW
            values = (status, reason or None, due, queued, number)
            tx.run("UPDATE messages SET status = ?, reason = ?, due_at = ?, queued_at = ? WHERE id = ?", values)

    db.write(job)
    contents = {v: content for v, _, content in db.look(lambda tx: funnels.drawn(tx, 1))}
    return db.look(lambda tx: why_held.read(tx, 1, contents, NOW - 30 * DAY))


def test_each_reason_is_counted_once_and_says_when_it_goes_on(db: Database) -> None:
    found = held(db)
    assert list(found) == ["mail"]
    assert found["mail"] == [
        Line(2, "waiting", "quiet_hours", "quiet hours where they live", NOW + 2 * HOUR, NOW - 1),
        Line(1, "waiting", "cap", "they had as many as the rule “weekly” allows", NOW + DAY, NOW - 1),
        Line(1, "retrying", "", "The server asks for patience", NOW + HOUR, NOW - 1),
        Line(1, "next", "", "", NOW, None),
        Line(2, "skipped", "complaint", "they complained lately", None, NOW - 1),
        Line(1, "failed", "", "550 user unknown", None, NOW - 1),
    ]


def test_the_journey_as_a_whole_adds_its_steps_up(db: Database) -> None:
    lines = held(db)["mail"]
    again = [replace(line, count=3, next_ms=NOW if line.next_ms else None) for line in lines[:1]]
    whole = why_held.together({"a": lines, "b": again})
    assert whole[0] == Line(5, "waiting", "quiet_hours", "quiet hours where they live", NOW, NOW - 1)
    assert len(whole) == len(lines)


def test_a_journey_whose_people_never_agreed_is_seen(db: Database) -> None:
    journey(db, 3)
    content = db.look(lambda tx: funnels.drawn(tx, 1))[0][2]
    content["nodes"]["mail"]["settings"] = {"letter": "hello"}

    def nobody(**changed: Any) -> int:
        return db.look(lambda tx: why_held.nobody_agreed(tx, 1, {**content, **changed}))

    assert nobody() == 0
    assert nobody(topic="partners") == 3
    assert nobody(topic="partners", message_type="transactional") == 0
    for contact in (1, 2, 3):
        db.write(lambda tx, c=contact: consents.say(tx, c, "email", "withdrawn", source="page", now_ms=NOW))
    assert nobody() == 3


def test_in_a_journey_on_pause_that_is_what_everybody_waits_for(db: Database) -> None:
    held(db)
    db.write(lambda tx: tx.run("UPDATE journeys SET status = 'paused'"))
    lines = db.look(lambda tx: why_held.of_journey(tx, 1))["mail"]
    assert lines[0] == Line(5, "waiting", "journey_paused", "the journey is paused", None, NOW - 1)
    assert [line.state for line in lines] == ["waiting", "skipped", "skipped", "failed"]
