"""What became of the letters of a journey's steps: arrived, opened, followed, answered, bought; summed by the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .columns import load
from .database import Row, Tx

MOST_LINKS = 200  # of all steps of a journey together
MOST_ORDERS = 50_000  # looked at for one journey and period
# When a person last clicked on a message before an event, as far as is still known: of each link the first and the last
# time are. That it was clicked at all has no end.
CLICKED = (
    "COALESCE((SELECT MAX(CASE WHEN o.last_at <= e.at THEN o.last_at ELSE o.first_at END) FROM openings o"
    " WHERE o.message_id = {0}.id AND o.link > 0 AND o.kind = 'human' AND o.first_at <= e.at), {0}.clicked_at)"
)


class Window(NamedTuple):
    """Letters whose orders count for so long. ``letters`` of None are all."""

    versions: Sequence[int]
    letters: Sequence[str] | None
    ms: int


def answers(tx: Tx, version_ids: Sequence[int], journey_id: int, since_ms: int) -> list[Row]:
    """``(version, node, kind, messages)``: complaints and unsubscribes (and more) that answer what was sent since."""
    among, wanted = tx.among(version_ids)
    return tx.rows(
        "SELECT m.version_id, m.node, s.kind, count(DISTINCT m.id) FROM setbacks s JOIN messages m"
        " ON m.id = s.message_id WHERE s.journey_id = ? AND s.at >= ? AND m.channel = 'email'"
        f" AND m.version_id {among} AND COALESCE(m.sent_at, m.queued_at) >= ? GROUP BY 1, 2, 3",
        (journey_id, since_ms, wanted, since_ms),
    )


def apart(tx: Tx, version_ids: Sequence[int], since_ms: int) -> list[Row]:
    """``(version, node, pixel, kind, messages)`` no person opened (pixel 1) or clicked (pixel 0), looked at since."""
    among, wanted = tx.among(version_ids)
    return tx.rows(
        "SELECT o.version_id, o.node, CASE WHEN o.link = 0 THEN 1 ELSE 0 END AS pixel, o.kind,"
        " count(DISTINCT o.message_id) FROM openings o JOIN messages m ON m.id = o.message_id"
        f" WHERE o.version_id {among} AND o.kind <> 'human' AND m.channel = 'email' AND m.sent_at >= ?"
        " AND CASE WHEN o.link = 0 THEN m.opened_at ELSE m.clicked_at END IS NULL GROUP BY 1, 2, 3, 4",
        (wanted, since_ms),
    )


def links(tx: Tx, version_ids: Sequence[int], since_ms: int) -> list[Row]:
    """``(version, node, link, url, messages, clicks, scanners)`` of each link people or scanners followed, the most
    followed first; clicks of people."""
    among, wanted = tx.among(version_ids)
    person = "CASE WHEN o.kind = 'human' THEN {} END"
    return tx.rows(
        f"SELECT o.version_id, o.node, o.link, o.url, count(DISTINCT {person.format('o.message_id')}) AS people,"
        f" COALESCE(sum({person.format('o.n')}), 0), count(DISTINCT CASE WHEN o.kind = 'scanner' THEN o.message_id END)"
        " FROM openings o JOIN messages m ON m.id = o.message_id"
        f" WHERE o.version_id {among} AND o.link > 0 AND m.channel = 'email' AND m.sent_at >= ?"
        " GROUP BY 1, 2, 3, 4 ORDER BY people DESC, 3 LIMIT ?",
        (wanted, since_ms, MOST_LINKS),
    )


def orders(
    tx: Tx, window: Window, events: Sequence[str], since_ms: int, opened: bool
) -> list[tuple[int, int, int, Mapping[str, Any]]]:
    """``(version, node, message, properties)`` of each event that came within the window of a letter.

    It is the doing of the letter that was clicked last before it, whatever journey that was of. ``opened``: of the one
    opened last instead, for events no click came before.
    """
    by, wanted_letters, params = ("opened_at" if opened else "clicked_at"), "", []
    names, wanted_names = tx.among(events)
    among, wanted = tx.among(window.versions)
    if window.letters is not None:
        some, letters = tx.among(window.letters)
        wanted_letters, params = f" AND m.content {some}", [letters]
    mine, other = ("m.opened_at", "l.opened_at") if opened else (CLICKED.format("m"), CLICKED.format("l"))
    sql = (
        "SELECT m.version_id, m.node, m.id, e.properties FROM messages m JOIN events e ON e.contact_id = m.contact_id"
        f" AND e.name {names} AND e.at >= m.{by} AND {mine} > e.at - ?"
        f" WHERE m.version_id {among} AND m.{by} IS NOT NULL AND m.channel = 'email' AND m.sent_at >= ?{wanted_letters}"
        " AND NOT EXISTS (SELECT 1 FROM messages l WHERE l.contact_id = m.contact_id AND l.id <> m.id"
        f" AND l.channel = 'email' AND l.{by} <= e.at"
        f" AND ({other} > {mine} OR {other} = {mine} AND l.id > m.id))"
    )
    values: list[Any] = [wanted_names, window.ms, wanted, since_ms, *params]
    if opened:
        sql += (
            " AND NOT EXISTS (SELECT 1 FROM messages c WHERE c.contact_id = m.contact_id AND c.channel = 'email'"
            f" AND c.clicked_at <= e.at AND {CLICKED.format('c')} > e.at - ?)"
        )
        values.append(window.ms)
    rows = tx.rows(f"{sql} ORDER BY e.at DESC LIMIT ?", [*values, MOST_ORDERS])
    return [(version, node, message, load(said) or {}) for version, node, message, said in rows]
