"""Facts from outside: asked once for a place, kept for a while, never waited for long, never from our own network."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.needs import Needs
from sojourn.runtime.furnishing import Furnishing
from sojourn.runtime.letter_facts.provider import completed
from sojourn.runtime.outside import Outside, OutsideProblem, address_for, checked, facts_of
from sojourn.storage import outside
from sojourn.storage.columns import dump
from sojourn.storage.database import Database
from sojourn.storage.handover import Filling
from sojourn.storage.outside import OutsideSource
from sojourn.tests.runtime.post import NOW, journey, outbox
from sojourn.tests.runtime.test_letter_facts import Desk, letter

HERE = ["127.0.0.1"]
NEEDS = Needs({"outside": frozenset(["weather"])})


class Weather(BaseHTTPRequestHandler):
    asked: list[str]
    answer: dict[str, Any]

    def do_GET(self) -> None:
        self.asked.append(f"{self.path} {self.headers.get('x-api-key')}")
        time.sleep(self.answer["after_s"])
        self.send_response(self.answer["status"])
        self.end_headers()
        self.wfile.write(self.answer["body"].encode())

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def weather() -> Iterator[tuple[str, type[Weather]]]:
    handler = type("Today", (Weather,), {"asked": [], "answer": {
        "status": 200, "after_s": 0, "body": '{"current": {"temp": [3.5]}, "sky/now": "rain"}',
    }})  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def source(base: str, **known: Any) -> OutsideSource:
    fields = {"temperature": "/current/temp/0", "sky": "/sky~1now"}
    return checked(OutsideSource(
        name="weather", url=base + "/now?city={city}", fields=fields, fallback={"temperature": 15, "sky": "fair"},
        created_at=NOW, **known,
    ))  # fmt: skip


def people(*cities: str) -> list[Filling]:
    return [Filling({"city": city} if city else {}, {}, {}, contact_id=n) for n, city in enumerate(cities, 1)]


def skies(db: Database, fillings: list[Filling]) -> list[Any]:
    found = db.look(lambda tx: completed(tx, fillings, NEEDS, NOW))
    return [one.more["outside"]["weather"] for one in found]


def test_a_place_is_asked_once_and_kept(db: Database, weather: tuple[str, type[Weather]]) -> None:
    base, today = weather
    db.write(lambda tx: outside.keep(tx, source(base, sealed="key")))
    service, crowd = Outside(db, HERE, lambda sealed: dump({"x-api-key": sealed})), people("Brno", "Ústí", "Brno", "")
    for now_ms in (NOW, NOW + 60_000):
        asyncio.run(service.warm(crowd, NEEDS, now_ms, "UTC"))
    assert sorted(today.asked) == ["/now?city=%C3%9Ast%C3%AD key", "/now?city=Brno key"]
    rain, fair = {"temperature": 3.5, "sky": "rain"}, {"temperature": 15, "sky": "fair"}
    assert skies(db, crowd) == [rain, rain, rain, fair]
    today.answer["body"] = '{"current": {"temp": [9]}}'
    asyncio.run(service.warm(crowd[:1], NEEDS, NOW + 3_600_001, "UTC"))
    assert skies(db, crowd[:1]) == [{"temperature": 9, "sky": "fair"}]


@pytest.mark.parametrize("how", ["slow", "broken", "no json", "large", "private"])
def test_what_does_not_answer_is_left_to_older_answers(
    db: Database, weather: tuple[str, type[Weather]], how: str
) -> None:
    base, today = weather
    db.write(lambda tx: outside.keep(tx, source(base, timeout_ms=300)))
    asyncio.run(Outside(db, HERE).warm(people("Brno"), NEEDS, NOW, "UTC"))
    wrong = {"slow": {"after_s": 1}, "broken": {"status": 500}, "no json": {"body": "<html>"}}
    today.answer |= {**wrong, "large": {"body": "[1]" * 50_000}}.get(how, {})
    service = Outside(db, [] if how == "private" else HERE)
    begun = time.monotonic()
    asyncio.run(service.warm(people("Brno", "Oslo"), NEEDS, NOW + 3_700_000, "UTC"))
    took, asked = time.monotonic() - begun, len(today.asked)
    assert took < 4
    asyncio.run(service.warm(people("Brno", "Oslo"), NEEDS, NOW + 3_700_000, "UTC"))
    assert len(today.asked) == asked, "it is left alone for a while"
    assert skies(db, people("Brno", "Oslo")) == [
        {"temperature": 3.5, "sky": "rain"}, {"temperature": 15, "sky": "fair"}
    ]  # fmt: skip
    trouble = db.look(outside.sources)[0].trouble
    assert "too large" in trouble if how == "large" else trouble


def test_a_letter_says_the_weather_of_its_reader(db: Database, weather: tuple[str, type[Weather]]) -> None:
    base, _ = weather
    journey(db, 2, letter=letter("{% if outside.weather is meets('sky', 'equals', 'rain') %}Take a coat{% endif %}"))
    db.write(lambda tx: outside.keep(tx, source(base)))
    db.write(lambda tx: tx.run("UPDATE contacts SET properties = ? WHERE id = 1", (dump({"city": "Brno"}),)))
    desk, clock = Desk(), ManualClock(NOW)

    async def go() -> None:
        box = outbox(db, desk, clock, furnishing=Furnishing(db, clock, HERE))
        await box.run_once()
        await box.close()

    asyncio.run(go())
    assert ["coat" in desk.text(number) for number in (1, 2)] == [True, False]


def test_words_of_an_address_never_leave_their_place() -> None:
    reader = Filling({"city": "a&b=/../?#é", "tier": {"x": 1}, "points": 7}, {}, {})
    assert address_for("https://a.example.com/{city}?p={points}", reader, "UTC") == (
        "https://a.example.com/a%26b%3D%2F..%2F%3F%23%C3%A9?p=7"
    )
    assert address_for("https://a.example.com/{tier}", reader, "UTC") == ""
    assert address_for("https://a.example.com/{nobody}", reader, "UTC") == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "https://{city}.example.com/"}, "behind the host"),
        ({"url": "ftp://a.example.com/"}, "no web address"),
        ({"url": "https://a.example.com/{"}, "stands alone"),
        ({"fields": {}}, "at least one"),
        ({"fields": {"sky": "now.sky"}}, "begins with a slash"),
        ({"fallback": {"wind": 1}}, "no such fact"),
        ({"timeout_ms": 60_000}, "3 seconds"),
        ({"name": "The Weather"}, "small letters"),
    ],
)
def test_a_source_that_could_never_work_is_refused(change: dict[str, Any], words: str) -> None:
    given = {"name": "weather", "url": "https://a.example.com/", "fields": {"sky": "/sky"}, "created_at": NOW, **change}
    with pytest.raises(OutsideProblem, match=words):
        checked(OutsideSource(**{"fallback": {}, "keep_minutes": 60, "timeout_ms": 2_000, **given}))


def test_only_plain_values_come_out_of_an_answer() -> None:
    body = '{"a": {"b": [1, {"c": "x"}]}, "long": "' + "y" * 9_000 + '", "o": {}, "n": null}'
    pointers = {"one": "/a/b/0", "two": "/a/b/1/c", "far": "/a/b/99", "o": "/o", "n": "/n", "long": "/long"}
    found = facts_of(body, pointers)
    assert (found["one"], found["two"], len(found["long"])) == (1, "x", 500)
    assert found.keys() == {"one", "two", "long"}
