"""What becomes of somebody's message after they were erased: it is written down, and names nobody any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .database import Tx
from .messages import Result

ERASED = "The contact was erased."
ANSWERED = "The contact was erased meanwhile; what was answered is not kept."


def unnamed(tx: Tx, results: Sequence[Result]) -> list[Result]:
    """The results, those of erased contacts without an address or a word of a server; what waits again is over.

    On PostgreSQL an erasure that has begun is waited for, and one that comes later finds what is written here.
    """
    if not results:
        return []
    among, ids = tx.among(sorted({result.message_id for result in results}))
    rows = tx.rows(
        "SELECT m.id, c.erased_at FROM messages m JOIN contacts c ON c.id = m.contact_id "
        f"WHERE m.id {among}{' ORDER BY c.id FOR KEY SHARE OF c' if tx.postgres else ''}",
        (ids,),
    )
    erased = {message for message, at in rows if at is not None}
    return [_without_a_name(result) if result.message_id in erased else result for result in results]


def _without_a_name(result: Result) -> Result:
    over = "skip" if result.verdict in ("retry", "defer") else result.verdict
    reason = ERASED if result.verdict in ("skip", "defer") else ANSWERED
    known = {key: result.inputs[key] for key in ("code", "hard") if key in result.inputs}
    return replace(
        result, verdict=over, reason=reason, inputs=known, suppress=None, bounced=None, taken=None, learnt=()
    )
