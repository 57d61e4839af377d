"""What was found in the letters of live journeys, and what the pages behind their links answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field

from .columns import Json, Key, dump, load
from .database import Row, Tx
from .naming import Table


class LetterAudit(Table, table=True):
    """What the last look at one letter of a live journey found. Moments are milliseconds."""

    __tablename__ = "letter_audits"

    journey_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    letter: str = Field(sa_column=Column(Text, primary_key=True))
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    at: int = Field(sa_type=BigInteger)


class LinkAnswer(Table, table=True):
    """What an address answered when it was last asked; ``problem`` is a sentence, "" when it is well."""

    __tablename__ = "link_answers"

    hash: str = Field(sa_column=Column(Text, primary_key=True))  # of the address: addresses can be longer than a key
    address: str = Field(sa_type=Text)
    status: int = Field(default=0)
    problem: str = Field(default="", sa_type=Text)
    at: int = Field(sa_type=BigInteger)


def keep_audit(tx: Tx, journey_id: int, found: Mapping[str, list[dict[str, Any]]], now_ms: int) -> None:
    """What was found in the letters of a journey, by letter; what was known before is forgotten."""
    tx.run("DELETE FROM letter_audits WHERE journey_id = ?", (journey_id,))
    tx.many(
        "INSERT INTO letter_audits (journey_id, letter, findings, at) VALUES (?, ?, ?, ?)",
        [(journey_id, letter, dump(findings), now_ms) for letter, findings in found.items()],
    )


def forget_audits(tx: Tx, but: Iterable[int]) -> None:
    """Journeys that are not live any more have nothing to be warned of."""
    among, wanted = tx.among(list(but))
    tx.run(f"DELETE FROM letter_audits WHERE NOT (journey_id {among})", (wanted,))


def audited_at(tx: Tx) -> int:
    """When a letter was last looked at; 0 when none ever was."""
    row = tx.one("SELECT coalesce(max(at), 0) FROM letter_audits")
    return int(row[0]) if row else 0


def audits(tx: Tx) -> list[tuple[str, str, str, list[dict[str, Any]]]]:
    """``(journey, its title, letter, findings)`` of every letter with something to say."""
    rows: list[Row] = tx.rows(
        "SELECT j.name, j.title, a.letter, a.findings FROM letter_audits a JOIN journeys j ON j.id = a.journey_id"
        " ORDER BY j.title, a.letter"
    )
    return [(name, title, letter, found) for name, title, letter, said in rows if (found := load(said))]


def answers(tx: Tx, addresses: Iterable[str]) -> dict[str, tuple[int, int, str]]:
    """``(moment, status, problem)`` of those of the addresses that were ever asked."""
    by_hash = {_hash(address): address for address in addresses}
    among, wanted = tx.among(list(by_hash))
    rows = tx.rows(f"SELECT hash, at, status, problem FROM link_answers WHERE hash {among}", (wanted,))
    return {by_hash[key]: (at, status, problem) for key, at, status, problem in rows}


def keep_answers(tx: Tx, found: Mapping[str, tuple[int, int, str]]) -> None:
    """Write down what addresses answered: ``(moment, status, problem)`` by address."""
    tx.many(
        "INSERT INTO link_answers (hash, address, at, status, problem) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (hash) DO UPDATE SET at = excluded.at, status = excluded.status, problem = excluded.problem",
        [(_hash(address), address, *one) for address, one in found.items()],
    )


def age_out(tx: Tx, before_ms: int) -> None:
    """Forget what addresses answered before a moment."""
    tx.run("DELETE FROM link_answers WHERE at < ?", (before_ms,))


def _hash(address: str) -> str:
    return sha256(address.encode()).hexdigest()
