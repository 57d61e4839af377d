"""Letters on paper: to complete addresses only, in batches a printer can use, without those who were erased."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.app.secrets import Secrets
from sojourn.runtime import accounts
from sojourn.runtime.accounts import Given
from sojourn.runtime.channels.channel import Channel, Delivered, Outcome, Parcel, Refused
from sojourn.runtime.channels.direct_mail import DIRECT_MAIL
from sojourn.runtime.chores import paper as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.forms import compile_form, fill_form
from sojourn.runtime.paper import batches, pages
from sojourn.runtime.paper.words import paragraphs
from sojourn.storage import erasing, mail_pieces, settings
from sojourn.storage.columns import to_ms
from sojourn.storage.database import Database
from sojourn.storage.mail_pieces import Batch, Piece

from .post import BRAND, NOW, journey
from .systems import Allowing, System

HOUR, DAY = 3_600_000, 86_400_000
PRAGUE = ZoneInfo("Europe/Prague")
ANN = {
    "first_name": "Anežka", "last_name": "Říhová", "street": "Široká 5", "postcode": "110 00", "city": "Praha",
    "country": "CZ",
}  # fmt: skip


def parcel(message_id: int, contact: dict[str, Any] | None = None, **said: Any) -> Parcel:
    known = {**ANN, **(contact or {})}
    rendered = fill_form(compile_form({"letter": "Dobrý den", **said}, DIRECT_MAIL), {"contact": known})
    return Parcel(message_id, "", rendered, BRAND, contact_id=message_id, contact=known)


class House:
    """An instance with one printer's account."""

    def __init__(self, db: Database, home: Path, **changes: Any) -> None:
        db.write(lambda tx: settings.store(tx, "timezone", "Europe/Prague"))
        config = {"home": str(home), "private_hosts": ["127.0.0.1"]}
        self.parts = SimpleNamespace(
            db=db, clock=ManualClock(NOW), config=config, secrets=Secrets(b"s" * 32), shelf=None
        )
        self.db, self.home = db, home
        said = {"sender": "Acme, 1 Main St", "home_country": "CZ", "price": 1.5, "currency": "EUR", **changes}
        given = Given.model_validate({"name": "printer", "medium": "direct_mail", "carrier": "batch", "settings": said})
        row = db.write(lambda tx: accounts.keep(tx, self.parts, given, "ann", NOW))
        self.channel: Channel = accounts.open_account(self.parts, row)

    def hand(self, *parcels: Parcel) -> list[Outcome]:
        return asyncio.run(self.channel.hand_over(parcels, Allowing()))

    def work(self, at: int) -> list[Batch]:
        self.parts.clock.set(at)
        chore.run(self.parts)
        return sorted(self.db.look(mail_pieces.batches), key=lambda one: one.id)

    def opened(self, batch_id: int) -> zipfile.ZipFile:
        return zipfile.ZipFile(batches.file_of(self.home, batch_id))


def addresses(file: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read("addresses.csv").decode("utf-8-sig"))))


def test_a_batch_is_closed_when_it_is_full_and_at_the_hour(db: Database, tmp_path: Path) -> None:
    journey(db, 5)
    house = House(db, tmp_path, at_most=2, close_at="18:00")
    outcomes = house.hand(*(parcel(number) for number in range(1, 6)))
    assert [(one.units, one.cost) for one in outcomes if isinstance(one, Delivered)] == [(1, 1_500_000)] * 5
    assert [type(one) for one in house.hand(parcel(1))] == [Delivered]  # tried again: still once
    full = house.work(NOW)
    assert [one.pieces for one in full] == [2, 2]
    closing = batches.last_closing("18:00", PRAGUE, NOW) + DAY
    assert len(house.work(closing - 1)) == 2
    assert [one.pieces for one in house.work(closing + 60_000)] == [2, 2, 1]
    assert [row["number"] for row in addresses(house.opened(1))] == ["1", "2"]
    assert sorted(house.opened(1).namelist()) == ["addresses.csv", "letters/1.pdf", "letters/2.pdf"]
    assert house.opened(1).read("letters/1.pdf").startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        ("2026-03-29T12:00:00+02:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T12:00:00+01:00", "2026-10-25T02:30:00+02:00"),
    ],
)
def test_the_hour_of_closing_comes_on_days_when_the_clocks_change(day: str, moment: str) -> None:
    found = batches.last_closing("02:30", PRAGUE, to_ms(datetime.fromisoformat(day)))
    assert abs(found - to_ms(datetime.fromisoformat(moment))) <= HOUR / 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"street": ""}, "the street is missing"),
        ({"postcode": "", "city": " "}, "the postcode and the city are missing"),
        ({"first_name": "", "last_name": ""}, "the name is missing"),
        ({"postcode": "1100"}, "1100 is no postcode of CZ"),
        ({"postcode": "110 00", "country": "de"}, "110 00 is no postcode of DE"),
        ({"country": "", "postcode": "x"}, "x is no postcode of CZ"),
    ],
)
def test_an_address_no_postman_would_find_is_refused(
    db: Database, tmp_path: Path, wrong: dict[str, Any], sentence: str
) -> None:
    journey(db, 1)
    (outcome,) = House(db, tmp_path).hand(parcel(1, wrong))
    assert isinstance(outcome, Refused) and outcome.text == f"No postal address: {sentence}."
    assert db.look(mail_pieces.waiting) == {}


def test_whoever_is_erased_is_in_no_file_any_more(db: Database, tmp_path: Path) -> None:
    journey(db, 2)
    house = House(db, tmp_path)
    house.hand(parcel(1), parcel(2, {"last_name": "Nováková"}))
    house.work(NOW + DAY)
    assert [row["name"] for row in addresses(house.opened(1))] == ["Anežka Říhová", "Anežka Nováková"]
    db.write(lambda tx: erasing.forget(tx, [1], [], NOW))
    house.work(NOW + DAY)
    assert [row["name"] for row in addresses(house.opened(1))] == ["Anežka Nováková"]
    assert "letters/1.pdf" not in house.opened(1).namelist()
    db.write(lambda tx: erasing.forget(tx, [2], [], NOW))
    house.work(NOW + DAY)
    assert not batches.file_of(tmp_path, 1).exists()
    with pytest.raises(batches.NoSuchBatch):
        batches.write(db, tmp_path, 1, NOW)


def test_whoever_is_erased_goes_out_of_old_files_too_however_many_came_since(db: Database, tmp_path: Path) -> None:
    journey(db, 2)
    house = House(db, tmp_path)
    house.hand(parcel(1), parcel(2))
    house.work(NOW + DAY)
    row = (house.channel.name, "{}", 0, NOW + 2 * DAY, "", "")
    db.write(lambda tx: tx.insert("mail_batches", "account,settings,pieces,closed_at,taken_by,said", [row] * 300))
    db.write(lambda tx: tx.run("UPDATE mail_batches SET pieces = 1 WHERE id > 1"))
    db.write(lambda tx: erasing.forget(tx, [1], [], NOW))
    house.work(NOW + DAY)
    assert house.opened(1).namelist() == ["letters/2.pdf", "addresses.csv"]


def test_a_lost_file_is_made_again_and_old_ones_go(db: Database, tmp_path: Path) -> None:
    journey(db, 1)
    house = House(db, tmp_path)
    house.hand(parcel(1))
    house.work(NOW + DAY)
    first = house.opened(1).read("letters/1.pdf")
    batches.file_of(tmp_path, 1).unlink()
    batches.write(db, tmp_path, 1, NOW)
    assert house.opened(1).read("letters/1.pdf") == first
    house.work(NOW + 92 * DAY)
    assert not batches.file_of(tmp_path, 1).exists()
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM mail_pieces")) == 0


def test_a_formula_in_a_name_is_text_in_the_list(db: Database, tmp_path: Path) -> None:
    journey(db, 1)
    house = House(db, tmp_path, files="merged")
    house.hand(parcel(1, {"first_name": "=cmd|' /C calc'!A0", "country": "Austria", "postcode": "1010"}))
    house.work(NOW + DAY)
    (row,) = addresses(house.opened(1))
    assert row["name"].startswith("'=cmd") and row["file"] == "letters.pdf" and row["country_name"] == "Austria"
    assert sorted(house.opened(1).namelist()) == ["addresses.csv", "letters.pdf"]


def test_a_printers_system_gets_a_batch_once_and_what_is_in_doubt_is_not_sent_again(
    db: Database, tmp_path: Path
) -> None:
    journey(db, 2)
    with System(answer=lambda heard: (503, {}, b"busy")) as system:
        house = House(db, tmp_path, url=system.url, token="t")
        house.hand(parcel(1))
        assert house.work(NOW + DAY)[0].told_at is None
        system.answer = lambda heard: (200, {}, b"")
        assert house.work(NOW + DAY + 1)[0].told_at == NOW + DAY + 1
        house.work(NOW + DAY + 2)
        assert [one.headers["idempotency-key"] for one in system.heard] == ["batch-1", "batch-1"]
        assert zipfile.ZipFile(io.BytesIO(system.heard[1].body)).testzip() is None
        system.answer = lambda heard: None
        house.hand(parcel(2))
        house.work(NOW + 3 * DAY)
        (batch,) = house.work(NOW + 4 * DAY)[1:]
    assert "Ask the printer" in batch.said and len(system.heard) == 3


def test_a_letter_may_be_marked_up_and_what_a_contact_is_called_marks_up_nothing(db: Database) -> None:
    letter = "Dear {{ contact.first_name }},\n\nfirst\nsecond <b>bold<i>both</b> on</i>\n<ul><li>one<li>two</ul>"
    contact = {"first_name": "<b>Ann</b> & <img src='file:///etc/passwd'>"}
    said = fill_form(compile_form({"letter": letter}, DIRECT_MAIL), {"contact": contact}).fields["letter"]
    found = paragraphs(said)
    assert found[0].text == "Dear &lt;b&gt;Ann&lt;/b&gt; &amp; &lt;img src='file:///etc/passwd'&gt;,"
    assert found[1].text == "first<br/>second <b>bold<i>both</i></b> on"
    assert [(one.kind, one.text, one.bullet) for one in found[2:]] == [("li", "one", "•"), ("li", "two", "•")]
    assert paragraphs("<img src='http://10.0.0.1/x'><script>alert(1)</script><a href='x'>link</a>")[0].text == "link"


@given(st.text(alphabet=st.sampled_from(list("<>/&;\n ab\"'=#biulop1hr")), max_size=120))
def test_any_markup_becomes_pages(markup: str) -> None:
    piece = Piece(1, {**ANN, "name": "Ann"}, {"heading": markup.replace("\n", " "), "letter": markup})
    assert pages.document([piece], {"sender": markup, "home_country": "CZ"}).startswith(b"%PDF-")


def test_the_country_stands_on_letters_abroad_alone() -> None:
    address = {"name": "Ann", "street": "A 1", "street2": "", "postcode": "10115", "city": "Berlin"}
    assert pages.lines_of({**address, "country": "DE"}, "cz") == ["Ann", "A 1", "10115 Berlin", "GERMANY"]
    assert pages.lines_of({**address, "country": "de"}, "DE") == ["Ann", "A 1", "10115 Berlin"]
    assert pages.lines_of({**address, "country": "Österreich"}, "DE")[-1] == "ÖSTERREICH"
