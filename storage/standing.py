"""How people stand to us, for a whole batch of them in one query each: what they said, what went wrong, what runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from . import sender_stops, touches
from .consents import GRANTED
from .database import Row, Tx

Said = tuple[dict[str, dict[str, str]], int | None]  # by channel the last word on each topic; when they last agreed
COOLING = ("complaint", "negative_reply", "bounce")  # an unsubscribe is heard by way of consent


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a batch beside its messages."""

    suppressed: Mapping[str, Sequence[Row]]  # by address: id, channel, reason
    consents: Mapping[int, Said]
    had: Mapping[int, Sequence[touches.Had]]
    setbacks: Mapping[int, Sequence[tuple[str, str, int]]]
    barred: Mapping[str, frozenset[str]]
    versions: Mapping[int, tuple[str | None, str, str | None]]  # legal basis, content hash, approved hash
    journeys: Mapping[int, str]  # the status


def suppressions(tx: Tx, addresses: Collection[str], now_ms: int) -> dict[str, list[Row]]:
    """What stands against these addresses."""
    among, wanted = tx.among(list(addresses))
    found: dict[str, list[Row]] = {}
    for address, *rest in tx.rows(
        f"SELECT address, id, channel, reason FROM suppressions WHERE address {among}"
        " AND (expires_at IS NULL OR expires_at > ?)",
        (wanted, now_ms),
    ):
        found.setdefault(address, []).append(tuple(rest))
    return found


def reason(found: Mapping[str, Sequence[Row]], email: str | None, phone: str | None, channel: str) -> str | None:
    """The oldest thing that stands against somebody on a channel."""
    against = [
        (key, why)
        for address in (email, phone)
        if address
        for key, on, why in found.get(address, ())
        if on in ("", channel)
    ]
    return min(against)[1] if against else None


def consents(tx: Tx, contacts: Sequence[int]) -> dict[int, Said]:
    """The last word of each contact on each topic of each channel, and when they last agreed to anything."""
    among, ids = tx.among(contacts)
    found: dict[int, Said] = {}
    for contact, channel, topic, action, at in tx.rows(
        f"SELECT contact_id, channel, topic, action, at FROM consents WHERE contact_id {among}"
        " ORDER BY contact_id, channel, topic, id",
        (ids,),
    ):
        agreed_at = at if action == GRANTED else None
        known = found.get(contact)
        if known is None:
            found[contact] = {channel: {topic: action}}, agreed_at
            continue
        said, before = known
        said.setdefault(channel, {})[topic] = action
        if agreed_at is not None and agreed_at > (before or 0):
            found[contact] = said, agreed_at
    return found


def setbacks(tx: Tx, contacts: Sequence[int], after_ms: int | None) -> dict[int, list[tuple[str, str, int]]]:
    """What went wrong with these contacts after a moment: kind, channel, when; the oldest first."""
    found: dict[int, list[tuple[str, str, int]]] = {}
    if after_ms is None:
        return found
    among, ids = tx.among(contacts)
    for contact, kind, channel, at in tx.rows(
        f"SELECT contact_id, kind, channel, at FROM setbacks WHERE contact_id {among} AND at > ? ORDER BY at, id",
        (ids, after_ms),
    ):
        if kind in COOLING:
            found.setdefault(contact, []).append((kind, channel, at))
    return found


def stops(tx: Tx, addresses: Collection[str]) -> dict[str, frozenset[str]]:
    """The senders of ours each of these said STOP to."""
    return sender_stops.of(tx, list(addresses))


def versions(tx: Tx, wanted: Collection[int]) -> dict[int, tuple[str | None, str, str | None]]:
    """On what each version is sent, and its two hashes."""
    among, ids = tx.among(list(wanted))
    rows = tx.rows(f"SELECT id, legal_basis, content_hash, approved_hash FROM versions WHERE id {among}", (ids,))
    return {key: (basis, own, approved) for key, basis, own, approved in rows}


def journeys(tx: Tx, wanted: Collection[int]) -> dict[int, str]:
    """Whether each journey runs."""
    among, ids = tx.among(list(wanted))
    return dict(tx.rows(f"SELECT id, status FROM journeys WHERE id {among}", (ids,)))  # type: ignore[arg-type]
