"""Texts over SMPP to a centre that decodes what it gets: parts, windows, throttling, lines that break, answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import pytest

from sojourn.runtime.channels import smpp_line, sms_smpp
from sojourn.runtime.channels.callback import Signal
from sojourn.runtime.channels.channel import (
    Delivered,
    Held,
    Outcome,
    Parcel,
    Refused,
    Tools,
    TryLater,
    Unclear,
    Unreachable,
)
from sojourn.runtime.channels.sms_form import SmsForm
from sojourn.runtime.channels.sms_smpp import Smpp, SmppSettings
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.rendered import Rendered
from sojourn.tests.runtime.sms_centre import NAME, PASSWORD, Centre, sms_centre

PRAGUE, NUMBER = "+420601123456", "+420601000000"
Test = Callable[[Centre, Smpp, list[Signal]], Awaitable[None]]


class Marks:
    """Says yes, or no; remembers who was asked for."""

    def __init__(self, *, yes: bool = True) -> None:
        self.yes, self.asked = yes, list[int]()

    async def __call__(self, ids: Collection[int], account: str = "") -> frozenset[int]:
        self.asked += ids
        return frozenset(ids if self.yes else ())

    def tell(self, message_id: int, outcome: Outcome) -> None: ...


def text(number: int = 1, said: str = "Hello, 5 €", to: str = PRAGUE) -> Parcel:
    fields = SmsForm.model_validate({"text": said, "opt_out": False}).model_dump()
    return Parcel(number, to, Rendered(fields=fields), Brand())


def run(test: Test, **more: Any) -> None:
    """With a centre, an account at it, and what was told about texts."""

    async def go() -> None:
        told: list[Signal] = []

        async def take(signals: Sequence[Signal]) -> None:
            if any("boom" in signal.text for signal in signals):
                raise RuntimeError("the store is away")
            told.extend(signals)

        async with sms_centre() as centre:
            known = {"host": "127.0.0.1", "port": centre.port, "system_id": NAME, "password": PASSWORD,
                     "senders": [NUMBER], "help_text": "We sell shoes."}  # fmt: skip
            tools = Tools(config={}, private_hosts=frozenset(["127.0.0.1"]), told=take)
            channel = Smpp(SmppSettings.model_validate(known | more), tools)
            try:
                await test(centre, channel, told)
            finally:
                await channel.close()

    asyncio.run(asyncio.wait_for(go(), 20))


async def until(what: Callable[[], Any]) -> None:
    for _ in range(400):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


def test_a_short_text_arrives_as_it_was_written() -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        assert channel.room()
        [outcome] = await channel.hand_over([text()], Marks())
        assert outcome == Delivered(0, "taken by the centre", "00000001", 1, None)
        [part] = centre.parts
        assert (part.text, part.source, part.target) == ("Hello, 5 €", (1, 1, "420601000000"), (1, 1, "420601123456"))
        assert (part.registered, part.coding, part.udh, part.validity) == (1, 0, (), "000000040000000R")
        await channel.close()
        assert centre.unbinds == 1

    run(test)


@pytest.mark.parametrize(("said", "coding", "count"), [("a" * 150 + "€" * 80, 0, 3), ("č👨" * 60, 8, 3)])
def test_a_long_text_is_cut_so_that_a_phone_puts_it_together(said: str, coding: int, count: int) -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        [outcome] = await channel.hand_over([text(said=said)], Marks())
        assert isinstance(outcome, Delivered) and (outcome.units, outcome.cost) == (count, count * 30_000)
        assert "".join(part.text for part in centre.parts) == said
        numbers = {part.udh[2] for part in centre.parts}
        assert len(numbers) == 1
        assert [part.udh[3:] for part in centre.parts] == [(count, place) for place in range(1, count + 1)]
        assert {part.coding for part in centre.parts} == {coding}
        assert [part.registered for part in centre.parts] == [0] * (count - 1) + [1]
        assert outcome.reference == f"{count:08X}"

    run(test, prices={"+420": 0.03})


def test_no_more_wait_for_an_answer_than_the_window_takes() -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        centre.delay_s = 0.01
        outcomes = await channel.hand_over([text(number) for number in range(40)], Marks())
        assert all(isinstance(outcome, Delivered) for outcome in outcomes)
        assert centre.most_in_flight == 4 and centre.binds == 1

    run(test, window=4)


def test_a_centre_that_wants_fewer_gets_fewer_and_every_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms_smpp, "CALM_S", (0.01, 0.02, 0.04))

    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        left = [0x58, 0x14, 0x58]
        centre.status = lambda _: left.pop() if left else 0
        [outcome] = await channel.hand_over([text()], Marks())
        assert isinstance(outcome, Delivered) and len(centre.parts) == 1
        centre.status = lambda _: 0x58
        assert await channel.hand_over([text()], Marks()) == [TryLater(0x58, "too many texts at a time")]
        centre.status = lambda part: 0 if part.udh[4] == 1 else 0x58
        [outcome] = await channel.hand_over([text(said="a" * 200)], Marks())
        assert isinstance(outcome, Unclear)  # a part is on its way: it must not go again from the start

    run(test)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (0x0B, Refused(0x0B, "the number does not exist", hard=True)),
        (0x45, Refused(0x45, "the centre could not take it")),
        (0x08, TryLater(0x08, "a fault at the centre")),
        (0x04, Unreachable("the account may not send (error 0x04)")),
        (0x4FF, Refused(0x4FF, "the centre refuses it")),
    ],
)
def test_what_the_errors_of_a_centre_mean(status: int, wanted: Outcome) -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        centre.status = lambda _: status
        assert await channel.hand_over([text()], Marks()) == [wanted]

    run(test)


def test_what_left_without_an_answer_is_unclear_and_the_line_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp_line, "FIRST_S", 0.05)
    monkeypatch.setattr(smpp_line, "ANSWER_S", 0.2)

    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        centre.status = lambda _: "drop"
        assert [type(one) for one in await channel.hand_over([text()], Marks())] == [Unclear]
        centre.status = lambda _: None
        await until(lambda: channel._line.bound)
        assert [type(one) for one in await channel.hand_over([text()], Marks())] == [Unclear]
        centre.status = lambda _: 0
        assert [type(one) for one in await channel.hand_over([text()], Marks())] == [Delivered]
        assert centre.binds == 2

    run(test)


def test_nothing_is_marked_where_nobody_lets_us_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp_line, "FIRST_S", 0.05)

    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        mark = Marks()
        [outcome] = await channel.hand_over([text()], mark)
        assert isinstance(outcome, Unreachable) and "0x0E" in outcome.text
        assert not mark.asked and channel.room() == 0 and not channel.health().ok

    run(test, password="wrong")

    async def away(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        assert [type(one) for one in await channel.hand_over([text()], Marks())] == [Unreachable]

    run(away, host="localhost")  # leads into a private network nobody allowed


def test_what_the_mark_holds_back_does_not_leave() -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        assert await channel.hand_over([text()], Marks(yes=False)) == [Held()]
        assert not centre.parts

    run(test)


def test_a_silent_line_is_asked_and_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp_line, "FIRST_S", 0.05)
    monkeypatch.setattr(smpp_line, "ANSWER_S", 0.2)

    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        channel.room()
        await until(lambda: centre.enquiries >= 2)
        assert centre.binds == 1
        centre.silent = True
        await until(lambda: centre.binds == 2)

    run(test, enquire_seconds=0.1)


def test_the_centre_may_ask_and_say_goodbye_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp_line, "FIRST_S", 0.05)

    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        channel.room()
        await until(lambda: channel._line.bound)
        centre.say(centre.writers[-1], 0x15, 0, 77)
        await until(lambda: centre.enquiries == -1)
        centre.writers[-1].write(b"\xff\xff\xff\xff nonsense")  # what is no SMPP ends the line, and it comes back
        await until(lambda: centre.binds == 2 and channel._line.bound)

    run(test)


def test_receipts_and_texts_are_told_before_they_are_confirmed() -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        await channel.hand_over([text()], Marks())
        centre.receipt(1, "00000001", "DELIVRD")
        centre.receipt(2, "00000002", "UNDELIV", "034")
        centre.receipt(3, "00000003", "ENROUTE")
        centre.deliver(4, "420601123456", "420601000000", "Odhlásit".encode("utf-16-be"), coding=8)
        centre.deliver(5, "420601123456", "420601000000", b"boom")
        centre.deliver(6, "420601123456", "420601000000", b"\x05\x00\x03\x09\x02\x02 open?", 0x40)
        centre.deliver(7, "420601123456", "420601000000", b"\x05\x00\x03\x09\x02\x01When do you", 0x40)
        await until(lambda: len(centre.confirmed) == 7)
        assert centre.confirmed == {1: 0, 2: 0, 3: 0, 4: 0, 5: 0x64, 6: 0, 7: 0}  # the fifth is to come again
        found = [(one.kind, one.reference, one.address, one.text, one.code) for one in told]
        assert sorted(found) == [
            ("delivered", "00000001", PRAGUE, "", 0),
            ("failed", "00000002", PRAGUE, "undeliv 034", 34),
            ("replied", "", PRAGUE, "When do you open?", 0),
            ("stopped", "", PRAGUE, "Odhlásit", 0),
        ]

    run(test)


def test_help_is_answered_over_the_same_line() -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        channel.room()
        await until(lambda: channel._line.bound)
        centre.deliver(1, "420601123456", "420601000000", b"HELP")
        await until(lambda: centre.parts)
        assert [(part.text, part.target[2], part.source[2]) for part in centre.parts] == [
            ("We sell shoes.", "420601123456", "420601000000")
        ]
        assert told[0].answer == "We sell shoes."

    run(test)


def test_a_centre_that_names_texts_in_two_ways() -> None:
    async def test(centre: Centre, channel: Smpp, told: list[Signal]) -> None:
        centre.parts = [None] * 0x1F  # type: ignore[list-item]  # the next is called 00000020
        [outcome] = await channel.hand_over([text()], Marks())
        assert isinstance(outcome, Delivered) and outcome.reference == "32"
        centre.receipt(1, "0000000032", "DELIVRD")
        await until(lambda: told)
        assert told[0].reference == "32"

    run(test, receipt_ids="hex_in_answer")
