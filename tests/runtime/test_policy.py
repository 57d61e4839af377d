"""The owner's policy: read with sentences for every mistake, kept version by version, and the one that applies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sojourn.runtime import settings
from sojourn.runtime.policy import policies, policy_file, words
from sojourn.runtime.policy.past import past
from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.policy.policy_file import PolicyProblem
from sojourn.runtime.policy.policy_reference import with_reference
from sojourn.runtime.policy.presets import presets
from sojourn.storage import policies as rows
from sojourn.storage import users
from sojourn.storage.database import Database

T0 = 1_790_000_000_000
HOUR = 3_600_000
ADA, BO = "ada@example.com", "bo@example.com"
WHOLE = """
caps:
  - name: promos-a-week
    max: 3
    in: 7 days
    channels: [email]
    classes: [promo]
    when_hit: skip
  - name: by-engagement
    by: {feature: engagement, table: [[0, 1], [20, 2], [60, 4]]}
    in: 1 day
    window: calendar
quiet_hours:
  - {channels: [sms], countries: [CZ, NO], from: "20:00", to: "08:00", days: [sat, sun], holidays: quiet}
working_hours:
  - {channels: [email], days: [mon, tue], from: "09:00", to: "24:00"}
cool_down: {email: 12 hours, sms: 2 days}
reserve: 90 minutes
behaviour: {after_complaint: 48 hours, complaint_events: []}
expiry: {promo: 48 hours}
fallback: {order: {email: [sms]}, when: [failed, unopened], counts_once: true}
brake: {unsubscribes: 2 %, complaints: 0.3 %, at_least: 100}
groups: [{name: winter, journeys: [a, b], when_met: higher_wins}]
priorities: {a: {class: promo, weight: 70}}
"""


def policy(**written: Any) -> Policy:
    return Policy.model_validate(written)


def people(db: Database, **roles: str) -> None:
    for name, role in roles.items():
        db.write(lambda tx, n=name, r=role: users.add_user(tx, f"{n}@example.com", "hash", "stamp", T0, role=r))


# ── the written form ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_written_comes_back_the_same_and_means_what_it_says() -> None:
    read = policy_file.read(WHOLE)
    assert policy_file.read(policy_file.write(read)) == read
    week, engagement = read.caps
    assert (week.max, week.per, week.ranks, week.when_hit) == (3, 7 * 24 * HOUR, {3}, "skip")
    assert [engagement.allowed({"engagement": figure}) for figure in (None, -1, 0, 19.9, 20, 59, 60, 99)] == [
        1, 1, 1, 1, 2, 2, 4, 4,
    ]  # fmt: skip
    assert engagement.ranks == {1, 2, 3}
    assert (read.quiet_hours[0].start, read.quiet_hours[0].end) == (20 * 60, 8 * 60)
    assert (read.quiet_hours[0].weekdays, read.working_hours[0].end) == ({5, 6}, 24 * 60)
    assert (read.cool_down["sms"], read.reserve, read.expiry.of(3)) == (48 * HOUR, HOUR * 3 // 2, 48 * HOUR)
    assert (read.brake.unsubscribes, read.brake.complaints) == (0.02, 0.003)


def test_an_empty_file_sets_nothing() -> None:
    empty = policy_file.read("")
    assert (empty.caps, empty.quiet_hours, empty.reserve, empty.fallback.order) == ([], [], 0, {})
    assert empty.behaviour.after_complaint == 48 * HOUR


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cool_downs: {email: 1 day}", "Line 1: cool_downs is not known here: did you mean cool_down?"),
        (
            "caps:\n  - {name: a, maxx: 2, max: 1, in: 1 day}",
            "Line 2: caps[0].maxx is not known here: did you mean max?",
        ),
        (
            "caps:\n  - name: a\n    max: 1\n    in: 7 dayz",
            "Line 4: caps[0].in has to be a length of time such as 90 minutes, 24 hours or 7 days.",
        ),
        ("caps: [{name: a, in: 1 day}]", "Line 1: caps[0] needs either max or by: how many messages it allows."),
        (
            "caps: [{name: a, max: 1, in: 2 days, window: calendar}]",
            "Line 1: caps[0] counts since midnight or since Monday, so in has to be 1 day or 7 days.",
        ),
        ("caps: [{name: a, max: true, in: 1 day}]", "Line 1: caps[0].max has to be a whole number, not true."),
        (
            "caps: [{name: a, in: 1 day, by: {feature: engagment, table: [[0, 1]]}}]",
            "Line 1: caps[0].by.feature cannot be “engagment”: did you mean engagement?",
        ),
        ("brake:\n  complaints: 2", "Line 2: brake.complaints has to be a share such as 2 % or 0.3 %."),
        (
            'quiet_hours: [{from: "25:00", to: "08:00"}]',
            "Line 1: quiet_hours[0].from has to be a time of day such as 20:00, between quotation marks.",
        ),
        (
            'quiet_hours: [{from: "08:00", to: "08:00"}]',
            "Line 1: quiet_hours[0] has to begin and end at different times; 00:00 to 24:00 is a whole day.",
        ),
        ("- 1", "A policy is a mapping of caps, quiet_hours and so on."),
    ],
)
def test_each_mistake_is_a_sentence_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(PolicyProblem) as refused:
        policy_file.read(text)
    assert refused.value.sentences == [sentence]


def test_hours_that_never_let_anything_out_are_refused(db: Database) -> None:
    never = policy(quiet_hours=[{"from": "00:00", "to": "24:00", "classes": ["promo"]}])
    with pytest.raises(PolicyProblem, match="The hours never let promo messages out"):
        db.write(lambda tx: policies.propose(tx, never, ADA, T0))


def test_the_page_has_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
    assert with_reference(page) == page
    example = page.split("```yaml\n")[1].split("```")[0]
    assert len(policy_file.read(example).caps) == 2


# ── in words ──────────────────────────────────────────────────────────────────────────────────────────


def test_every_part_is_said_in_plain_words() -> None:
    found = {section.key: section.sentences for section in words.sections(policy_file.read(WHOLE))}
    assert found["caps"] == (
        "At most 3 e-mails in any 7 days (promotion only). What is too much is left out, and the journey goes on.",
        "By engagement (1 to begin with, 2 from 20, 4 from 60) so many messages a day, from midnight where they live. "
        "What is too much waits for room, 72 hours at most; then it is left out.",
    )
    assert found["hours"][0] == (
        "No text messages to people in Czechia and Norway from 20:00 to 08:00 on Saturday and Sunday, nor on public "
        "holidays. What waited goes out over 60 minutes."
    )
    everything = " ".join(sentence for said in found.values() for sentence in said)
    assert "_" not in everything.replace("negative_reply", "")


def test_a_change_is_told_as_what_is_no_longer_and_what_is_new(db: Database) -> None:
    db.write(lambda tx: policies.propose(tx, policy(reserve="1 hours"), ADA, T0))
    db.write(lambda tx: policies.propose(tx, policy(reserve="2 hours", cool_down={"email": "1 days"}), ADA, T0))
    newest = db.look(past)[0]
    assert newest.said == [
        "Pace: no longer: Room under a cap is kept for a message of a higher class that is due within 1 hour.",
        "Pace: new: At least 24 hours between two e-mails, but transactional ones.",
        "Pace: new: Room under a cap is kept for a message of a higher class that is due within 2 hours.",
    ]


def test_the_policies_to_start_from_can_be_used(db: Database) -> None:
    assert len(presets()) == 3
    for preset in presets():
        db.write(lambda tx, preset=preset: policies.propose(tx, preset.policy, ADA, T0))
        assert db.look(policies.current) == preset.policy


# ── which one applies ─────────────────────────────────────────────────────────────────────────────────


def test_a_change_applies_at_once_and_earlier_ones_are_kept(db: Database) -> None:
    one, two = policy(reserve="1 hours"), policy(reserve="2 hours")
    assert db.look(policies.current).reserve == 0
    db.write(lambda tx: policies.propose(tx, one, ADA, T0, "a little room"))
    assert db.look(policies.current) == one
    db.write(lambda tx: policies.propose(tx, two, BO, T0 + 1))
    assert db.look(policies.current) == two
    kept = db.look(rows.versions)
    assert [(each.status, each.author, each.note) for each in kept] == [
        ("in_force", BO, ""), ("past", ADA, "a little room"),
    ]  # fmt: skip
    trail = db.look(users.trail)
    assert [(entry.actor, entry.action) for entry in trail][:2] == [(BO, "policy.change"), (ADA, "policy.change")]


def test_with_four_eyes_somebody_else_has_to_agree(db: Database) -> None:
    people(db, ada="owner", bo="reviewer", cy="author")
    db.write(lambda tx: settings.save(tx, "four_eyes", True))
    number, digest = db.write(lambda tx: _made(policies.propose(tx, policy(reserve="1 hours"), ADA, T0)))
    assert db.look(policies.current).reserve == 0
    for who, why in ((ADA, policies.OwnChange), ("cy@example.com", policies.MayNotAgree)):
        with pytest.raises(why):
            db.write(lambda tx, who=who: policies.agree(tx, number, who, digest, T0))
    with pytest.raises(policies.NotWhatYouSaw):
        db.write(lambda tx: policies.agree(tx, number, BO, "another", T0))
    db.write(lambda tx: policies.agree(tx, number, BO, digest, T0))
    assert db.look(policies.current).reserve == HOUR
    with pytest.raises(policies.NothingProposed):
        db.write(lambda tx: policies.decline(tx, number, BO, T0))


def test_a_later_proposal_takes_the_place_of_an_earlier_one(db: Database) -> None:
    people(db, ada="owner", bo="reviewer")
    db.write(lambda tx: settings.save(tx, "four_eyes", True))
    first, digest = db.write(lambda tx: _made(policies.propose(tx, policy(reserve="1 hours"), ADA, T0)))
    second, _ = db.write(lambda tx: _made(policies.propose(tx, policy(reserve="2 hours"), ADA, T0)))
    with pytest.raises(policies.NothingProposed):
        db.write(lambda tx: policies.agree(tx, first, BO, digest, T0))
    db.write(lambda tx: policies.decline(tx, second, ADA, T0))
    assert [each.status for each in db.look(rows.versions)] == ["declined", "withdrawn"]


def test_what_would_surprise_somebody_is_refused(db: Database) -> None:
    before = db.look(policies.current_hash)
    db.write(lambda tx: policies.propose(tx, policy(reserve="1 hours"), ADA, T0))
    with pytest.raises(policies.ChangedMeanwhile):
        db.write(lambda tx: policies.propose(tx, policy(reserve="2 hours"), BO, T0, instead_of=before))
    with pytest.raises(policies.NothingNew):
        db.write(lambda tx: policies.propose(tx, policy(reserve="1 hours"), BO, T0))
    with pytest.raises(PolicyProblem, match="there is no channel e-mail; did you mean email"):
        db.write(lambda tx: policies.propose(tx, policy(cool_down={"e-mail": "1 hours"}), BO, T0))


def _made(version: rows.PolicyVersion) -> tuple[int, str]:
    return version.id or 0, version.content_hash
