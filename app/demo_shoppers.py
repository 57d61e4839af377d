"""The demo's shoppers: they come by the door of every shop, read their letters, and rest when time rests."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..runtime import ingest
from ..runtime.clock import ManualClock
from ..runtime.facts import profile_of
from ..runtime.tracking.readers import Judged
from ..runtime.tracking.recording import Look, record
from ..storage import activity, consents, entering
from ..storage.columns import to_ms
from ..storage.database import Tx
from .demo_crowd import Crowd, Read, as_sent
from .demo_shop import Did, Person
from .instance import KeptClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .instance import Instance

SOURCE = "demo shop"
SPEED = 300  # five minutes pass in a second
TICK_S = 1.0
KEEP_TICKS = 15  # between two notes of how late it is, so that a killed demo goes on where it was
MOST_AT_ONCE = 200  # letters looked at in a tick
MOST_EVENTS = 400_000  # the shop closes when so many are stored, so that a forgotten demo does not fill the disk

PERSON = Judged("human", "browser")

log = logging.getLogger("sojourn.demo")


class Shoppers:
    """Lives in a thread of its own: `start`, `stop`. `live` once lets what is due happen, for the first days."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        now_ms = instance.clock.now_ms()
        people, self._letter = instance.db.look(lambda tx: (customers(tx), activity.last_decision(tx)))
        self._crowd = Crowd(people, now_ms, seed=now_ms)

    def start(self) -> None:
        """Let time run and people come."""
        clock = self._instance.clock
        if isinstance(clock, ManualClock) and not self._thread:
            clock.set(clock.now_ms(), SPEED)
            self._thread = threading.Thread(target=lambda: asyncio.run(self._stay()), name="shoppers", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Everybody goes home; returns when they have."""
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=10)
            self._thread = None

    async def live(self, with_time: bool = False) -> int:
        """Let everything up to now happen; returns how many events there were."""
        instance = self._instance
        now_ms = instance.clock.now_ms()
        arrived = await instance.db.aread(lambda tx: activity.delivered_after(tx, self._letter, MOST_AT_ONCE))
        for decision, message, contact, user in arrived:
            self._letter = decision
            self._crowd.receive(message, contact, user, now_ms)
        happened = self._crowd.until(now_ms)
        sent = [message for did in happened if isinstance(did, Did) for message in as_sent(did, with_time)]
        if sent:
            receipt = await ingest.accept(instance.db, instance.shelf, instance.clock, sent, SOURCE)
            if receipt.rejected:
                log.warning("The shop sent what was refused: %s", receipt.rejected[0].reason)
            if receipt.due:
                instance.runtime.nudge()
        read = [one for one in happened if isinstance(one, Read)]
        if read:
            await instance.db.awrite(lambda tx: _react(tx, read))
        return len(sent)

    async def _stay(self) -> None:
        clock, ticks = self._instance.clock, 0
        while not await asyncio.to_thread(self._stopping.wait, TICK_S):
            if not isinstance(clock, ManualClock) or not clock.speed:
                continue
            ticks += 1
            try:
                if await self._instance.db.aread(activity.events_so_far) < MOST_EVENTS:
                    await self.live()
                if ticks % KEEP_TICKS == 0 and isinstance(clock, KeptClock):
                    await asyncio.to_thread(clock.keep)
            except Exception:
                log.exception("The shoppers stumbled and go on")


def customers(tx: Tx) -> list[Person]:
    """The shop's people as they are stored."""
    found: list[Person] = []
    after = 0
    while page := entering.reachable_after(tx, after, 2_000):
        after = page[-1][0]
        profiles = (profile_of(*row) for _, *row in page)
        found += [_person(profile) for profile in profiles if _is_customer(profile)]
    return found


def _is_customer(profile: dict[str, Any]) -> bool:
    user = str(profile["external_id"] or "")
    return user[:1] == "c" and user[1:].isdigit() and {"first_name", "last_name", "timezone"} <= profile.keys()


def _person(profile: dict[str, Any]) -> Person:
    last = profile.get("last_purchase_at")
    return Person(
        number=int(profile["external_id"][1:]),
        first_name=str(profile["first_name"]),
        last_name=str(profile["last_name"]),
        country=str(profile.get("country", "")),
        zone=str(profile["timezone"]),
        joined_ms=profile["created_at"],
        habit="",
        orders=int(profile.get("orders") or 0),
        spent=float(profile.get("total_spent") or 0),
        last_order_ms=to_ms(datetime.fromisoformat(last)) if last else None,
    )


def _react(tx: Tx, read: Sequence[Read]) -> None:
    """What the links of a letter would note."""
    for one in read:
        if one.what == "unsubscribed":
            evidence = {"message": one.message_id}
            consents.say(
                tx, one.contact_id, "email", "withdrawn", source="unsubscribe", now_ms=one.at_ms, evidence=evidence
            )
        else:
            place = 0 if one.what == "opened" else 1 + (one.message_id % 3 == 0)
            record(tx, [Look(one.message_id, place, "", PERSON, one.at_ms)], False, one.at_ms)
