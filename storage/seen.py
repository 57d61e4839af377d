"""Whether something has been seen here at all: an event, a property, a topic of consent."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Tx

LATEST = 5_000  # contacts whose properties are looked at: the answer is a hint and has to be quick


def events(tx: Tx, names: Sequence[str]) -> set[str]:
    """Which of these events anybody has ever done."""
    return {name for name in names if tx.value("SELECT 1 FROM events WHERE name = ? LIMIT 1", (name,))}


def properties(tx: Tx, names: Sequence[str]) -> set[str]:
    """Which of these properties one of the newest contacts has, other than null."""
    if not names:
        return set()
    among, wanted = tx.among(names)
    latest = f"(SELECT properties FROM contacts WHERE merged_into IS NULL ORDER BY id DESC LIMIT {LATEST})"
    if tx.postgres:
        each = f"{latest} c CROSS JOIN LATERAL jsonb_each(c.properties) p WHERE p.value <> 'null'::jsonb"
    else:
        each = f"{latest} c, json_each(c.properties) p WHERE p.type <> 'null'"
    return {name for (name,) in tx.rows(f"SELECT DISTINCT p.key FROM {each} AND p.key {among}", (wanted,))}


def reachable(tx: Tx, address: str, medium: str) -> bool:
    """Whether anybody can be reached by this sort of address: "phone" or "device"; by any other, everybody may be."""
    if address == "phone":
        return tx.value("SELECT 1 FROM contacts WHERE phone IS NOT NULL AND merged_into IS NULL LIMIT 1") is not None
    if address == "device":
        return tx.value("SELECT 1 FROM devices WHERE medium = ? LIMIT 1", (medium,)) is not None
    return True


def topics(tx: Tx, names: Sequence[str]) -> set[str]:
    """Which of these topics somebody agreed to."""
    if not names:
        return set()
    among, wanted = tx.among(names)
    granted = f"SELECT DISTINCT topic FROM consents WHERE action = 'granted' AND topic {among}"
    return {name for (name,) in tx.rows(granted, (wanted,))}
