"""How figures are spread, and what other limits would make of the stages before anybody keeps them."""

from __future__ import annotations

from typing import Any

from sojourn.runtime.features import measures, spread
from sojourn.runtime.features.refresh import Refresh
from sojourn.storage.columns import dump

from .conftest import DAY, T0, Stage


def a_shop(stage: Stage) -> None:
    """Ten people: the n-th bought n-1 times, n weeks ago at last."""
    stage.people(10)
    rows: list[tuple[Any, ...]] = []
    for who in range(1, 11):
        for order in range(who - 1):
            at_ms = T0 - who * 7 * DAY - order * DAY
            rows.append((who, "purchased", at_ms, at_ms, dump({"total": 40, "category": "Shoes"})))
    stage.db.write(lambda tx: tx.insert("events", "contact_id,name,at,received_at,properties", rows))
    Refresh(stage.db, stage.shelf, stage.clock).run()


def test_everybody_stands_in_one_part_of_each_figure(stage: Stage):
    a_shop(stage)
    seen = stage.db.look(lambda tx: spread.overview(tx, T0))

    assert seen.people == 10 and seen.filling is None
    assert dict(seen.spreads["orders"].parts) == {
        "none": 1, "1": 1, "2": 1, "3 to 4": 2, "5 to 9": 5, "10 or more": 0,
    }  # fmt: skip
    assert seen.spreads["favourite_category"] == spread.Spread([("Shoes", 9)], 9)
    assert seen.spreads["last_order_at"].known == 9
    assert dict(seen.spreads["last_order_at"].parts)["30 to 90 days"] == 6
    for name, one in seen.spreads.items():
        assert sum(n for _, n in one.parts) == one.known, name


def test_a_preview_says_what_saving_would_do(stage: Stage):
    a_shop(stage)
    wanted = measures.changed(measures.Measures(), {"at_risk_days": 30, "lost_days": 50, "loyal_orders": 2})
    said = stage.db.look(lambda tx: spread.preview(tx, wanted, T0))
    assert (said.seen, said.total) == (10, 10)

    stage.db.write(lambda tx: measures.save(tx, wanted))
    stage.db.write(lambda tx: tx.run("DELETE FROM features"))
    stage.db.write(lambda tx: tx.run("DELETE FROM settings WHERE key = 'features.marks'"))
    Refresh(stage.db, stage.shelf, stage.clock).run()
    assert stage.db.look(lambda tx: spread.overview(tx, T0)).stages == said.stages


def test_the_work_says_how_far_it_is(stage: Stage):
    assert stage.db.look(lambda tx: spread.overview(tx, T0)).filling == 0
    stage.people(1_200)
    Refresh(stage.db, stage.shelf, stage.clock, budget_s=0).run()
    assert stage.db.look(lambda tx: spread.overview(tx, T0)).filling == 500 / 1_200
    Refresh(stage.db, stage.shelf, stage.clock).run()
    assert stage.db.look(lambda tx: spread.overview(tx, T0)).filling is None
