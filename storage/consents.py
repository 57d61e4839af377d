"""What a contact agreed to or refused: an append-only ledger, each contact's entries chained by their hashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Json, Key, Moment, dump
from .consent_chain import hash_of, seal_of
from .database import Tx
from .naming import Table

GRANTED, DENIED, WITHDRAWN = "granted", "denied", "withdrawn"
TOPIC = "marketing"  # what a journey without a topic of its own is sent under
COLUMNS = (
    "contact_id,channel,topic,action,legal_basis,wording,language,source,at,actor,confirmed_at,"
    "identifier,ip,agent,evidence,salt,sealed,previous,hash"
)


def _text() -> Any:
    return Field(default="", sa_column_kwargs={"server_default": ""}, sa_type=Text)


class Consent(Table, table=True):
    """One entry of the ledger; the state is the last entry for a channel and topic. Rows are never changed.

    What is personal (``identifier``, ``ip``, ``agent``, ``evidence``) is inside the hash only by ``sealed``, a digest
    keyed with ``salt``: an erasure takes both away, and the chain still holds. See `consent_chain`.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_contact_id", "contact_id", "channel", "topic", "id"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    contact_id: int = Field(sa_type=Key)  # as it was then: a merge copies what counts and moves nothing
    channel: str = Field(sa_type=Text)
    topic: str = Field(default=TOPIC, sa_type=Text)
    action: str = Field(sa_type=Text)  # granted, denied, withdrawn
    legal_basis: str = _text()  # consent, legitimate_interest, or as an importer stated it
    wording: str = _text()  # the version of the sentence they saw: a key of `wordings`, or a program's own mark
    language: str = _text()
    source: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)
    actor: str = _text()  # who wrote it down, where it was not the contact
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)  # when a double opt-in was confirmed
    identifier: str | None = Field(default=None, sa_type=Text)  # the address or number it was about
    ip: str | None = Field(default=None, sa_type=Text)
    agent: str | None = Field(default=None, sa_type=Text)
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    salt: str | None = Field(default=None, sa_type=Text)
    sealed: str = _text()
    previous: str = _text()  # the hash of the contact's entry before
    hash: str = _text()


@dataclass(frozen=True, slots=True)
class Said:
    """One thing somebody said, before it stands in the ledger.

    ``at_ms`` None is now. ``overrules`` False (imports): a grant that counts only where nothing is known yet.
    """

    contact_id: int
    channel: str
    action: str
    source: str
    topic: str = TOPIC
    at_ms: int | None = None
    legal_basis: str = "consent"
    wording: str = ""
    language: str = ""
    actor: str = ""
    confirmed_ms: int | None = None
    ip: str | None = None
    agent: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    overrules: bool = True


def say(
    tx: Tx,
    contact_id: int,
    channel: str,
    action: str,
    *,
    source: str,
    now_ms: int,
    topic: str = TOPIC,
    evidence: Mapping[str, Any] | None = None,
    **proof: Any,
) -> bool:
    """Add an entry to the ledger, unless the last one says the same already. True when one was added.

    ``proof`` are further fields of `Said`. The contact's row is locked first, and a sender about to hand over locks
    it too: whoever withdrew and got an answer is past every hand-over that began, and before every one that begins.
    """
    person = hold(tx, contact_id)
    if person is None:
        return False
    said = Said(person, channel, action, source, topic, evidence=evidence or {}, **proof)
    return bool(append(tx, [said], now_ms))


def say_all(
    tx: Tx,
    contact_id: int,
    action: str,
    about: Iterable[tuple[str, str]],
    *,
    source: str,
    now_ms: int,
    **proof: Any,
) -> int:
    """The same of several ``(channel, topic)`` at once; returns how many entries were added."""
    person = hold(tx, contact_id)
    if person is None:
        return 0
    said = [Said(person, channel, action, source, topic, **proof) for channel, topic in dict.fromkeys(about)]
    return len(append(tx, said, now_ms))


def append(tx: Tx, entries: Sequence[Said], now_ms: int) -> list[Said]:
    """Chain entries to the ledgers of their contacts, whom the caller holds; returns those that said something new."""
    if not entries:
        return []
    among, ids = tx.among(sorted({said.contact_id for said in entries}))
    state: dict[tuple[int, str, str], tuple[str, bool]] = {}
    tail: dict[int, str] = {}
    for contact, channel, topic, action, confirmed, digest in tx.rows(
        "SELECT contact_id, channel, topic, action, confirmed_at, hash FROM consents "
        f"WHERE contact_id {among} ORDER BY id",
        (ids,),
    ):
        state[contact, channel, topic] = action, confirmed is not None
        tail[contact] = digest
    reached = {
        contact: (email, phone)
        for contact, email, phone in tx.rows(f"SELECT id, email, phone FROM contacts WHERE id {among}", (ids,))
    }
    new, rows = [], []
    for said in entries:
        about = said.contact_id, said.channel, said.topic
        known = state.get(about)
        if known and known[0] == said.action and (known[1] or said.confirmed_ms is None):
            continue
        if known and said.action == GRANTED and not said.overrules:
            continue
        email, phone = reached.get(said.contact_id, (None, None))
        row = _row(said, email if said.channel == "email" else phone, tail.get(said.contact_id, ""), now_ms)
        state[about], tail[said.contact_id] = (said.action, said.confirmed_ms is not None), row[-1]
        new.append(said)
        rows.append(row)
    tx.insert("consents", COLUMNS, rows)
    return new


def _row(said: Said, identifier: str | None, previous: str, now_ms: int) -> tuple[Any, ...]:
    evidence, salt = dump(dict(said.evidence)), token_hex(16)
    plain = (
        said.contact_id, said.channel, said.topic, said.action, said.legal_basis, said.wording, said.language,
        said.source, now_ms if said.at_ms is None else said.at_ms, said.actor, said.confirmed_ms,
    )  # fmt: skip
    sealed = seal_of(salt, (identifier, said.ip, said.agent, evidence))
    personal = identifier, said.ip, said.agent, evidence, salt, sealed, previous
    return *plain, *personal, hash_of((*plain, sealed, previous))


# ── what counts ───────────────────────────────────────────────────────────────────────────────────────


def last(tx: Tx, contact_id: int, channel: str, topic: str = TOPIC) -> str | None:
    """What the contact said last about this channel and topic; None when nothing is known."""
    return tx.value(
        "SELECT action FROM consents WHERE contact_id = ? AND channel = ? AND topic = ? ORDER BY id DESC LIMIT 1",
        (contact_id, channel, topic),
    )


def states(tx: Tx, contact_id: int) -> dict[tuple[str, str], str]:
    """The last word on each ``(channel, topic)`` the contact ever spoke of."""
    rows = tx.rows("SELECT channel, topic, action FROM consents WHERE contact_id = ? ORDER BY id", (contact_id,))
    return {(channel, topic): action for channel, topic, action in rows}


def hold(tx: Tx, contact_id: int) -> int | None:
    """Who this contact is by now, held still: merged once, twice, or just while we waited for the lock.

    None when there is nobody: of who was erased nothing is written down any more.
    """
    while True:
        row = tx.one(
            "SELECT merged_into, erased_at FROM contacts WHERE id = ?" + (" FOR UPDATE" if tx.postgres else ""),
            (contact_id,),
        )
        if row is None or row[1] is not None:
            return None
        if row[0] is None:
            return contact_id
        contact_id = row[0]


# ── merges and erasure ────────────────────────────────────────────────────────────────────────────────


def carry(tx: Tx, pairs: Sequence[tuple[int, int]], now_ms: int) -> None:
    """Merging ``(loser, winner)``: a refusal always comes along; a grant only where the winner has said nothing."""
    among, ids = tx.among([contact for pair in pairs for contact in pair])
    state: dict[tuple[int, str, str], Said] = {}
    for id_, contact, channel, topic, action, basis, wording, language, confirmed in tx.rows(
        "SELECT id, contact_id, channel, topic, action, legal_basis, wording, language, confirmed_at FROM consents "
        f"WHERE contact_id {among} ORDER BY id",
        (ids,),
    ):
        proof = {"legal_basis": basis, "wording": wording, "language": language, "confirmed_ms": confirmed}
        evidence = {"merged_contact": contact, "entry": id_}
        state[contact, channel, topic] = Said(contact, channel, action, "merge", topic, evidence=evidence, **proof)
    carried = []
    for loser, winner in pairs:
        for (contact, channel, topic), said in list(state.items()):
            there = state.get((winner, channel, topic))
            if contact == loser and not (there and (there.action == said.action or said.action == GRANTED)):
                state[winner, channel, topic] = replace(said, contact_id=winner)
                carried.append(state[winner, channel, topic])
    append(tx, carried, now_ms)


def unveil(tx: Tx, contact_ids: Sequence[int]) -> None:
    """Take what is personal out of the ledgers of erased contacts, with the key to its digest; the chains hold."""
    among, ids = tx.among(contact_ids)
    tx.run(
        "UPDATE consents SET identifier = NULL, ip = NULL, agent = NULL, evidence = '{}', salt = NULL "
        f"WHERE contact_id {among}",
        (ids,),
    )
