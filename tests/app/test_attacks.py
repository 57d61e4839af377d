"""The attacks NiceGUI leaves open, tried against a real server: each has a twin that shows the door is really there."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from socketio.exceptions import ConnectionError as Refused

from .stage import OWNER, PASSWORD
from .visitor import Page, Visitor, click


@pytest.fixture
def sql(stage_home: Path) -> Callable[..., None]:
    """What the command line does to the store beside the running server."""

    def run(statement: str, *values: str) -> None:
        with sqlite3.connect(stage_home / "sojourn.db", timeout=10) as store:
            store.execute(statement, values)
        store.close()

    return run


def clock(visitor: Visitor) -> str:
    return visitor.open("/journeys").of_class("sj-clock-face")


async def send(visitor: Visitor, page: Page, message: dict, *, over: Page | None = None) -> None:
    sio = await visitor.socket(over or page)
    await sio.emit("event", message)
    await asyncio.sleep(1.0)
    await sio.disconnect()


def test_the_owner_can_move_the_clock(owner: Visitor) -> None:
    before, page = clock(owner), owner.open("/journeys")
    asyncio.run(send(owner, page, click(page, "+1 hour")))
    assert clock(owner) != before


@pytest.mark.parametrize(
    ("cookie", "origin"), [("", "http://evil.example"), (None, "http://evil.example"), ("", None), (None, "null")]
)
def test_a_socket_needs_our_origin_and_a_session(owner: Visitor, cookie: str | None, origin: str | None) -> None:
    page = owner.open("/journeys")
    with pytest.raises(Refused):
        asyncio.run(owner.socket(page, cookie=cookie, origin=origin))


def test_a_socket_speaks_only_for_pages_of_its_own_session(owner: Visitor, viewer: Visitor) -> None:
    before, page, own = clock(owner), owner.open("/journeys"), viewer.open("/journeys")

    async def attack() -> None:
        victim = await owner.socket(page)
        with pytest.raises(Refused):
            await viewer.socket(page)
        await send(viewer, page, click(page, "+1 hour"), over=own)
        await victim.disconnect()

    asyncio.run(attack())
    assert clock(owner) == before


def test_a_viewer_is_shown_no_switch(viewer: Visitor) -> None:
    page = viewer.open("/journeys")
    for label in ("+1 hour", "Pause"):
        with pytest.raises(LookupError):
            page.listener(label)


def test_a_role_taken_away_counts_in_pages_already_open(owner: Visitor, sql: Callable[..., None]) -> None:
    before, page = clock(owner), owner.open("/journeys")
    sql("UPDATE users SET role = 'viewer' WHERE email = ?", OWNER)
    try:
        asyncio.run(send(owner, page, click(page, "+1 hour")))
    finally:
        sql("UPDATE users SET role = 'owner' WHERE email = ?", OWNER)
    assert clock(owner) == before


def test_handlers_of_an_open_page_end_with_the_session(owner: Visitor, stranger: Visitor) -> None:
    other = stranger
    other.sign_in(OWNER, PASSWORD)
    before, page = clock(other), owner.open("/journeys")

    async def attack() -> None:
        sio = await owner.socket(page)
        left = await asyncio.to_thread(owner.http.post, "/sign-out")
        assert left.headers["location"] == "/sign-in"
        await sio.emit("event", click(page, "+1 hour"))
        await asyncio.sleep(1.0)
        await sio.disconnect()

    asyncio.run(attack())
    assert clock(other) == before


def test_a_copied_cookie_is_worth_nothing_after_sign_out(owner: Visitor, stranger: Visitor) -> None:
    stranger.http.cookies.update(owner.http.cookies)
    assert stranger.http.get("/journeys").status_code == 200
    owner.http.post("/sign-out")
    assert stranger.http.get("/journeys").headers["location"].startswith("/sign-in")


def test_a_changed_password_ends_sessions(owner: Visitor, sql: Callable[..., None]) -> None:
    sql("UPDATE users SET stamp = 'other' WHERE email = ?", OWNER)
    assert owner.http.get("/journeys").status_code == 303


def test_signing_in_gives_a_new_session(owner: Visitor, stranger: Visitor) -> None:
    first = owner.cookie
    owner.sign_in(OWNER, PASSWORD)
    assert owner.cookie != first
    stranger.http.headers["cookie"] = first
    assert stranger.http.get("/journeys").status_code == 303


def test_uploads_need_the_session_of_the_page_and_stay_in_bounds(
    owner: Visitor, stranger: Visitor, viewer: Visitor
) -> None:
    where = f"/_nicegui/client/{owner.open('/contacts').client_id}/upload/1"
    files = {"file": ("a.csv", b"email\na@example.com\n")}
    assert stranger.http.post(where, files=files).status_code == 401
    assert viewer.http.post(where, files=files).status_code == 403
    assert owner.http.post(where, files=files, headers={"origin": "http://evil.example"}).status_code == 403
    assert owner.promise(where, 2**40) == 413
    assert owner.http.post(where.replace("client", "other"), content=b"x" * 100_000).status_code == 413
    assert owner.http.post(where.replace("client", "other"), content=iter([b"x"] * 100_000)).status_code >= 400
    assert owner.http.post(where, files=files).status_code == 404, "the door is there, the upload element is not"


def test_a_browser_cannot_write_lines_into_the_log(owner: Visitor, stage_home: Path) -> None:
    page = owner.open("/journeys")

    async def attack() -> None:
        sio = await owner.socket(page)
        await sio.emit("log", {"client_id": page.client_id, "level": "error", "message": "FORGED\nLINE"})
        await asyncio.sleep(0.5)
        await sio.disconnect()

    asyncio.run(attack())
    assert "\nLINE" not in (stage_home.parent / "stage.log").read_text()


def test_a_failing_page_says_nothing_of_why(owner: Visitor, stage_home: Path) -> None:
    answer = owner.http.get("/explode")
    assert answer.status_code == 500
    assert "secret-db-password" not in answer.text and "ValueError" not in answer.text
    assert "secret-db-password" in (stage_home.parent / "stage.log").read_text(), "the log has it"


@pytest.mark.parametrize("path", ["/journeys", "/", "/mailbox/letters/x", "/docs", "/openapi.json", "/nothing"])
def test_strangers_get_no_page_and_no_socket_code(stranger: Visitor, path: str) -> None:
    answer = stranger.http.get(path)
    assert answer.status_code in (303, 401)
    assert "client_id" not in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/journeys", "/assets/style/sojourn.css", "/healthz"])
def test_every_answer_carries_the_headers(owner: Visitor, path: str) -> None:
    headers = owner.http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"]


def test_forms_of_other_sites_are_refused(owner: Visitor, stranger: Visitor) -> None:
    evil = {"origin": "http://evil.example"}
    form = {"email": OWNER, "password": PASSWORD}
    assert stranger.http.post("/sign-in", data=form, headers=evil).status_code == 403
    assert owner.http.post("/sign-out", headers=evil).status_code == 403
    assert owner.http.post("/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert owner.http.get("/journeys").status_code == 200


def test_a_foreign_name_for_this_machine_is_refused(owner: Visitor) -> None:
    assert owner.http.get("/journeys", headers={"host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/\t/x"]
)
def test_signing_in_leads_nowhere_else(stranger: Visitor, target: str) -> None:
    answer = stranger.http.post("/sign-in", data={"email": OWNER, "password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/journeys"
