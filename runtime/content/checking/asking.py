"""Asks the pages behind the links of letters whether they are there: a few at a time, each within seconds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterable
from urllib.parse import urljoin, urlsplit

from ...exchange.caller import Caller
from ...exchange.outgoing import Answer, NoAnswer, OutgoingProblem, PrivateAddress
from .around import Asked

AT_ONCE, MOST = 4, 60  # addresses asked beside each other, and in all
ANSWER_S = 8.0  # one page may take
TURNS = 5  # redirects that are followed
FRESH_MS = 6 * 3_600_000  # an answer this young is not asked for again
REFUSES_ROBOTS = (401, 403, 405, 406, 418, 429, 451, 503, 999)  # there is a page, but not for programs
NOBODYS = re.compile(r"(^|\.)example\.(com|org|net)$|\.(test|invalid|example)$")  # RFC 2606: there is nobody to ask
AGENT = "Mozilla/5.0 (compatible; Sojourn link check)"


async def ask(
    addresses: Iterable[str],
    now_ms: int,
    private_hosts: Collection[str] = (),
    told: Callable[[int, int], None] | None = None,
) -> dict[str, Asked]:
    """What each address answers. ``told`` hears after each how many of how many are done.

    Give only addresses that are the same for every reader. Reaches the public internet and ``private_hosts`` alone.
    """
    wanted = [one for one in dict.fromkeys(addresses) if not NOBODYS.search(urlsplit(one).hostname or "")][:MOST]
    caller, places = Caller(private_hosts, answer_s=ANSWER_S), asyncio.Semaphore(AT_ONCE)
    found: dict[str, Asked] = {}

    async def one(address: str) -> None:
        async with places:
            status, problem = await _asked(caller, address)
        found[address] = Asked(now_ms, status, problem)
        if told is not None:
            told(len(found), len(wanted))

    try:
        await asyncio.gather(*(one(address) for address in wanted))
    finally:
        await caller.close()
    return found


async def _asked(caller: Caller, address: str) -> tuple[int, str]:
    try:
        answer = await _followed(caller, "HEAD", address)
        if answer.status >= 400:  # many answer to HEAD what they do not mean
            answer = await _followed(caller, "GET", address)
    except PrivateAddress:
        return 0, "it leads into a private network, where readers do not get."
    except OutgoingProblem as problem:
        return 0, _small(str(problem))
    return answer.status, said(answer.status)


def said(status: int) -> str:
    """What a status means to a reader, as the end of a sentence; "" when they see the page."""
    if status < 400 or status in REFUSES_ROBOTS:
        return ""
    if status in (404, 410):
        return f"the page is gone ({status})."
    return f"the site has a fault of its own ({status})." if status >= 500 else f"the site refuses it ({status})."


async def _followed(caller: Caller, method: str, address: str) -> Answer:
    for _ in range(TURNS):
        answer = await caller.ask(method, address.partition("#")[0], headers={"user-agent": AGENT, "accept": "*/*"})
        assert answer is not None  # nothing was asked before it left
        leads = answer.headers.get("location", "")
        if answer.status not in (301, 302, 303, 307, 308) or not leads:
            return answer
        address = urljoin(address, leads)
    raise NoAnswer("It leads from page to page and never arrives.")


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
