"""Who is erased is gone from every row, every mention and every byte of the store; totals and a digest stay."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sojourn.runtime import preferences
from sojourn.runtime.governance.privacy import NobodyToErase, erase, finish
from sojourn.runtime.ingest import accept
from sojourn.storage import consents, erasing, leasing, messages, scrubbing, suppressions, tombstones
from sojourn.storage.columns import load
from sojourn.storage.database import Database
from sojourn.storage.scrubbing import found_in
from sojourn.storage.tables import metadata

CANARY = "canary.of.the.mine@example.com"
PHONE = "+420601999888"
USER = "user-4711-canary"


def tell(stage: Any, *messages_: dict[str, Any]) -> None:
    asyncio.run(accept(stage.db, stage.shelf, stage.clock, list(messages_), "test"))


@pytest.fixture
def planted(stage, step):
    """One person at every door: profile, events, letters, consents, refusals, another person's document."""
    stage.journey(
        "cart",
        {
            "in": step("trigger_event", {"event": "added_to_cart"}, next="wait"),
            "wait": step("wait", {"amount": 1, "unit": "days"}, next="letter"),
            "letter": step("email", {"letter": "hello"}, next="out"),
            "out": step("exit"),
        },
    )
    tell(
        stage,
        {
            "type": "identify",
            "userId": USER,
            "traits": {"email": CANARY, "phone": PHONE, "note": f"writes as {CANARY}"},
        },
        {"type": "track", "userId": USER, "event": "added_to_cart", "properties": {"email": CANARY, "total": 9}},
        {"type": "track", "userId": "friend", "event": "invited", "properties": {"friend": CANARY.upper(), "n": 1}},
        {"type": "track", "userId": USER, "event": "x" * 300, "properties": {"email": CANARY}},
    )
    stage.beat()
    now_ms = stage.clock.now_ms()

    def job(tx: Any) -> int:
        contact = tx.value("SELECT id FROM contacts WHERE email = ?", (CANARY,))
        consents.say(tx, contact, "email", "granted", source="form", now_ms=now_ms, evidence={"address": CANARY})
        suppressions.suppress(tx, PHONE, "sms", f"STOP from {PHONE}", now_ms)
        tx.run(
            "INSERT INTO import_errors (run_id, line, reason, raw) VALUES (1, 2, 'Note: twice', ?)",
            (f"{USER};Canary.Of.The.Mine@example.com;601999888",),
        )
        return contact

    contact = stage.db.write(job)
    stage.beat(25 * 3_600_000)
    later = stage.clock.now_ms()

    def answer(tx: Any) -> None:
        (one,) = leasing.lease(tx, "sender", ["email"], later, 9)
        reply = messages.Result(one.id, "retry", f"450 <{CANARY}> is busy", {"reply": f"450 {CANARY}"}, later)
        assert messages.record(tx, "sender", [reply], later)

    stage.db.write(answer)
    return contact


def test_no_row_and_no_byte_names_them_afterwards(stage, planted, tmp_path: Path):
    upload = tmp_path / "uploads" / "people.csv"
    upload.parent.mkdir()
    upload.write_text(f"email\n{CANARY}\n")

    named = list(stage.db.look(lambda tx: list(erasing.mentioned(tx, CANARY))))

    done = erase(stage.db, tmp_path, planted, "privacy@example.com", stage.clock.now_ms())

    assert {"contacts.email", "decisions.inputs", "events.properties", "import_errors.raw", "rejections.sample"} <= {
        *named
    }
    assert done.names == 3 and not upload.exists()
    for word in (CANARY, PHONE.lstrip("+"), USER):
        assert list(stage.db.look(lambda tx, word=word: list(erasing.mentioned(tx, word)))) == []
    if not stage.db.postgres:
        assert done.clean
        file = Path(stage.db.url.removeprefix("sqlite:///"))
        assert not found_in(file, [CANARY.encode(), USER.encode(), PHONE.encode()])


def test_totals_and_other_people_stay(stage, planted):
    friend = stage.rows("SELECT id FROM contacts WHERE external_id = 'friend'")
    before = stage.rows("SELECT count(*) FROM messages"), stage.rows("SELECT count(*) FROM enrollments")

    erase(stage.db, None, planted, "privacy@example.com", stage.clock.now_ms())

    assert (stage.rows("SELECT count(*) FROM messages"), stage.rows("SELECT count(*) FROM enrollments")) == before
    assert stage.rows("SELECT id FROM contacts WHERE external_id = 'friend'") == friend
    ((properties,),) = stage.rows("SELECT properties FROM events WHERE name = 'invited'")
    assert load(properties) == {"friend": "(erased)", "n": 1}


def test_their_journeys_end_and_nothing_more_is_sent(stage, planted):
    erase(stage.db, None, planted, "privacy@example.com", stage.clock.now_ms())
    stage.beat(3_600_000)

    assert stage.rows("SELECT count(*) FROM enrollments WHERE ended_at IS NULL") == [(0,)]
    assert stage.rows("SELECT count(*) FROM messages WHERE status IN ('queued', 'leased', 'sending')") == [(0,)]


def test_they_are_known_again_by_a_digest(stage, planted):
    erase(stage.db, None, planted, "privacy@example.com", stage.clock.now_ms())

    wanted = {("email", CANARY), ("user", USER)}
    assert stage.db.look(lambda tx: tombstones.buried(tx, wanted)) == wanted


def test_nobody_is_erased_twice(stage, planted):
    erase(stage.db, None, planted, "privacy@example.com", stage.clock.now_ms())

    with pytest.raises(NobodyToErase):
        erase(stage.db, None, planted, "privacy@example.com", stage.clock.now_ms())
    with pytest.raises(NobodyToErase):
        erase(stage.db, None, 10**9, "privacy@example.com", stage.clock.now_ms())


def test_every_table_says_what_it_holds_of_a_person(db: Database):
    said = {*erasing.GONE, *erasing.BY_ADDRESS, *erasing.OWN_WAYS, *erasing.SHELLS, *erasing.MENTIONS, *erasing.NOBODY}

    assert {table.name for table in metadata.sorted_tables} - said == set()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("canada@example.com wrote", "canada@example.com wrote"),
        ("to ADA@example.com.", "to (erased)."),
        ("x.ada@example.com", "x.ada@example.com"),
        ("ada@example.com.au", "ada@example.com.au"),
    ],
)
def test_only_whole_names_are_taken_out(db: Database, text: str, left: str):
    db.write(lambda tx: tx.insert("import_errors", "run_id,line,reason,raw", [(1, 1, "", text)]))

    erasing.unname(db, [("email", "ada@example.com")])

    assert db.look(lambda tx: tx.value("SELECT raw FROM import_errors")) == left


def test_who_is_called_alike_keeps_their_files_and_the_store_is_still_called_clean(stage, tmp_path: Path):
    tell(
        stage,
        *({"type": "identify", "userId": who, "traits": {"email": f"{who}@example.com"}} for who in ("ann", "joann")),
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for who in ("ann", "joann"):
        (inbox / f"{who}.eml").write_text(f"To: <{who}@example.com>\n\nHello")
    ((ann,),) = stage.rows("SELECT id FROM contacts WHERE email = 'ann@example.com'")

    done = erase(stage.db, tmp_path, ann, "privacy@example.com", stage.clock.now_ms())

    assert [file.name for file in inbox.iterdir()] == ["joann.eml"]
    assert done.clean is (None if stage.db.postgres else True)
    assert stage.rows("SELECT email FROM contacts WHERE email IS NOT NULL") == [("joann@example.com",)]


def test_a_reader_of_an_older_state_is_told_of(stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Only SQLite keeps what somebody still reads in a file of ours."""
    if stage.db.postgres:
        pytest.skip("its files are not ours to read")
    monkeypatch.setattr(scrubbing, "PATIENCE_S", 0.2)
    tell(stage, {"type": "identify", "userId": "ann", "traits": {"email": "ann@example.com"}})
    with stage.db.read() as tx:
        ann = tx.value("SELECT id FROM contacts WHERE email = 'ann@example.com'")
        assert not erase(stage.db, tmp_path, ann, "privacy@example.com", stage.clock.now_ms()).clean


def test_a_second_record_with_the_address_goes_too_and_so_does_the_address_inside_a_link(stage, planted):
    link = f"https://shop.example.com/?e={CANARY.replace('@', '%40')}&n=1"
    tell(
        stage,
        {"type": "identify", "userId": "the-other-id-9", "traits": {"email": CANARY.upper(), "first_name": "Ada"}},
        {"type": "track", "userId": "friend", "event": "shared", "properties": {"link": link}},
    )
    assert stage.rows("SELECT count(*) FROM contacts WHERE email = ?", CANARY) == [(2,)]

    done = erase(stage.db, None, planted, "privacy@example.com", stage.clock.now_ms())

    assert done.contacts == 2 and done.clean is (None if stage.db.postgres else True)
    for word in (CANARY, CANARY.replace("@", "%40"), "the-other-id-9"):
        assert stage.db.look(lambda tx, word=word: list(erasing.mentioned(tx, word))) == []
    ((properties,),) = stage.rows("SELECT properties FROM events WHERE name = 'shared'")
    assert load(properties) == {"link": "https://shop.example.com/?e=(erased)&n=1"}


def test_what_was_cut_short_is_finished_by_any_of_their_names(stage, planted, monkeypatch: pytest.MonkeyPatch):
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(erasing, "unname", killed)
        erase(stage.db, None, planted, "privacy@example.com", stage.clock.now_ms())
    assert stage.db.look(lambda tx: list(erasing.mentioned(tx, CANARY)))

    done = finish(stage.db, None, f" {CANARY.upper()} ")

    assert done is not None and done.clean is (None if stage.db.postgres else True)
    assert stage.db.look(lambda tx: list(erasing.mentioned(tx, CANARY))) == []
    assert finish(stage.db, None, "friend@example.com") is None


def test_the_link_of_an_old_letter_writes_nothing_about_somebody_who_was_erased(stage, planted):
    now_ms = stage.clock.now_ms()
    erase(stage.db, None, planted, "privacy@example.com", now_ms)
    proof = preferences.Proof(7, "en", "192.0.2.77", "Phone")

    left = stage.db.write(lambda tx: preferences.leave(tx, stage.shelf, planted, "email", "unsubscribe", proof, now_ms))

    assert left == 0
    assert stage.rows("SELECT count(*) FROM consents WHERE ip IS NOT NULL OR agent IS NOT NULL") == [(0,)]
    assert stage.rows("SELECT count(*) FROM events WHERE contact_id = ?", planted) == [(0,)]
