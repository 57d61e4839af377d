"""What is asked for every call of a carrier, every device and every look at what is due goes by an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sojourn.storage import callbacks, devices, leasing, receipts, sender_brakes
from sojourn.storage.database import Database, Tx
from sojourn.storage.walking import next_message_due

ASKED: dict[str, tuple[Callable[[Tx], Any], str]] = {
    "receipts": (lambda tx: receipts.by_reference(tx, "texts", ["SM1"]), "ix_messages_reference"),
    "early receipts": (lambda tx: callbacks.early(tx, 500), "ix_callbacks_early"),
    "whose device": (lambda tx: devices.owner(tx, "push", "token"), "ux_devices_token_carrier"),
    "devices seen": (
        lambda tx: devices.register(tx, [devices.Seen(1, "push", "fcm", "token", "", {})], 1),
        "ux_devices_token_carrier",
    ),
    "devices gone": (lambda tx: devices.forget_tokens(tx, ["token"]), "ux_devices_token_carrier"),
    "what is due": (lambda tx: leasing.lease(tx, "w", ["email"], 1, 20), "ix_messages_queued"),
    "what is put off": (lambda tx: sender_brakes.due(tx, 3, 9, 0, 0, 20), "ix_messages_queued"),
    "what is due next": (lambda tx: next_message_due(tx, 1), "ix_messages_queued"),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_goes_by_its_index_from_the_first_day_on(db: Database, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.postgres:
        pytest.skip("PostgreSQL plans by how much there is")
    job, index = ASKED[name]
    asked: list[tuple[str, Any]] = []
    plain = Tx.run

    def listening(self: Tx, sql: str, values: Any = ()) -> Any:
        asked.append((sql, values))
        return plain(self, sql, values)

    monkeypatch.setattr(Tx, "run", listening)
    db.write(job)
    monkeypatch.undo()
    with db.read() as tx:
        plan = [row[3] for sql, values in asked for row in tx.rows(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any(index in line for line in plan), plan
