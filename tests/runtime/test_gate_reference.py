"""The gate and a slow plain reading of its rules agree on every message of any world, on both stores."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.runtime.policy.hygiene import Silence
from sojourn.runtime.policy.sieve import Sieve
from sojourn.storage.database import Database
from sojourn.storage.tables import metadata
from sojourn.tests.runtime import gate_reference
from sojourn.tests.runtime.gate_world import World, build, world


def ask(db: Database, of: World) -> dict[int, gate_reference.Answer]:
    due = [mail.id for mail in of.mails if mail.due <= of.now]
    with db.read() as tx:
        said = Sieve().judge(tx, due, of.now, Silence(180, 365))
    return {key: (v.answer, v.rule, v.until_ms, v.outcome) for key, (_, v) in said.items()}


def empty(db: Database) -> None:
    names = [table.name for table in metadata.sorted_tables]
    db.write(lambda tx: [tx.run(f"DELETE FROM {name}") for name in names])


def test_the_gate_agrees_with_the_slow_reading(db: Database) -> None:
    @given(st.integers(0, 2**32))
    @settings(max_examples=100)
    def agrees(seed: int) -> None:
        of = world(seed)
        empty(db)
        build(db, of)
        expected = {mail.id: gate_reference.answer(of, mail) for mail in of.mails if mail.due <= of.now}
        assert ask(db, of) == expected

    agrees()
