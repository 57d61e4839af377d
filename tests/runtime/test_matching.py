"""Who may be the same person: made-up people with labels, how many pairs are found and how many of those are right."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.runtime import settings
from sojourn.runtime.chores.matches import CHORE
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.matching import LEAST, compare, fold, keys, known
from sojourn.runtime.merging import merge_two, take_back
from sojourn.storage import matches
from sojourn.storage.columns import dump
from sojourn.storage.database import Database

NOW = 1_790_000_000_000
FIRST = [
    "Jan",
    "Petr",
    "Petra",
    "Eva",
    "Lucie",
    "Tomáš",
    "Martin",
    "Martina",
    "Klára",
    "Ondřej",
    "Anna",
    "Hana",
    "Jakub",
    "Filip",
    "Tereza",
    "Zoë",
    "José",
    "Björn",
]
LAST = [
    "Novák",
    "Nováková",
    "Svoboda",
    "Dvořák",
    "Černý",
    "Procházka",
    "Kučera",
    "Veselý",
    "Horák",
    "Němec",
    "Marek",
    "Pospíšil",
    "Hájek",
    "Jelínek",
    "Král",
    "Růžička",
    "Beneš",
    "Fiala",
    "Sedláček",
    "Doležal",
    "Zeman",
    "Kolář",
    "Navrátil",
    "Čermák",
    "Urban",
    "Vaněk",
    "Blažek",
    "Kříž",
    "Müller",
    "García",
]
STREETS = ["Lipová", "Hlavní", "Nádražní", "Školní", "Na Kopci", "Polní", "Zahradní", "Krátká"]


ONE, OTHER, PHONE = "a@example.com", "x@example.com", "+420601123456"
AT_LIPOVA = {"street": "Lipová 7", "postalCode": "602 00"}
Row = tuple[str | None, str | None, dict[str, Any]]


def lena(**more: Any) -> dict[str, Any]:
    return {"first_name": "Lena", "last_name": "Nováková", "address": AT_LIPOVA, **more}


def of(email: str | None = None, phone: str | None = None, **properties: Any) -> Any:
    return known(email, phone, properties)


@pytest.mark.parametrize(
    ("one", "other", "device", "sure"),
    [
        (of("lena.novakova@example.com", **lena()), of("lenanovakova@example.org", **lena()), False, True),
        (of(ONE, PHONE, **lena()), of(OTHER, "601123456", **lena(first_name="L")), False, True),
        (of(ONE, **lena(first_name="Novakova", last_name="Lena")), of(None, None, **lena()), False, True),
        (of("lena.novakova@example.com"), of(OTHER, **lena()), True, True),
        (of(), of("lena@example.com", **lena()), True, True),  # a visitor on her telephone
        (of(ONE, **lena(first_name="Petr")), of(OTHER, **lena(first_name="Petra")), False, False),
        (of(ONE, **lena()), of(OTHER, **lena(address="Jiná 1", postcode="11000")), False, False),
        (of(ONE, PHONE, **lena()), of(OTHER, PHONE, **lena(first_name="Ota")), False, False),
        (of("info@example.com"), of("info@example.org"), False, False),
        (of(ONE, **lena(birthday="1980-01-01")), of(OTHER, **lena(birthday="1999-09-09")), False, False),
        (of(), of(), False, False),
    ],
)
def test_what_speaks_for_one_person_and_what_against(one: Any, other: Any, device: bool, sure: bool) -> None:
    match = compare(one, other, device)
    assert (match.score >= LEAST) is sure, match
    assert all(reason.endswith(".") for reason in match.reasons)
    assert compare(other, one, device) == match


def people(count: int, seed: int = 5) -> tuple[list[Row], set[tuple[int, int]]]:
    """Households of made-up people, a fifth of whom stand there twice, written as people write; and who those are."""
    chance = random.Random(seed)
    rows: list[Row] = []
    truth = set()
    while len(rows) < count:
        last, street = chance.choice(LAST), f"{chance.choice(STREETS)} {chance.randrange(1, 60)}"
        postcode = str(chance.randrange(10000, 11000))
        for first in chance.sample(FIRST, chance.choice((1, 1, 2))):
            phone = f"+420{chance.randrange(600_000_000, 800_000_000)}"
            user = f"{first}.{last}{chance.randrange(10, 99)}".lower()
            home = {"street": street, "postcode": postcode}
            rows.append((f"{plain(user)}@example.com", phone, {"first_name": first, "last_name": last, **home}))
            if chance.random() < 0.2:
                truth.add((len(rows), len(rows) + 1))
                rows.append(written_again(chance, first, last, user, phone, home))
    return rows, truth


def written_again(chance: random.Random, first: str, last: str, user: str, phone: str, home: dict[str, str]) -> Row:
    slip = chance.randrange(5)
    if slip == 1 and len(last) > 5:
        at = chance.randrange(1, len(last) - 2)
        last = last[:at] + last[at + 1] + last[at] + last[at + 2 :]
    properties: dict[str, Any] = {"first_name": plain(first), "last_name": plain(last)}
    if slip == 2:
        properties = {"name": f"{first} {last}"}
    if slip == 3:
        properties["first_name"] = first[0]
    if chance.random() < 0.7:
        properties |= {"street": plain(home["street"]), "postcode": home["postcode"]}
    mail = chance.choice((f"{plain(user)}@example.org", f"{plain(last)}{chance.randrange(999)}@example.net", None))
    return mail, phone if chance.random() < 0.6 else None, properties


def plain(text: str) -> str:
    return ".".join(fold(part) for part in text.split("."))


@pytest.fixture
def crowd(db: Database) -> tuple[Any, set[tuple[int, int]]]:
    rows, truth = people(600)
    db.write(
        lambda tx: tx.insert(
            "contacts",
            "id,email,phone,properties,created_at,changed_at",
            [(n, email, phone, dump(of), NOW, NOW) for n, (email, phone, of) in enumerate(rows, 1)],
        )
    )
    clock = ManualClock(NOW)
    clock.set(NOW + 60_000)
    return SimpleNamespace(db=db, clock=clock), truth


def test_most_pairs_are_found_and_nearly_all_found_are_right(crowd: Any) -> None:
    parts, truth = crowd
    CHORE.run(parts)
    found = {(one.one, one.other) for one in parts.db.look(lambda tx: matches.waiting(tx, 1_000))}
    right = found & truth
    precision, recall = len(right) / len(found), len(right) / len(truth)
    print(f"{len(truth)} pairs, {len(found)} found, precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.9
    assert recall >= 0.85


def test_only_what_changed_is_looked_at_and_what_was_denied_stays_denied(crowd: Any) -> None:
    parts, _truth = crowd
    CHORE.run(parts)
    db, clock = parts.db, parts.clock
    assert db.look(lambda tx: matches.changed(tx, matches.mark(tx), clock.now_ms(), 10)) == []
    first = db.look(lambda tx: matches.waiting(tx, 1))[0]
    db.write(lambda tx: matches.decide(tx, first.one, first.other, "denied", "ann", NOW))
    db.write(lambda tx: tx.run("UPDATE contacts SET changed_at = ? WHERE id = ?", (clock.now_ms() - 20_000, first.one)))
    CHORE.run(parts)
    assert (first.one, first.other) not in {(s.one, s.other) for s in db.look(lambda tx: matches.waiting(tx, 1_000))}


def test_the_surest_become_one_where_the_owner_said_so_and_two_again_stay_two(crowd: Any) -> None:
    parts, truth = crowd
    db, clock = parts.db, parts.clock
    db.write(lambda tx: settings.save(tx, "merge_above", 98))
    CHORE.run(parts)
    merged = db.look(lambda tx: tx.rows("SELECT id, loser, winner, reason FROM merges ORDER BY id"))
    assert merged and {reason for _, _, _, reason in merged} == {"match"}
    wrong = [row for row in merged if (min(row[1:3]), max(row[1:3])) not in truth]
    assert len(wrong) <= len(merged) * 0.02
    db.write(lambda tx: take_back(tx, merged[0][0], "ann", clock.now_ms()))
    clock.set(clock.now_ms() + 60_000)
    CHORE.run(parts)
    assert db.look(lambda tx: tx.value("SELECT merged_into FROM contacts WHERE id = ?", (merged[0][1],))) is None


def test_two_accounts_are_never_made_one_without_a_word(db: Database) -> None:
    rows = [(n, f"u{n}", "lena.novakova@example.com", dump(lena()), NOW, NOW) for n in (1, 2)]
    db.write(lambda tx: tx.insert("contacts", "id,external_id,email,properties,created_at,changed_at", rows))
    db.write(lambda tx: settings.save(tx, "merge_above", 50))
    clock = ManualClock(NOW)
    clock.set(NOW + 60_000)
    CHORE.run(SimpleNamespace(db=db, clock=clock))
    (asked,) = db.look(matches.waiting)
    assert (asked.one, asked.other) == (1, 2)
    db.write(lambda tx: merge_two(tx, 1, 2, "hand", "ann", NOW))
    assert db.look(matches.waiting) == []


def test_nobody_is_compared_with_a_crowd() -> None:
    assert not keys(of("info@example.com"))
    assert not keys(of())
