"""The door for programs that want a letter looked over: who may, what may be sent, what comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sojourn.app.api import letters
from sojourn.app.config import Config
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.templates import library
from sojourn.storage import users
from sojourn.storage.database import Database

NOW_MS = 1_790_000_000_000
WRITE, ADMIN = "wk_" + "a" * 32, "ak_" + "b" * 32
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ contact.first_name }}</mj-text>"
    "</mj-column></mj-section></mj-body></mjml>"
)
LETTER = {"subject": "RE: Hello", "preheader": "A line that says more", "mjml": MJML}


@pytest.fixture
def door(db: Database) -> Starlette:
    instance = SimpleNamespace(db=db, clock=ManualClock(NOW_MS), config=Config(home=Path()))
    for kind, key in (("write", WRITE), ("admin", ADMIN)):
        db.write(lambda tx, kind=kind, key=key: users.add_key(tx, key, kind, kind, NOW_MS))
    return Starlette(routes=letters.routes(instance))


def ask(door: Starlette, body: Any, key: str = ADMIN) -> tuple[int, Any]:
    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://here") as client:
            return await client.post("/v1/letters/check", json=body, headers={"authorization": f"Bearer {key}"})

    answer = asyncio.run(post())
    return answer.status_code, answer.json()


def test_a_letter_is_looked_over(door: Starlette) -> None:
    status, said = ask(door, LETTER)
    assert status == 200 and said["ok"] is True and said["counts"]["warning"] >= 2
    assert {"subject", "fallbacks"} <= {one["code"] for one in said["findings"]}
    status, said = ask(door, {**LETTER, "mjml": "<mjml><mj-body></mjml>"})
    assert status == 200 and said["ok"] is False and said["findings"][0]["code"] == "broken"


def test_a_template_by_its_name(door: Starlette, db: Database) -> None:
    template = db.write(lambda tx: library.create(tx, "Spring", LETTER, "ada@example.com", NOW_MS))
    assert ask(door, {"template": template.name})[0] == 200
    assert ask(door, {"template": "autumn"})[0] == 404
    assert ask(door, {"journey": "no", "letter": "no"})[0] == 404


NO_LETTERS: list[dict[str, Any]] = [
    {}, {"subject": "x"}, {"mjml": 5}, {"blocks": "x"}, {**LETTER, "languages": ["cs"]}, {**LETTER, "extra": 1},
    {"subject": "x", "blocks": [{"kind": "text"}]}, {"medium": "sms", "text": "Hello"},
]  # fmt: skip


def test_what_is_no_letter_is_refused_in_a_sentence(door: Starlette) -> None:
    for body in NO_LETTERS:
        status, said = ask(door, body)
        assert status == 400 and said["error"][-1] in ".:", body


def test_the_key_of_a_page_does_not_do(door: Starlette) -> None:
    assert ask(door, LETTER, WRITE)[0] == 403
    assert ask(door, LETTER, "nobody")[0] == 401
    assert ask(door, {**LETTER, "text": "x" * 700_000})[0] == 413
