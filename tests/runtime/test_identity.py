"""Many names, one person: what merges, what does not, and that nothing is lost whatever is merged and undone."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sojourn.runtime import imports, settings
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.ingest import accept
from sojourn.runtime.merging import NotTwo, merge_two, take_back
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import consents, erasing, matches, merges, people, tombstones, undoing
from sojourn.storage.columns import load
from sojourn.storage.database import Database

NOW = 1_790_000_000_000


class Door:
    """What programs send, and what became of it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = ManualClock(NOW)

    def send(self, *messages: dict[str, Any]) -> list[str]:
        receipt = asyncio.run(accept(self.db, ProgramShelf(), self.clock, messages, "site", react=lambda *_: 0))
        assert not receipt.rejected
        return [note.reason for note in receipt.notes]

    def whose(self, kind: str, value: str) -> int | None:
        return dict(self.db.look(lambda tx: people.identities(tx, kind, [value]))).get(value)

    def rows(self, sql: str) -> list[Any]:
        return self.db.look(lambda tx: tx.rows(sql))

    def known(self, contact: int) -> dict[str, Any]:
        row = self.rows(f"SELECT email, phone, properties FROM contacts WHERE id = {contact}")[0]
        return {"email": row[0], "phone": row[1], **load(row[2])}

    def choose(self, key: str, value: Any) -> None:
        self.db.write(lambda tx: settings.save(tx, key, value))


@pytest.fixture
def door(db: Database) -> Door:
    return Door(db)


def says(user: str | None = None, device: str | None = None, ids: Any = (), **traits: Any) -> dict[str, Any]:
    context = {"externalIds": [{"type": kind, "id": value, "collection": "users"} for kind, value in ids]}
    return {"type": "identify", "userId": user, "anonymousId": device, "traits": traits, "context": context}


def test_ids_of_several_systems_are_one_contact(door: Door) -> None:
    door.send(
        says("u1", ids=[("crm_id", "C-7")]), says(None, "till", ids=[("shopify_customer", "99"), ("crm_id", "C-7")])
    )
    assert door.whose("id:crm_id", "C-7") == door.whose("id:shopify_customer", "99") == door.whose("user", "u1")
    assert door.rows("SELECT DISTINCT source FROM identities") == [("site",)]


def test_two_user_ids_are_two_people_whatever_another_system_says(door: Door) -> None:
    door.send(says("u1", ids=[("crm_id", "C-7")]), says("u2", ids=[("crm_id", "C-7")]))
    assert door.whose("user", "u1") != door.whose("user", "u2")
    assert door.whose("id:crm_id", "C-7") == door.whose("user", "u1")


def test_a_shared_device_merges_nobody_but_is_remembered(door: Door) -> None:
    door.send(says("u1", ids=[("ios.idfa", "D1")], email="a@example.com"), says("u2", ids=[("ios.idfa", "D1")]))
    one, two = door.whose("user", "u1"), door.whose("user", "u2")
    assert one and two and one != two
    assert door.whose("device", "D1") == two, "it goes with the one who speaks now"
    assert door.db.look(lambda tx: matches.pairs(tx, [two])) == {(one, two): True}


def test_nobodys_device_is_no_name(door: Door) -> None:
    door.send(says("u1", ids=[("ios.idfa", "00000000-0000-0000-0000-000000000000"), ("crm_id", "null")]))
    assert door.rows("SELECT kind FROM identities") == [("user",)]


def test_phone_numbers_make_one_of_two_only_where_the_owner_says_so(door: Door) -> None:
    door.choose("phone_country", "CZ")
    door.send(says("u1", phone="601 123 456"), says(None, "a1", phone="+420 601 123 456"))
    assert door.known(door.whose("user", "u1") or 0)["phone"] == "+420601123456"
    assert door.whose("anonymous", "a1") != door.whose("user", "u1")
    door.choose("phones_identify", True)
    door.send(says("u1", phone="601 123 456"), says(None, "a1", phone="+420 601 123 456"))
    assert door.whose("anonymous", "a1") == door.whose("user", "u1") == door.whose("phone", "+420601123456")


def test_letters_written_in_two_ways_are_one_name(door: Door) -> None:
    door.send(says("Zoe\u0308"), says("Zo\u00eb"))
    assert door.rows("SELECT count(*) FROM contacts") == [(1,)]


def test_a_disposable_address_is_said_to_be_one_until_it_changes(door: Door) -> None:
    door.send(says("u1", email="ann@mailinator.com"))
    who = door.whose("user", "u1") or 0
    assert door.known(who)["email_flag"] == "disposable"
    door.send(says("u1", email="ann@example.com"))
    assert "email_flag" not in door.known(who)


def test_who_was_erased_may_come_back_and_is_not_written_to(door: Door) -> None:
    door.db.write(lambda tx: tombstones.bury(tx, [("email", "ann@example.com")], NOW))
    door.send(says("u1", email="Ann@example.com"), says("u2", email="bea@example.com"))
    assert door.rows("SELECT address, reason FROM suppressions") == [("ann@example.com", "erased at the person's wish")]


def test_two_made_one_by_hand_and_two_again(door: Door) -> None:
    door.send(says(None, "a1", email="ann@example.com", city="Brno"), says("u1", plan="pro"))
    lead, user = door.whose("anonymous", "a1") or 0, door.whose("user", "u1") or 0
    door.db.write(lambda tx: merge_two(tx, lead, user, "hand", "bea", NOW))
    assert door.known(user) == {"email": "ann@example.com", "phone": None, "city": "Brno", "plan": "pro"}
    with pytest.raises(NotTwo):
        door.db.write(lambda tx: merge_two(tx, lead, user, "hand", "bea", NOW))
    (merge,) = door.db.look(lambda tx: merges.merges_about(tx, user))
    door.db.write(lambda tx: take_back(tx, merge.id, "bea", NOW))
    assert door.known(user) == {"email": None, "phone": None, "plan": "pro"}
    assert door.known(lead) == {"email": "ann@example.com", "phone": None, "city": "Brno"}
    assert door.db.look(lambda tx: people.whose(tx, "ANN@example.com")) == lead
    assert door.db.look(lambda tx: people.whose(tx, str(user))) == user


def test_somebody_is_found_by_a_number_that_is_theirs_alone(door: Door) -> None:
    door.send(
        says("u1", phone="+420 601 123 456"), says("u2", phone="+420601999888"), says("u3", phone="+420601999888")
    )
    found = [door.db.look(lambda tx, n=n: people.whose(tx, n)) for n in ("+420 601-123-456", "+420601999888", "+42060")]
    assert found == [door.whose("user", "u1"), None, None]


def test_nobody_becomes_part_of_an_erased_contact(door: Door) -> None:
    door.send(says("u1", None), says(None, "a1"))
    erased, visitor = door.whose("user", "u1") or 0, door.whose("anonymous", "a1") or 0
    door.db.write(lambda tx: erasing.forget(tx, [erased], [], NOW))
    with pytest.raises(NotTwo):
        door.db.write(lambda tx: merge_two(tx, erased, visitor, "hand", "bea", NOW))


# ── whatever happens, in whatever order ───────────────────────────────────────────────────────────────

USERS, DEVICES, EMAILS = ["u1", "u2"], ["a1", "a2", "a3"], ["x@example.com", "y@example.com"]
maybe = st.one_of(st.none(), st.sampled_from(USERS))
identifies = st.builds(
    lambda user, device, email, crm: says(
        user, device, [("crm", crm)] if crm else [], **({"email": email} if email else {})
    ),
    maybe,
    st.sampled_from(DEVICES),
    st.one_of(st.none(), st.sampled_from(EMAILS)),
    st.sampled_from([None, None, "c1"]),
)
aliases = st.builds(
    lambda user, previous: {"type": "alias", "userId": user, "previousId": previous},
    st.sampled_from(USERS),
    st.sampled_from(USERS + DEVICES),
)
steps = st.lists(
    st.one_of(
        identifies,
        aliases,
        st.tuples(st.just("refuse"), st.sampled_from(DEVICES)),
        st.tuples(st.just("undo"), st.integers(0, 5)),
        st.tuples(st.just("hand"), st.integers(0, 5)),
    ),
    max_size=12,
)


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_nothing_is_lost_whatever_is_merged_and_undone(door: Door, steps: list[Any]) -> None:
    tables = ("contacts", "identities", "events", "consents", "merges", "match_keys", "match_suggestions", "features")
    for table in tables:
        door.db.write(lambda tx, table=table: tx.run(f"DELETE FROM {table}"))
    sent, refusals = 0, []
    for step in steps:
        if isinstance(step, dict):
            door.send(step)
            sent += 1
        elif step[0] == "refuse":
            who = door.whose("anonymous", step[1])
            if who is not None:
                door.db.write(lambda tx, who=who: consents.say(tx, who, "email", "denied", source="t", now_ms=NOW))
                refusals.append(step[1])
        elif step[0] == "hand":
            live = [key for (key,) in door.rows("SELECT id FROM contacts WHERE merged_into IS NULL ORDER BY id")]
            if len(live) > 1:
                one, other = live[step[1] % len(live)], live[(step[1] + 1) % len(live)]
                door.db.write(lambda tx, one=one, other=other: merge_two(tx, one, other, "hand", "t", NOW))
        else:
            kept = [key for (key,) in door.rows("SELECT id FROM merges WHERE undone_at IS NULL ORDER BY id")]
            if kept:
                with contextlib.suppress(undoing.MergedSince):
                    door.db.write(lambda tx, key=kept[step[1] % len(kept)]: take_back(tx, key, "t", NOW))
        look_through(door, sent, refusals)


def look_through(door: Door, sent: int, refusals: list[str]) -> None:
    assert door.rows("SELECT count(*) FROM events") == [(sent,)]
    alive = {key for (key,) in door.rows("SELECT id FROM contacts WHERE merged_into IS NULL")}
    assert {key for (key,) in door.rows("SELECT contact_id FROM events")} <= alive
    names = door.rows("SELECT kind, value, contact_id FROM identities")
    assert {contact for _, _, contact in names} <= alive
    users = {value: contact for kind, value, contact in names if kind == "user"}
    for contact, user in door.rows("SELECT id, external_id FROM contacts WHERE external_id IS NOT NULL"):
        assert contact in alive and users[user] == contact
    for contact, into in door.rows("SELECT id, merged_into FROM contacts WHERE merged_into IS NOT NULL"):
        assert door.db.look(lambda tx, contact=contact: merges.root(tx, contact)) in alive, (contact, into)
    for device in refusals:
        who = door.whose("anonymous", device)
        if moved_since(door, device):
            continue
        assert who and door.db.look(lambda tx, who=who: consents.last(tx, who, "email")) in ("denied", "withdrawn")


def moved_since(door: Door, device: str) -> bool:
    """A device that went over to another person takes nobody's refusal along."""
    who = door.whose("anonymous", device)
    said = {contact for (contact,) in door.rows("SELECT DISTINCT contact_id FROM consents")}
    family = set(door.db.look(lambda tx: merges.parts(tx, who or 0)))
    return not said & family


def test_identities_at_once_and_undone_meanwhile_lose_nothing(door: Door) -> None:
    """Eight requests at a time over the same names, while merges are being taken back."""

    def request(n: int) -> None:
        door.send(
            says(None, f"a{n % 5}", email=f"e{n % 3}@example.com"),
            says(f"u{n % 4}", f"a{(n + 1) % 5}", [("crm", f"c{n % 2}")]),
        )

    def undo(n: int) -> None:
        kept = [key for (key,) in door.rows("SELECT id FROM merges WHERE undone_at IS NULL ORDER BY id DESC LIMIT 2")]
        for key in kept:
            with contextlib.suppress(undoing.CannotUndo):
                door.db.write(lambda tx, key=key: take_back(tx, key, "t", NOW))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: undo(n) if n % 4 == 3 else request(n), range(60)))
    look_through(door, 45 * 2, [])


def test_a_file_finds_people_by_their_number_where_numbers_identify(door: Door, tmp_path: Any) -> None:
    door.choose("phone_country", "CZ")
    door.choose("phones_identify", True)
    door.send(says("u1", phone="601 123 456"))
    table = tmp_path / "till.csv"
    table.write_text("email,phone,plan\nann@example.com,+420601123456,gold\n", "utf-8")
    imports.run(door.db, table, None, door.clock, "ann")
    assert door.whose("email", "ann@example.com") == door.whose("user", "u1")
    assert door.rows("SELECT source FROM identities WHERE kind = 'email'") == [("import 1",)]
