"""Who comes to the demo's shop and when, as plans: pure chance from a seed, no clock and no store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random
from typing import Any

from ..storage.columns import from_ms
from .demo_shop import DAY_MS, MINUTE_MS, Did, Person, busyness, newcomer, order, subscribe, visit

HOUR_MS = 3_600_000
ZONE = "Europe/Prague"
VISITS_PER_HOUR, NEWCOMERS_PER_HOUR = 9.0, 1.8  # on average over a week
QUIETEST = 0.4  # of the average, so that there is something to see at night too
OPENS, CLICKS, BUYS, UNSUBSCRIBES = 0.55, 0.35, 0.4, 0.01  # each a share of the one before; the last of those who open
AWAKE_MS = 3 * HOUR_MS  # after a jump of the clock, only so much of the time that passed is lived through
MOST_PLANS = 5_000
SLEEPERS_MS = 45 * DAY_MS  # who bought last before that comes back by a letter only


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody does something with a letter: opened, clicked or unsubscribed."""

    at_ms: int
    what: str
    message_id: int
    contact_id: int


class Crowd:
    """Plans visits as time passes, and hands out what is due."""

    def __init__(self, people: Sequence[Person], now_ms: int, seed: int) -> None:
        self._dice = Random(seed)
        self._by_user = {person.user: person for person in people}
        self._regulars = [person for person in people if (person.last_order_ms or now_ms) > now_ms - SLEEPERS_MS]
        self._next_number = max((person.number for person in people), default=0) + 1
        self._plans: list[tuple[int, int, Did | Read]] = []
        self._count = 0
        self._lived_ms = now_ms

    def until(self, now_ms: int) -> list[Did | Read]:
        """Live on until this moment; returns what happened meanwhile, in order."""
        start = max(self._lived_ms, now_ms - AWAKE_MS)
        for at_ms in self._moments(start, now_ms, VISITS_PER_HOUR):
            if self._regulars:
                self._plan(visit(self._dice, self._dice.choice(self._regulars), at_ms))
        for at_ms in self._moments(start, now_ms, NEWCOMERS_PER_HOUR):
            self._welcome(at_ms)
        self._lived_ms = max(self._lived_ms, now_ms)
        due: list[Did | Read] = []
        while self._plans and self._plans[0][0] <= now_ms:
            due.append(heappop(self._plans)[2])
        return due

    def receive(self, message_id: int, contact_id: int, user: str | None, now_ms: int) -> None:
        """Somebody got a letter: many open it, some click, a few of those buy."""
        dice = self._dice
        if dice.random() > OPENS:
            return
        opened_ms = now_ms + int(dice.expovariate(1 / (90 * MINUTE_MS)))
        self._plan([Read(opened_ms, "opened", message_id, contact_id)])
        if dice.random() < UNSUBSCRIBES:
            self._plan([Read(opened_ms + MINUTE_MS, "unsubscribed", message_id, contact_id)])
        elif dice.random() < CLICKS:
            clicked_ms = opened_ms + dice.randrange(5_000, 3 * MINUTE_MS)
            self._plan([Read(clicked_ms, "clicked", message_id, contact_id)])
            person = self._by_user.get(user or "")
            if person is not None:
                did = visit(dice, person, clicked_ms)
                carts = [one for one in did if one.name == "added_to_cart"]
                if carts and all(one.name != "purchased" for one in did) and dice.random() < BUYS:
                    did.append(order(dice, person, carts[0].properties, carts[0].at_ms + 5 * MINUTE_MS))
                self._plan(did)

    def _welcome(self, at_ms: int) -> None:
        person = newcomer(self._dice, self._next_number, at_ms)
        self._next_number += 1
        self._by_user[person.user] = person
        self._regulars.append(person)
        self._plan([subscribe(person), *visit(self._dice, person, at_ms + MINUTE_MS)])

    def _moments(self, start_ms: int, end_ms: int, per_hour: float) -> Iterable[int]:
        """Moments of a Poisson process whose rate follows the hour of the day."""
        at_ms = start_ms
        while True:
            rate = per_hour * max(QUIETEST, busyness(at_ms, ZONE)) / HOUR_MS
            at_ms += int(self._dice.expovariate(rate)) + 1
            if at_ms > end_ms:
                return
            yield at_ms

    def _plan(self, what: Sequence[Did | Read]) -> None:
        if len(self._plans) < MOST_PLANS:
            for one in what:
                self._count += 1
                heappush(self._plans, (one.at_ms, self._count, one))


def as_sent(did: Did, with_time: bool) -> list[dict[str, Any]]:
    """What the shop's SDK would send: who signs up or buys is identified as well."""
    person = did.person
    stamp = {"timestamp": from_ms(did.at_ms).isoformat()} if with_time else {}
    track = {"type": "track", "userId": person.user, "event": did.name, "properties": did.properties, **stamp}
    if did.name == "purchased":
        person.buy(did.properties["total"], did.at_ms)
    if did.name not in ("purchased", "subscribed"):
        return [track]
    traits = {**person.traits(), "email": person.email}
    if did.name == "subscribed":
        traits["consents"] = {"email": {"marketing": True}}
    return [{"type": "identify", "userId": person.user, "traits": traits, **stamp}, track]
