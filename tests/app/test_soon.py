"""Panels hear of changes in one go, once the hand rests."""

from __future__ import annotations

import asyncio

from sojourn.app.canvas.soon import AT_MOST_S, QUIET_S, Soon


def test_a_burst_of_changes_is_told_once() -> None:
    told: list[frozenset[str]] = []

    async def burst() -> None:
        soon = Soon(told.append)
        for key in "abc":
            soon(frozenset(key))
        assert told == []  # whoever draws is served first
        await asyncio.sleep(QUIET_S * 2)

    asyncio.run(burst())
    assert told == [frozenset("abc")]


def test_who_never_rests_is_told_all_the_same() -> None:
    told: list[frozenset[str]] = []

    async def flood() -> None:
        soon = Soon(told.append)
        began = asyncio.get_running_loop().time()
        while not told:
            assert asyncio.get_running_loop().time() - began < AT_MOST_S * 3
            soon(frozenset("a"))
            await asyncio.sleep(QUIET_S / 5)
        soon.stop()

    asyncio.run(flood())


def test_a_closed_page_hears_nothing_more() -> None:
    told: list[frozenset[str]] = []

    async def closed() -> None:
        soon = Soon(told.append)
        soon(frozenset("a"))
        soon.stop()
        await asyncio.sleep(QUIET_S * 2)

    asyncio.run(closed())
    assert told == []
