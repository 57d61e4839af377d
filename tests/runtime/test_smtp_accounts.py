"""Several mail servers: who carries what, what each may carry in an hour, and what comes back by return paths."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sojourn.runtime import account_test, accounts, settings
from sojourn.runtime.accounts import AccountProblem, Given, open_account
from sojourn.runtime.bounces.intake import paths_of, take_in
from sojourn.runtime.channels.channel import Parcel, open_all
from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.channels.switchboard import Switchboard
from sojourn.runtime.content.letters import Letters
from sojourn.runtime.content.rendered import Rendered
from sojourn.runtime.content.verp import read_return_path, return_path
from sojourn.runtime.deliverability import warm_up
from sojourn.runtime.outbox import Outbox
from sojourn.runtime.program import ProgramShelf
from sojourn.storage import warm_ups
from sojourn.storage.accounts import named
from sojourn.storage.database import Database

from .bad_post import BadPost
from .post import BRAND, LINKS, NOW, Post, journey, message, outbox, states
from .returned import dsn
from .test_house_outbox import house

HOUR = 3_600_000


@pytest.fixture
def posts() -> Iterator[tuple[Post, Post]]:
    with ExitStack() as stack:
        made = Post().start(), Post().start()
        for post in made:
            stack.callback(post.stop)
        yield made


def server(name: str, post: Post, **more: Any) -> dict[str, Any]:
    settings = {"host": "127.0.0.1", "port": post.port, "security": "none", **more}
    return {"name": name, "medium": "email", "carrier": "smtp", "settings": settings}


def change(parts: Any, given: dict[str, Any]) -> None:
    parts.db.write(lambda tx: accounts.keep(tx, parts, Given.model_validate(given), "ann", NOW))


def opened(parts: Any, name: str) -> Any:
    return open_account(parts, parts.db.look(lambda tx: named(tx, name)))


async def sent(parts: Any, times: int = 1) -> None:
    board = Switchboard(open_all(accounts.tools(parts)), parts.db, accounts.opener(parts))
    box = Outbox(parts.db, parts.clock, board, Letters(LINKS), lambda: BRAND, "test")
    for _ in range(times):
        await box.run_once()
    await box.close()


def by_account(db: Database) -> dict[str | None, int]:
    return dict(db.look(lambda tx: tx.rows("SELECT account, COUNT(*) FROM messages GROUP BY account")))


def test_the_next_server_takes_over_where_one_is_away(db: Database, tmp_path: Path, posts: tuple[Post, Post]) -> None:
    first, second = posts
    parts = house(db, tmp_path, server("first", first), server("second", second))
    first.stop()
    journey(db, 30)
    asyncio.run(sent(parts))
    first.start()
    assert states(db) == {"sent": 30} and by_account(db) == {"second": 30}
    assert len(second.to()) == len(set(second.to())) == 30


def test_each_server_gets_the_letters_it_is_for(db: Database, tmp_path: Path, posts: tuple[Post, Post]) -> None:
    owed = server("owed", posts[0], kinds=["transactional"])
    gmail = server(
        "large", posts[0], receivers=["gmail", "big.example.com"], topics=["news"], sender_domains=["example.com"]
    )
    parts = house(db, tmp_path, owed, gmail)
    a_letter = Parcel(1, "ann@googlemail.com", Rendered("Hi"), BRAND, topic="news", kind="marketing", journey="cart")
    assert opened(parts, "large").serves(a_letter) and not opened(parts, "owed").serves(a_letter)
    assert opened(parts, "owed").serves(replace(a_letter, kind="transactional"))
    assert opened(parts, "large").serves(replace(a_letter, to="bob@big.example.com"))
    for other in (
        replace(a_letter, to="bob@example.org"),
        replace(a_letter, topic="offers"),
        replace(a_letter, brand=replace(BRAND, sender_address="shop@example.org")),
    ):
        assert not opened(parts, "large").serves(other)


def test_what_an_account_may_send_in_an_hour_is_counted_for_all_processes(
    db: Database, tmp_path: Path, posts: tuple[Post, Post]
) -> None:
    parts = house(db, tmp_path, server("small", posts[0], per_hour=25, per_day=40))
    journey(db, 60)
    asyncio.run(sent(parts))
    asyncio.run(sent(parts))  # another process
    assert states(db) == {"sent": 25, "queued": 35}
    parts.clock.set(NOW + HOUR)
    asyncio.run(sent(parts))
    assert states(db) == {"sent": 40, "queued": 20}, "the day is full"
    parts.clock.set(NOW + 24 * HOUR)
    asyncio.run(sent(parts))
    parts.clock.set(NOW + 25 * HOUR)
    asyncio.run(sent(parts))
    assert states(db) == {"sent": 60} and len(set(posts[0].to())) == len(posts[0].letters) == 60


def test_a_secret_does_not_follow_an_account_to_another_server(
    db: Database, tmp_path: Path, posts: tuple[Post, Post]
) -> None:
    own = server("own", posts[0], user="shop", password="hush")
    parts = house(db, tmp_path, own)
    change(parts, server("own", posts[0], user="shop", connections=2))
    with pytest.raises(AccountProblem, match="give `password` again"):
        change(parts, server("own", posts[1], user="shop"))
    crm = {"name": "crm", "medium": "webhook", "carrier": "http"}
    change(parts, {**crm, "settings": {"url": "https://crm.example.com/a", "token": "hush"}})
    change(parts, {**crm, "settings": {"url": "https://crm.example.com/b"}})
    with pytest.raises(AccountProblem, match="give `token` again"):
        change(parts, {**crm, "settings": {"url": "https://evil.example.org/a"}})
    change(parts, server("own", posts[1], user="shop", password="hush"))
    row = db.look(lambda tx: named(tx, "own"))
    assert row is not None and "hush" not in str(row.settings) and "hush" not in row.sealed


def test_an_account_is_tried_and_says_what_is_wrong(db: Database, tmp_path: Path, posts: tuple[Post, Post]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = f"127.0.0.1:{free.getsockname()[1]}"
    nobody = server("away", posts[0])
    nobody["settings"] |= {"host": "127.0.0.1", "port": int(away.partition(":")[2])}
    parts = house(db, tmp_path, server("own", posts[0]), server("locked", posts[0], user="shop", password="x"), nobody)
    db.write(lambda tx: settings.save(tx, "sender_address", "news@example.com"))

    def tried(name: str) -> account_test.Said:
        return asyncio.run(account_test.send(parts, name, "me@example.com", "Hello <you>", "ann"))

    assert tried("own").ok and b"Hello &lt;you&gt;" in posts[0].letters[0][1]
    assert tried("away").words == (
        f"Nothing was sent: the mail server at {away} takes no letter: nothing listens there; see that it runs, and "
        "that host and port are right."
    )
    assert "password" in tried("locked").words or "AUTH" in tried("locked").words
    parts.config["private_hosts"] = []
    assert "private network" in tried("own").words


def test_a_letter_that_comes_back_to_its_own_return_path_is_found_by_it(
    db: Database, tmp_path: Path, posts: tuple[Post, Post]
) -> None:
    parts = house(db, tmp_path, server("own", posts[0], return_path="bounces.example.com"))
    parts.shelf = ProgramShelf()
    journey(db, 2)
    db.write(lambda tx: tx.run("DELETE FROM events"))
    asyncio.run(sent(parts))
    assert sorted(posts[0].senders) == [
        return_path(n, parts.secrets.derive("return paths"), "bounces.example.com") for n in (1, 2)
    ]
    back = posts[0].senders[[to for to, _ in posts[0].letters].index("u2@example.com")]
    told = dsn("someone@elsewhere.example.org", "5.1.1", "550 5.1.1 user unknown")  # forwarded: another address
    raw = told.replace(b"To: shop@example.com", f"To: {back.upper()}".encode())
    (one,) = take_in(db, parts.shelf, parts.clock, raw, paths_of(parts))
    assert "not written to again" in one.done and message(db, 2)[0] == "failed" and message(db, 1)[0] == "sent"
    assert db.look(lambda tx: tx.rows("SELECT address FROM suppressions")) == [("u2@example.com",)]


def test_an_address_that_was_corrected_meanwhile_is_not_blamed_for_the_old_one(
    db: Database, tmp_path: Path, posts: tuple[Post, Post]
) -> None:
    parts = house(db, tmp_path, server("own", posts[0], return_path="bounces.example.com"))
    parts.shelf = ProgramShelf()
    journey(db, 1)
    db.write(lambda tx: tx.run("DELETE FROM events"))
    asyncio.run(sent(parts))
    ((_, letter),) = posts[0].letters
    (found,) = re.findall(rb"^Message-ID: *<([^>]+)>", letter, re.M | re.I)
    db.write(lambda tx: tx.run("UPDATE contacts SET email = 'corrected@example.com'"))
    told = dsn("u1@example.com", "5.1.1", "550 5.1.1 user unknown", letter=found.decode())
    take_in(db, parts.shelf, parts.clock, told.replace(b"To: shop@example.com", f"To: {posts[0].senders[0]}".encode()),
            paths_of(parts))  # fmt: skip
    assert db.look(lambda tx: tx.rows("SELECT address FROM suppressions")) == [("u1@example.com",)]


@pytest.mark.parametrize("domain", ["bounces.example.com", "bounces@example.com", "b" * 27 + "@example.com"])
def test_a_return_path_is_read_in_any_case_and_made_by_nobody_else(domain: str) -> None:
    path = return_path(12_345, b"secret", domain)
    assert read_return_path(path, b"secret") == read_return_path(path.upper(), b"secret") == 12_345
    assert len(return_path(2**63 - 1, b"secret", domain).partition("@")[0]) <= 64
    assert read_return_path(path, b"other") is None
    assert read_return_path(path.replace("12345", "12346"), b"secret") is None
    for other in ("", "b-1@example.com", "b-0-aaaaaaaaaaaaaaaa@example.com", "shop@example.com", "b-1-ž@example.com"):
        assert read_return_path(other, b"secret") is None


def test_a_server_that_says_421_and_hangs_up_is_heard(db: Database) -> None:
    """The answer came together with the end of the connection, while the next letter was announced."""
    post = BadPost(rcpt=lambda address, before: "421 4.7.28 too many letters" if before == 0 else "250 OK").start()
    journey(db, 8)
    try:
        asyncio.run(_once(db, post))
    finally:
        post.kill()
    assert states(db) == {"queued": 8} and post.taken == []
    reasons = db.look(lambda tx: tx.rows("SELECT reason FROM decisions WHERE verdict = 'retry'"))
    assert reasons and all("example.com asked us to slow down" in reason for (reason,) in reasons)


async def _once(db: Database, post: BadPost) -> None:
    box = outbox(db, Smtp(Server("127.0.0.1", post.port, starttls=False, connections=1)), senders=1)
    await box.run_once()
    await box.close()


def test_a_server_for_what_is_owed_opens_no_way_to_marketing(
    db: Database, tmp_path: Path, posts: tuple[Post, Post]
) -> None:
    """The usual pair: one server for marketing, whose letters of today are used up, and one for what is owed."""
    bulk, owed = posts
    parts = house(
        db, tmp_path, server("bulk", bulk, kinds=["marketing"]), server("owed", owed, kinds=["transactional"])
    )
    bulk.stop()  # and whoever tried would find it closed
    journey(db, 60)
    plan = db.write(lambda tx: warm_up.begin(tx, "ann", NOW, account="bulk", start=1, target=100, days=10))
    db.write(lambda tx: warm_ups.keep(tx, plan.day, [(10_000, plan.id or 0, "other")]))
    asyncio.run(sent(parts))
    bulk.start()
    due = db.look(lambda tx: tx.value("SELECT count(*) FROM messages WHERE due_at <= ?", (NOW + HOUR,)))
    assert (states(db), due, owed.to()) == ({"queued": 60}, 0, [])
    reasons = db.look(lambda tx: tx.rows("SELECT DISTINCT reason FROM messages"))
    assert len(reasons) == 1 and "used up" in reasons[0][0]


def test_a_letter_goes_by_whichever_account_has_room_today(
    db: Database, tmp_path: Path, posts: tuple[Post, Post]
) -> None:
    """The first of two is warmed up, and takes its letters of today; the other one takes the rest, and none waits."""
    parts = house(db, tmp_path, server("a", posts[0], connections=1), server("b", posts[1]))
    journey(db, 90)
    plan = db.write(lambda tx: warm_up.begin(tx, "ann", NOW, account="a", start=25, target=100, days=10))
    asyncio.run(sent(parts, 3))
    assert states(db) == {"sent": 90} and by_account(db) == {"a": 25, "b": 65}
    assert db.look(lambda tx: warm_ups.history(tx, plan.id or 0)) == [(plan.day, 25, 25)]
    assert len(set(posts[0].to()) | set(posts[1].to())) == 90


def test_an_account_that_may_not_carry_a_letter_is_no_way_for_it(
    db: Database, tmp_path: Path, posts: tuple[Post, Post]
) -> None:
    """Only those of the other journey could go by the open account: the letters wait, and nobody is called for them."""
    own, other = server("own", posts[0]), server("other", posts[1], journeys=["another"])
    parts = house(db, tmp_path, own, other)
    journey(db, 40)
    plan = db.write(lambda tx: warm_up.begin(tx, "ann", NOW, account="own", start=1, target=100, days=10))
    db.write(lambda tx: warm_ups.keep(tx, plan.day, [(10_000, plan.id or 0, "other")]))
    before = [post.connections for post in posts]
    asyncio.run(sent(parts))
    assert (states(db), by_account(db)) == ({"queued": 40}, {None: 40})
    assert [post.connections for post in posts] == before
    reasons = db.look(lambda tx: tx.rows("SELECT DISTINCT reason FROM messages"))
    assert len(reasons) == 1 and "used up" in reasons[0][0]
