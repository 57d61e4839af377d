"""“May we write now?”: twenty people in twenty situations, each sentence checked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.app.person import may_write as page
from sojourn.runtime.may_write import may_write
from sojourn.runtime.policy import policies
from sojourn.runtime.policy.policy import Policy
from sojourn.storage import consents, topics, wishes
from sojourn.storage.database import Database, Tx
from sojourn.storage.setbacks import Noted, note
from sojourn.storage.suppressions import suppress
from sojourn.storage.topics import Topic

HOUR, DAY = 3_600_000, 86_400_000
NOW = 1_796_148_000_000  # 1 December 2026, 18:00 UTC: a Tuesday evening
RULES = {
    "caps": [
        {"name": "two-a-week", "max": 2, "in": "7 days", "when_hit": "defer", "defer_at_most": "72 hours"},
        {"name": "one-a-day", "max": 1, "in": "24 hours", "channels": ["sms"], "when_hit": "skip"},
    ],
    "quiet_hours": [{"channels": ["email"], "from": "20:00", "to": "08:00"}],
    "cool_down": {"sms": "6 hours"},
}


def touched(tx: Tx, contact: int, at: int, channel: str = "email") -> None:
    names = "message_id,contact_id,at,channel,topic,rank,journey_id,enrollment_id,node"
    tx.insert("touches", names, [(contact * 1_000 + at % 997, contact, at, channel, "marketing", 3, 1, contact, 0)])


def setback(tx: Tx, contact: int, kind: str, at: int, channel: str = "email") -> None:
    note(tx, [Noted(contact, kind, channel, at)])


def fine(tx: Tx, contact: int) -> None: ...


def wish(tx: Tx, contact: int, **said: Any) -> None:
    wishes.keep(tx, wishes.of(tx, contact).model_copy(update=said), NOW)


def property_(tx: Tx, contact: int, text: str) -> None:
    tx.run("UPDATE contacts SET properties = ? WHERE id = ?", (text, contact))


def last_seen(tx: Tx, contact: int, days: int) -> None:
    tx.run("UPDATE contacts SET created_at = ? WHERE id = ?", (NOW - days * DAY, contact))
    tx.run("DELETE FROM consents WHERE contact_id = ?", (contact,))
    consents.append(tx, [consents.Said(contact, "email", "granted", "form", at_ms=NOW - days * DAY)], NOW)


SITUATIONS = [  # channel, what is so, the answer, what the page says, what it says of what they are owed
    ("email", fine, "go", "Nothing stands against a message about “News and offers”.", "may go"),
    ("email", lambda tx, c: tx.run("UPDATE contacts SET email = NULL WHERE id = ?", (c,)), "skip",
     "The contact has no address for this channel.", "That holds"),
    ("email", lambda tx, c: suppress(tx, f"u{c}@example.com", "", "the mailbox is gone", NOW), "skip",
     "The address is suppressed: the mailbox is gone", "That holds"),
    ("email", lambda tx, c: consents.say(tx, c, "email", "withdrawn", source="page", now_ms=NOW), "skip",
     "The contact has unsubscribed from “marketing” by e-mail.", "may go"),
    ("email", lambda tx, c: tx.run("DELETE FROM consents WHERE contact_id = ?", (c,)), "skip",
     "It is not known that the contact agreed to “marketing” by e-mail, and what is not known is not taken for a yes.",
     "may go"),
    ("email", lambda tx, c: consents.say(tx, c, "email", "denied", source="page", now_ms=NOW), "skip",
     "The contact said no to “marketing” by e-mail.", "may go"),
    ("email", lambda tx, c: wish(tx, c, paused_until=NOW + DAY), "defer",
     "The contact asked for a pause, until 18:00 on 2 December 2026 in UTC.", "may go"),
    ("email", lambda tx, c: wish(tx, c, paused_until=NOW + 9 * DAY), "skip",
     "The contact asked for a pause, until 18:00 on 10 December 2026 in UTC: longer than this message may wait.",
     "may go"),
    ("email", lambda tx, c: setback(tx, c, "complaint", NOW - 20 * HOUR), "defer",
     "The contact complained at 22:00 on 30 November 2026 in UTC; nothing but what is owed to them goes out, until "
     "22:00 on 2 December 2026 in UTC.", "may go"),
    ("email", lambda tx, c: setback(tx, c, "complaint", NOW - 49 * HOUR), "go",
     "Nothing stands against a message about “News and offers”.", "may go"),
    ("email", lambda tx, c: setback(tx, c, "negative_reply", NOW - HOUR, "sms"), "defer",
     "The contact answered that they do not want this at 17:00 on 1 December 2026 in UTC; nothing but what is owed to "
     "them goes out, until 17:00 on 3 December 2026 in UTC.", "may go"),
    ("email", lambda tx, c: setback(tx, c, "bounce", NOW - HOUR, "sms"), "go",
     "Nothing stands against a message about “News and offers”.", "may go"),
    ("email", lambda tx, c: setback(tx, c, "unsubscribe", NOW - HOUR), "go",
     "Nothing stands against a message about “News and offers”.", "may go"),
    ("email", lambda tx, c: [touched(tx, c, NOW - 6 * DAY), touched(tx, c, NOW - 5 * DAY)], "defer",
     "The contact has had 2 of 2 messages in 7 days (rule “two-a-week”), until 18:00 on 2 December 2026 in UTC.",
     "may go"),
    ("email", lambda tx, c: [touched(tx, c, NOW - DAY), touched(tx, c, NOW - 2 * DAY)], "skip",
     "The contact has had 2 of 2 messages in 7 days (rule “two-a-week”), until 18:00 on 6 December 2026 in UTC: "
     "longer than this message may wait.", "may go"),
    ("email", lambda tx, c: property_(tx, c, '{"timezone": "Europe/Prague"}'), "go",
     "Nothing stands against a message about “News and offers”.", "may go"),
    ("email", lambda tx, c: property_(tx, c, '{"timezone": "Asia/Kolkata"}'), "defer",
     "Quiet hours for e-mails until 08:00 on Wednesday 2 December 2026 in Asia/Kolkata (from the profile’s time "
     "zone).", "may go"),
    ("email", lambda tx, c: last_seen(tx, c, 400), "skip",
     "The contact has not been seen for 400 days; after 365 nothing is sent any more.", "may go"),
    ("sms", lambda tx, c: touched(tx, c, NOW - 2 * HOUR, "sms"), "skip",
     "The contact has had 1 of 1 messages in 24 hours (rule “one-a-day”).", "may go"),
    ("sms", lambda tx, c: consents.say(tx, c, "sms", "withdrawn", source="stop by text", now_ms=NOW), "skip",
     "The contact has unsubscribed from “marketing” by text message.", "may go"),
]  # fmt: skip


@pytest.fixture
def people(db: Database) -> Database:
    """Twenty people: all agreed to marketing by both channels, then something is so with each of them."""

    def job(tx: Tx) -> None:
        numbers = range(1, len(SITUATIONS) + 1)
        phones = {i: f"+4912345678{i:02}" for i in numbers if SITUATIONS[i - 1][0] == "sms" or i == 1}
        rows = [(i, f"u{i}@example.com", phones.get(i), "{}", NOW - 9 * DAY, NOW) for i in numbers]
        tx.insert("contacts", "id,email,phone,properties,created_at,changed_at", rows)
        both = [consents.Said(i, channel, "granted", "form") for i in numbers for channel in ("email", "sms")]
        consents.append(tx, both, NOW - 9 * DAY)
        policies.propose(tx, Policy.model_validate(RULES), "ada@example.com", NOW)
        for number, (_, so, *_) in enumerate(SITUATIONS, 1):
            so(tx, number)

    db.write(job)
    return db


def test_every_sentence_is_true_of_twenty_people(people: Database) -> None:
    assert len(SITUATIONS) == 20
    for number, (channel, _, answer, sentence, owed) in enumerate(SITUATIONS, 1):
        found = people.look(lambda tx, n=number: may_write(tx, n, NOW))
        line = next(one for one in found if one.channel == channel)
        assert (line.marketing.answer, page.sentence(line)) == (answer, sentence), number
        assert owed in page.owed(line), number


def test_the_topic_they_may_hear_of_is_named(people: Database) -> None:
    partners = Topic(name="partners", words={"en": {"title": "Our partners"}}, channels=["sms"])
    news = Topic(name="news", words={"en": {"title": "News"}}, channels=["email"])
    for topic in (partners, news):
        people.write(lambda tx, topic=topic: topics.keep(tx, topic))
    people.write(lambda tx: consents.say(tx, 1, "email", "granted", source="form", now_ms=NOW, topic="news"))
    first, second = people.look(lambda tx: may_write(tx, 1, NOW))
    assert page.sentence(first) == "Nothing stands against a message about “News and offers” or “News”."
    assert second.label == "Text message" and second.about == ("News and offers",)
