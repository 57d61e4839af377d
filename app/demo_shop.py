"""The demo's shop: what it sells, the made-up people who buy there, and half a year of what they did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from ..storage.columns import from_ms, to_ms

ASSETS = Path(__file__).parent.parent / "assets" / "demo"
SEED = 2_718
DAY_MS = 86_400_000
MINUTE_MS = 60_000

# How busy each hour (from midnight) and each weekday (from Monday) is, where the visitor lives.
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 12, 10, 9, 9, 10, 12, 14, 17, 19, 16, 10, 5)
WEEKDAYS = (10, 9, 9, 10, 11, 14, 16)
CARTS_PER_VISIT, BOUGHT_PER_CART = 0.38, 0.34
BACK_TO_CATEGORY = 0.3  # between two products
RUNNERS, KEEN = 8, 0.8  # one customer in so many is a runner, and comes as one so often
SENT_BACK = 0.08  # of the orders: all of it, or one thing
COUPON, BARGAIN_HUNTERS, OFF = "TRAIL10", 6, 0.1  # one customer in so many hardly ever pays the full price
AREAS = (202, 303, 404, 505, 606, 707, 808, 909)  # codes before the numbers kept for films: 555-0100 to 555-0199


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of customer behaves: share of all people, visits in 30 days, chance to stop coming in 30 days."""

    share: float
    visits: float
    leaving: float


HABITS = {
    "loyal": Habit(0.08, 7.0, 0.03),
    "regular": Habit(0.24, 2.6, 0.10),
    "seldom": Habit(0.38, 0.9, 0.22),
    "looking": Habit(0.30, 0.5, 0.45),
}


@dataclass(slots=True)
class Person:
    """A made-up customer. ``orders``, ``spent`` and ``last_order_ms`` follow what they did."""

    number: int
    first_name: str
    last_name: str
    country: str
    zone: str
    joined_ms: int
    habit: str
    orders: int = 0
    spent: float = 0
    last_order_ms: int | None = None
    unsubscribed_ms: int | None = None

    @property
    def user(self) -> str:
        """The shop's own id of the customer."""
        return f"c{self.number}"

    @property
    def email(self) -> str:
        """An address nobody can own."""
        plain = "".join(letter for letter in normalize("NFKD", self.first_name) if not combining(letter))
        return f"{plain}.{self.last_name}.{self.number}@example.{'org' if self.number % 3 else 'com'}".lower()

    @property
    def phone(self) -> str | None:
        """A number nobody can own; some of the older customers gave one."""
        area, line = divmod(self.number // 4, 100)
        return None if self.number % 4 or area >= len(AREAS) else f"+1{AREAS[area]}55501{line:02d}"

    def traits(self) -> dict[str, Any]:
        """What the shop tells Sojourn of the customer."""
        known = {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "country": self.country,
            "timezone": self.zone,
            "orders": self.orders,
            "total_spent": round(self.spent, 2),
        }
        if self.last_order_ms is not None:
            known["last_purchase_at"] = from_ms(self.last_order_ms).isoformat(timespec="seconds")
        return known

    def buy(self, total: float, at_ms: int) -> None:
        """Remember an order."""
        self.orders, self.spent, self.last_order_ms = self.orders + 1, self.spent + total, at_ms


@dataclass(frozen=True, slots=True)
class Did:
    """Something a person does."""

    at_ms: int
    person: Person
    name: str
    properties: dict[str, Any]


@dataclass(slots=True)
class Past:
    """The shop's people and all they did, the oldest first."""

    people: list[Person]
    events: list[Did] = field(default_factory=list)


@cache
def shop() -> dict[str, Any]:
    """What stands in assets/demo/shop.json."""
    return json.loads((ASSETS / "shop.json").read_text("utf-8"))


def catalogue(base_url: str) -> list[dict[str, Any]]:
    """The shop's products as its own catalogue would tell them; one of them is sold out."""
    names = shop()["categories"]
    return [
        {
            "sku": one["id"],
            "title": one["name"],
            "url": f"{base_url}/demo/pictures/{one['picture']}.png",
            "image": f"{base_url}/demo/pictures/{one['picture']}.png",
            "price": one["price"],
            "old_price": round(one["price"] * 1.2) if place % 5 == 2 else None,
            "currency": "EUR",
            "category": names[one["category"]],
            "tags": ["sale"] if place % 5 == 2 else ["new"] if place % 4 == 3 else [],
            "stock": (place * 37 + 11) % 60 if place % 7 != 6 else 0,
            "margin": 25 + (place * 13) % 40,
            "published_at": f"2026-0{1 + place % 6}-10",
            "extra": {"picture": one["picture"]},
        }
        for place, one in enumerate(shop()["products"])
    ]


def past(end_ms: int, people: int = 3_000, days: int = 182, seed: int = SEED) -> Past:
    """Months of a shop up to ``end_ms``; the same arguments, the same past."""
    dice = Random(seed)
    made = Past([])
    for number in range(1, people + 1):
        # the shop grows: more people join lately than long ago
        joined = end_ms - int(DAY_MS * days * (1 - dice.random() ** 0.75))
        person = newcomer(dice, number, joined)
        made.people.append(person)
        made.events += _life(dice, person, end_ms)
    made.events.sort(key=lambda did: (did.at_ms, did.person.number))
    return made


def newcomer(dice: Random, number: int, joined_ms: int) -> Person:
    """Somebody new."""
    countries = shop()["countries"]
    country = dice.choices(countries, [one["weight"] for one in countries])[0]
    habit = dice.choices(list(HABITS), [one.share for one in HABITS.values()])[0]
    first, last = dice.choice(shop()["first_names"][country["code"]]), dice.choice(shop()["last_names"])
    return Person(number, first, last, country["code"], country["zone"], joined_ms, habit)


def visit(dice: Random, person: Person, at_ms: int) -> list[Did]:
    """One visit: looking around, perhaps a cart, perhaps an order within the hour, of which something may come back."""
    did: list[Did] = []
    seen = _pick(dice, dice.choice((1, 1, 2, 2, 3, 4)), person)
    for place, product in enumerate(seen):
        if not place or dice.random() < BACK_TO_CATEGORY:
            did.append(Did(at_ms, person, "viewed_category", {"category": shop()["categories"][product["category"]]}))
        at_ms += dice.randrange(20_000, 4 * MINUTE_MS)
        did.append(Did(at_ms, person, "viewed_product", _line(product, 1)))
    if dice.random() < CARTS_PER_VISIT:
        at_ms += dice.randrange(10_000, 3 * MINUTE_MS)
        cart = _cart(dice, seen)
        did.append(Did(at_ms, person, "added_to_cart", cart))
        if dice.random() < BOUGHT_PER_CART:
            bought = order(dice, person, cart, at_ms + dice.randrange(2 * MINUTE_MS, 50 * MINUTE_MS))
            did += [bought, *_sent_back(dice, bought)]
    return did


def order(dice: Random, person: Person, cart: dict[str, Any], at_ms: int) -> Did:
    """Buying what is in a cart, now and then with a coupon."""
    paid = {**cart, "order_id": f"o{dice.randrange(10**8):08d}"}
    if dice.random() < (0.05 if person.number % BARGAIN_HUNTERS else 0.8):
        off = round(cart["total"] * OFF, 2)
        paid |= {"coupon": COUPON, "discount": off, "total": round(cart["total"] - off, 2)}
    return Did(at_ms, person, "purchased", paid)


def _sent_back(dice: Random, bought: Did) -> Iterator[Did]:
    """Some days later all of an order comes back, or one thing of it."""
    if dice.random() < SENT_BACK:
        said = bought.properties
        one = dice.choice(said["products"])
        amount = said["total"] if dice.random() < 0.5 else min(one["price"], said["total"])
        at_ms = bought.at_ms + dice.randrange(2 * DAY_MS, 14 * DAY_MS)
        yield Did(at_ms, bought.person, "refunded", {"order_id": said["order_id"], "amount": amount})


def subscribe(person: Person) -> Did:
    """Signing up for the newsletter."""
    return Did(person.joined_ms, person, "subscribed", {"list": "newsletter", "source": "footer"})


def busyness(now_ms: int, zone: str) -> float:
    """How busy the shop is at this moment, 1 on average over a week."""
    local = from_ms(now_ms).astimezone(ZoneInfo(zone))
    return HOURS[local.hour] * 24 / sum(HOURS) * WEEKDAYS[local.weekday()] * 7 / sum(WEEKDAYS)


def _life(dice: Random, person: Person, end_ms: int) -> Iterator[Did]:
    """Everything one person did since they joined."""
    habit, zone = HABITS[person.habit], ZoneInfo(person.zone)
    yield subscribe(person)
    if dice.random() < 0.04:
        person.unsubscribed_ms = person.joined_ms + int(dice.random() * (end_ms - person.joined_ms))
    gone_ms = person.joined_ms + int(dice.expovariate(habit.leaving / 30) * DAY_MS)
    at_ms = person.joined_ms + dice.randrange(MINUTE_MS, 20 * MINUTE_MS)  # who joins looks around first
    while at_ms < min(end_ms, gone_ms):
        for did in visit(dice, person, at_ms):
            if did.at_ms < end_ms:
                if did.name == "purchased":
                    person.buy(did.properties["total"], did.at_ms)
                yield did
        at_ms = _good_hour(dice, at_ms + int(dice.expovariate(habit.visits / 30) * DAY_MS) + DAY_MS // 4, zone)


def _good_hour(dice: Random, at_ms: int, zone: ZoneInfo) -> int:
    """A moment on that day or the next ones when people are awake and have time."""
    day = from_ms(at_ms).astimezone(zone).date()
    while dice.random() * max(WEEKDAYS) > WEEKDAYS[day.weekday()]:
        day += timedelta(days=1)
    hour = dice.choices(range(24), HOURS)[0]
    chosen = to_ms(datetime.combine(day, time(hour, dice.randrange(60), dice.randrange(60)), zone))
    return chosen if chosen > at_ms else chosen + DAY_MS


def _pick(dice: Random, count: int, person: Person | None = None) -> list[dict[str, Any]]:
    """Products by how well they sell; a runner mostly wants what is for running."""
    products = shop()["products"]
    if person is not None and person.number % RUNNERS == 0 and dice.random() < KEEN:
        products = [one for one in products if one["category"] == "running"]
    return dice.choices(products, [one["weight"] for one in products], k=count)


def _line(product: dict[str, Any], quantity: int) -> dict[str, Any]:
    """A product as events name it; the shop's pages and pictures are found by its id."""
    return {
        "product_id": product["id"],
        "name": product["name"],
        "category": shop()["categories"][product["category"]],
        "price": product["price"],
        "quantity": quantity,
        "picture": product["picture"],
    }


def _cart(dice: Random, seen: list[dict[str, Any]]) -> dict[str, Any]:
    chosen = {one["id"]: one for one in (*seen[-2:], *_pick(dice, dice.choice((0, 0, 0, 1, 1, 2))))}
    lines = [_line(one, 2 if one["price"] < 40 and dice.random() < 0.25 else 1) for one in chosen.values()]
    total = sum(line["price"] * line["quantity"] for line in lines)
    return {"products": lines, "items": len(lines), "total": total, "currency": "EUR"}
