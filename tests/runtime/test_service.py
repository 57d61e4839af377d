"""The whole runtime, as an instance runs it: events in, letters out at a real mail server, on a clock we move."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sojourn.runtime.chores.chore import Chore
from sojourn.runtime.clock import Clock, ManualClock, SystemClock
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.service import ClockRunsByItself, Runtime
from sojourn.storage.database import Database

from .conftest import DAY, HOUR, Stage
from .post import Post

Step = Callable[..., dict[str, Any]]


@dataclass
class Parts:
    db: Database
    clock: Clock
    shelf: ProgramShelf
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> Parts:
        return self

    def derive(self, purpose: str) -> bytes:
        return purpose.encode().ljust(32, b"0")

    def open(self, sealed: str) -> str:
        return sealed


@pytest.fixture
def post() -> Iterator[Post]:
    post = Post().start()
    yield post
    if post.port:
        post.stop()


@pytest.fixture
def reminders(stage: Stage, step: Step) -> Stage:
    """Two letters: an hour after the cart, and a day after the first."""
    stage.people(5, first_name=lambda n: f"Name{n}")
    stage.journey(
        "cart",
        {
            "cart": step("trigger_event", {"event": "added_to_cart"}, next="hour"),
            "hour": step("wait", {"amount": 1, "unit": "hours"}, next="first"),
            "first": step("email", {"letter": "first"}, next="day"),
            "day": step("wait", {"amount": 1, "unit": "days"}, next="second"),
            "second": step("email", {"letter": "second"}, next="out"),
            "out": step("exit"),
            "bought": step("goal", {"event": "purchased"}),
        },
    )
    return stage


def runtime(stage: Stage, post: Post, clock: Clock | None = None) -> Runtime:
    config = {"smtp_url": f"smtp://127.0.0.1:{post.port}?starttls=no&timeout=3", "senders": 2}
    return Runtime(Parts(stage.db, clock or stage.clock, stage.shelf, config), "test")


def test_a_chore_that_waits_for_somebody_outside_holds_up_no_other(stage: Stage, post: Post) -> None:
    heart = runtime(stage, post, SystemClock())
    done = threading.Event()

    def quick(parts: Any) -> int:
        done.set()
        return 0

    async def both() -> bool:
        waiting = asyncio.create_task(heart._do(Chore("slow", 1, lambda parts: int(not done.wait(10)), apart=True)))
        await asyncio.sleep(0.05)
        await heart._do(Chore("quick", 1, quick))
        await waiting
        return heart._due.is_set()

    assert asyncio.run(both()) is False


def test_time_passes_in_order_and_says_how_many_letters_went(reminders: Stage, post: Post) -> None:
    for contact in (1, 2, 3):
        reminders.happens(contact, "added_to_cart")
    heart = runtime(reminders, post)
    heart.start()
    try:
        assert asyncio.run(heart.advance(HOUR - 1)) == 0
        assert asyncio.run(heart.advance(1)) == 3
        reminders.happens(2, "purchased")
        shares: list[float] = []
        assert asyncio.run(heart.advance(36 * HOUR, shares.append)) == 2
    finally:
        heart.stop()
    assert post.to() == ["p1@example.com"] * 2 + ["p2@example.com"] + ["p3@example.com"] * 2
    assert reminders.ended() == {1: "done", 2: "goal", 3: "done"}
    assert reminders.stray() == []
    assert shares == sorted(shares) and all(0 < share <= 1 for share in shares)
    sent = [row[0] - reminders.rows("SELECT min(entered_at) FROM enrollments")[0][0] for row in
            reminders.rows("SELECT sent_at FROM messages WHERE contact_id = 1 ORDER BY id")]  # fmt: skip
    assert sent == [HOUR, HOUR + DAY], "exactly when they were due"


def test_the_clock_can_be_moved_without_a_running_server(reminders: Stage, post: Post) -> None:
    reminders.happens(1, "added_to_cart")
    assert asyncio.run(runtime(reminders, post).advance(HOUR)) == 1
    assert post.to() == ["p1@example.com"]


def test_letters_wait_for_a_mail_server_that_is_away(reminders: Stage, post: Post) -> None:
    reminders.happens(1, "added_to_cart")
    heart, port = runtime(reminders, post), post.port
    post.stop()
    post.port = 0
    heart.start()
    try:
        asyncio.run(heart.advance(2 * HOUR))
        assert any("mail server" in warning and "1 message waits" in warning for warning in heart.warnings())
        assert reminders.standing() == {1: "first"}
        back = Post(port=port).start()
        try:
            until = time.monotonic() + 40
            while not back.letters and time.monotonic() < until:
                asyncio.run(heart.advance(5 * 60_000))
                time.sleep(0.2)
            assert back.to() == ["p1@example.com"]
            assert heart.warnings() == []
        finally:
            back.stop()
    finally:
        heart.stop()


def test_on_the_machines_own_clock_an_event_is_a_letter_within_a_moment(stage: Stage, step: Step, post: Post) -> None:
    stage.people(2)
    stage.clock = SystemClock()  # type: ignore[assignment]
    stage.journey(
        "hello",
        {"in": step("trigger_event", {"event": "subscribed"}, next="mail"), "mail": step("email", {"letter": "hello"})},
    )
    heart = runtime(stage, post, SystemClock())
    heart.start()
    try:
        stage.happens(1, "subscribed")
        heart.nudge()
        until = time.monotonic() + 15
        while not post.letters and time.monotonic() < until:
            time.sleep(0.02)
        assert post.to() == ["p1@example.com"]
        with pytest.raises(ClockRunsByItself):
            asyncio.run(heart.advance(1))
    finally:
        heart.stop()


def test_a_stop_of_three_days_loses_nothing(reminders: Stage, post: Post) -> None:
    for contact in (1, 2):
        reminders.happens(contact, "added_to_cart")
    reminders.beat()
    clock = ManualClock(reminders.clock.now_ms() + 3 * DAY)
    heart = runtime(reminders, post, clock)
    heart.start()
    try:
        assert asyncio.run(heart.advance(0)) in (0, 2)  # the first beat may have been quicker
        assert post.to() == ["p1@example.com", "p2@example.com"]
        asyncio.run(heart.advance(DAY))
        assert len(post.letters) == 4
    finally:
        heart.stop()


def test_a_store_that_fails_at_the_start_is_a_warning_and_the_next_beat_tries_again(
    reminders: Stage, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminders.happens(1, "added_to_cart")
    heart = runtime(reminders, post)
    recover, failing = heart.outbox.recover, [True]

    async def full() -> tuple[int, int]:
        if failing:
            raise OSError("database or disk is full")
        return await recover()

    monkeypatch.setattr(heart.outbox, "recover", full)
    starter = threading.Thread(target=heart.start, daemon=True)
    starter.start()
    starter.join(timeout=10)
    assert not starter.is_alive(), "it waits for ever for a runtime that never came up"
    try:
        assert any("OSError" in warning for warning in heart.warnings())
        failing.clear()
        assert asyncio.run(heart.advance(HOUR)) == 1
    finally:
        heart.stop()


def test_what_goes_well_hides_nothing_of_what_fails(
    reminders: Stage, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    heart = runtime(reminders, post)
    monkeypatch.setattr(heart.engine, "run_due", lambda *_: 1 / 0)
    seen: list[list[str]] = []
    run_once = heart.outbox.run_once

    async def send() -> int:
        if heart.warnings():
            heart._post.set()  # and once more, so that a whole beat of the outbox has gone well
        sent = await run_once()
        seen.append(heart.warnings())
        return sent

    monkeypatch.setattr(heart.outbox, "run_once", send)
    heart.start()
    try:
        until = time.monotonic() + 20
        while len(seen) < 6 and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        heart.stop()
    assert all("ZeroDivisionError" in warnings[0] for warnings in seen[3:])
