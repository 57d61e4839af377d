"""Whose the messages are that are put down in the house itself, at the very moment they are put down."""

from __future__ import annotations

from collections.abc import Sequence

from .database import Tx


def whose(tx: Tx, message_ids: Sequence[int]) -> dict[int, int]:
    """The contact of each message, merges followed; of somebody who was erased nothing is put down any more."""
    among, ids = tx.among(message_ids)
    lock = " FOR SHARE OF c" if tx.postgres else ""
    return dict(
        tx.rows(
            "SELECT m.id, m.contact_id FROM messages m JOIN contacts c ON c.id = m.contact_id "
            f"WHERE m.id {among} AND c.erased_at IS NULL ORDER BY m.id{lock}",
            (ids,),
        )
    )
