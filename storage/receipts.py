"""Whom a carrier speaks of, and what it says became of a message after it was handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import features
from .database import Tx

RECENT_MS = 30 * 86_400_000  # an answer is taken for one to the last message of so long


@dataclass(frozen=True, slots=True)
class About:
    """A message a carrier speaks of, and whose it is by now (merges followed). ``journey`` is its short name.

    Of messages to somebody who was erased nothing is known any more, and nothing is written down.
    """

    message_id: int
    reference: str | None
    contact_id: int
    channel: str
    journey_id: int
    journey: str | None
    email: str | None
    phone: str | None


ABOUT = """
SELECT m.id, m.reference, c.id, m.channel, m.journey_id, j.name, c.email, c.phone
FROM messages m JOIN contacts o ON o.id = m.contact_id
JOIN contacts c ON c.id = COALESCE(o.merged_into, o.id) AND c.erased_at IS NULL
LEFT JOIN journeys j ON j.id = m.journey_id
"""


def by_reference(tx: Tx, account: str, references: Sequence[str]) -> dict[str, About]:
    """The messages an account carried, by what the carrier calls them."""
    among, wanted = tx.among(references)
    rows = tx.rows(  # '||': by the references, and never through everything the account carried
        f"{ABOUT} WHERE m.reference IS NOT NULL AND m.reference {among} AND m.account || '' = ? ORDER BY m.id",
        (wanted, account),
    )
    return {row[1]: About(*row) for row in rows}


def by_id(tx: Tx, message_ids: Sequence[int]) -> dict[int, About]:
    """Messages by their number."""
    among, wanted = tx.among(message_ids)
    return {row[0]: About(*row) for row in tx.rows(f"{ABOUT} WHERE m.id {among}", (wanted,))}


def whose(tx: Tx, column: str, addresses: Sequence[str]) -> dict[str, list[int]]:
    """Everybody who is reached by these; ``column`` is email or phone. A number may be shared by two."""
    assert column in ("email", "phone")
    among, wanted = tx.among(addresses)
    found: dict[str, list[int]] = {}
    for address, contact in tx.rows(
        f"SELECT {column}, id FROM contacts WHERE {column} IS NOT NULL AND {column} {among}"
        " AND merged_into IS NULL AND erased_at IS NULL ORDER BY id",
        (wanted,),
    ):
        found.setdefault(address, []).append(contact)
    return found


def last_sent(tx: Tx, contact_ids: Sequence[int], channel: str, now_ms: int) -> About | None:
    """The newest message any of these was sent on this channel lately: what an answer is taken to be about."""
    among, wanted = tx.among(contact_ids)
    row = tx.one(
        f"{ABOUT} WHERE m.contact_id {among} AND m.channel = ? AND m.queued_at > ? AND m.sent_at > ?"
        " ORDER BY m.sent_at DESC, m.id DESC LIMIT 1",
        (wanted, channel, now_ms - RECENT_MS, now_ms - RECENT_MS),
    )
    return None if row is None else About(*row)


def arrived(tx: Tx, rows: Sequence[tuple[int, int | None, int]]) -> None:
    """Write receipts ``(at, cost in millionths or None, message)``: the first moment stays, the last price counts."""
    tx.many("UPDATE messages SET delivered_at = COALESCE(delivered_at, ?), cost = COALESCE(?, cost) WHERE id = ?", rows)


def settled(tx: Tx, message_ids: Sequence[int]) -> set[int]:
    """Messages that were in doubt and arrived after all; returns which they were."""
    among, wanted = tx.among(message_ids)
    rows = tx.rows(
        f"UPDATE messages SET status = 'sent', reason = NULL WHERE id {among} AND status = 'in_doubt' RETURNING id",
        (wanted,),
    )
    return {message for (message,) in rows}


def did_not_arrive(tx: Tx, message_id: int, reason: str) -> bool:
    """A message that was handed over, and reached nobody: it counts against no cap. False where that was known."""
    done = tx.run(
        "UPDATE messages SET status = 'failed', reason = ?, delivered_at = NULL"
        " WHERE id = ? AND status IN ('sent', 'in_doubt')",
        (reason, message_id),
    )
    if done.rowcount != 1:
        return False
    tx.run("DELETE FROM touches WHERE message_id = ?", (message_id,))
    return True


def paid(tx: Tx, rows: Sequence[tuple[int, int]]) -> None:
    """Write ``(cost in millionths, message)``."""
    tx.many("UPDATE messages SET cost = ? WHERE id = ?", rows)


def seen(tx: Tx, opened: Sequence[tuple[int, int]], clicked: Sequence[tuple[int, int]]) -> None:
    """First openings and clicks ``(at, message)``; who clicks has also opened."""
    contacts: set[int] = set()
    for column, rows in (("opened_at", [*opened, *clicked]), ("clicked_at", clicked)):
        for at, message in rows:
            found = tx.rows(
                f"UPDATE messages SET {column} = ? WHERE id = ? AND {column} IS NULL RETURNING contact_id",
                (at, message),
            )
            contacts |= {contact for (contact,) in found}
    features.touch(tx, sorted(contacts))
