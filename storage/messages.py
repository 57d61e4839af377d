"""The outbox and what became of each message, with every decision about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, Text, text
from sqlmodel import Field

from . import features, touches
from .columns import Json, Key, brief
from .database import Tx
from .naming import Table

QUEUED, LEASED, SENDING, SENT, IN_DOUBT, FAILED, SKIPPED = (
    "queued",
    "leased",
    "sending",
    "sent",
    "in_doubt",
    "failed",
    "skipped",
)
OPEN = "status IN ('leased', 'sending')"
HELD = "status IN ('queued', 'skipped', 'failed')"


class Message(Table, table=True):
    """One message to one contact. At most one for each walk and node, whatever crashes. Moments are milliseconds."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ux_messages_enrollment_seq_node", "enrollment_id", "seq", "node", unique=True),
        Index(
            "ix_messages_queued",
            "rank",
            "channel",
            "due_at",
            sqlite_where=text("status = 'queued'"),
            postgresql_where=text("status = 'queued'"),
        ),
        Index("ix_messages_open", "worker", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_messages_contact_id", "contact_id", "queued_at"),
        Index(
            "ix_messages_held",
            "journey_id",
            "node",
            sqlite_where=text(HELD),
            postgresql_where=text(HELD),
        ),
        Index(
            "ix_messages_account",
            "account",
            "queued_at",
            sqlite_where=text("account IS NOT NULL"),
            postgresql_where=text("account IS NOT NULL"),
        ),
        Index(
            "ix_messages_reference",
            "reference",
            sqlite_where=text("reference IS NOT NULL"),
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index(
            "ix_messages_clicked",
            "version_id",
            "node",
            sqlite_where=text("clicked_at IS NOT NULL"),
            postgresql_where=text("clicked_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    enrollment_id: int = Field(sa_type=Key)
    seq: int = Field(sa_type=Integer)
    node: int = Field(sa_type=Integer)
    journey_id: int = Field(sa_type=Key)
    version_id: int = Field(sa_type=Key)
    contact_id: int = Field(sa_type=Key)
    channel: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)  # the letter's name inside the version
    status: str = Field(default=QUEUED, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)  # a sentence, for failed, skipped and in_doubt
    queued_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)  # not before
    worker: str | None = Field(default=None, sa_type=Text)
    attempts: int = Field(default=0, sa_type=Integer)
    sent_at: int | None = Field(default=None, sa_type=BigInteger)
    opened_at: int | None = Field(default=None, sa_type=BigInteger)
    clicked_at: int | None = Field(default=None, sa_type=BigInteger)
    turn: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))  # of a chain, from 0
    rank: int = Field(default=3, sa_column=Column(Integer, nullable=False, server_default="3"))  # see runtime.policy
    weight: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))  # within the rank
    account: str | None = Field(default=None, sa_type=Text)  # the carrier's account it went out by
    reference: str | None = Field(default=None, sa_type=Text)  # what the carrier calls it
    delivered_at: int | None = Field(default=None, sa_type=BigInteger)  # the carrier's receipt
    units: int | None = Field(default=None, sa_type=Integer)  # what is paid for: parts of a text, sheets
    cost: int | None = Field(default=None, sa_type=BigInteger)  # in millionths of the account's currency


class Decision(Table, table=True):
    """What the gate or the channel said of a message, and what it knew when it said so."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_message_id", "message_id"),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    message_id: int = Field(sa_type=Key)
    at: int = Field(sa_type=BigInteger)
    verdict: str = Field(sa_type=Text)  # go, defer, skip, sent, retry, failed, in_doubt
    reason: str = Field(sa_type=Text)
    inputs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))


# ── the outbox: mark, record ──────────────────────────────────────────────────────────


class Leased(NamedTuple):
    """A message a sender has taken for itself, or is about to. A tuple: there are thousands in a lease."""

    id: int
    version_id: int
    contact_id: int
    channel: str
    content: str
    attempts: int
    due_at: int
    closed: frozenset[str] = frozenset()  # accounts that have no room for it today


@dataclass(frozen=True, slots=True)
class Result:
    """What a message came to in one try. ``verdict`` is a key of `STATUS`.

    ``due_at`` says when a queued one is tried next; ``attempted`` counts the try. An address with its channel stands
    in ``suppress`` when nothing may be sent to it from now on, in ``bounced`` when its mailbox did not take the letter
    this time, in ``taken`` when it did.
    """

    message_id: int
    verdict: str
    reason: str
    inputs: dict[str, Any] = dataclass_field(default_factory=dict)
    due_at: int | None = None
    attempted: bool = False
    suppress: tuple[str, str] | None = None
    bounced: tuple[str, str] | None = None
    taken: tuple[str, str] | None = None
    outcome: str | None = None  # a finer word than the status for the step that sent it
    reference: str | None = None
    units: int | None = None
    cost: int | None = None
    gone: tuple[str, ...] = ()  # tokens of devices that exist no longer
    learnt: tuple[tuple[str, Any], ...] = ()  # for the contact's profile


STATUS = {
    "sent": SENT,
    "in_doubt": IN_DOUBT,
    "failed": FAILED,
    "skip": SKIPPED,
    "retry": QUEUED,
    "defer": QUEUED,
    "release": QUEUED,  # never tried: the way to the server is closed, or the sender stops
}
OUTCOME = {SENT: "sent", IN_DOUBT: "sent", FAILED: "failed", SKIPPED: "skipped"}  # as the enrollment is told
HOUR_MS = 3_600_000


def mark(tx: Tx, worker: str, ids: Sequence[int], account: str = "") -> set[int]:
    """Say that these are about to leave; those whose lease was lost are not among the answer and must not leave."""
    among, wanted = tx.among(ids)
    rows = tx.rows(  # 'sending' too: this very job may run again after its commit was lost on the way
        f"UPDATE messages SET status = 'sending', account = ? WHERE id {among} AND worker = ? "
        "AND status IN ('leased', 'sending') RETURNING id",
        (account or None, wanted, worker),
    )
    return {message_id for (message_id,) in rows}


def record(tx: Tx, worker: str, results: Sequence[Result], now_ms: int) -> set[int]:
    """Write what became of messages, wake their enrollments, give back what was counted against a cap.

    Returns the ids that were still this worker's; a message taken away meanwhile is left as it is.
    """
    taken: set[int] = set()
    for result in results:
        status = STATUS[result.verdict]
        if status == QUEUED:
            done = tx.run(
                "UPDATE messages SET status = 'queued', worker = NULL, due_at = COALESCE(?, due_at), reason = ?, "
                "attempts = attempts + ? WHERE id = ? AND worker = ? AND status IN ('leased', 'sending')",
                (result.due_at, _storable(result.reason) or None, int(result.attempted), result.message_id, worker),
            )
            if done.rowcount == 1:
                taken.add(result.message_id)
            continue
        # in_doubt too: what a recovery elsewhere called doubtful is corrected by the sender who knows
        row = tx.one(
            "UPDATE messages SET status = ?, reason = ?, sent_at = ?, attempts = attempts + ?, "
            "reference = COALESCE(?, reference), units = COALESCE(?, units), cost = COALESCE(?, cost) "
            "WHERE id = ? AND worker = ? AND status IN ('leased', 'sending', 'in_doubt') "
            "RETURNING enrollment_id, seq, turn, contact_id, queued_at, channel, journey_id",
            (
                status,
                None if status == SENT else _storable(result.reason),
                now_ms if status in (SENT, IN_DOUBT) else None,
                int(result.attempted),
                result.reference or None,
                result.units,
                result.cost,
                result.message_id,
                worker,
            ),
        )
        if row is None:
            continue
        taken.add(result.message_id)
        enrollment_id, seq, turn, contact_id, queued_at, channel, journey_id = row
        wake(tx, enrollment_id, seq, result.outcome or OUTCOME[status], now_ms, turn)
        if status in (FAILED, SKIPPED):
            tx.run(
                "UPDATE caps SET n = n - 1 "
                "WHERE contact_id = ? AND hour = ? AND channel = ? AND journey_id = ? AND n > 0",
                (contact_id, queued_at // HOUR_MS, channel, journey_id),
            )
    stayed = [r.message_id for r in results if r.message_id in taken and STATUS[r.verdict] not in (SENT, IN_DOUBT)]
    touches.take_back(tx, stayed)
    decide(tx, [r for r in results if r.message_id in taken and r.verdict != "release"], now_ms)
    return taken


def wake(tx: Tx, enrollment_id: int, seq: int, outcome: str, now_ms: int, turn: int = 0) -> None:
    """Tell the enrollment what its message came to; it walks on with the next beat.

    A later form of a message (``turn``) says so: "failed:1".
    """
    told = f"{outcome}:{turn}" if turn else outcome
    tx.run(
        "UPDATE enrollments SET due_at = ?, outbox = 0, outcome = ? "
        "WHERE id = ? AND seq = ? AND ended_at IS NULL AND outbox = 1",
        (now_ms, told, enrollment_id, seq),
    )


def decide(tx: Tx, results: Sequence[Result], now_ms: int) -> None:
    """Keep why, with what was known."""
    note(tx, [(r.message_id, r.verdict, r.reason, r.inputs) for r in results], now_ms)


def note(tx: Tx, decided: Sequence[tuple[int, str, str, dict[str, Any]]], now_ms: int) -> None:
    """Keep decisions: ``(message, verdict, reason, inputs)``."""
    tx.insert(
        "decisions",
        "message_id,at,verdict,reason,inputs",
        [(message, now_ms, verdict, _storable(reason), brief(inputs)) for message, verdict, reason, inputs in decided],
    )


@lru_cache(maxsize=1024)  # many decisions share a reason
def _storable(text: str) -> str:
    """A foreign server may say anything, also what no store takes; that must not keep a result from being written."""
    if text.isascii() and len(text) <= 2_000 and "\0" not in text:
        return text
    return text.replace("\0", "")[:2_000].encode("utf-8", "replace").decode()


def waiting(tx: Tx, now_ms: int) -> dict[str, int]:
    """How many messages are due and not taken, by channel."""
    return dict(
        tx.rows(
            "SELECT channel, COUNT(*) FROM messages WHERE status = 'queued' AND due_at <= ? GROUP BY channel", (now_ms,)
        )
    )


# ── what the receiver did ─────────────────────────────────────────────────────────────────────────────


def opened(tx: Tx, message_id: int, now_ms: int) -> None:
    """Note the first opening."""
    _noted(tx, "opened_at", message_id, now_ms)


def clicked(tx: Tx, message_id: int, now_ms: int) -> None:
    """Note the first click; who clicks has also opened."""
    opened(tx, message_id, now_ms)
    _noted(tx, "clicked_at", message_id, now_ms)


def _noted(tx: Tx, what: str, message_id: int, now_ms: int) -> None:
    noted = tx.rows(
        f"UPDATE messages SET {what} = ? WHERE id = ? AND {what} IS NULL RETURNING contact_id", (now_ms, message_id)
    )
    features.touch(tx, [contact for (contact,) in noted])
