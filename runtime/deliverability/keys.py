"""DKIM keys: made here, their records to copy into DNS, turned on and off; the private half is sealed."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...storage import dkim_keys, users
from ...storage.columns import from_ms
from ...storage.database import Tx
from ...storage.dkim_keys import DkimKey
from ..content.dkim import Algorithm, Signer, make_key

State = Literal["on", "off"]
ALGORITHMS: Mapping[str, Algorithm] = {"rsa": "rsa-sha256", "ed25519": "ed25519-sha256"}
MOST = 10  # keys of one domain
STRING = 255  # characters of one string of a TXT record
DOMAIN = re.compile(r"(?!-)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")


class KeyProblem(Exception):
    """A key cannot be made or changed; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of DNS, to copy."""

    name: str
    type: str
    value: str

    @property
    def quoted(self) -> str:
        """The value as panels and zone files want it: a text in strings of 255 characters at most."""
        return quoted(self.value) if self.type == "TXT" else self.value


def quoted(text: str) -> str:
    """A text as the strings of a TXT record."""
    strings = [text[at : at + STRING] for at in range(0, len(text), STRING)] or [""]
    return " ".join('"{}"'.format(one.replace("\\", "\\\\").replace('"', '\\"')) for one in strings)


def record_of(key: DkimKey) -> Record:
    """What the domain has to publish for a key."""
    return Record(f"{key.selector}._domainkey.{key.domain}", "TXT", key.record)


def shown(key: DkimKey) -> dict[str, Any]:
    """A key for the owner's eyes: the private half is never shown."""
    record = record_of(key)
    return {
        "domain": key.domain,
        "selector": key.selector,
        "algorithm": key.algorithm,
        "status": key.status,
        "record": {"name": record.name, "type": record.type, "value": record.value, "quoted": record.quoted},
        "created_at": key.created_at.isoformat(),
        "created_by": key.created_by,
    }


def domain_of(address: str) -> str:
    """The domain of an e-mail address as DNS writes it; "" where it has none."""
    domain = address.strip().rpartition("@")[2].rstrip(".").lower()
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return ""


def make(parts: Any, domain: str, algorithm: str, actor: str) -> DkimKey:
    """A new key for a domain. It signs nothing before it is turned on. Raises `KeyProblem`."""
    domain = domain_of(domain)
    if not DOMAIN.match(domain) or len(domain) > 253:
        raise KeyProblem("That is not a domain: write one like news.example.com.")
    if algorithm not in ALGORITHMS:
        raise KeyProblem(f"“{algorithm}” is not a kind of key: choose rsa or ed25519.")
    pem, now_ms = make_key(ALGORITHMS[algorithm]), parts.clock.now_ms()  # before the write: it takes a while
    record, sealed = Signer.of(domain, "new", pem).record, parts.secrets.seal(pem)

    def job(tx: Tx) -> DkimKey:
        if len(dkim_keys.everyone(tx, domain)) >= MOST:
            raise KeyProblem(f"{domain} has {MOST} keys already: remove those that are off.")
        day = f"{from_ms(now_ms):s%Y%m%d}{'e' if algorithm == 'ed25519' else ''}"
        selector, number = day, 1
        while dkim_keys.selected(tx, selector):
            number += 1
            selector = f"{day}-{number}"
        key = DkimKey(
            domain=domain, selector=selector, algorithm=ALGORITHMS[algorithm], sealed=sealed, record=record,
            created_at=from_ms(now_ms), created_by=actor,
        )  # fmt: skip
        dkim_keys.keep(tx, key)
        users.note(tx, actor, "dkim.make", selector, now_ms, {"domain": domain, "algorithm": key.algorithm})
        return key

    return parts.db.write(job)


def turn(tx: Tx, selector: str, state: State, actor: str, now_ms: int) -> None:
    """Let a key sign, or not. Raises `KeyProblem`."""
    if not dkim_keys.turn(tx, selector, state):
        raise KeyProblem(_none(selector))
    users.note(tx, actor, "dkim.turn", selector, now_ms, {"status": state})


def remove(tx: Tx, selector: str, actor: str, now_ms: int) -> None:
    """Forget a key that does not sign. Raises `KeyProblem`."""
    key = dkim_keys.selected(tx, selector)
    if key is None:
        raise KeyProblem(_none(selector))
    if key.status == dkim_keys.ON:
        raise KeyProblem(f"{selector} signs letters: turn it off first.")
    dkim_keys.remove(tx, selector)
    users.note(tx, actor, "dkim.remove", selector, now_ms, {"domain": key.domain})


class Keyring:
    """The signers of a domain, opened once and again only after a key was turned, made or removed."""

    def __init__(self, secrets: Any) -> None:
        self._secrets = secrets
        self._known: dict[str, tuple[Any, tuple[Signer, ...]]] = {}
        self._lock = threading.Lock()

    def signers(self, tx: Tx, address: str) -> tuple[Signer, ...]:
        """Who signs what comes from this address."""
        domain = domain_of(address)
        stamp = dkim_keys.stamp(tx, domain) if domain else ()
        with self._lock:
            known = self._known.get(domain)
            if known is None or known[0] != stamp:
                known = (stamp, self._opened(tx, domain) if stamp else ())
                self._known = {domain: known}
            return known[1]

    def _opened(self, tx: Tx, domain: str) -> tuple[Signer, ...]:
        return tuple(
            Signer.of(domain, key.selector, self._secrets.open(key.sealed))
            for key in dkim_keys.everyone(tx, domain)
            if key.status == dkim_keys.ON
        )


def _none(selector: str) -> str:
    return f"There is no key “{selector}”: `sojourn deliverability keys list` shows all."
