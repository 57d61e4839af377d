"""Asks DNS. What cannot be asked is not known, which is something else than not being there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

ONE_S, ALL_S = 2.0, 5.0  # for one try, and for all tries of one question
PAYLOAD = 1232  # bytes an answer may have before it is asked for by TCP
EVERYWHERE = ((".", "NS"), ("com.", "SOA"))  # what whoever sees the world's DNS finds


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands under a name; ``known`` is False where nobody could be asked."""

    values: Sequence[str] = ()
    known: bool = True

    def __bool__(self) -> bool:
        return bool(self.values)


UNKNOWN, NOTHING = Answer(known=False), Answer()


class Lookup:
    """Questions to the resolver of this machine, or to the one named; each is asked once."""

    def __init__(self, nameserver: str = "", port: int = 53, all_s: float = ALL_S) -> None:
        self._asked: dict[tuple[str, str], Answer] = {}
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameserver)
        except dns.exception.DNSException:  # this machine names none
            self._resolver = dns.resolver.Resolver(configure=False)
        if nameserver:
            self._resolver.nameservers = [nameserver]
            self._resolver.port = port
        self._resolver.timeout, self._resolver.lifetime = min(ONE_S, all_s), all_s
        self._resolver.use_edns(0, 0, PAYLOAD)

    @cached_property
    def sees(self) -> bool:
        """Whether the resolver sees the world's DNS at all: behind a wall it may say that nothing exists."""
        return any(self._ask(name, kind) for name, kind in EVERYWHERE)

    def texts(self, name: str) -> Answer:
        """TXT records, the strings of each put together."""
        return self.ask(name, "TXT")

    def addresses(self, name: str) -> Answer:
        """IPv4 and IPv6 addresses."""
        return _together(self.ask(name, kind) for kind in ("A", "AAAA"))

    def names_of(self, address: str) -> Answer:
        """The names of an address (PTR)."""
        return self.ask(dns.reversename.from_address(address).to_text(), "PTR")

    def ask(self, name: str, type: str) -> Answer:
        """Values as text, names without the last dot."""
        key = (name.rstrip(".").lower(), type)
        if key not in self._asked:
            self._asked[key] = self._ask(name, type) if self.sees else UNKNOWN
        return self._asked[key]

    def _ask(self, name: str, type: str) -> Answer:
        if not self._resolver.nameservers:
            return UNKNOWN
        try:
            found = self._resolver.resolve(dns.name.from_text(name), type, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return NOTHING
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, UnicodeError):
            return NOTHING  # no such name can exist
        except (dns.exception.DNSException, OSError):
            return UNKNOWN
        return Answer(tuple(_text(one, type) for one in found))


def _text(record: object, type: str) -> str:
    if type == "TXT":
        return b"".join(getattr(record, "strings", ())).decode("utf-8", "replace")
    if type == "MX":
        return str(getattr(record, "exchange", "")).rstrip(".").lower()
    return str(record).rstrip(".").lower()


def _together(answers: Iterable[Answer]) -> Answer:
    found = list(answers)
    values = tuple(value for one in found for value in one.values)
    return Answer(values, bool(values) or all(one.known for one in found))
