"""What is found in the letters of a journey, each looked at once for as long as nothing around it changes."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import Any

from ....storage.columns import dump
from ....storage.database import Database, Tx
from ..forms import medium_of
from .around import Around, Asked
from .finding import Finding
from .looking import look_at
from .looks.links_answering import links_of, told
from .preparing import prepare
from .surroundings import answered, around, completed

KEPT = 256
AHEAD_S = 60.0  # so long a look ahead holds, whoever came in meanwhile
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a letter; and its links, to be looked at again once they were asked."""

    findings: tuple[Finding, ...]
    links: tuple[tuple[str, Finding], ...] = ()

    @property
    def addresses(self) -> set[str]:
        """The addresses in it that may be asked: they are the same for every reader."""
        return {address for address, _ in self.links}

    def with_answers(self, answers: Mapping[str, Asked]) -> list[Finding]:
        """All findings, with what the links are known to have answered."""
        return sorted(dict.fromkeys((*self.findings, *told(self.links, answers))), key=lambda one: one.order)


class Shelf:
    """What was looked at lately. A look takes tens of milliseconds, and a review asks for it in a transaction."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Looked] = OrderedDict()
        self._ahead: OrderedDict[bytes, tuple[float, Looked]] = OrderedDict()
        self._lock = Lock()

    def looked(self, source: Mapping[str, Any], around: Around, ahead: bool = False) -> Looked:
        """What is found in a letter, links aside that were asked.

        ``ahead``: the next to ask gets the same, although other people would be tried by then.
        """
        around = replace(around, links={}, now_ms=around.now_ms // DAY_MS * DAY_MS)
        key, lasting = _key(source, around), _key(source, replace(around, fillings=(), with_event=True, languages={}))
        with self._lock:
            if not ahead and lasting in self._ahead and time.monotonic() - self._ahead[lasting][0] < AHEAD_S:
                return self._ahead[lasting][1]
        found = self._looked(key, source, around)
        if ahead:
            with self._lock:
                self._ahead[lasting] = time.monotonic(), found
                while len(self._ahead) > KEPT:
                    self._ahead.popitem(last=False)
        return found

    def _looked(self, key: bytes, source: Mapping[str, Any], around: Around) -> Looked:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = prepare(source, around)
        links = tuple(link for page in made.pages.values() for link in links_of(page))
        found = Looked(tuple(look_at(made, around)), links)
        if made.for_now:
            return found
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _key(source: Mapping[str, Any], around: Around) -> bytes:
    return sha256(f"{dump(source)} {around!r}".encode()).digest()


SHELF = Shelf()


def letters_of(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The letters of a journey that are letters."""
    given = content.get("letters")
    letters = given if isinstance(given, Mapping) else {}
    return {name: one for name, one in letters.items() if isinstance(one, Mapping) and medium_of(one) == "email"}


def of_journey(tx: Tx, content: Mapping[str, Any], now_ms: int, ahead: bool = False) -> dict[str, Looked]:
    """What is found in each letter, tried on people the journey would reach; their words are masked."""
    marketing = content.get("message_type") != "transactional"
    known = around(tx, content, marketing, now_ms)
    return {
        name: SHELF.looked(letter, completed(tx, known, letter), ahead) for name, letter in letters_of(content).items()
    }


def findings_of(tx: Tx, content: Mapping[str, Any], now_ms: int) -> dict[str, list[Finding]]:
    """The same as findings alone, with what links were found to answer when they were last asked. Asks nobody."""
    looked = of_journey(tx, content, now_ms)
    known = answered(tx, {address for one in looked.values() for address in one.addresses})
    return {name: one.with_answers(known) for name, one in looked.items()}


def errors_of(content: Mapping[str, Any]) -> dict[str, list[Finding]]:
    """What keeps letters back whoever gets them, without a look into the store."""
    bare = Around(marketing=content.get("message_type") != "transactional")
    return {
        name: [found for found in SHELF.looked(letter, bare).findings if found.severity == "error"]
        for name, letter in letters_of(content).items()
    }


async def looked_ahead(db: Database, content: Mapping[str, Any], now_ms: int) -> None:
    """Look before a transaction that will want to know, off the loop: then it finds everything on the shelf."""
    await db.aread(lambda tx: of_journey(tx, content, now_ms, ahead=True))
    await asyncio.to_thread(errors_of, content)
