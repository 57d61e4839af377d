"""Words behind links for web statistics (UTM): what they are for a letter, and how an address gets them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

NAMES = ("source", "medium", "campaign", "content", "term")
KEPT = 2_000  # addresses remembered for one letter
Words = tuple[tuple[str, str], ...]


class Utm:
    """Puts the same words behind every link to the owner's sites; an address with words of its own keeps them."""

    __slots__ = ("_domains", "_known", "_query")

    def __init__(self, words: Words, domains: tuple[str, ...]) -> None:
        self._query = "&".join(f"utm_{name}={quote(value, safe='')}" for name, value in words if value)
        self._domains = domains
        self._known: dict[str, str] = {}

    def __call__(self, url: str) -> str:
        known = self._known.get(url)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            known = self._known[url] = self._tagged(url)
        return known

    def _tagged(self, url: str) -> str:
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return url
        ours = any(host == domain or host.endswith(f".{domain}") for domain in self._domains)
        if not self._query or not ours or "utm_" in parts.query.lower():
            return url
        address, mark, fragment = url.partition("#")
        return f"{address}{_joint(address)}{self._query}{mark}{fragment}"


def words(given: Mapping[str, Any], defaults: Mapping[str, str], at_hand: Mapping[str, str]) -> Words:
    """The words of a message: its own, else the owner's, else what is at hand."""
    return tuple((name, str(given.get(name) or defaults.get(name) or at_hand.get(name) or "")) for name in NAMES)


@lru_cache(maxsize=512)
def utm(said: Words, domains: tuple[str, ...]) -> Utm:
    """One for every letter and owner: it remembers the addresses it has seen."""
    return Utm(said, domains)


def _joint(address: str) -> str:
    if "?" not in address:
        return "?"
    return "" if address[-1] in "?&" else "&"
