"""Letters before and during a launch: what a review lists, what is refused, what dies in letters that run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sojourn.runtime.chores import letters as chore
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content import mjml
from sojourn.runtime.content.checking.asking import ask
from sojourn.runtime.content.checking.named import NothingToCheck, check_in_journey, check_named
from sojourn.runtime.content.checking.of_journey import looked_ahead
from sojourn.runtime.content.checking.surroundings import hidden
from sojourn.runtime.governance import approval, versions
from sojourn.runtime.governance.versions import JourneyHasProblems
from sojourn.runtime.templates import library
from sojourn.storage import letter_audits
from sojourn.storage.database import Database
from sojourn.storage.handover import Filling

from .conftest import T0
from .welcome import welcome

DAY_MS = 86_400_000
GOOD = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ contact.first_name }}, the offer is valid until "
    '{{ "2027-01-31" }}</mj-text><mj-button href="SHOP">To the shop</mj-button>'
    '<mj-text>{{ brand.name }} <a href="{{ unsubscribe_url }}">Leave</a></mj-text>'
    "</mj-column></mj-section></mj-body></mjml>"
)
Step = Callable[..., dict[str, Any]]


class Shop(BaseHTTPRequestHandler):
    """A site with a page, one that is gone, one that moved, and one that programs may not see."""

    def do_GET(self) -> None:
        status = {"/gone": 404, "/moved": 301, "/robots": 403, "/broken": 500}.get(self.path, 200)
        if self.path == "/get-only" and self.command == "HEAD":
            status = 404
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/gone")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def content(step: Step) -> dict[str, Any]:
    made = deepcopy(welcome(step))
    for letter in made["letters"].values():
        letter["mjml"] = GOOD.replace("SHOP", "https://shop.invalid/gone")
    return made


def parts(db: Database, now_ms: int = T0, **config: Any) -> SimpleNamespace:
    return SimpleNamespace(db=db, clock=ManualClock(now_ms), config=config)


def test_pages_are_asked_as_readers_see_them(shop: str) -> None:
    pages = ["/", "/gone", "/moved", "/robots", "/broken", "/get-only"]
    told: list[tuple[int, int]] = []
    found = asyncio.run(
        ask([shop + page for page in pages], T0, ("127.0.0.1",), lambda done, of: told.append((done, of)))
    )
    assert {page: found[shop + page].problem for page in pages} == {
        "/": "", "/robots": "", "/get-only": "", "/gone": "the page is gone (404).",
        "/moved": "the page is gone (404).", "/broken": "the site has a fault of its own (500).",
    }  # fmt: skip
    assert told[-1] == (6, 6)


def test_nobody_inside_the_network_is_asked(shop: str) -> None:
    found = asyncio.run(ask([f"{shop}/", "http://169.254.169.254/latest", "https://www.example.com/"], T0))
    assert all("private network" in one.problem for one in found.values()) and len(found) == 2


def test_the_review_lists_each_letter_with_what_was_found(db: Database, content: dict[str, Any]) -> None:
    name = next(iter(content["letters"]))
    content["letters"][name]["subject"] = "RE: your account"
    journey = db.write(lambda tx: versions.save_draft(tx, content, "ada@example.com", T0))
    review = db.write(lambda tx: approval.ask(tx, journey, "ada@example.com", T0))
    (line,) = [check for check in review.checks if check["letter"] == name]
    assert line["state"] == "look" and "RE:" in str(line["findings"])
    assert {"code", "severity", "sentence", "fix", "block", "line", "language"} == set(line["findings"][0])


def test_what_was_looked_at_ahead_is_not_compiled_in_the_write_door(
    db: Database, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """People who come in meanwhile change whom a letter would be tried on."""
    journey = db.write(lambda tx: versions.save_draft(tx, content, "eve@example.com", T0))
    asyncio.run(looked_ahead(db, content, T0))
    db.write(
        lambda tx: tx.insert("contacts", "id,created_at,changed_at,properties", [(77, T0, T0, '{"city": "Brno"}')])
    )
    mjml._engine.stop()
    monkeypatch.setattr(mjml, "CHILD", tmp_path / "gone.py")
    db.write(lambda tx: approval.ask(tx, journey, "eve@example.com", T0))
    assert db.write(lambda tx: versions.publish(tx, journey, "eve@example.com", T0)).number == 1


@pytest.mark.parametrize("way", ["ask", "publish"])
def test_a_dead_link_keeps_the_journey_back(db: Database, content: dict[str, Any], way: str) -> None:
    """Asked before, known now: nobody is asked within the transaction."""
    journey = db.write(lambda tx: versions.save_draft(tx, content, "ada@example.com", T0))
    gone = {"https://shop.invalid/gone": (T0, 404, "the page is gone (404).")}
    db.write(lambda tx: letter_audits.keep_answers(tx, gone))
    with pytest.raises(JourneyHasProblems, match="the page is gone"):
        if way == "ask":
            db.write(lambda tx: approval.ask(tx, journey, "ada@example.com", T0))
        else:
            db.write(lambda tx: versions.publish(tx, journey, "ada@example.com", T0))
    well = {"https://shop.invalid/gone": (T0 + 1, 200, "")}
    db.write(lambda tx: letter_audits.keep_answers(tx, well))
    assert db.write(lambda tx: versions.publish(tx, journey, "ada@example.com", T0)).number == 1


def test_a_way_out_behind_a_condition_keeps_the_journey_back(db: Database, content: dict[str, Any]) -> None:
    for letter in content["letters"].values():
        letter["mjml"] = letter["mjml"].replace(
            "{{ unsubscribe_url }}", "{% if event.x %}{{ unsubscribe_url }}{% endif %}"
        )
    journey = db.write(lambda tx: versions.save_draft(tx, content, "ada@example.com", T0))
    with pytest.raises(JourneyHasProblems, match="link to unsubscribe"):
        db.write(lambda tx: versions.publish(tx, journey, "ada@example.com", T0))


def test_letters_that_run_are_looked_over_daily(db: Database, content: dict[str, Any], shop: str) -> None:
    content["review_by"] = "2026-01-31"
    for letter in content["letters"].values():
        letter["mjml"] = letter["mjml"].replace("https://shop.invalid/gone", f"{shop}/")
    journey = db.write(lambda tx: versions.save_draft(tx, content, "ada@example.com", T0))
    db.write(lambda tx: versions.publish(tx, journey, "ada@example.com", T0))
    later = 1_900_000_000_000  # March 2030
    chore.run(parts(db, later, private_hosts=("127.0.0.1",)))
    said = {letter: [one["sentence"] for one in found] for _, _, letter, found in db.look(letter_audits.audits)}
    assert "2026-01-31" in said[""][0]
    assert all("2027-01-31" in sentences[0] for letter, sentences in said.items() if letter)
    assert db.look(lambda tx: letter_audits.answers(tx, [f"{shop}/"])) == {f"{shop}/": (later, 200, "")}
    db.write(lambda tx: versions.pause(tx, journey, "ada@example.com", later))
    chore.run(parts(db, later + DAY_MS // 2))
    assert db.look(letter_audits.audits)  # not yet
    chore.run(parts(db, later + DAY_MS))
    assert not db.look(letter_audits.audits)


def test_by_name(db: Database, content: dict[str, Any]) -> None:
    source = {"subject": "Hello", "preheader": "", "mjml": GOOD.replace("SHOP", "https://shop.invalid/")}
    template = db.write(lambda tx: library.create(tx, "Spring offer", source, "ada@example.com", T0))
    db.write(lambda tx: versions.save_draft(tx, content, "ada@example.com", T0))
    assert "preheader" in {one.code for one in check_named(parts(db), template.name)}
    assert check_in_journey(parts(db), content["name"], next(iter(content["letters"])))
    for missing in (lambda: check_named(parts(db), "nothing"), lambda: check_in_journey(parts(db), "no", "no")):
        with pytest.raises(NothingToCheck):
            missing()


def test_what_is_kept_names_nobody() -> None:
    filling = Filling(
        {"first_name": "Ada", "email": "ada@example.com", "language": "cs"},
        {"title": "Boots", "to": "Ada Lovelace", "mail": "x@example.com"}, {},
    )  # fmt: skip
    masked = hidden(filling)
    assert masked.contact == {"first_name": "xxx", "email": "xxx@xxxxxxx.xxx", "language": "cs"}
    assert masked.event == {"title": "Boots", "to": "xxx xxxxxxxx", "mail": "x@xxxxxxx.xxx"}
