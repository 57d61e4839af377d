"""Several accounts of a medium are one channel: the first that can carry a message gets it, on both stores."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sojourn.runtime.channels.channel import (
    Channel,
    Delivered,
    Health,
    Held,
    Mark,
    OneByOne,
    Outcome,
    Parcel,
    Refused,
    Token,
    TryLater,
    Unclear,
    Unreachable,
)
from sojourn.runtime.channels.switchboard import Line, Routed, Switchboard, merged
from sojourn.runtime.content.rendered import Rendered
from sojourn.storage import accounts
from sojourn.storage.accounts import Account
from sojourn.storage.columns import from_ms
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import BRAND, NOW


class Carrier(OneByOne):
    """Answers as it is told, and keeps what left."""

    name = ""  # nobody finds it by itself
    width = 4

    def __init__(self, answer: Outcome, number: str = "", only: str = "") -> None:
        self.answer, self.number, self.only = answer, number, only
        self.left: list[int] = []
        self.closed = False

    def senders(self) -> tuple[str, ...]:
        return (self.number,) if self.number else ()

    def serves(self, parcel: Parcel) -> bool:
        return parcel.to.startswith(self.only)

    async def hand_one(self, parcel: Parcel, before_body: Any) -> Outcome:
        if isinstance(self.answer, Unreachable):
            return self.answer
        if not await before_body():
            return Held()
        self.left.append(parcel.message_id)
        return self.answer

    async def close(self) -> None:
        self.closed = True


@dataclass
class Marks:
    """A mark that allows all but some, and remembers who asked by which account."""

    refuses: frozenset[int] = frozenset()
    asked: list[tuple[int, str]] = field(default_factory=list)
    told: dict[int, Outcome] = field(default_factory=dict)

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        self.asked += [(one, account) for one in ids]
        return frozenset(ids) - self.refuses

    def tell(self, message_id: int, outcome: Outcome) -> None:
        self.told.setdefault(message_id, outcome)


def parcel(number: int, to: str = "+420777000111", **more: Any) -> Parcel:
    return Parcel(number, to, Rendered(text="Hello"), BRAND, **more)


def give(channel: Channel, parcels: list[Parcel], mark: Mark) -> list[Outcome]:
    return asyncio.run(channel.hand_over(parcels, mark))


def test_the_second_account_gets_what_the_first_cannot_be_asked() -> None:
    away, there = Carrier(Unreachable("down")), Carrier(Delivered())
    marks = Marks()
    outcomes = give(Routed("sms", [Line("a", away), Line("b", there)]), [parcel(1), parcel(2)], marks)

    assert outcomes == [Delivered(), Delivered()]
    assert marks.asked == [(1, "b"), (2, "b")]
    assert there.left == [1, 2]


def test_a_refusal_is_not_taken_to_the_next() -> None:
    no, there = Carrier(Refused(21211, "no such number", hard=True)), Carrier(Delivered())
    outcomes = give(Routed("sms", [Line("a", no), Line("b", there)]), [parcel(1)], Marks())
    assert outcomes == [no.answer] and there.left == []


def test_nobody_who_said_stop_to_a_sender_hears_from_it() -> None:
    one, two = Carrier(Delivered(), number="+1"), Carrier(Delivered(), number="+2")
    routed = Routed("sms", [Line("a", one), Line("b", two)])
    outcomes = give(routed, [parcel(1, barred=frozenset({"+1"})), parcel(2, barred=frozenset({"+1", "+2"}))], Marks())

    assert one.left == [] and two.left == [1]
    assert isinstance(outcomes[1], Refused) and "STOP" in outcomes[1].text
    assert routed.senders() == ("+1", "+2")


def test_an_account_carries_only_where_it_serves() -> None:
    czech, rest = Carrier(Delivered(), only="+420"), Carrier(Delivered(), only="+1")
    routed = Routed("sms", [Line("a", czech), Line("b", rest)])
    outcomes = give(routed, [parcel(1), parcel(2, "+15550100"), parcel(3, "+4900000")], Marks())
    assert (czech.left, rest.left) == ([1], [2])
    assert isinstance(outcomes[2], Refused)


def test_every_device_of_somebody_is_reached_and_the_mark_is_asked_once() -> None:
    """A phone of each make: two accounts, one message."""
    fcm, apns = Carrier(Refused(404, "gone", gone=("t1",))), Carrier(Delivered())
    marks = Marks(refuses=frozenset({2}))
    devices = (Token("fcm", "t1"), Token("apns", "t2"))
    routed = Routed("push", [Line("f", fcm), Line("a", apns)])
    outcomes = give(routed, [parcel(1, devices=devices), parcel(2, devices=devices)], marks)

    if routed._to_all:  # the medium push is known
        assert outcomes[0] == Delivered(gone=("t1",))
        assert [one for one, _ in marks.asked] == [1, 2]
        assert apns.left == [1] == fcm.left
    assert isinstance(outcomes[1], Held)


def test_the_best_of_several_ways_is_what_counts() -> None:
    assert merged([]) is None
    assert merged([TryLater(1, "busy"), Delivered()]) == Delivered()
    assert merged([Refused(1, "no", gone=("x",)), Delivered(gone=("y",))]) == Delivered(gone=("x", "y"))
    assert merged([TryLater(1, "busy"), Unclear("?")]) == Unclear("?")
    assert merged([Refused(1, "no"), TryLater(1, "busy")]) == TryLater(1, "busy")
    assert merged([Refused(1, "a", gone=("x",)), Refused(2, "b", gone=("y",))]) == Refused(2, "b", gone=("x", "y"))


def test_who_only_a_closed_account_reaches_steps_aside() -> None:
    """Else they would be leased again and again, ahead of all others."""

    class Closed(Carrier):
        def health(self) -> Health:
            return Health(False, "down")

    apple, firebase = Closed(Unreachable("down"), only="+1"), Carrier(Delivered(), only="+2")
    first, second = give(
        Routed("sms", [Line("a", apple), Line("f", firebase)]), [parcel(1, "+1"), parcel(2, "+2")], Marks()
    )
    assert isinstance(first, Unreachable) and first.after_ms and second == Delivered()
    alone = give(Routed("sms", [Line("a", apple)]), [parcel(1, "+1")], Marks())
    assert alone == [Unreachable("down")]


def test_a_fault_of_ours_with_one_message_is_no_fault_of_the_others() -> None:
    class Faulty(Carrier):
        async def hand_one(self, parcel: Parcel, before_body: Any) -> Outcome:
            if parcel.message_id == 1:
                raise ValueError("before")
            await before_body()
            if parcel.message_id == 2:
                raise ValueError("after")
            return Delivered()

    marks = Marks()
    first, second, third = give(Faulty(Delivered()), [parcel(1), parcel(2), parcel(3)], marks)
    assert isinstance(first, TryLater) and isinstance(second, Unclear) and third == Delivered()
    assert marks.told == {1: first, 2: second, 3: third}


def test_accounts_are_seen_as_they_are_opened_changed_and_closed(db: Database) -> None:
    opened: list[Carrier] = []

    def opener(account: Account) -> Channel:
        if account.settings.get("broken"):
            raise ValueError("the key is no key")
        opened.append(Carrier(Delivered()))
        return opened[-1]

    def keep(name: str, at_ms: int, status: str = "on", **settings: Any) -> None:
        def job(tx: Any) -> None:
            account = accounts.named(tx, name) or Account(
                name=name, medium="sms", carrier="x", created_at=from_ms(NOW), changed_at=from_ms(NOW)
            )
            account.settings, account.status, account.changed_at = settings, status, from_ms(at_ms)
            accounts.keep(tx, account)

        db.write(job)

    async def look() -> list[str]:
        await board.refresh()
        return sorted(board)

    fixed = Carrier(Delivered())
    board = Switchboard({"email": fixed}, db, opener)
    assert asyncio.run(look()) == ["email"]
    keep("a", NOW)
    assert asyncio.run(look()) == ["email", "sms"]
    assert board.account("a") is opened[0]
    keep("b", NOW + 1, broken=True)
    asyncio.run(look())
    assert board.troubles == ["The account b cannot be opened: the key is no key"]
    assert len(opened) == 1  # the one that did not change stays open
    keep("a", NOW + 2, "off")
    assert asyncio.run(look()) == ["email"]
    assert opened[0].closed and not fixed.closed
