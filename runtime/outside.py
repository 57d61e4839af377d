"""Facts from outside: addresses the owner wrote down, asked for a chunk's readers at once, never for long."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from ..storage import outside as rows
from ..storage.columns import load
from ..storage.database import Database
from ..storage.handover import Filling
from ..storage.outside import OutsideSource
from .content.asked import language_of
from .content.names import SOURCE
from .content.needs import ANY, Needs
from .exchange.caller import Caller
from .exchange.outgoing import READ, OutgoingProblem, check
from .letter_facts.place import place_words
from .numbers import counted

WORD = re.compile(r"\{([a-z][a-z0-9_.]{0,60})\}")
OWN = ("country", "region", "city", "timezone", "language")  # words that are worked out; all others are properties
WAIT_S = 3.0  # letters of a chunk wait no longer for all answers together
AT_ONCE, MOST = 8, 60  # questions beside each other, and for one chunk
REST_S = 60.0  # an address that did not answer is left alone so long
FIELDS, LONGEST = 40, 500  # facts of a source, characters of a fact


class OutsideProblem(Exception):
    """A source of facts cannot be kept or asked as it is; the message says why."""


def checked(source: OutsideSource) -> OutsideSource:
    """Raise `OutsideProblem` for a source that could never work."""
    if not SOURCE.fullmatch(source.name):
        raise OutsideProblem("The name has small letters, digits and _ only, such as weather.")
    parts = urlsplit(source.url)
    if "{" in parts.netloc or "{" in parts.scheme:
        raise OutsideProblem("Words in { } may stand behind the host only: https://example.com/?city={city}.")
    if left := re.search(r"[{}]", WORD.sub("", source.url)):
        raise OutsideProblem(f"“{left[0]}” stands alone in the address: a word is written {{city}}.")
    try:
        check(WORD.sub("x", source.url))
    except OutgoingProblem as problem:
        raise OutsideProblem(str(problem)) from None
    if not source.fields or len(source.fields) > FIELDS:
        raise OutsideProblem(f"Say which facts are read from the answer: at least one, at most {FIELDS}.")
    for name, pointer in source.fields.items():
        if not SOURCE.fullmatch(name):
            raise OutsideProblem(f"A fact has small letters, digits and _ only: “{name}” does not fit.")
        if not pointer.startswith("/"):
            raise OutsideProblem(f"Where {name} stands in the answer begins with a slash: /current/temperature.")
    if unknown := set(source.fallback) - set(source.fields):
        raise OutsideProblem(f"There is a fallback for “{min(unknown)}”, but no such fact.")
    if not 1 <= source.keep_minutes <= 43_200:
        raise OutsideProblem("Answers are kept between a minute and 30 days.")
    if not 200 <= source.timeout_ms <= 3_000:
        raise OutsideProblem("An answer is waited for between 0.2 and 3 seconds.")
    return source


def address_for(template: str, filling: Filling, zone: str) -> str:
    """The address to ask for this reader; "" where a word of it is not known of them."""
    words = place_words(filling, zone) if any(word in template for word in OWN) else {}
    words["language"] = language_of(filling.contact).partition("-")[0]
    lacking = False

    def put(match: re.Match[str]) -> str:
        nonlocal lacking
        value = words.get(match[1]) if match[1] in OWN else _property(filling.contact, match[1])
        if value in (None, "") or isinstance(value, dict | list | bool):
            lacking = True
            return ""
        return quote(str(value)[:200].encode("utf-8", "replace"), safe="")

    address = WORD.sub(put, template)
    return "" if lacking or len(address) > 2_000 else address


def facts_of(body: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The facts of an answer, by JSON pointers (RFC 6901); what is not there is left out. Raises `OutsideProblem`."""
    try:
        document = orjson.loads(body)
    except ValueError:
        raise OutsideProblem("The answer is not JSON.") from None
    found = {name: _pointed(document, pointer) for name, pointer in fields.items()}
    return {name: value for name, value in found.items() if value is not None}


async def ask(
    source: OutsideSource, url: str, caller: Caller, unseal: Callable[[str], str] | None = None
) -> dict[str, Any]:
    """Ask one address now. Raises `OutsideProblem` with what to show."""
    headers = {"accept": "application/json", "user-agent": "Sojourn"}
    if source.sealed and unseal is not None:
        headers |= load(unseal(source.sealed))
    headers["host"] = urlsplit(url).netloc
    try:
        async with asyncio.timeout(source.timeout_ms / 1000):
            answer = await caller.ask("GET", url, headers=headers)
    except TimeoutError:
        raise OutsideProblem("There was no answer in time.") from None
    except OutgoingProblem as problem:
        raise OutsideProblem(str(problem)) from None
    if answer is None or answer.status != 200:
        raise OutsideProblem(f"The answer was {answer.status if answer else 'none'}, not 200.")
    if len(answer.text.encode("utf-8", "replace")) >= READ:
        raise OutsideProblem(f"The answer is too large: at most {counted(READ // 1024, 'kilobyte')} are read.")
    return facts_of(answer.text, source.fields)


class Outside:
    """Asks for what a chunk needs and is not kept fresh. One object serves one event loop."""

    def __init__(
        self, db: Database, private_hosts: Collection[str] = (), unseal: Callable[[str], str] | None = None
    ) -> None:
        self._db, self._private, self._unseal = db, private_hosts, unseal
        self._resting: dict[int, float] = {}  # sources that did not answer, until when they are left alone

    async def warm(self, fillings: Sequence[Filling], needs: Needs, now_ms: int, zone: str) -> None:
        """Ask what is not known or too old, within seconds; what does not come is left to older answers."""
        wanted = needs.of("outside")
        if not wanted:
            return
        plans = [
            plan
            for plan in await self._db.aread(lambda tx: _plans(tx, fillings, wanted, now_ms, zone))
            if self._resting.get(plan[0].id or 0, 0.0) <= time.monotonic()
        ]
        if plans:
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_S):
                    await asyncio.gather(*(self._ask_all(source, lacking, now_ms) for source, lacking in plans))

    async def _ask_all(self, source: OutsideSource, lacking: Mapping[str, str], now_ms: int) -> None:
        caller, room = Caller(self._private, answer_s=source.timeout_ms / 1000), asyncio.Semaphore(AT_ONCE)
        said: list[tuple[str, dict[str, Any]]] = []
        trouble: list[str] = []

        async def one(digest: str, url: str) -> None:
            async with room:
                if trouble:
                    return  # the first that fails speaks for the others
                try:
                    said.append((digest, await ask(source, url, caller, self._unseal)))
                except OutsideProblem as problem:
                    trouble.append(str(problem))

        try:
            await asyncio.gather(*(one(digest, url) for digest, url in lacking.items()))
        except asyncio.CancelledError:
            trouble.append("There was no answer in time.")
            raise
        finally:
            await caller.close()
            assert source.id is not None
            key, why = source.id, trouble[0] if trouble else ""
            if trouble:
                self._resting[key] = time.monotonic() + REST_S
            await asyncio.shield(self._db.awrite(lambda tx: rows.answered(tx, key, list(said), why, now_ms)))


def _plans(
    tx: Any, fillings: Sequence[Filling], wanted: Collection[str], now_ms: int, zone: str
) -> list[tuple[OutsideSource, dict[str, str]]]:
    """By source, the addresses to be asked now, by their digests."""
    plans = []
    for source in rows.sources(tx):
        if not source.active or (source.name not in wanted and ANY not in wanted):
            continue
        addresses = {url: None for one in fillings if (url := address_for(source.url, one, zone))}
        digests = {tx.digest(url): url for url in list(addresses)[:MOST]}
        known = rows.answers(tx, source.id or 0, sorted(digests))
        fresh = now_ms - source.keep_minutes * 60_000
        lacking = {digest: url for digest, url in digests.items() if digest not in known or known[digest][1] < fresh}
        if lacking:
            plans.append((source, lacking))
    return plans


def _property(contact: Mapping[str, Any], path: str) -> Any:
    value: Any = contact
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _pointed(document: Any, pointer: str) -> Any:
    value = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and len(name) < 6 and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    if isinstance(value, str):
        return value[:LONGEST]
    return value if isinstance(value, int | float) else None
