"""Setting up, and guessing passwords: on an instance nobody has used yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sojourn.app.auth import set_up_token
from sojourn.app.patience import FREE, Patience, TooManyTries
from sojourn.app.secrets import Secrets

from .stage import PASSWORD, serve
from .visitor import Visitor

ANN = {"name": "Ann", "email": "ann@example.com", "password": PASSWORD}


class Home:
    """What the token is made from."""

    def __init__(self, home: Path) -> None:
        self.secrets = Secrets.read(home)


def test_from_nothing_to_the_owner_and_past_fifty_guesses(tmp_path: Path, visit: Callable[[str], Visitor]) -> None:
    home = tmp_path / "home"
    with serve(home, "--empty") as address:
        ann = visit(address)
        assert ann.http.get("/sign-in").headers["location"] == "/set-up"
        far = {"x-forwarded-for": "203.0.113.9"}
        assert ann.http.get("/set-up", headers=far).status_code == 403
        assert ann.http.get("/set-up", headers={"host": "evil.example"}).status_code == 403
        assert ann.http.post("/set-up", data={**ANN, "token": "0" * 32}, headers=far).status_code == 403
        token = set_up_token(Home(home))  # type: ignore[arg-type]
        assert ann.http.get("/set-up", params={"token": token}, headers=far).status_code == 200

        weak = ann.http.post("/set-up", data={**ANN, "password": "short"})
        assert weak.status_code == 422 and "at least 10 characters" in weak.text
        odd = ann.http.post("/set-up", data={**ANN, "email": "<b>no</b>"})
        assert odd.status_code == 422 and "<b>no" not in odd.text
        assert ann.http.post("/set-up", data=ANN).headers["location"] == "/journeys"
        assert "No journey yet" in ann.open("/journeys").text
        again = ann.http.post("/set-up", data={**ANN, "email": "second@example.com"})
        assert again.headers["location"] == "/sign-in", "there is an owner already"

        thief = visit(address)
        unknown = thief.sign_in("nobody@example.com", "wrong")
        wrong = thief.sign_in(ANN["email"], "wrong")
        assert unknown.status_code == wrong.status_code == 401
        said = "The e-mail address or the password is not right."
        assert said in unknown.text and said in wrong.text
        answers = [thief.sign_in(f"guess{n}@example.com", "wrong") for n in range(50)]
        assert [answer.status_code for answer in answers].count(401) <= 2 * FREE
        last = answers[-1]
        assert last.status_code == 429 and int(last.headers["retry-after"]) > 0
        assert "Too many tries. Wait" in last.text


def test_patience_doubles_and_forgets_success(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sojourn.app.patience.time.monotonic", lambda: now[0])
    patience = Patience(longest=60)
    waits = []
    for _ in range(FREE + 8):
        try:
            patience.begin("ann")
        except TooManyTries as wait:
            waits.append(wait.seconds)
            now[0] += wait.seconds
            patience.begin("ann")
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    patience.succeeded("ann")
    patience.begin("ann")
