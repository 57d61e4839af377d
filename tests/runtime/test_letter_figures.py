"""How a letter fares: its counts are those one would make by hand, and an order is the doing of one letter."""

from __future__ import annotations

from typing import Any

from sojourn.runtime import funnel, settings
from sojourn.runtime.tracking.figures import LetterFigures
from sojourn.runtime.tracking.readers import Judged
from sojourn.runtime.tracking.recording import Look, record
from sojourn.storage import setbacks
from sojourn.storage.columns import dump, load
from sojourn.storage.database import Database
from sojourn.storage.setbacks import Noted
from sojourn.tests.runtime.post import NOW, journey

HOUR, DAY = 3_600_000, 86_400_000
PEOPLE = 20
SHOP = "https://shop.example.com/"
HUMAN = Judged("human", "browser")


def sent(db: Database, letter: dict[str, Any] | None = None) -> None:
    """Twenty letters, of which number 20 failed."""
    journey(db, PEOPLE, letter=letter)
    content = load(db.look(lambda tx: tx.value("SELECT content FROM versions")))
    content["nodes"]["mail"]["settings"] = {"letter": "hello"}
    db.write(lambda tx: tx.run("UPDATE versions SET content = ?", (dump(content),)))
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'sent', sent_at = queued_at"))
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'failed' WHERE id = 20"))


def look(db: Database, message: int, at: int, link: int = 0, judged: Judged = HUMAN) -> None:
    url = f"{SHOP}{link}" if link else ""
    db.write(lambda tx: record(tx, [Look(message, link, url, judged, NOW + at)], False, NOW + at))


def buys(db: Database, contact: int, at: int, **said: Any) -> None:
    number = db.look(lambda tx: tx.value("SELECT max(id) + 1 FROM events"))
    row = (number, contact, "purchased", NOW + at, NOW + at, dump(said))
    db.write(lambda tx: tx.insert("events", "id,contact_id,name,at,received_at,properties", [row]))


def fares(db: Database) -> LetterFigures:
    return db.look(lambda tx: funnel.read(tx, 1, 0)).letters["mail"]


def test_people_machines_and_answers_are_counted_apart(db: Database) -> None:
    sent(db)
    for message in range(1, 7):
        look(db, message, HOUR)
    for message in range(5, 12):  # 5 and 6 are people's as well
        look(db, message, HOUR, judged=Judged("machine", "apple"))
    look(db, 12, HOUR, judged=Judged("unknown", "nameless"))
    for message, link in ((1, 1), (1, 1), (1, 2), (2, 1), (13, 2)):
        look(db, message, 2 * HOUR + link * 60_000, link)
    look(db, 14, HOUR, 1, Judged("scanner", "gateway"))
    said = [
        Noted(3, kind, "email", NOW + DAY, 3, 1, "") for kind in (setbacks.COMPLAINT, setbacks.UNSUBSCRIBE, "bounce")
    ]
    db.write(lambda tx: setbacks.note(tx, said))
    one = fares(db)
    assert (one.delivered, one.failed, one.opened, one.clicked) == (19, 1, 7, 3)
    assert (one.opened_by_machines, one.opened_by_unknown, one.clicked_by_scanners) == (5, 1, 1)
    assert (one.complaints, one.unsubscribes) == (1, 1)
    links = [(link.place, link.url, link.people, link.clicks, link.scanners) for link in one.links]
    assert links == [(1, f"{SHOP}1", 2, 3, 1), (2, f"{SHOP}2", 2, 2, 0)]
    assert one.source["subject"] == "Hi {{ contact.first_name }}"


def test_an_order_is_the_doing_of_the_letter_clicked_last_within_its_days(db: Database) -> None:
    sent(db)
    for message in (1, 2, 3):
        look(db, message, HOUR, 1)
    columns = (
        "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,"
        "sent_at,clicked_at"
    )
    other = (21, 99, 1, 0, 2, 2, 2, "email", "hello", "sent", NOW, NOW, 1, NOW, NOW + 3 * HOUR)
    db.write(lambda tx: tx.insert("messages", columns, [other]))
    buys(db, 1, 2 * HOUR, total=30)
    buys(db, 1, 3 * HOUR, revenue="12.50")
    buys(db, 1, -HOUR, total=1_000)  # before the click
    buys(db, 2, 2 * HOUR, total=5)  # before the other journey's letter was clicked
    buys(db, 2, 4 * HOUR, total=1_000)  # the other's doing
    buys(db, 3, 8 * DAY, total=1_000)  # too late
    buys(db, 4, 2 * HOUR, total=7)  # opened only
    look(db, 4, HOUR)
    buys(db, 5, 2 * HOUR, total=1_000)  # did nothing with the letter
    one = fares(db)
    assert (one.converted, one.orders, one.revenue) == (2, 3, 47.5)
    db.write(lambda tx: settings.save(tx, "opens_convert", True))
    one = fares(db)
    assert (one.converted, one.orders, one.revenue) == (3, 4, 54.5)
    db.write(lambda tx: settings.save(tx, "conversion_event", "signed_up"))
    assert fares(db).orders == 0


def test_the_last_click_is_what_counts_also_where_a_letter_was_clicked_before(db: Database) -> None:
    sent(db)
    columns = (
        "id,enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts,"
        "sent_at"
    )
    others = [(20 + n, 98 + n, 1, 0, 2, 2, n, "email", "hello", "sent", NOW, NOW, 1, NOW) for n in (1, 2)]
    db.write(lambda tx: tx.insert("messages", columns, others))
    look(db, 1, HOUR, 1)
    look(db, 21, DAY, 1)
    buys(db, 1, DAY + HOUR, total=1_000)  # the other's doing
    look(db, 1, 2 * DAY, 1)  # the same link of the first letter once more
    buys(db, 1, 3 * DAY, total=30)
    look(db, 2, HOUR, 1)
    look(db, 2, 5 * DAY, 2)  # another link of it
    buys(db, 2, 9 * DAY, total=7)
    buys(db, 2, 13 * DAY, total=1_000)  # too late
    look(db, 22, 6 * DAY, 1, Judged("scanner", "gateway"))  # whoever that was, they bought nothing
    one = fares(db)
    assert (one.converted, one.orders, one.revenue) == (2, 2, 37.0)


def test_a_letter_has_days_of_its_own(db: Database) -> None:
    sent(db, {"subject": "Hi", "mjml": "<mjml><mj-body></mj-body></mjml>", "conversion_days": 14})
    look(db, 3, HOUR, 1)
    buys(db, 3, 8 * DAY, total=9)
    assert (fares(db).converted, fares(db).revenue) == (1, 9.0)
