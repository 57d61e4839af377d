"""Figures about people: right after every event, every refund, every merge, and as time passes; whatever the order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sojourn.runtime import feature_catalogue
from sojourn.runtime.features import marks, measures
from sojourn.runtime.features.refresh import Refresh
from sojourn.runtime.features.scores import grade
from sojourn.storage import features
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, Tx

from .conftest import DAY, T0, Stage

HOUR = DAY // 24


def refresh(stage: Stage) -> int:
    return Refresh(stage.db, stage.shelf, stage.clock, budget_s=60).run()


def figures(stage: Stage, contact: int = 1) -> dict[str, Any]:
    found = stage.db.look(lambda tx: features.of(tx, contact))
    assert found is not None
    return found


def happened(stage: Stage, contact: int, name: str, at_ms: int, **properties: Any) -> None:
    row = (contact, name, at_ms, stage.clock.now_ms(), dump(properties))
    stage.db.write(lambda tx: tx.insert("events", "contact_id,name,at,received_at,properties", [row]))


def later(stage: Stage, days: float) -> None:
    stage.clock.set(stage.clock.now_ms() + round(days * DAY))


@pytest.fixture
def shop(stage: Stage) -> Stage:
    """Three people nobody has heard of yet, all looked at once."""
    stage.people(3)
    refresh(stage)
    return stage


def test_orders_make_revenue_and_refunds_take_it_back(shop: Stage):
    happened(shop, 1, "purchased", T0 - 10 * DAY, total=100, order_id="a")
    happened(shop, 1, "purchased", T0 - 4 * DAY, total="50.5", order_id="b")
    happened(shop, 1, "refunded", T0 - DAY, amount=20.5, order_id="a")
    happened(shop, 1, "refunded", T0 - DAY, order_id="b")
    refresh(shop)

    found = figures(shop)
    assert (found["orders"], found["revenue"], found["refunded"], found["average_order"]) == (2, 79.5, 71.0, 39.75)
    assert (found["first_order_at"], found["last_order_at"]) == (T0 - 10 * DAY, T0 - 4 * DAY)
    assert found["order_interval_days"] == 6
    assert found["last_seen_at"] == T0 - 4 * DAY  # a refund is no sign of life


def test_an_order_without_a_sum_is_worth_its_products_and_the_favourite_is_what_most_was_bought_of(shop: Stage):
    lines = [{"category": "Shoes", "price": 30, "quantity": 1}, {"category": "Socks", "price": 5, "quantity": 3}]
    happened(shop, 1, "viewed_category", T0 - 2 * DAY, category="Tents")
    refresh(shop)
    assert figures(shop)["favourite_category"] == "Tents"

    happened(shop, 1, "purchased", T0 - DAY, products=lines)
    refresh(shop)
    assert (figures(shop)["revenue"], figures(shop)["favourite_category"]) == (45, "Socks")


def test_the_stage_follows_orders_and_silence_and_each_change_is_told_once(shop: Stage):
    seen = []
    for days, name in (
        (1, "page"),
        (1, "purchased"),
        (1, "purchased"),
        (1, "purchased"),
        (60, ""),
        (90, ""),
        (1, "page"),
    ):
        later(shop, days)
        if name:
            happened(shop, 1, name, shop.clock.now_ms(), total=10)
        refresh(shop)
        refresh(shop)
        seen.append(figures(shop)["stage"])

    assert seen == ["new", "activated", "activated", "loyal", "at_risk", "lost", "loyal"]
    told = shop.rows("SELECT properties FROM events WHERE name = 'lifecycle_changed' AND contact_id = 1 ORDER BY id")
    assert [tuple((shop_load(said)[key]) for key in ("from", "to")) for (said,) in told] == [
        ("new", "activated"), ("activated", "loyal"), ("loyal", "at_risk"), ("at_risk", "lost"), ("lost", "loyal"),
    ]  # fmt: skip


def shop_load(said: Any) -> dict[str, Any]:
    from sojourn.storage.columns import load

    return load(said)


def test_a_change_of_stage_starts_a_journey(shop: Stage, step):
    where = {"property": "to", "op": "equals", "value": "activated"}
    trigger = step("trigger_event", {"event": "lifecycle_changed", "where": [where]}, next="out")
    shop.journey("thanks", {"in": trigger, "out": step("exit")})
    happened(shop, 2, "purchased", T0, total=10)

    assert refresh(shop) == 1
    assert shop.rows("SELECT contact_id FROM enrollments") == [(2,)]


def test_nobody_is_told_of_the_first_filling_or_of_a_past_that_came_late(stage: Stage):
    stage.people(2)
    happened(stage, 1, "purchased", T0 - DAY, total=10)
    refresh(stage)
    happened(stage, 2, "purchased", T0 - 20 * DAY, total=10)
    refresh(stage)

    assert [figures(stage, contact)["stage"] for contact in (1, 2)] == ["activated", "activated"]
    assert figures(stage, 2)["stage_since_at"] == T0 - 20 * DAY
    assert stage.rows("SELECT 1 FROM events WHERE name = 'lifecycle_changed'") == []


def test_an_event_that_arrives_late_is_put_in_its_place(shop: Stage):
    for days_ago in (5, 30, 90):
        happened(shop, 1, "purchased", T0 - days_ago * DAY, total=10)
        refresh(shop)
    for days_ago in (90, 5, 30):
        happened(shop, 2, "purchased", T0 - days_ago * DAY, total=10)
    refresh(shop)

    assert figures(shop, 1) == figures(shop, 2)
    assert figures(shop, 1)["stage_since_at"] == T0 - 5 * DAY


def test_engagement_rises_with_visits_and_letters_and_halves_with_time(shop: Stage):
    for hours in range(5):
        happened(shop, 1, "page", T0 - hours * 60_000)  # one visit, however many pages
    refresh(shop)
    once = figures(shop)["engagement"]
    assert once == 9

    for days_ago in range(1, 20):
        happened(shop, 1, "page", T0 - days_ago * DAY)
    refresh(shop)
    often = figures(shop)["engagement"]
    assert often > 70

    later(shop, 30)
    refresh(shop)
    assert figures(shop)["engagement"] == pytest.approx(100 * (1 - (1 - often / 100) ** 0.5), abs=1)
    later(shop, 365)
    refresh(shop)
    assert figures(shop)["engagement"] == 0
    assert shop.rows("SELECT next_change_at FROM features WHERE contact_id = 1") == [(None,)]


def test_who_opens_a_letter_is_looked_at_again(shop: Stage, step):
    from sojourn.storage import messages

    shop.journey("hello", {"in": step("trigger_event", {"event": "joined"}, next="letter"),
                           "letter": step("email", {"letter": "hello"}, next="out"), "out": step("exit")})  # fmt: skip
    shop.happens(1, "joined")
    shop.beat()
    refresh(shop)
    before = figures(shop)["engagement"]
    later(shop, 1)
    shop.db.write(lambda tx: messages.clicked(tx, 1, shop.clock.now_ms()))
    refresh(shop)

    assert figures(shop)["engagement"] > before
    assert figures(shop)["last_seen_at"] == T0 + DAY


def test_quintiles_part_the_buyers_into_fifths_and_are_renewed_daily(stage: Stage):
    stage.people(30)
    for contact in range(1, 26):
        for _ in range(contact % 4 + 1):
            happened(stage, contact, "purchased", T0 - contact * DAY, total=contact * 10)
    refresh(stage)

    rows = stage.rows("SELECT contact_id, r, f, m, rfm FROM features WHERE orders > 0 ORDER BY contact_id")
    assert [r for _, r, *_ in rows] == [5 - (contact - 1) // 5 for contact in range(1, 26)]
    assert all(rfm == f"{r}{f}{m}" for _, r, f, m, rfm in rows)
    assert stage.rows("SELECT count(*) FROM features WHERE orders = 0 AND rfm IS NOT NULL") == [(0,)]

    happened(stage, 30, "purchased", T0, total=1)
    refresh(stage)
    assert (figures(stage, 30)["rfm"], figures(stage, 30)["revenue_tenth"]) == ("511", 1)  # by the cuts of this morning
    for contact in range(1, 6):
        happened(stage, contact, "refunded", T0, amount=9, order_id="x")
    later(stage, 1)
    refresh(stage)
    assert_graded(stage)


def assert_graded(stage: Stage) -> None:
    """Everybody's quintiles are what a plain reading of the kept cuts says."""
    known = stage.db.look(marks.load)
    assert known is not None
    if not known.grades:
        return
    for orders, last, revenue, *grades in stage.rows(
        "SELECT orders, last_order_at, revenue, r, f, m, revenue_tenth FROM features"
    ):
        values = (("r", last), ("f", orders), ("m", revenue), ("revenue_tenth", revenue))
        assert grades == [grade(value, known.grades[name]) if orders else None for name, value in values]


def test_a_merge_moves_everything_to_who_stays(shop: Stage):
    happened(shop, 1, "purchased", T0, total=10)
    happened(shop, 2, "purchased", T0, total=5)
    refresh(shop)

    def merged(tx: Tx) -> None:
        tx.run("UPDATE events SET contact_id = 1 WHERE contact_id = 2")
        tx.run("UPDATE contacts SET merged_into = 1 WHERE id = 2")
        features.touch(tx, [2, 1])

    shop.db.write(merged)
    refresh(shop)
    assert (figures(shop)["orders"], figures(shop)["revenue"]) == (2, 15)
    assert shop.rows("SELECT contact_id FROM features ORDER BY 1") == [(1,), (3,)]


def test_what_is_touched_while_it_is_worked_out_is_not_written_over(shop: Stage, monkeypatch: pytest.MonkeyPatch):
    happened(shop, 1, "page", T0)
    work_out = Refresh.work_out
    calls = []

    def meanwhile(self: Refresh, *arguments: Any) -> Any:
        worked = work_out(self, *arguments)
        if not calls:
            calls.append(1)
            shop.db.write(lambda tx: tx.run("UPDATE contacts SET merged_into = 2 WHERE id = 1"))
            shop.db.write(lambda tx: features.touch(tx, [1]))
        return worked

    monkeypatch.setattr(Refresh, "work_out", meanwhile)
    refresh(shop)
    assert shop.rows("SELECT contact_id FROM features ORDER BY 1") == [(2,), (3,)]


def test_an_event_that_takes_the_number_of_a_deleted_one_is_seen(shop: Stage):
    happened(shop, 1, "page", T0)
    refresh(shop)
    shop.db.write(lambda tx: tx.run("DELETE FROM events"))
    later(shop, 1)
    shop.db.write(
        lambda tx: tx.insert(
            "events",
            "id,contact_id,name,at,received_at,properties",
            [(1, 2, "purchased", T0, T0 + DAY, '{"total": 7}')],
        )
    )
    refresh(shop)
    assert figures(shop, 2)["revenue"] == 7


def test_other_definitions_count_everybody_again_and_tell_nobody(shop: Stage):
    happened(shop, 1, "order_paid", T0 - HOUR, sum=12)
    refresh(shop)
    assert figures(shop)["orders"] == 0

    def other(tx: Tx) -> None:
        known = measures.changed(measures.load(tx), {"purchases": ("order_paid",), "total": ("sum",)})
        measures.save(tx, known)
        marks.fill_again(tx, shop.clock.now_ms())

    shop.db.write(other)
    refresh(shop)
    assert (figures(shop)["revenue"], figures(shop)["stage"]) == (12, "activated")
    assert shop.rows("SELECT 1 FROM events WHERE name = 'lifecycle_changed'") == []


def test_a_definition_that_cannot_be_is_refused_in_a_sentence():
    with pytest.raises(measures.MeasureProblem, match="lost later than they are at risk"):
        measures.changed(measures.Measures(), {"at_risk_days": 100, "lost_days": 100})
    with pytest.raises(measures.MeasureProblem, match="Orders that make somebody loyal"):
        measures.changed(measures.Measures(), {"loyal_orders": 1})


# ── incremental equals anew ───────────────────────────────────────────────────────────────────────────

WHAT = st.sampled_from(
    ("page", "viewed_category", "purchased", "purchased", "refunded", "$identify", "clicked", "merged")
)
DEEDS = st.lists(
    st.tuples(
        st.integers(0, 40),  # days that pass before
        st.integers(1, 4),  # who
        WHAT,
        st.integers(0, 200),  # days late
        st.integers(-5, 90),  # how much
        st.booleans(),  # whether figures are refreshed after it
    ),
    max_size=25,
)
COMPARED = [name for name in features.FIGURES if name not in ("rfm", *features.GRADED)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS)
def test_bit_by_bit_gives_what_working_out_everything_anew_gives(
    db: Database, deeds: list[tuple[int, int, str, int, int, bool]]
):
    for table in ("events", "contacts", "features", "settings", "messages"):
        db.write(lambda tx, table=table: tx.run(f"DELETE FROM {table}"))
    stage = Stage(db)
    stage.people(4)
    merged: dict[int, int] = {}
    for passed, who, what, late, much, look in deeds:
        later(stage, passed)
        now = stage.clock.now_ms()
        who = merged.get(who, who)
        if what == "clicked":
            row = (who, now - late * HOUR)
            stage.db.write(lambda tx, row=row: _clicked(tx, *row))
        elif what == "merged":
            into = who % 4 + 1
            if len(merged) < 2 and into not in merged:
                merged = {loser: into if winner == who else winner for loser, winner in merged.items()} | {who: into}
                stage.db.write(lambda tx, who=who, into=into: _merged(tx, who, into))
        else:
            happened(stage, who, what, now - late * DAY, total=much, category=f"c{much % 3}")
        if look:
            refresh(stage)
            assert_graded(stage)
    refresh(stage)
    bit_by_bit = everything(stage)
    db.write(lambda tx: (tx.run("DELETE FROM features"), tx.run("DELETE FROM settings")))
    refresh(stage)
    assert everything(stage) == bit_by_bit


def everything(stage: Stage) -> list[Any]:
    return stage.rows(f"SELECT contact_id, {', '.join(COMPARED)} FROM features ORDER BY contact_id")


def _clicked(tx: Tx, who: int, at_ms: int) -> None:
    seq = (tx.value("SELECT max(seq) FROM messages") or 0) + 1
    names = "enrollment_id,seq,node,journey_id,version_id,contact_id,channel,content,status,queued_at,due_at,attempts"
    tx.insert("messages", f"{names},clicked_at", [(1, seq, 0, 1, 1, who, "email", "x", "sent", 0, 0, 1, at_ms)])
    features.touch(tx, [who])


def _merged(tx: Tx, loser: int, winner: int) -> None:
    for table in ("events", "messages"):
        tx.run(f"UPDATE {table} SET contact_id = ? WHERE contact_id = ?", (winner, loser))
    tx.run("UPDATE contacts SET merged_into = ? WHERE id = ?", (winner, loser))
    features.touch(tx, [loser, winner])


def test_every_figure_is_described_and_nothing_else_is():
    described = [feature.name for feature in feature_catalogue.FEATURES if not feature.virtual]
    assert sorted(described) == sorted(features.FIGURES)
