"""The channels of this process by medium: what the configuration sets up, and the accounts the owner opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...storage import accounts
from ...storage.database import Database
from .channel import (
    Channel,
    Delivered,
    Health,
    Held,
    Mark,
    Outcome,
    Parcel,
    Refused,
    TryLater,
    Unclear,
    Unreachable,
    media,
)

ASIDE_MS = 60_000
Opener = Callable[[accounts.Account], Channel]


@dataclass(frozen=True, slots=True)
class Line:
    """One account, open. ``name`` is "" for what the configuration sets up."""

    name: str
    channel: Channel


class Routed(Channel):
    """All accounts of a medium as one channel: the first that can carry a message gets it, the next when it cannot."""

    def __init__(self, medium: str, lines: Sequence[Line]) -> None:
        self.name = medium  # type: ignore[misc]  # one class serves every medium
        self.lines = tuple(lines)
        known = media().get(medium)
        self._to_all = known is not None and known.address == "device"

    def room(self) -> int:
        return max((line.channel.room() for line in self.lines), default=0)

    def health(self) -> Health:
        states = [line.channel.health() for line in self.lines]
        return next((state for state in states if state.ok), states[0])

    def senders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for line in self.lines for name in line.channel.senders()))

    async def close(self) -> None:
        for line in self.lines:
            await line.channel.close()

    def carrying(self, parcel: Parcel) -> list[Line]:
        """The accounts that may carry it, in the order in which they are asked."""
        return [line for line in self.lines if _may_carry(line.channel, parcel)]

    async def hand_over(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        if self._to_all and len(self.lines) > 1:
            return await self._everywhere(parcels, before_body)
        found: dict[int, Outcome] = {}
        left = list(parcels)
        for place, line in enumerate(self.lines):
            mine = [parcel for parcel in left if line.name not in parcel.closed and _may_carry(line.channel, parcel)]
            if not mine:
                continue
            last = place == len(self.lines) - 1
            mark = _Marking(before_body, line.name, early=last)
            outcomes = await line.channel.hand_over(mine, mark)
            tried = {parcel.message_id: outcome for parcel, outcome in zip(mine, outcomes, strict=True)}
            for message_id, outcome in tried.items():
                before = found.get(message_id)
                if (
                    not isinstance(outcome, Unreachable)
                    or not isinstance(before, Unreachable)
                    or _sooner(outcome, before)
                ):
                    found[message_id] = _by(outcome, line.name)
            left = [parcel for parcel in left if isinstance(found.get(parcel.message_id), Unreachable | None)]
            if not left:
                break
        return [self._later(found.get(parcel.message_id)) or self._nobody(parcel) for parcel in parcels]

    async def _everywhere(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        """To every account that reaches a device of theirs; marked once, and taken when any took it."""
        marked = _Once(before_body)
        found: dict[int, list[Outcome]] = {parcel.message_id: [] for parcel in parcels}
        for line in self.lines:
            mine = [
                parcel
                for parcel in parcels
                if _may_carry(line.channel, parcel) and not any(isinstance(o, Held) for o in found[parcel.message_id])
            ]
            if mine:
                outcomes = await line.channel.hand_over(mine, _Marking(marked, line.name, early=False))
                for parcel, outcome in zip(mine, outcomes, strict=True):
                    found[parcel.message_id].append(outcome)
        return [self._later(merged(found[parcel.message_id])) or self._nobody(parcel) for parcel in parcels]

    def _later(self, outcome: Outcome | None) -> Outcome | None:
        """What only a closed account reaches steps aside while another one is open, so that it holds up nobody."""
        if isinstance(outcome, Unreachable) and any(line.channel.health().ok for line in self.lines):
            return replace(outcome, after_ms=outcome.after_ms or ASIDE_MS)
        return outcome

    def _nobody(self, parcel: Parcel) -> Outcome:
        if parcel.closed:  # the account that had room for it was closed meanwhile
            return Unreachable("Its account has no room for it today", ASIDE_MS)
        if parcel.barred and any(line.channel.serves(parcel) for line in self.lines):
            return Refused(0, "The contact said STOP to every sender this could go out by.")
        return Refused(0, "None of the accounts can carry it to this address.")


def _sooner(one: Unreachable, other: Outcome | None) -> bool:
    """Whether it may be asked again before the other; one without a time is asked as soon as it answers."""
    return not isinstance(other, Unreachable) or (
        other.after_ms is not None and (one.after_ms or ASIDE_MS) < other.after_ms
    )


def merged(outcomes: Sequence[Outcome]) -> Outcome | None:
    """One outcome of several ways to one person: the best of them, with every device that is gone."""
    if not outcomes:
        return None
    gone = tuple(token for one in outcomes if isinstance(one, Delivered | Refused) for token in one.gone)
    for kind in (Delivered, Unclear, Held, TryLater, Unreachable):
        for one in outcomes:
            if isinstance(one, kind):
                return replace(one, gone=gone) if isinstance(one, Delivered) else one
    last = outcomes[-1]
    return replace(last, gone=gone) if isinstance(last, Refused) else last


def _may_carry(channel: Channel, parcel: Parcel) -> bool:
    senders = channel.senders()
    return channel.serves(parcel) and (not senders or any(name not in parcel.barred for name in senders))


class _Marking:
    """The mark of one account: says which it is. Early news wait where another account may still be asked."""

    def __init__(self, mark: Mark, account: str, early: bool) -> None:
        self._mark, self._account, self._early = mark, account, early

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        return await self._mark(ids, account or self._account)

    def tell(self, message_id: int, outcome: Outcome) -> None:
        if self._early or not isinstance(outcome, Unreachable):
            self._mark.tell(message_id, _by(outcome, self._account))


def _by(outcome: Outcome, account: str) -> Outcome:
    """With the account it was tried by: what is refused before the mark stands nowhere else."""
    return replace(outcome, account=account) if account and isinstance(outcome, Refused | TryLater) else outcome


class _Once:
    """Asks for each message once, whoever asks; nothing is told before all ways were tried."""

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self._answers: dict[int, asyncio.Future[bool]] = {}

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        fresh = [message_id for message_id in ids if message_id not in self._answers]
        loop = asyncio.get_running_loop()
        self._answers |= {message_id: loop.create_future() for message_id in fresh}
        if fresh:
            allowed: frozenset[int] = frozenset()
            try:
                allowed = await self._mark(fresh, account)
            finally:
                for message_id in fresh:
                    self._answers[message_id].set_result(message_id in allowed)
        return frozenset([message_id for message_id in ids if await self._answers[message_id]])

    def tell(self, message_id: int, outcome: Outcome) -> None: ...


class Switchboard(Mapping[str, Channel]):
    """Channels by medium. `refresh` sees accounts that were opened, changed or closed since.

    ``opener`` opens an account; without a store only ``fixed`` is there.
    """

    def __init__(self, fixed: Mapping[str, Channel], db: Database | None = None, opener: Opener | None = None) -> None:
        self._fixed, self._db, self._opener = dict(fixed), db, opener
        self._channels: dict[str, Channel] = dict(fixed)
        self._open: dict[str, tuple[Any, Line]] = {}  # by account: as what it was opened, and the line
        self._stamp: Any = None
        self.troubles: list[str] = []  # accounts that cannot be opened, as sentences

    async def refresh(self) -> None:
        """Look whether accounts have changed; cheap when none has."""
        if self._db is None or self._opener is None:
            return
        stamp = await self._db.aread(accounts.stamp)
        if stamp == self._stamp:
            return
        rows = await self._db.aread(accounts.everyone)
        before, self._open, self.troubles = self._open, {}, []
        lines: dict[str, list[Line]] = {}
        for row in rows:
            if row.status == "on" and (line := self._line(row, before.get(row.name), self._opener)):
                lines.setdefault(row.medium, []).append(line)
        for medium, channel in self._fixed.items():
            lines.setdefault(medium, []).append(Line("", channel))
        self._channels = {medium: _as_one(medium, found) for medium, found in lines.items()}
        self._stamp = stamp
        kept = {id(line) for _, line in self._open.values()}
        for _, line in before.values():
            if id(line) not in kept:
                await line.channel.close()

    def _line(self, row: accounts.Account, known: tuple[Any, Line] | None, opener: Opener) -> Line | None:
        made_of = (row.changed_at, row.carrier, row.sealed)
        try:
            line = known[1] if known and known[0] == made_of else Line(row.name, opener(row))
        except Exception as error:
            self.troubles.append(f"The account {row.name} cannot be opened: {error}")
            return None
        self._open[row.name] = (made_of, line)
        return line

    def account(self, name: str) -> Channel | None:
        """The open channel of one account."""
        known = self._open.get(name)
        return known[1].channel if known else None

    def __getitem__(self, medium: str) -> Channel:
        return self._channels[medium]

    def __iter__(self) -> Iterator[str]:
        return iter(self._channels)

    def __len__(self) -> int:
        return len(self._channels)


def _as_one(medium: str, lines: Sequence[Line]) -> Channel:
    return lines[0].channel if len(lines) == 1 and not lines[0].name else Routed(medium, lines)
