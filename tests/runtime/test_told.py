"""What carriers tell us: each thing once, about the right message, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sojourn.runtime import preferences, signals
from sojourn.runtime.angry_words import is_angry
from sojourn.runtime.channels.callback import Signal
from sojourn.runtime.chores import receipts as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.explain import explain
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import accounts, consents, setbacks, suppressions
from sojourn.storage.accounts import Account
from sojourn.storage.columns import load
from sojourn.storage.database import Database

from .post import NOW, journey

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
GATEWAY = signals.Source(1, "gateway", "sms")
MAIL = signals.Source(2, "mail", "email")


@pytest.fixture
def shop(db: Database) -> Database:
    """Three contacts with numbers; 1 and 2 were sent a text each, 3 a letter, two hours ago."""
    journey(db, 3)
    long_ago = datetime.fromtimestamp(NOW / 1000, UTC)

    def job(tx: Any) -> None:
        for name, medium in (("gateway", "sms"), ("mail", "email")):
            accounts.keep(tx, Account(name=name, medium=medium, carrier="x", created_at=long_ago, changed_at=long_ago))
        tx.run("DELETE FROM events")  # their numbers were given by hand
        tx.run("UPDATE contacts SET phone = '+42060000000' || id")
        tx.run(
            "UPDATE messages SET status = 'sent', sent_at = ?, reference = 'ref-' || id, "
            "account = CASE id WHEN 3 THEN 'mail' ELSE 'gateway' END, "
            "channel = CASE id WHEN 3 THEN 'email' ELSE 'sms' END",
            (NOW - 2 * HOUR,),
        )
        tx.insert(
            "touches",
            "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node",
            [(i, i, NOW - 2 * HOUR, "sms", "marketing", 3, 1, i, 0) for i in (1, 2, 3)],
        )

    db.write(job)
    return db


def tell(db: Database, *told: Signal, source: signals.Source = GATEWAY, now: int = NOW) -> int:
    return db.write(lambda tx: signals.apply(tx, ProgramShelf(), source, told, now))


def message(db: Database, number: int) -> dict[str, Any]:
    names = "status, reason, delivered_at, cost, opened_at, clicked_at"
    row = db.look(lambda tx: tx.one(f"SELECT {names} FROM messages WHERE id = ?", (number,)))
    assert row is not None
    return dict(zip(names.split(", "), row, strict=True))


def events(db: Database, contact: int) -> list[tuple[str, Any]]:
    rows = db.look(
        lambda tx: tx.rows(
            "SELECT name, properties FROM events WHERE contact_id = ? AND name <> 'added' ORDER BY id", (contact,)
        )
    )
    return [(name, load(properties)) for name, properties in rows]


def wrong(db: Database) -> list[Any]:
    return db.look(
        lambda tx: tx.rows("SELECT contact_id, kind, channel, message_id, journey_id FROM setbacks ORDER BY id")
    )


def test_a_receipt_is_written_once_with_what_it_cost(shop: Database) -> None:
    told = Signal("delivered", "d1", "ref-1", at_ms=NOW - MINUTE, cost=45_000)
    tell(shop, told)
    tell(shop, told, Signal("delivered", "d1-later", "ref-1", at_ms=NOW))
    assert message(shop, 1) | {"reason": None} == message(shop, 1)
    assert (message(shop, 1)["delivered_at"], message(shop, 1)["cost"]) == (NOW - MINUTE, 45_000)


def test_what_was_in_doubt_has_arrived_after_all(shop: Database) -> None:
    shop.write(lambda tx: tx.run("UPDATE messages SET status = 'in_doubt', reason = 'Nobody knows.' WHERE id = 1"))
    tell(shop, Signal("delivered", "d1", "ref-1"))
    assert (message(shop, 1)["status"], message(shop, 1)["reason"]) == ("sent", None)


def test_a_receipt_before_its_reference_is_known_waits_for_it(shop: Database) -> None:
    shop.write(lambda tx: tx.run("UPDATE messages SET reference = NULL, status = 'sending', sent_at = NULL"))
    early = Signal("failed", "f1", "ref-1", "+420600000001", "Unreachable +420 600 000 001", 30003)
    tell(shop, early)
    assert message(shop, 1)["status"] == "sending"
    kept = shop.look(lambda tx: tx.one("SELECT reference, told FROM callbacks"))
    assert kept is not None and kept[0] == "ref-1" and "600" not in str(kept[1])
    parts = _parts(shop)
    assert chore.run(parts) == 0 and message(shop, 1)["status"] == "sending"
    shop.write(lambda tx: tx.run("UPDATE messages SET reference = 'ref-' || id, status = 'sent', sent_at = ?", (NOW,)))
    chore.run(parts)
    assert message(shop, 1)["status"] == "failed"
    assert "Unreachable" in message(shop, 1)["reason"] and "30003" in message(shop, 1)["reason"]
    tell(shop, early)  # played again
    assert len(wrong(shop)) == 1


def test_a_receipt_nobody_asked_for_is_given_up_after_a_day_and_forgotten_after_a_quarter(shop: Database) -> None:
    tell(shop, Signal("delivered", "d9", "not-ours"))
    parts = _parts(shop, NOW + DAY + HOUR)
    chore.run(parts)
    assert shop.look(lambda tx: tx.rows("SELECT reference FROM callbacks")) == [(None,)]
    chore.run(_parts(shop, NOW + 91 * DAY))
    assert shop.look(lambda tx: tx.rows("SELECT 1 FROM callbacks")) == []


def test_a_message_that_did_not_arrive_is_failed_counts_against_no_cap_and_is_told(shop: Database) -> None:
    tell(shop, Signal("failed", "f1", "ref-1", text="Handset unreachable", code=30003))
    assert message(shop, 1)["status"] == "failed"
    assert [name for name, _ in events(shop, 1)] == ["message_failed"]
    assert shop.look(lambda tx: tx.value("SELECT count(*) FROM touches WHERE contact_id = 1")) == 0
    assert wrong(shop) == [(1, "bounce", "sms", 1, 1)]
    assert shop.look(lambda tx: tx.one("SELECT address, n FROM bounces")) == ("+420600000001", 1)
    assert shop.look(lambda tx: tx.one("SELECT verdict FROM decisions ORDER BY id DESC")) == ("failed",)


def test_a_number_that_is_gone_is_left_alone_from_now_on(shop: Database) -> None:
    tell(shop, Signal("bounced", "b1", "ref-2", text="No such number", hard=True))
    listed = shop.look(lambda tx: suppressions.listed(tx))
    assert [(one.address, one.channel) for one in listed] == [("+420600000002", "sms")]
    assert "No such number" in listed[0].reason


def test_of_somebody_who_was_erased_nothing_is_written_down(shop: Database) -> None:
    shop.write(lambda tx: tx.run("UPDATE contacts SET erased_at = ?, phone = NULL, email = NULL WHERE id = 1", (NOW,)))
    gone = "+420600000001"
    tell(
        shop,
        Signal("failed", "f1", "ref-1", gone, f"{gone} is unknown", hard=True),
        Signal("bounced", "b1", "", gone, hard=True),
        Signal("complained", "c1", "ref-1", gone),
        Signal("replied", "r1", "", gone, "Why?"),
    )
    assert wrong(shop) == [] and events(shop, 1) == [] and shop.look(suppressions.listed) == []
    kept = shop.look(lambda tx: tx.rows("SELECT told FROM callbacks"))
    assert kept and not any("600000001" in str(told) for (told,) in kept)


def test_a_complaint_about_a_letter_keeps_quiet_and_withdraws(shop: Database) -> None:
    tell(shop, Signal("complained", "c1", "ref-3"), source=MAIL)
    assert wrong(shop) == [(3, "complaint", "email", 3, 1)]
    assert [name for name, _ in events(shop, 3)] == ["unsubscribed", "message_complained"]
    row = shop.look(lambda tx: tx.one("SELECT source, evidence FROM consents WHERE action = 'withdrawn'"))
    assert row is not None and row[0] == "complaint" and load(row[1]) == {"account": "mail", "message": 3}


def test_the_owner_may_let_a_complaint_leave_the_consent_alone(shop: Database) -> None:
    rules = Policy.model_validate({"behaviour": {"complaint_withdraws": False}})
    shop.write(lambda tx: policies.propose(tx, rules, "ada@example.com", NOW))
    tell(shop, Signal("complained", "c1", address="U3@Example.com"), source=MAIL)
    assert wrong(shop) == [(3, "complaint", "email", 3, 1)]  # the letter they were sent last
    assert shop.look(lambda tx: consents.last(tx, 3, "email")) == "granted"


def test_an_answer_is_an_event_and_an_angry_one_a_setback(shop: Database) -> None:
    tell(
        shop,
        Signal("replied", "r1", address="+420 600 000 001", text="Kdy máte otevřeno?"),
        Signal("replied", "r2", address="+420600000002", text="Nechte mě být!"),
        Signal("replied", "r3", address="+420699999999", text="Who is this?"),
    )
    (asked,), (angry,) = events(shop, 1), events(shop, 2)
    assert asked == (
        "message_replied",
        {"channel": "sms", "message": 1, "journey": "cart", "text": "Kdy máte otevřeno?", "negative": False},
    )
    assert angry[1]["negative"] is True
    assert wrong(shop) == [(2, "negative_reply", "sms", 2, 1)]


def test_stop_to_one_sender_holds_for_that_sender_until_start(shop: Database) -> None:
    def stops() -> list[Any]:
        return shop.look(lambda tx: tx.rows("SELECT address, sender FROM sender_stops"))

    tell(shop, Signal("stopped", "s1", address="+420600000001", text="STOP", sender="+420777"))
    assert stops() == [("+420600000001", "+420777")]
    assert shop.look(lambda tx: consents.states(tx, 1)) == {("email", "marketing"): "granted"}
    tell(shop, Signal("started", "s2", address="+420600000001", text="START", sender="+420777"))
    assert stops() == []


def test_stop_withdraws_what_was_agreed_to_on_the_channel_and_start_gives_it_back(shop: Database) -> None:
    shop.write(lambda tx: consents.say(tx, 1, "sms", "granted", source="form", now_ms=NOW, topic="news"))
    shop.write(lambda tx: consents.say(tx, 1, "sms", "denied", source="form", now_ms=NOW, topic="partners"))
    tell(shop, Signal("stopped", "s1", address="+420600000001", text="Stop."))
    states = shop.look(lambda tx: consents.states(tx, 1))
    assert states["sms", "news"] == states["sms", "marketing"] == "withdrawn"
    assert states["email", "marketing"] == "granted"
    evidence = shop.look(lambda tx: tx.value("SELECT evidence FROM consents WHERE topic = 'news' ORDER BY id DESC"))
    assert load(evidence) == {"account": "gateway", "text": "Stop.", "message": 1}
    assert [kind for _, kind, *_ in wrong(shop)] == ["unsubscribe"]
    tell(shop, Signal("started", "s2", address="+420600000001", text="START"))
    assert shop.look(lambda tx: consents.states(tx, 1))["sms", "news"] == "granted"


def test_stop_of_somebody_unknown_holds_for_the_number(shop: Database) -> None:
    tell(shop, Signal("stopped", "s1", address="+420699999999", text="STOP"))
    assert [one.address for one in shop.look(suppressions.listed)] == ["+420699999999"]
    tell(shop, Signal("started", "s2", address="+420699999999", text="START"))
    assert shop.look(suppressions.listed) == []


def test_openings_and_clicks_a_carrier_tells_of_are_counted_once(shop: Database) -> None:
    tell(shop, Signal("clicked", "k1", "ref-1", at_ms=NOW - MINUTE), Signal("opened", "o1", "ref-1", at_ms=NOW))
    assert (message(shop, 1)["opened_at"], message(shop, 1)["clicked_at"]) == (NOW, NOW - MINUTE)


def test_an_unsubscribe_by_a_link_is_counted_for_the_journey_it_answers(shop: Database) -> None:
    proof = preferences.Proof(3, "en", "", "")
    shop.write(lambda tx: preferences.leave(tx, ProgramShelf(), 3, "email", "unsubscribe", proof, NOW))
    assert wrong(shop) == [(3, "unsubscribe", "email", 3, 1)]
    assert shop.look(lambda tx: setbacks.toll(tx, 1, NOW - DAY)) == setbacks.Toll(3, 1, 0)


@pytest.mark.parametrize(
    ("text", "angry"),
    [
        ("STOP writing me!!", True),
        ("please don't stop sending these", False),
        ("Nepište mi, prosím.", True),
        ("Nechajte ma na pokoji", True),
        ("Hören Sie auf damit", True),
        ("Danke, sehr gern", False),
        ("nie", True),
        ("Is the shop open on Sunday?", False),
        ("Kudy do háje zeleného?", False),
    ],
)
def test_who_wants_to_be_left_alone_is_understood(text: str, angry: bool) -> None:
    assert is_angry(text) is angry
    assert is_angry("Fahr zur Hölle", ["fahr zur hölle"])


def _parts(db: Database, now: int = NOW) -> Any:
    class Parts:
        pass

    parts: Any = Parts()
    parts.db, parts.clock, parts.shelf = db, ManualClock(now), ProgramShelf()
    return parts


def test_the_story_of_a_message_tells_its_way_its_price_and_its_receipt(shop: Database) -> None:
    def job(tx: Any) -> None:
        tx.run("UPDATE messages SET turn = 1, units = 2 WHERE id = 1")
        tx.run("UPDATE accounts SET settings = ? WHERE name = 'gateway'", ('{"currency": "EUR"}',))

    shop.write(job)
    tell(shop, Signal("delivered", "d1", "ref-1", at_ms=NOW, cost=90_000))
    said = shop.look(lambda tx: explain(tx, 1)).words()
    assert "It went by the account gateway, 2 parts, for 0.09 EUR." in said
    assert said[-1].endswith(": the carrier says that it arrived.")
    assert any("the second way of its chain: those before did not reach them" in one for one in said)
