"""The gate's last question: is there room today, for a sender that is warmed up or at a provider that is braked?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from ...nodes.zones import first_instant, zone
from ...storage import leasing, sender_brakes, warm_ups
from ...storage.columns import load
from ...storage.database import Row, Tx
from ...storage.handover import Facts
from ..deliverability.providers import group_of, label_of
from .gate_questions import Asking, Refusal
from .gate_words import until_words
from .rules import ENGAGEMENT

if TYPE_CHECKING:
    from .gate import Terms

KEY = "sending.limited"  # in the settings: whether anything is warmed up or braked, so that nobody else asks further
EMAIL = "email"
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
AUTOMATION = 1  # the class that answers what somebody just did: nobody is more engaged
USED_UP = "This sender is being warmed up, and its letters of today are used up; those who read most go first."
UTC_ZONE = ZoneInfo("UTC")
STOPPED = "The warm-up of this sender was stopped, and marketing waits until somebody goes on with it."


class Limit(NamedTuple):
    """A plan as far as the gate goes by it."""

    plan_id: int
    account: str
    provider: str
    allowed: int
    stopped: bool
    shares: Mapping[str, int]
    opens_ms: int
    spread_ms: int


class Stop(NamedTuple):
    """A brake as far as the gate goes by it."""

    brake_id: int
    account: str
    provider: str
    until_ms: int
    why: str


class Ways(Protocol):
    """The accounts letters may leave by."""

    def marketing(self) -> Sequence[str]:
        """Those that carry marketing at all."""
        ...

    def of(self, of: Facts, under: Terms) -> Sequence[str]:
        """Those that may carry this letter, in the order in which they are asked."""
        ...


class OneWay:
    """Everything leaves by what has no name."""

    def marketing(self) -> Sequence[str]:
        return ("",)

    def of(self, of: Facts, under: Terms) -> Sequence[str]:
        return ("",)


@dataclass(slots=True)
class Room:
    """What is left of today, taken from as the gate says yes. For one transaction.

    ``account`` is the one the letters are about to leave by; None: it is not known yet, and any of ``ways`` may be.
    ``closed`` are the accounts that have no room for a letter that goes, by letter.
    """

    day: str
    opens_ms: int  # today's first moment where the sender is
    next_ms: int  # tomorrow's
    limits: Sequence[Limit]
    stops: Sequence[Stop]
    account: str | None
    ways: Ways
    used: dict[tuple[int, str], int] = field(default_factory=dict)
    holders: Collection[tuple[int, int]] = ()
    closed: dict[int, frozenset[str]] = field(default_factory=dict)
    _by_way: dict[int, str] = field(default_factory=dict)

    @classmethod
    def load(
        cls, tx: Tx, now_ms: int, zone_name: str, account: str | None, ways: Ways, ids: Sequence[int] = ()
    ) -> Room:
        """What is in force. With an ``account`` nobody else gives out places before the transaction ends."""
        today = day_of(now_ms, zone_name)
        rows = warm_ups.limits(tx, account, lock=account is not None)
        limits = [
            Limit(key, of, provider, allowed, status == warm_ups.STOPPED, shares if isinstance(shares, dict) else
                  load(shares) or {}, opens * MINUTE_MS, spread * MINUTE_MS)
            for key, of, provider, allowed, status, shares, opens, spread in rows
        ]  # fmt: skip
        stops = [Stop(*row) for row in sender_brakes.in_force(tx)]
        found = cls(
            today.isoformat(), midnight(today, zone_name), midnight(today + timedelta(days=1), zone_name), limits,
            stops, account, ways,
        )  # fmt: skip
        if limits:
            found.used = warm_ups.used(tx, [one.plan_id for one in limits], found.day)
            found.holders = warm_ups.holders(tx, ids, found.day) if ids and account is not None else ()
        return found

    def refuses(self, asking: Asking) -> Refusal | None:
        """What stands against a letter now; nothing where one of the ways is open to it."""
        if asking.of.channel != EMAIL or asking.under.transactional or not asking.shared.people:
            return None
        provider = group_of(asking.of.address or "")
        ways = (self.account,) if self.account is not None else self.ways.of(asking.of, asking.under)
        refusals = {way: refusal for way in ways if (refusal := self._by(way, provider, asking))}
        for way in ways:
            if way not in refusals:
                self._by_way[asking.of.message_id] = way
                if refusals:
                    self.closed[asking.of.message_id] = frozenset(refusals)
                return None
        if not refusals:
            return None
        first = min(refusals, key=lambda way: refusals[way].until_ms or 0)
        self._by_way[asking.of.message_id] = first
        return refusals[first]

    def elsewhere(self, asking: Asking) -> bool:
        """Whether there is another way than the one the letter is about to leave by: that is not looked at here."""
        return self.account is not None and len(self.ways.of(asking.of, asking.under)) > 1

    def take(self, of: Facts) -> None:
        """This one goes: the next finds less room."""
        if of.channel == EMAIL:
            provider = group_of(of.address or "")
            for limit in self._limits(self.account or self._by_way.get(of.message_id, ""), provider):
                if (of.message_id, limit.plan_id) not in self.holders:
                    for name in ("", provider):
                        key = limit.plan_id, name
                        self.used[key] = self.used.get(key, 0) + 1

    def keep(self, tx: Tx, gone: Sequence[Facts]) -> None:
        """Write the places of letters that were marked."""
        places = []
        for of in gone:
            if of.channel == EMAIL:
                provider = group_of(of.address or "")
                limits = self._limits(self.account or "", provider)
                places += [(of.message_id, limit.plan_id, provider) for limit in limits]
        warm_ups.keep(tx, self.day, places)

    def put_off(self, tx: Tx, now_ms: int, patience_ms: Sequence[int], limit: int, standing: leasing.Standing) -> int:
        """When nothing more may go today by any way, put off what is due, many at once; returns how many.

        Those who may not wait so long are left to the gate, which ends them.
        """
        shut = self.shut(now_ms)
        if shut is None:
            return 0
        reason, inputs, turn = shut
        found = 0
        standing.look(tx, now_ms)
        for rank in range(AUTOMATION, len(patience_ms)):
            latest, since_ms = turn(rank, 0), standing.up_to(rank, EMAIL)
            rows = sender_brakes.due(tx, rank, now_ms, since_ms, latest - patience_ms[rank], limit - found)
            if rows:
                dues = [turn(rank, row[1]) for row in rows]
                sender_brakes.put_off(tx, rows, dues, reason, inputs, now_ms)
                found += len(rows)
            if found >= limit:
                break
        return found

    def shut(self, now_ms: int) -> tuple[str, dict[str, object], Callable[[int, int], int]] | None:
        """Why nothing of marketing may go by any way, until the first of them opens; None when something may."""
        found: list[tuple[str, dict[str, object], Callable[[int, int], int]]] = []
        for way in self.ways.marketing():
            stop = next((one for one in self.stops if one.account in ("", way) and not one.provider), None)
            limit = next((one for one in self._limits(way, "") if self._full(one)), None)
            if stop is not None:
                until_ms = max(stop.until_ms, now_ms + MINUTE_MS)
                found.append((braked_words(stop), {"rule": "provider", "brake": stop.brake_id}, _at(until_ms)))
            elif limit is not None and limit.stopped:
                found.append((STOPPED, self._inputs(limit), _at(now_ms + HOUR_MS)))
            elif limit is not None:
                found.append((USED_UP, self._inputs(limit), self._turns(limit)))
            else:
                return None
        return min(found, key=lambda one: one[2](AUTOMATION, 0), default=None)

    def _by(self, way: str, provider: str, asking: Asking) -> Refusal | None:
        for stop in self.stops:
            if stop.account in ("", way) and stop.provider in ("", provider):
                until_ms = max(stop.until_ms, asking.at_ms + MINUTE_MS)
                return Refusal("provider", braked_words(stop), "capped", True, until_ms)
        for limit in self._limits(way, provider):
            if (asking.of.message_id, limit.plan_id) in self.holders:
                continue
            if limit.stopped:
                return Refusal("warm_up", STOPPED, "capped", True, asking.at_ms + HOUR_MS)
            warmth = asking.of.figures.get(ENGAGEMENT) or 0
            if self._full(limit) or self._full(limit, provider):
                return Refusal("warm_up", USED_UP, "capped", True, _turn(limit, self.next_ms, asking.rank, warmth))
            turn_ms = _turn(limit, self.opens_ms, asking.rank, warmth)
            if turn_ms > asking.at_ms:
                said = (
                    "This sender is being warmed up, and those who read most go first: the turn of this contact comes "
                    f"at {until_words(turn_ms, asking)}."
                )
                return Refusal("warm_up", said, "capped", True, turn_ms)
        return None

    def _limits(self, way: str, provider: str) -> list[Limit]:
        return [one for one in self.limits if one.account in ("", way) and one.provider in ("", provider)]

    def _full(self, limit: Limit, provider: str = "") -> bool:
        if limit.stopped:
            return True
        allowed = limit.allowed
        if provider:
            share = limit.shares.get(provider)
            if share is None:
                return False
            allowed = -(-limit.allowed * share // 100)
        return self.used.get((limit.plan_id, provider), 0) >= allowed

    def inputs(self, asking: Asking) -> dict[str, object]:
        """What the answer went by; asked when it is known, and before its place is taken."""
        provider = group_of(asking.of.address or "")
        limits = self._limits(self.account or self._by_way.get(asking.of.message_id, ""), provider)
        found: dict[str, object] = {"provider": provider, ENGAGEMENT: asking.of.figures.get(ENGAGEMENT) or 0}
        return {**found, **(self._known(limits[0]) if limits else {})}

    def _inputs(self, limit: Limit) -> dict[str, object]:
        return {"rule": "warm_up", **self._known(limit)}

    def _known(self, limit: Limit) -> dict[str, object]:
        used = self.used.get((limit.plan_id, ""), 0)
        return {"warm_up": limit.plan_id, "day": self.day, "used": used, "allowed": limit.allowed}

    def _turns(self, limit: Limit) -> Callable[[int, int], int]:
        return lambda rank, warmth: _turn(limit, self.next_ms, rank, warmth)


def day_of(at_ms: int, zone_name: str) -> date:
    """The day a moment lies in where the sender is."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone(zone_name)).date()


def midnight(day: date, zone_name: str) -> int:
    """The first moment of a day in a zone."""
    return first_instant(day, time(), zone(zone_name) or UTC_ZONE)


def row_of(tx: Tx) -> list[Row]:
    """What is in force in any way, for whoever keeps `KEY`."""
    return [*warm_ups.limits(tx, None, lock=False), *sender_brakes.in_force(tx)]


def _turn(limit: Limit, day_ms: int, rank: int, warmth: int) -> int:
    """When somebody's letter has its turn on a day: the most engaged first, whoever just did something at once."""
    if rank <= AUTOMATION:
        return day_ms
    return day_ms + limit.opens_ms + limit.spread_ms * (100 - min(max(warmth, 0), 100)) // 100


def _at(until_ms: int) -> Callable[[int, int], int]:
    return lambda rank, warmth: until_ms


def braked_words(stop: Stop) -> str:
    """Why a brake holds a letter, the same for each."""
    whose = f" to {label_of(stop.provider)}" if stop.provider else ""
    return f"Marketing{whose} stands still by itself. {stop.why}"
