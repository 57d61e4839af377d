"""Single-use codes: never given twice, the same again on a retry, given back only by what certainly never left."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from sojourn.runtime import coupons as house
from sojourn.runtime import notices
from sojourn.runtime.channels.channel import Channel
from sojourn.runtime.clock import ManualClock
from sojourn.storage import coupons
from sojourn.storage.columns import dump
from sojourn.storage.coupons import CouponPool
from sojourn.storage.database import Database
from sojourn.storage.recovering import recover
from sojourn.tests.runtime.post import NOW, journey, message, outbox, states
from sojourn.tests.runtime.test_letter_facts import Desk, letter, sent

HOUR = 3_600_000
WORDS = letter("{% if coupon('spring') %}Your code: {{ coupon('spring') }}.{% endif %} Bye")


def pool(db: Database, codes: int, **how: str) -> None:
    made = CouponPool(name="spring", created_at=NOW, **how)  # type: ignore[arg-type]
    db.write(lambda tx: house.make(tx, made, "eve@example.com", NOW))
    if codes:
        house.bring(db, "spring", [f"S-{n}" for n in range(codes)], "eve@example.com", NOW)


def codes_in(desk: Desk) -> dict[int, str]:
    texts = {number: desk.text(number) for number in desk.taken}
    return {number: text.partition("Your code: ")[2].partition(".")[0] for number, text in texts.items()}


def given_out(db: Database) -> dict[int, str]:
    return dict(db.look(lambda tx: tx.rows("SELECT message_id, code FROM coupons WHERE message_id IS NOT NULL")))


def stock(db: Database) -> coupons.Stock:
    return next(iter(db.look(lambda tx: coupons.stocks(tx, NOW)).values()))


def test_each_letter_has_a_code_of_its_own_and_says_it_wherever_it_asks(db: Database) -> None:
    journey(db, 30, letter=WORDS)
    pool(db, 40)
    codes = codes_in(sent(db))
    assert len(codes) == 30 and len(set(codes.values())) == 30
    assert codes == given_out(db)
    house.look_after(db, NOW)
    assert stock(db) == (10, 0, 30, 0)


def test_a_code_is_kept_for_who_sees_its_block_only(db: Database) -> None:
    words = letter("{% if contact.country == 'CZ' %}{{ coupon('spring') }}{% endif %}Hello")
    journey(db, 6, letter=words)
    pool(db, 6)
    db.write(lambda tx: tx.run("UPDATE contacts SET properties = ? WHERE id <= 2", (dump({"country": "CZ"}),)))
    sent(db)
    assert sorted(given_out(db)) == [1, 2] and states(db) == {"sent": 6}


def test_a_contact_has_one_code_of_a_pool_for_contacts(db: Database) -> None:
    journey(db, 4, letter=WORDS)
    pool(db, 9, per="contact")
    db.write(lambda tx: tx.run("UPDATE messages SET contact_id = 1 WHERE id <= 3"))
    codes = codes_in(sent(db))
    assert codes[1] == codes[2] == codes[3] != codes[4]
    assert stock(db).left == 7


def test_an_empty_pool_holds_its_letters_until_codes_come(db: Database) -> None:
    journey(db, 3, letter=WORDS)
    pool(db, 1)
    clock = ManualClock(NOW)
    desk = sent(db, clock)
    assert states(db) == {"sent": 1, "queued": 2}
    assert message(db, 2)[1].startswith("The pool of coupons “spring” is empty") and message(db, 2)[3] == NOW + HOUR
    house.look_after(db, NOW)
    assert "is empty: its letters wait" in db.look(notices.all_of)[0]
    assert house.bring(db, "spring", ["T-1", "T-2", "S-0"], "eve@example.com", NOW) == 2
    sent(db, clock, desk)
    assert states(db) == {"sent": 3} and len(set(codes_in(desk).values())) == 3


def test_or_leaves_the_block_out(db: Database) -> None:
    journey(db, 2, letter=WORDS)
    pool(db, 0, when_empty="leave_out")
    assert codes_in(sent(db)) == {1: "", 2: ""}


def test_a_pool_that_is_not_there_sets_the_letter_aside(db: Database) -> None:
    journey(db, 1, letter=WORDS)
    sent(db)
    assert "a pool of coupons “spring” that is not there" in message(db, 1)[1] and message(db, 1)[3] == NOW + 24 * HOUR


def test_a_letter_that_breaks_takes_no_code(db: Database) -> None:
    journey(db, 2, letter=letter("{{ coupon('spring') }}{% if contact.odd %}{{ contact.odd + 'x' }}{% endif %}"))
    pool(db, 5)
    db.write(lambda tx: tx.run("UPDATE contacts SET properties = ? WHERE id = 1", (dump({"odd": 1}),)))
    sent(db)
    assert states(db) == {"sent": 1, "queued": 1} and sorted(given_out(db)) == [2]


BLOCK = {"kind": "coupon", "settings": {"source": "pool", "pool": "spring"}}


@pytest.mark.parametrize("more", [{}, {"mjml": None, "blocks": [BLOCK]}])
def test_a_pool_that_a_live_journey_gives_out_is_not_deleted(db: Database, more: dict[str, object]) -> None:
    journey(db, 1, letter=WORDS | more)
    pool(db, 5)

    def delete() -> None:
        db.write(lambda tx: house.delete(tx, tx.session.exec(select(CouponPool)).one(), "eve@example.com", NOW))

    with pytest.raises(house.CouponProblem, match="is needed by “Cart”: end it, or publish it without"):
        delete()
    db.write(lambda tx: tx.run("UPDATE journeys SET status = 'ended'"))
    delete()
    assert db.look(lambda tx: tx.rows("SELECT id FROM coupons UNION ALL SELECT id FROM coupon_pools")) == []


def test_codes_come_back_from_what_never_left_and_from_nothing_else(db: Database) -> None:
    journey(db, 4, letter=WORDS)
    pool(db, 4)
    everything = [(n, n, "spring") for n in range(1, 5)]
    first = db.write(lambda tx: house.reserve(tx, everything, NOW))
    ends = [("skipped", 0), ("failed", 1), ("in_doubt", 0), ("queued", 0)]
    for number, (status, attempts) in enumerate(ends, 1):
        db.write(
            lambda tx, row=(status, attempts, number): tx.run(
                "UPDATE messages SET status = ?, attempts = ? WHERE id = ?", row
            )
        )
    house.look_after(db, NOW)
    assert sorted(given_out(db)) == [2, 3, 4], "refused by the other side: perhaps they saw it"
    assert stock(db)[:3] == (1, 1, 2)
    again = db.write(lambda tx: house.reserve(tx, everything[1:], NOW))
    assert again == {key: code for key, code in first.items() if key[0] > 1}


def test_a_code_of_a_contact_stays_theirs_when_one_of_two_letters_never_left(db: Database) -> None:
    journey(db, 3, letter=WORDS)
    pool(db, 1, per="contact")
    db.write(lambda tx: tx.run("UPDATE messages SET contact_id = 1 WHERE id <= 2"))
    first = db.write(lambda tx: house.reserve(tx, [(1, 1, "spring"), (2, 1, "spring")], NOW))
    assert set(first.values()) == {"S-0"}
    db.write(lambda tx: tx.run("UPDATE messages SET status = CASE id WHEN 1 THEN 'skipped' ELSE 'sent' END"))
    house.look_after(db, NOW)
    db.write(lambda tx: tx.run("UPDATE messages SET status = 'queued' WHERE id = 3"))
    answer = db.write(lambda tx: house.reserve(tx, [(3, 3, "spring")], NOW))
    assert isinstance(answer[3, "spring"], house.NoCoupon), "the second letter left with it"


def test_a_code_that_ran_out_while_its_letter_waited_is_not_sent(db: Database) -> None:
    journey(db, 1, letter=WORDS)
    pool(db, 0)
    house.bring(db, "spring", ["OLD"], "eve@example.com", NOW, expires_at=NOW + 1)
    house.bring(db, "spring", ["NEW"], "eve@example.com", NOW)
    asked = [(1, 1, "spring")]
    assert db.write(lambda tx: house.reserve(tx, asked, NOW)) == {(1, "spring"): "OLD"}
    assert db.write(lambda tx: house.reserve(tx, asked, NOW + HOUR)) == {(1, "spring"): "NEW"}


def test_codes_that_were_used_come_back_in_events(db: Database) -> None:
    journey(db, 2, letter=WORDS)
    pool(db, 2)
    sent(db)
    used = given_out(db)[1]

    def buy(tx) -> None:  # type: ignore[no-untyped-def]
        rows = [(8, 1, "purchased", NOW + 5, NOW + 5, dump({"coupon": used})), (9, 2, "purchased", NOW, NOW, "{}")]
        tx.insert("events", "id,contact_id,name,at,received_at,properties", rows)

    db.write(buy)
    house.look_after(db, NOW)
    house.look_after(db, NOW)
    assert stock(db).redeemed == 1


def test_a_code_whose_time_is_over_is_not_given(db: Database) -> None:
    pool(db, 0)
    house.bring(db, "spring", ["OLD"], "eve@example.com", NOW, expires_at=NOW - 1)
    house.bring(db, "spring", ["NEW"], "eve@example.com", NOW, expires_at=NOW + 1)
    assert db.write(lambda tx: house.reserve(tx, [(1, 1, "spring")], NOW)) == {(1, "spring"): "NEW"}


def test_a_sender_that_dies_between_code_and_letter_burns_nothing(db: Database) -> None:
    journey(db, 8, letter=WORDS)
    pool(db, 8)

    class Dies(Channel):
        name = ""

        async def hand_over(self, parcels, before_body):  # type: ignore[no-untyped-def]
            raise asyncio.CancelledError

    async def die() -> None:
        box = outbox(db, Dies())
        with pytest.raises(asyncio.CancelledError):
            await box._run()
        db.write(lambda tx: recover(tx, [box.worker], NOW))

    asyncio.run(die())
    before = given_out(db)
    assert before, "codes were kept for letters that did not leave"
    codes = codes_in(sent(db))
    assert len(codes) == 8 and codes == given_out(db)
    assert {number: codes[number] for number in before} == before


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wishes=st.lists(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 5)), min_size=1, max_size=6), max_size=6),
    per=st.sampled_from(["message", "contact"]),
)
def test_whoever_asks_at_once_no_code_is_given_twice(
    db: Database, wishes: list[list[tuple[int, int]]], per: str
) -> None:
    db.write(lambda tx: [coupons.remove(tx, one.id or 0) for one in coupons.pools(tx)])
    pool(db, 8, per=per)
    owner = {message: contact for some in wishes for message, contact in some}
    asked = [[(message, owner[message], "spring") for message, _ in some] for some in wishes]
    with ThreadPoolExecutor(4) as senders:
        jobs = [senders.submit(lambda some=some: db.write(lambda tx: house.reserve(tx, some, NOW))) for some in asked]
    held: dict[int, set[str]] = {}
    for job in jobs:
        for (asking, _), code in job.result().items():
            if isinstance(code, str):
                held.setdefault(asking, set()).add(code)
    assert all(len(codes) == 1 for codes in held.values()), "one letter, one code, however often it asks"
    whose: dict[str, set[int]] = {}
    for asking, (code,) in held.items():
        whose.setdefault(code, set()).add(owner[asking] if per == "contact" else asking)
    assert all(len(owners) == 1 for owners in whose.values())
    assert len(whose) == min(8, len(set(owner.values()) if per == "contact" else owner))


def test_lists_and_patterns() -> None:
    assert house.codes_of("A-1\n\nB-2\nA-1\n") == ["A-1", "B-2"]
    assert house.codes_of("note,Code\nx,A\ny,B\n") == ["A", "B"]
    made = list(house.made("SPRING-????-????", 500))
    assert len(set(made)) == 500 and all(code.startswith("SPRING-") and len(code) == 16 for code in made)
    for wrong in (
        lambda: house.codes_of("\n"),
        lambda: list(house.made("SPRING-??", 500)),
        lambda: list(house.made("a b???????", 1)),
    ):
        with pytest.raises(house.CouponProblem):
            wrong()
