"""Letters filled with segments, figures, products, places and facts from outside: a chunk at a time, on both stores."""

from __future__ import annotations

import asyncio
import quopri
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sojourn.runtime.channels.channel import Delivered, Held, OneByOne, Outcome, Parcel
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.needs import Needs
from sojourn.runtime.content.proof import PROOFS
from sojourn.runtime.content.selections import Selection
from sojourn.runtime.letter_facts.provider import completed
from sojourn.storage import catalog, coupons, held, products
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx
from sojourn.storage.handover import Filling
from sojourn.tests.runtime.post import BRAND, NOW, enrollment, journey, message, outbox, states

DAY = 86_400_000


class Desk(OneByOne):
    """A channel that keeps what it is given."""

    name = ""

    def __init__(self) -> None:
        self.taken: dict[int, Parcel] = {}

    async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
        if not await before_body():
            return Held()
        self.taken[parcel.message_id] = parcel
        return Delivered(250, "kept")

    def text(self, message_id: int) -> str:
        rendered = self.taken[message_id].rendered
        return quopri.decodestring(rendered.parts[0]).decode() if rendered.parts else rendered.text


def letter(words: str, **more: str) -> dict[str, Any]:
    body = f"<mjml><mj-body><mj-section><mj-column><mj-text>{words}</mj-text></mj-column></mj-section></mj-body></mjml>"
    return {"subject": "Hello", "mjml": body, **more}


def sent(db: Database, clock: ManualClock | None = None, desk: Desk | None = None) -> Desk:
    kept = desk or Desk()

    async def go() -> None:
        box = outbox(db, kept, clock)
        await box.run_once()
        await box.close()

    asyncio.run(go())
    return kept


def product(sku: str, **known: Any) -> dict[str, Any]:
    return {"sku": sku, "title": f"Thing {sku}", "category": "Things", **known}


def test_segments_figures_and_places_are_those_of_each_reader(db: Database) -> None:
    journey(db, 3, letter=letter(
        "{% if segments.vip %}VIP{% endif %} {% if features is meets('orders', 'at_least', 2) %}again{% endif %}"
        " {{ features.favourite_category }} {{ place.country }}/{{ place.city }} {{ now.weekday }} {{ now.hour }}"
    ))  # fmt: skip

    def job(tx: Tx) -> None:
        tx.insert(
            "segments",
            "id,name,title,kind,description,owner,tags,rule,revision,filled,size,mark,trouble,created_at,changed_at",
            [(1, "vip", "VIP", "behavioural", "", "", "[]", "{}", 1, 1, 1, "{}", "", NOW, NOW)],
        )
        tx.insert("segment_members", "segment_id,contact_id,since_at", [(1, 2, NOW)])
        tx.insert(
            "features",
            "contact_id,orders,revenue,refunded,engagement,touched,favourite_category",
            [(1, 1, 0, 0, 0, 0, "Shoes"), (2, 5, 0, 0, 0, 0, "Packs")],
        )
        known = dump({"first_name": "Eva", "city": "Sydney", "country": "AU"})
        tx.run("UPDATE contacts SET properties = ? WHERE id = 2", (known,))

    db.write(job)
    desk = sent(db)
    assert [" ".join(desk.text(n).partition("--")[0].split()) for n in (1, 2)] == [
        "Shoes / Monday 14",
        "VIP again Packs AU/Sydney Tuesday 0",
    ], "a Monday afternoon in UTC is Tuesday in Sydney"
    assert states(db) == {"sent": 3}


def test_a_grid_shows_the_cart_with_what_the_catalogue_knows(db: Database) -> None:
    journey(db, 1, letter=letter(
        "{% for one in products(source='event') %}[{{ one.title }} {{ one.price }} x{{ one.quantity }}"
        " {{ one.image }}]{% endfor %}"
    ))  # fmt: skip
    cart = {"products": [{"product_id": "p1", "name": "Boot", "price": 90, "quantity": 2}, {"id": "new", "name": "?"}]}

    def job(tx: Tx) -> None:
        tx.run("UPDATE events SET properties = ?", (dump(cart),))
        products.put(tx, [product("p1", title="Ridge boot", price=80, image="https://shop.example.com/1.png")], NOW)

    db.write(job)
    assert "[Ridge boot 80 x2 https://shop.example.com/1.png][?  x ]" in sent(db).text(1)


CATALOGUE = [
    product("a", price=30, stock=5, margin=50, tags=["sale"], published_at=3, category="Shoes"),
    product("b", price=10, stock=0, margin=10, published_at=9, category="Shoes"),
    product("c", price=20, stock=None, margin=30, tags=["sale", "new"], published_at=5),
    product("d", price=5, stock=1, active=False),
    product("e", price=40, stock=2, language="cs", published_at=1),
]


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        ({"order": "cheapest"}, "bcae"),
        ({"order": "newest", "limit": 2}, "bc"),
        ({"category": "Shoes"}, "ab"),
        ({"tag": "sale", "order": "dearest"}, "ac"),
        ({"in_stock": True, "order": "cheapest"}, "cae"),
        ({"margin_above": 20, "order": "margin"}, "ac"),
        ({"price_below": 20}, "b"),
        ({"ids": "c,d,a"}, "ca"),
        ({"fresh": True, "order": "cheapest"}, "bce"),
        ({"favourite": True}, "ab"),
        ({"source": "event"}, "a"),
        ({"source": "event", "in_stock": True, "margin_above": 60}, ""),
    ],
)
def test_products_are_chosen(db: Database, selection: dict[str, Any], found: str) -> None:
    def job(tx: Tx) -> None:
        products.put(tx, CATALOGUE, NOW)
        tx.insert(
            "events",
            "id,contact_id,name,at,received_at,properties",
            [(1, 7, "purchased", NOW - DAY, NOW, dump({"products": [{"product_id": "a"}]}))],
        )
        tx.run("INSERT INTO contacts (id, properties, created_at, changed_at) VALUES (7, '{}', ?, ?)", (NOW, NOW))
        tx.run(
            "INSERT INTO features (contact_id, orders, revenue, refunded, engagement, touched, favourite_category)"
            " VALUES (7, 0, 0, 0, 0, 0, 'Shoes')"
        )

    db.write(job)
    key = Selection.of(selection).key
    known = {} if "e" in found else {"language": "en"}
    reader = Filling(known, {"products": [{"sku": "a"}]}, {}, contact_id=7)
    needs = Needs({"products": frozenset([key])})
    shown = db.look(lambda tx: completed(tx, [reader], needs, NOW))[0].more["_products"][key]
    assert "".join(one["sku"] for one in shown) == found


def test_a_product_keeps_what_a_later_word_does_not_say(db: Database) -> None:
    db.write(lambda tx: products.put(tx, [product("a", price=10, tags=["x"], extra={"colour": "red"})], NOW))
    db.write(lambda tx: products.put(tx, [{"sku": "a", "price": 8}], NOW + 1))
    one = db.look(lambda tx: products.of(tx, ["a"]))[0]
    assert (one["price"], one["tags"], one["extra"], one["title"]) == (8, ["x"], {"colour": "red"}, "Thing a")


def test_one_query_for_each_need_of_a_whole_chunk(db: Database) -> None:
    journey(db, 20)
    needs = Needs({"segments": frozenset(["vip"]), "features": frozenset(["orders", "revenue"])})
    fillings = [Filling({}, {}, {}, contact_id=n) for n in range(1, 21)]
    asked: list[str] = []

    def look(tx: Tx) -> None:
        run = tx.run
        tx.run = lambda sql, params=(): (asked.append(sql), run(sql, params))[1]  # type: ignore[method-assign]
        completed(tx, fillings, needs, NOW)

    db.look(look)
    assert sum("segment_members" in sql for sql in asked) == 1
    assert sum("features" in sql for sql in asked) == 1
    asked.clear()
    assert completed(None, fillings, Needs({}), NOW) == fillings  # type: ignore[arg-type]


def test_a_preview_has_the_same_facts_and_a_sample_of_a_coupon(db: Database) -> None:
    journey(db, 1)
    db.write(lambda tx: products.put(tx, [product("p1", title="Boot")], NOW))
    source = letter("{{ catalogue['p1'].title }} {{ coupon('spring') }}")

    def look(tx: Tx) -> Filling:
        filling = catalog.filling(tx, 1, "added", "cart", "Cart")
        assert filling is not None and filling.contact_id == 1
        return completed(tx, [filling], PROOFS.needs(source, True), NOW)[0]

    proof = PROOFS.of(source, db.look(look), BRAND, True)
    assert proof.rendered is not None and "Boot SPRING-SAMPLE" in proof.rendered.html


# ── facts that break a letter ─────────────────────────────────────────────────────────────────────────


def test_who_breaks_the_letter_is_set_aside_and_shown_while_the_others_go(db: Database) -> None:
    journey(db, 4, letter=letter("You have {{ contact.points + 1 }} points"))
    db.write(lambda tx: tx.run("UPDATE contacts SET properties = ? WHERE id <> 2", (dump({"points": 4}),)))
    clock = ManualClock(NOW)
    desk = sent(db, clock)
    assert states(db) == {"sent": 3, "queued": 1}
    assert "could not be filled" in message(db, 2)[1] and message(db, 2)[3] == NOW + DAY
    assert enrollment(db, 2)[0] == 1, "they stand where they stood"
    group = next(one for one in db.look(lambda tx: held.groups(tx, 1, 0)))
    assert (group.rule, group.count, group.status) == ("letter", 1, "queued")

    db.write(lambda tx: tx.run("UPDATE contacts SET properties = ? WHERE id = 2", (dump({"points": 9}),)))
    assert db.write(lambda tx: held.try_again(tx, "letter", NOW, journey_id=1)) == 1
    assert db.write(lambda tx: held.try_again(tx, "letter", NOW, contact_id=2)) == 0, "it is due already"
    sent(db, clock, desk)
    assert "You have 10 points" in desk.text(2) and states(db) == {"sent": 4}


def test_after_a_week_a_letter_that_cannot_be_filled_is_given_up(db: Database) -> None:
    journey(db, 1, letter=letter("{{ contact.points + 1 }}"))
    clock = ManualClock(NOW)
    for _ in range(8):
        sent(db, clock)
        clock.set(clock.now_ms() + DAY)
    assert message(db, 1)[0] in ("failed", "skipped"), "the week of the letter, or the patience of the gate"
    assert enrollment(db, 1)[0] == 0, "they go on"


def test_a_personal_subject_and_preheader_fall_back(db: Database) -> None:
    words = {
        "subject": "{{ contact.first_name|default('Friend') }}, {{ features.favourite_category|default('things') }}",
        "preheader": "{% if segments.vip %}For you{% else %}For all{% endif %}",
    }
    journey(db, 2, letter=letter("Hello") | words)
    db.write(lambda tx: tx.run("UPDATE contacts SET properties = '{}' WHERE id = 2"))
    desk = sent(db)
    assert [desk.taken[n].rendered.subject for n in (1, 2)] == ["Name1, things", "Friend, things"]
    assert desk.taken[1].rendered.preheader == "For all"


def test_blocks_of_products_and_coupons_are_filled_for_who_is_meant(db: Database) -> None:
    grid = {"source": "catalogue", "category": "Shoes", "order": "cheapest"}
    offer = {"source": "pool", "pool": "spring", "title": "For you"}
    blocks = [
        {"id": "g", "kind": "product_grid", "settings": grid},
        {"id": "c", "kind": "coupon", "settings": offer, "group": "offer",
         "show_if": {"property": "points", "op": "more_than", "value": 10}},
        {"id": "t", "kind": "text", "group": "offer", "settings": {"text": "Collect points"}},
    ]  # fmt: skip
    journey(db, 2, letter={"subject": "Hello", "blocks": blocks})

    def job(tx: Tx) -> None:
        products.put(tx, [one for one in CATALOGUE if one["category"] == "Shoes"], NOW)
        tx.run("UPDATE contacts SET properties = ? WHERE id = 2", (dump({"points": 40}),))
        key = coupons.keep(tx, coupons.CouponPool(name="spring", created_at=NOW))
        coupons.add(tx, key, ["ONE", "TWO"])

    db.write(job)
    desk = sent(db)
    pages = {number: desk.taken[number].rendered for number in (1, 2)}
    html = {number: (page.parts[1].decode() if page.parts else page.html) for number, page in pages.items()}
    html = {number: " ".join(page.split()) for number, page in html.items()}
    assert all("Thing a" in page and "Thing b" not in page for page in html.values()), "b is sold out"
    assert "Collect points" in html[1] and "ONE" not in html[1] and "For you" not in html[1]
    assert "ONE" in html[2] and "Collect points" not in html[2]
    assert [tuple(row) for row in db.look(lambda tx: tx.rows("SELECT message_id, code FROM coupons ORDER BY id"))] == [
        (2, "ONE"),
        (None, "TWO"),
    ]
