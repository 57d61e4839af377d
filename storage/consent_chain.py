"""Why the ledger can be believed: every entry's hash covers what it says and the contact's entry before it.

``hash`` is SHA-256 over the plain fields, ``sealed`` and ``previous``. ``sealed`` is an HMAC of the personal fields
under a salt of the entry's own: with the salt it proves them, without it (after an erasure) it says nothing of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from .columns import dump, load
from .database import Tx

PAGE = 5_000  # contacts read at a time


@dataclass(frozen=True, slots=True)
class Break:
    """An entry that is not what was written. ``text`` is a sentence."""

    entry: int
    contact_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look through the ledger found; ``erased`` entries keep their place in the chain without who it was."""

    entries: int
    contacts: int
    erased: int
    breaks: tuple[Break, ...]


def seal_of(salt: str, personal: Sequence[str | None]) -> str:
    """The digest of ``(identifier, ip, agent, evidence text)`` that only the salt can check."""
    return hmac.new(bytes.fromhex(salt), orjson.dumps(personal), sha256).hexdigest()


def hash_of(plain: Sequence[Any]) -> str:
    """The hash of an entry: ``(contact … confirmed_at, sealed, previous)``."""
    return sha256(orjson.dumps(plain)).hexdigest()


def verify(tx: Tx, most: int = 100) -> Verified:
    """Go through every contact's chain, a page at a time; lists up to ``most`` breaks."""
    entries = contacts = erased = 0
    breaks: list[Break] = []
    contact, tail = None, ""
    for id_, contact_id, *row in _all(tx):
        if contact_id != contact:
            contact, tail = contact_id, ""
            contacts += 1
        entries += 1
        identifier, ip, agent, evidence, salt, sealed, previous, digest = row[10:]
        plain = (contact_id, *row[:10], sealed, previous)
        text = None
        if hash_of(plain) != digest:
            text = "What the entry says was changed after it was written."
        elif previous != tail:
            text = "An entry before this one was taken away, added or changed."
        elif salt is not None and seal_of(salt, (identifier, ip, agent, dump(load(evidence)))) != sealed:
            text = "Who or what the entry is about was changed after it was written."
        erased += salt is None
        tail = digest
        if text and len(breaks) < most:
            breaks.append(Break(id_, contact_id, text))
    return Verified(entries, contacts, erased, tuple(breaks))


def _all(tx: Tx) -> Iterator[Sequence[Any]]:
    """Every entry, contact by contact, in the order of writing."""
    after = -1
    while True:
        upto = tx.value(
            "SELECT max(c) FROM (SELECT DISTINCT contact_id AS c FROM consents WHERE contact_id > ? "
            "ORDER BY contact_id LIMIT ?) page",
            (after, PAGE),
        )
        if upto is None:
            return
        yield from tx.rows(
            "SELECT id, contact_id, channel, topic, action, legal_basis, wording, language, source, at, actor, "
            "confirmed_at, identifier, ip, agent, evidence, salt, sealed, previous, hash FROM consents "
            "WHERE contact_id > ? AND contact_id <= ? ORDER BY contact_id, id",
            (after, upto),
        )
        after = upto
