"""The demo: the same past from the same seed, journeys without faults, and shoppers who never run away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware

from sojourn.app import demo
from sojourn.app.auth import Accounts
from sojourn.app.demo_crowd import AWAKE_MS, HOUR_MS, MOST_PLANS, Crowd, Read, as_sent
from sojourn.app.demo_shop import DAY_MS, Did, newcomer, past, shop, visit
from sojourn.app.harden import Hosts
from sojourn.app.instance import Instance
from sojourn.app.pages import demo_door
from sojourn.runtime.content.letter import Letter, compile_letter, render
from sojourn.runtime.contracts import schema
from sojourn.runtime.contracts.catalogue import shipped
from sojourn.runtime.governance import versions
from sojourn.storage import activity, users

NOON = 1_800_000_000_000


def digest(seed: int) -> str:
    return sha256(repr(past(NOON, people=200, seed=seed)).encode()).hexdigest()


def test_the_same_seed_makes_the_same_past() -> None:
    assert digest(7) == digest(7) != digest(8)


def test_the_past_is_months_of_a_shop_with_made_up_people() -> None:
    made = past(NOON)
    names = Counter(did.name for did in made.events)
    assert len(made.people) == 3_000 == len({person.email for person in made.people})
    assert all(
        person.email.isascii() and person.email.endswith(("@example.com", "@example.org")) for person in made.people
    )
    assert names["viewed_product"] > names["added_to_cart"] > names["purchased"] > 1_000
    assert 170 * DAY_MS < made.events[-1].at_ms - made.events[0].at_ms < 183 * DAY_MS
    assert made.events[-1].at_ms < NOON


def test_a_few_customers_spend_much_and_some_fell_asleep_every_day() -> None:
    buyers = sorted((person.spent for person in past(NOON).people if person.orders), reverse=True)
    assert sum(buyers[: len(buyers) // 5]) > 0.4 * sum(buyers)
    days_ago = Counter((NOON - (person.last_order_ms or 0)) // DAY_MS for person in past(NOON).people)
    assert all(days_ago[day] for day in range(50, 61))


def test_some_orders_come_back_some_are_bargains_and_numbers_belong_to_nobody() -> None:
    made = past(NOON)
    paid = {did.properties["order_id"]: did.properties for did in made.events if did.name == "purchased"}
    back = [did.properties for did in made.events if did.name == "refunded"]
    assert len(back) > 50 and all(0 < one["amount"] <= paid[one["order_id"]]["total"] for one in back)
    assert 0.1 < sum("coupon" in one for one in paid.values()) / len(paid) < 0.3
    phones = [person.phone for person in made.people if person.phone]
    assert 500 < len(phones) == len(set(phones)) and all(phone[5:10] == "55501" for phone in phones)


def test_people_come_in_the_evening_and_not_at_night() -> None:
    hours = Counter(
        datetime.fromtimestamp(did.at_ms / 1000, ZoneInfo(did.person.zone)).hour
        for did in past(NOON, people=800).events
        if did.name == "viewed_category"
    )
    assert hours[19] > 4 * hours[3]


# ── the journeys ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def letters() -> dict[str, tuple[dict[str, Any], Letter]]:
    contents = demo.written_journeys()
    return {
        name: (letter, compile_letter(letter)) for content in contents for name, letter in content["letters"].items()
    }


def test_the_three_journeys_have_no_fault() -> None:
    contents = demo.written_journeys()
    assert [content["name"] for content in contents] == ["abandoned-cart", "welcome", "win-back"]
    assert [versions.problems(content) for content in contents] == [[], [], []]


def test_every_letter_fits_everybody(letters: dict[str, tuple[dict[str, Any], Letter]]) -> None:
    longest = max((name for names in shop()["first_names"].values() for name in names), key=len)
    cart = {"products": [{"name": f"Thing <{n}>", "price": 10, "quantity": n} for n in (1, 2)], "total": 30, "items": 2}
    for name, (_, letter) in letters.items():
        for contact in ({"first_name": longest}, {}):
            brand = {"name": "Shop", "address": "1 Trailhead Lane", "url": "http://shop.test"}
            data = {"contact": contact, "event": cart, "brand": brand, "unsubscribe_url": "http://shop.test/u/1"}
            filled = render(letter, data)
            assert 0 < len(filled.subject) <= 50, (name, filled.subject)
            assert filled.preheader
            assert "http://shop.test/u/1" in filled.html and "http://shop.test/u/1" in filled.text
            assert "1 Trailhead Lane" in filled.html
            assert all("alt=" in tag for tag in filled.html.split("<img")[1:])
    cart_letter = render(letters["reminder"][1], {"contact": {"first_name": "Ema"}, "event": cart, "brand": {}})
    assert "Thing &lt;1&gt;" in cart_letter.html and "2 pieces" in cart_letter.html and "€30.00" in cart_letter.html
    assert cart_letter.subject == "Ema, your cart is waiting"


def test_every_picture_a_letter_shows_is_there(letters: dict[str, tuple[dict[str, Any], Letter]]) -> None:
    wanted = {f"{product['picture']}.png" for product in shop()["products"]} | {"ridge.png"}
    assert wanted <= demo_door.PICTURES.keys()


# ── the crowd ─────────────────────────────────────────────────────────────────────────────────────────


def a_crowd(people: int = 300) -> Crowd:
    return Crowd([newcomer(Random(n), n, NOON - DAY_MS) for n in range(1, people + 1)], NOON, seed=1)


def test_about_a_third_of_the_carts_is_bought() -> None:
    dice, person = Random(1), newcomer(Random(1), 1, NOON)
    names = Counter(did.name for n in range(3_000) for did in visit(dice, person, NOON))
    assert 0.28 < names["purchased"] / names["added_to_cart"] < 0.40


def test_a_day_of_the_crowd_is_a_few_hundred_visits_and_newcomers_are_new() -> None:
    crowd, happened = a_crowd(), []
    for hour in range(1, 25):
        happened += crowd.until(NOON + hour * HOUR_MS)
    names = Counter(one.name for one in happened if isinstance(one, Did))
    assert 150 < names["viewed_category"] < 450
    assert 15 < names["subscribed"] < 80
    joined = [one.person.number for one in happened if isinstance(one, Did) and one.name == "subscribed"]
    assert min(joined) > 300 and len(set(joined)) == len(joined)


def test_nothing_happens_while_time_stands_still_and_little_after_a_jump() -> None:
    crowd = a_crowd()
    assert crowd.until(NOON) == []
    happened = crowd.until(NOON + 365 * DAY_MS)
    assert 0 < len(happened) < 400
    assert min(one.at_ms for one in happened) >= NOON + 365 * DAY_MS - AWAKE_MS


def test_letters_are_opened_and_clicked_and_a_flood_of_them_is_bounded() -> None:
    crowd = a_crowd()
    for message in range(10 * MOST_PLANS):
        crowd.receive(message, 1, "c1", NOON)
    read = Counter(one.what for one in crowd.until(NOON + 30 * DAY_MS) if isinstance(one, Read))
    assert read["opened"] > read["clicked"] > 100 > 0 < read["unsubscribed"]
    assert read.total() < 2 * MOST_PLANS


def test_who_buys_is_told_to_sojourn_with_the_date() -> None:
    person = newcomer(Random(2), 2, NOON)
    identify, track = as_sent(Did(NOON, person, "purchased", {"total": 50}), with_time=False)
    assert identify["traits"]["last_purchase_at"].startswith("2027-01-15") and identify["traits"]["orders"] == 1
    assert track["event"] == "purchased" and "timestamp" not in track


# ── the instance ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def instance(tmp_path: Path, database_url: str) -> Iterator[Instance]:
    made = Instance.create(tmp_path / "home", clock="manual", database=database_url)
    yield made
    made.close()


def test_preparing_twice_changes_nothing(instance: Instance) -> None:
    keys = demo.prepare(instance, people=30, days=0)
    before = instance.db.look(lambda tx: (activity.events_so_far(tx), len(users.keys(tx))))
    assert demo.prepare(instance, people=30, days=0) == keys
    assert instance.db.look(lambda tx: (activity.events_so_far(tx), len(users.keys(tx)))) == before
    assert instance.settings.brand_name == "Moss & Marker"
    assert oct((instance.home / demo.FILE).stat().st_mode)[-3:] == "600"
    assert instance.runtime.warnings() == [] or "email" in instance.runtime.warnings()[0]


def ask(instance: Instance, path: str, **how: Any) -> httpx.Response:
    async def visit_once() -> httpx.Response:
        app = Starlette(routes=demo_door.routes(instance))
        app.state.accounts = Accounts(instance)
        app.state.hosts = Hosts(instance.config.address, (), ())
        signed = SessionMiddleware(app, secret_key="x" * 32)
        door = httpx.ASGITransport(signed, client=(how.get("client", "127.0.0.1"), 5))
        async with httpx.AsyncClient(transport=door, base_url=instance.config.address) as browser:
            return await browser.get(path, headers=how.get("headers"))

    return asyncio.run(visit_once())


def test_the_link_signs_in_from_this_machine_alone(tmp_path: Path) -> None:
    instance = Instance.create(tmp_path / "home", clock="manual")
    assert demo_door.routes(instance) == []
    demo.prepare(instance, people=5, days=0)
    link = f"/demo/{demo.DOOR}"
    welcome = ask(instance, link)
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/journeys") and welcome.cookies
    for refused in (
        ask(instance, "/demo/guessed"),
        ask(instance, link, client="203.0.113.9"),
        ask(instance, link, headers={"x-forwarded-for": "203.0.113.9"}),
        ask(instance, link, headers={"host": "evil.test"}),
    ):
        assert refused.status_code == 403 and not refused.cookies
    assert ask(instance, "/demo/pictures/tent.png").headers["content-type"] == "image/png"
    assert ask(instance, "/demo/pictures/nothing.png").status_code == 404
    instance.close()


def test_what_the_shop_tells_keeps_to_the_contracts_that_ship() -> None:
    for did in past(NOON, people=200).events:
        form = shipped().get(did.name)
        assert form is None or schema.sentences(form, did.name, did.properties) == []
