"""What a journey needs and this instance has not got is said before it is published."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.nodes.graph import JourneyGraph
from sojourn.runtime import segments as library
from sojourn.runtime import settings
from sojourn.runtime.governance.missing import missing
from sojourn.runtime.governance.wording import said
from sojourn.storage import consents, topics
from sojourn.storage.database import Database, Tx
from sojourn.storage.topics import Topic

JOURNEY: dict[str, Any] = {
    "name": "cart",
    "message_type": "marketing",
    "topic": "news",
    "nodes": {
        "cart": {"kind": "trigger_event", "settings": {"event": "added_to_cart"}, "next": {"next": "pause"}},
        "pause": {"kind": "wait_until", "settings": {"event": "purchased"}, "next": {"timed_out": "mail"}},
        "mail": {"kind": "email", "settings": {"letter": "hello"}, "title": "The reminder"},
        "bought": {"kind": "goal", "settings": {"event": "purchased"}},
    },
    "letters": {"hello": {"subject": "Hi", "mjml": "<mjml/>"}},
}
EVENTS = {
    "“Event”: No event called “added_to_cart” has arrived yet; this starts when the first one comes.",
    "“Goal”: No event called “purchased” has arrived yet; nobody gets here by it before the first one comes.",
    "“Wait until”: No event called “purchased” has arrived yet; "
    "until the first one comes, people wait here as long as they may.",
}
LETTERS = {
    "Letters have no sender yet, so none can leave: set the sender address under Settings.",
    "There is no mail server yet: letters wait until an account under Channels, or SOJOURN_SMTP_URL, names one.",
    "Letters carry no postal address, which the law of most countries wants under marketing: set it under Settings.",
}
CONSENT = {
    "Nobody is asked whether they agree to “news”: it is no topic of this instance. Set it up under Privacy, Consent.",
    "Nobody has agreed to “news” yet; until somebody does, no letter leaves.",
}


def found(db: Database, mail_server: bool = True, **changed: Any) -> set[str]:
    content = JOURNEY | changed
    problems = db.look(lambda tx: missing(tx, content, mail_server))
    assert {problem.severity for problem in problems} <= {"warning"}
    return {said(problem, JourneyGraph(content)) for problem in problems}


def send(db: Database, *names: str) -> None:
    def job(tx: Tx) -> None:
        tx.insert("contacts", "id,properties,created_at,changed_at", [(1, "{}", 1, 1)])
        rows = [(n, 1, name, n, n, "{}") for n, name in enumerate(names, 1)]
        tx.insert("events", "id,contact_id,name,at,received_at,properties", rows)
        topics.keep(tx, Topic(name="news"))
        consents.say(tx, 1, "email", "granted", source="test", now_ms=1, topic="news")

    db.write(job)


def test_in_an_empty_instance_everything_is_missing(db: Database) -> None:
    assert found(db, mail_server=False) == EVENTS | LETTERS | CONSENT


def test_what_has_come_is_no_longer_missed(db: Database) -> None:
    send(db, "added_to_cart", "purchased")
    db.write(lambda tx: settings.save(tx, "sender_address", "shop@example.com"))
    assert found(db) == {next(each for each in LETTERS if "postal" in each)}
    assert found(db, message_type="transactional") == set()


def test_without_letters_nobody_asks_for_a_mail_server(db: Database) -> None:
    send(db, "added_to_cart", "purchased")
    nodes = {key: node for key, node in JOURNEY["nodes"].items() if key != "mail"}
    assert found(db, mail_server=False, nodes=nodes, letters={}) == set()


def test_a_topic_that_is_archived_or_misspelt_is_said(db: Database) -> None:
    send(db, "added_to_cart", "purchased")
    assert any(each.endswith("Is “news” meant?") for each in found(db, topic="newss"))
    db.write(lambda tx: topics.keep(tx, Topic(name="news", archived_at=5)))
    assert "The topic “news” was archived, so nobody new can agree to it." in found(db)


@pytest.mark.parametrize("sent", ["Added To Cart", "added_to_carts", "addedToCart"])
def test_a_name_that_is_nearly_right_is_offered(db: Database, sent: str) -> None:
    send(db, sent, "purchased")
    [sentence] = found(db) - LETTERS
    assert sentence.endswith(f"Is “{sent}” meant?")


def test_segments_and_features_there_are_not(db: Database) -> None:
    db.write(lambda tx: library.save(tx, {"name": "buyers", "rule": {"event": "purchased"}}, "ann", 1))
    rule = {"any": [{"segment": "buyer"}, {"segment": "buyers"}, {"feature": "shoe_size", "op": "exists"}]}
    nodes = {
        "in": {"kind": "trigger_segment", "settings": {"segment": "loyal"}, "next": {"next": "who"}},
        "who": {"kind": "branch", "settings": {"rule": rule}, "next": {}},
    }
    assert found(db, nodes=nodes, letters={}, message_type="transactional") >= {
        "“Segment”: There is no segment called “loyal”, so nobody is in it.",
        "“Branch”: There is no segment called “buyer”, so nobody is in it. Is “buyers” meant?",
        "“Branch”: There is no feature called “shoe_size”.",
    }


def test_journeys_one_switches_to_are_looked_up(db: Database) -> None:
    nodes = JOURNEY["nodes"] | {
        "switch": {"kind": "switch_to", "settings": {"leave": ["sprin-sale"], "enter": "thanks"}}
    }
    rows = [(name, name, status, "{}", 0, 1, 1) for name, status in (("spring-sale", "live"), ("thanks", "paused"))]
    columns = "name,title,status,draft,priority,created_at,changed_at"
    db.write(lambda tx: tx.insert("journeys", columns, rows))
    assert {one for one in found(db, nodes=nodes) if one.startswith("“Switch")} == {
        "“Switch to”: There is no journey called “sprin-sale”. Is “spring-sale” meant?",
        "“Switch to”: “thanks” is not live, so nobody comes into it.",
    }
