"""Every known way around a review, tried: an approval holds for one content, once, by somebody else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sojourn.runtime import journey_file, settings
from sojourn.runtime.governance import approval, versions
from sojourn.runtime.governance.approval import (
    AlreadyDecided,
    AskedAlready,
    DraftChanged,
    MayNotReview,
    NotApprovedYet,
    NothingNew,
    OwnWork,
    SaysNothing,
    VouchedFor,
)  # fmt: skip
from sojourn.runtime.governance.versions import JourneyHasProblems
from sojourn.runtime.program import NotApproved, ProgramShelf, content_hash
from sojourn.storage import consents, journeys, reviews, topics, users
from sojourn.storage.database import Database, Tx
from sojourn.storage.reviews import Review
from sojourn.storage.topics import Topic

from .conftest import MJML, T0
from .welcome import welcome

OWNER, AUTHOR, SECOND, REVIEWER, VIEWER = (
    f"{name}@example.com" for name in ("olga", "adam", "ben", "rita", "vera")
)  # fmt: skip
Step = Callable[..., dict[str, Any]]


@pytest.fixture
def content(step: Step) -> dict[str, Any]:
    made = welcome(step)
    made["nodes"]["in"]["next"] = {"next": "cap"}
    made["nodes"]["cap"] = step("cap", {"max": 2, "amount": 7, "unit": "days"}, ok="mail")
    return made


class Office:
    """People with their roles, and an instance that asks for four eyes."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = T0
        roles = {OWNER: "owner", AUTHOR: "editor", SECOND: "editor", REVIEWER: "reviewer", VIEWER: "viewer"}
        for email, role in roles.items():
            db.write(lambda tx, email=email, role=role: users.add_user(tx, email, "", "", T0, role=role))
        self.four_eyes(True)

    def four_eyes(self, wanted: bool) -> None:
        self.db.write(lambda tx: settings.save(tx, "four_eyes", wanted))

    def draft(self, content: dict[str, Any], by: str = AUTHOR) -> int:
        return self._do(lambda tx: versions.save_draft(tx, copy.deepcopy(content), by, self.now))

    def ask(self, journey: int, by: str = AUTHOR) -> Review:
        return self._do(lambda tx: approval.ask(tx, journey, by, self.now, "please"))

    def approve(self, review: Review, by: str = REVIEWER, shown: str | None = None) -> None:
        shown = shown or review.content_hash
        self._do(lambda tx: approval.approve(tx, review.id or 0, by, shown, self.now))

    def publish(self, journey: int, by: str = AUTHOR, shown: str | None = None) -> int:
        return self._do(lambda tx: versions.publish(tx, journey, by, self.now, hash_shown=shown).number)

    def state(self, review: Review) -> str:
        return self.db.look(lambda tx: tx.value("SELECT state FROM reviews WHERE id = ?", (review.id,)))

    def _do(self, job: Callable[[Tx], Any]) -> Any:
        self.now += 1
        return self.db.write(job)


@pytest.fixture
def office(db: Database) -> Office:
    return Office(db)


def test_ask_approve_publish(office: Office, content: dict[str, Any]) -> None:
    journey = office.draft(content)
    with pytest.raises(NotApprovedYet, match="ask for a review"):
        office.publish(journey)
    review = office.ask(journey)
    with pytest.raises(NotApprovedYet):
        office.publish(journey)
    office.approve(review)
    assert office.publish(journey) == 1
    version = office.db.look(lambda tx: journeys.versions(tx, journey))[0]
    assert (version.author, version.approved_by) == (AUTHOR, REVIEWER)
    assert version.content_hash == version.approved_hash == review.content_hash
    trail = office.db.look(lambda tx: tx.rows("SELECT actor, action FROM audit_entries ORDER BY id"))
    assert trail == [
        (AUTHOR, "journey.draft"), (AUTHOR, "review.ask"), (REVIEWER, "review.approved"), (AUTHOR, "journey.publish"),
    ]  # fmt: skip


def test_the_check_list_is_kept_with_the_review(office: Office, content: dict[str, Any]) -> None:
    office.four_eyes(False)
    office.publish(office.draft(content))
    content["message_type"] = "transactional"
    checks = {check["name"]: check for check in office.ask(office.draft(content)).checks}
    assert checks["graph"]["state"] == "good"
    assert "were marketing" in checks["message type"]["text"]
    assert "Nobody is inside version 1" in checks["people inside"]["text"]


@pytest.mark.parametrize("by", [AUTHOR, SECOND, OWNER, REVIEWER.upper()])
def test_nobody_with_a_hand_in_it_approves(office: Office, content: dict[str, Any], by: str) -> None:
    """The author, whoever edited before or after, an owner who edited, a reviewer whose address is spelt otherwise."""
    for person in (AUTHOR, SECOND, OWNER, REVIEWER):
        content["title"] += "!"
        journey = office.draft(content, by=person)
    office.db.write(lambda tx: tx.run("UPDATE users SET role = 'owner'"))
    review = office.ask(journey, by=AUTHOR)
    with pytest.raises(OwnWork):
        office.approve(review, by=by)
    assert office.state(review) == "open"
    office.approve(review, by=VIEWER)  # an owner now, and without a hand in it


def test_who_only_asks_does_not_approve_either(office: Office, content: dict[str, Any]) -> None:
    review = office.ask(office.draft(content), by=OWNER)
    with pytest.raises(OwnWork):
        office.approve(review, by=OWNER)


def test_a_last_edit_by_another_does_not_free_the_first(office: Office, content: dict[str, Any]) -> None:
    office.draft(content, by=OWNER)
    content["title"] = "Welcome!"
    review = office.ask(office.draft(content, by=SECOND), by=SECOND)
    with pytest.raises(OwnWork):
        office.approve(review, by=OWNER)


def test_saving_the_same_again_is_no_edit(office: Office, content: dict[str, Any]) -> None:
    journey = office.draft(content)
    office.draft(content, by=OWNER)
    office.approve(office.ask(journey), by=OWNER)


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "title": lambda c: c.update(title="Hello"),
    "description": lambda c: c.update(description="new"),
    "message type": lambda c: c.update(message_type="transactional"),
    "topic": lambda c: c.update(topic="news"),
    "note": lambda c: c.update(notes={"n": {"text": "x", "at": [0, 0], "size": [1, 1]}}),
    "cap": lambda c: c["nodes"]["cap"]["settings"].update(max=200),
    "trigger": lambda c: c["nodes"]["in"]["settings"].update(event="purchased"),
    "who may come again": lambda c: c["nodes"]["in"]["settings"].update(reentry="always"),
    "segment": lambda c: c["nodes"]["in"]["settings"].update(rule={"property": "plan", "op": "equals", "value": "pro"}),
    "edge": lambda c: c["nodes"]["in"]["next"].update(next="mail"),
    "step's title": lambda c: c["nodes"]["mail"].update(title="Hi"),
    "step's place": lambda c: c["nodes"]["mail"].update(at=[1, 2]),
    "step added": lambda c: c["nodes"].update(more={"kind": "exit", "settings": {}, "next": {}}),
    "step removed": lambda c: c["nodes"]["mail"]["next"].clear() or c["nodes"].pop("out"),
    "subject": lambda c: c["letters"]["hello"].update(subject="Buy!"),
    "preheader": lambda c: c["letters"]["hello"].update(preheader="now"),
    "letter": lambda c: c["letters"]["hello"].update(mjml=MJML.replace("Hello", "Buy")),
    "link": lambda c: c["letters"]["hello"].update(mjml=MJML.replace("{{ unsubscribe_url }}", "https://evil.test")),
    "text part": lambda c: c["letters"]["hello"].update(text="Buy"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_after_approval_is_not_approved(
    office: Office, content: dict[str, Any], change: str
) -> None:
    journey = office.draft(content)
    office.approve(office.ask(journey))
    CHANGES[change](content)
    office.draft(content)
    with pytest.raises(NotApprovedYet):
        office.publish(journey)


@pytest.mark.parametrize("change", CHANGES)
def test_an_edit_between_opening_and_clicking_is_seen(office: Office, content: dict[str, Any], change: str) -> None:
    review = office.ask(office.draft(content))
    CHANGES[change](content)
    office.draft(content)
    for shown in (review.content_hash, content_hash(content)):
        with pytest.raises(DraftChanged, match="changed it since"):
            office.approve(review, shown=shown)
    assert office.state(review) == "open"


def test_asking_anew_ends_the_older_question(office: Office, content: dict[str, Any]) -> None:
    first = office.ask(office.draft(content))
    with pytest.raises(AskedAlready):
        office.ask(first.journey_id)
    content["title"] = "Other"
    second = office.ask(office.draft(content))
    assert office.state(first) == "withdrawn"
    with pytest.raises(AlreadyDecided):
        office.approve(first)
    office.approve(second)
    with pytest.raises(AlreadyDecided):
        office.approve(second, by=OWNER)


def test_the_role_counts_when_it_is_used(office: Office, content: dict[str, Any]) -> None:
    """A role taken away before the click or after the approval, a disabled account, a role that never could."""
    journey = office.draft(content)
    review = office.ask(journey)
    for by in (VIEWER, SECOND, "stranger@example.com"):
        with pytest.raises(MayNotReview):
            office.approve(review, by=by)
        with pytest.raises(MayNotReview):
            office.db.write(lambda tx, by=by: approval.send_back(tx, review.id or 0, by, "no", T0))
    office.approve(review)
    office.db.write(lambda tx: tx.run("UPDATE users SET role = 'viewer' WHERE email = ?", (REVIEWER,)))
    with pytest.raises(NotApprovedYet, match="may no longer review"):
        office.publish(journey)
    office.db.write(lambda tx: tx.run("UPDATE users SET role = 'reviewer', disabled_at = 1 WHERE role = 'viewer'"))
    with pytest.raises(NotApprovedYet, match="may no longer review"):
        office.publish(journey)


def test_an_account_the_author_made_for_the_purpose_does_not_count(office: Office, content: dict[str, Any]) -> None:
    review = office.ask(office.draft(content, by=OWNER), by=OWNER)
    puppet = "puppet@example.com"
    office.db.write(lambda tx: users.add_user(tx, puppet, "", "", T0 + 50, role="reviewer"))
    office.db.write(lambda tx: users.vouch(tx, puppet, OWNER, T0 + 50))
    with pytest.raises(VouchedFor, match="gave this account"):
        office.approve(review, by=puppet)
    office.db.write(lambda tx: users.vouch(tx, puppet, OWNER, T0 - 1))  # was here before the work began
    office.approve(review, by=puppet)


def test_an_approval_is_not_carried_anywhere(office: Office, content: dict[str, Any]) -> None:
    """Not in a file, not in a content, not in a clone, not by restoring an approved version."""
    journey = office.draft(content)
    office.approve(office.ask(journey))
    office.publish(journey)
    first = office.db.look(lambda tx: journeys.versions(tx, journey))[0]

    with pytest.raises(journey_file.JourneyFileProblem):
        journey_file.read(journey_file.write(content) + f"approved_hash: {first.approved_hash}\n")
    clone = {**content, "name": "clone", "approved": True, "approved_hash": first.approved_hash}
    with pytest.raises(NotApprovedYet):
        office.publish(office.draft(clone))

    content["title"] = "Second"
    office.draft(content)
    office.approve(office.ask(journey))
    assert office.publish(journey) == 2
    office.db.write(lambda tx: versions.restore(tx, first.id or 0, AUTHOR, office.now))
    with pytest.raises(NotApprovedYet):
        office.publish(journey)
    assert office.db.look(lambda tx: journeys.version(tx, first.id or 0))


def test_approving_ones_own_without_four_eyes_does_not_count_once_they_are_asked_for(
    office: Office, content: dict[str, Any]
) -> None:
    office.four_eyes(False)
    journey = office.draft(content, by=OWNER)
    office.approve(office.ask(journey, by=OWNER), by=OWNER)
    office.four_eyes(True)
    with pytest.raises(NotApprovedYet, match="own work"):
        office.publish(journey, by=OWNER)


def test_without_four_eyes_publishing_needs_nobody_and_ends_the_question(
    office: Office, content: dict[str, Any]
) -> None:
    office.four_eyes(False)
    journey = office.draft(content)
    review = office.ask(journey)
    with pytest.raises(DraftChanged):
        office.publish(journey, shown="something else")
    assert office.publish(journey, shown=review.content_hash) == 1
    assert office.state(review) == "withdrawn"
    with pytest.raises(NothingNew):
        office.ask(journey)


def test_sending_back_says_why_and_withdrawing_ends_it(office: Office, content: dict[str, Any]) -> None:
    review = office.ask(office.draft(content))
    with pytest.raises(SaysNothing):
        office.db.write(lambda tx: approval.send_back(tx, review.id or 0, REVIEWER, "  ", T0))
    office.db.write(lambda tx: approval.send_back(tx, review.id or 0, REVIEWER, "Too loud", T0))
    kept = office.db.look(lambda tx: reviews.latest(tx, review.journey_id))
    assert kept and (kept.state, kept.decided_by, kept.comment) == ("sent_back", REVIEWER, "Too loud")
    with pytest.raises(NotApprovedYet):
        office.publish(review.journey_id)
    again = office.ask(review.journey_id)
    office.db.write(lambda tx: approval.withdraw(tx, again.id or 0, AUTHOR, T0))
    with pytest.raises(AlreadyDecided):
        office.approve(again)


def test_a_draft_with_errors_is_not_put_up(office: Office, content: dict[str, Any]) -> None:
    content["nodes"]["out"]["next"] = {"next": "in"}
    content["nodes"]["out"]["kind"] = "wait"
    with pytest.raises(JourneyHasProblems):
        office.ask(office.draft(content))


def test_a_content_changed_in_the_store_neither_passes_nor_runs(office: Office, content: dict[str, Any]) -> None:
    journey = office.draft(content)
    review = office.ask(journey)
    office.approve(review)
    office.db.write(lambda tx: tx.run("UPDATE reviews SET content_hash = 'x' WHERE id = ?", (review.id,)))
    with pytest.raises(NotApprovedYet):
        office.publish(journey)
    office.db.write(lambda tx: tx.run("UPDATE reviews SET content_hash = ?", (review.content_hash,)))
    office.publish(journey)
    version = office.db.look(lambda tx: journeys.versions(tx, journey))[0]
    office.db.write(lambda tx: tx.run("UPDATE versions SET content_hash = 'x', approved_hash = 'x'"))
    with pytest.raises(NotApproved):
        office.db.look(lambda tx: ProgramShelf().program(tx, version.id or 0))


def test_a_review_says_how_many_agreed(office: Office, content: dict[str, Any]) -> None:
    rows = [(n, f"u{n}@example.com", "{}", office.now, office.now) for n in (1, 2)]
    office.db.write(lambda tx: tx.insert("contacts", "id,email,properties,created_at,changed_at", rows))
    office.db.write(lambda tx: consents.say(tx, 1, "email", "granted", source="test", now_ms=office.now, topic="news"))
    content["topic"] = "news"
    checks = {check["name"]: check for check in office.ask(office.draft(content)).checks}
    assert checks["consent"]["state"] == "good"
    assert "1 person agreed to “news” by e-mail; of 1 it is not known" in checks["consent"]["text"]
    content["topic"] = "nobody-asked"
    assert {check["name"]: check for check in office.ask(office.draft(content)).checks}["consent"]["state"] == "look"


def test_a_version_keeps_what_its_messages_rest_on(office: Office, content: dict[str, Any]) -> None:
    office.db.write(lambda tx: topics.keep(tx, Topic(name="news", legal_basis="legitimate_interest")))
    content["topic"] = "news"
    office.four_eyes(False)
    office.publish(office.draft(content))
    content["message_type"] = "transactional"
    office.publish(office.draft(content))
    kept = office.db.look(lambda tx: tx.rows("SELECT legal_basis FROM versions ORDER BY number"))
    assert [basis for (basis,) in kept] == ["legitimate_interest", "contract"]
