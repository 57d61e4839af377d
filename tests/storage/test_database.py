"""The one write door: group commit, savepoints, bulk verbs, on both stores."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sojourn.storage.database import Database, Tx
from sojourn.storage.doors import WriteInsideWrite
from sojourn.storage.users import Setting


def put(key: str, value: object):
    return lambda tx: tx.session.add(Setting(key=key, value=value))


def keys(db: Database) -> set[str]:
    return {key for (key,) in db.look(lambda tx: tx.rows("SELECT key FROM settings"))}


def test_a_failed_job_takes_back_only_itself(db: Database) -> None:
    def fails(tx: Tx) -> None:
        tx.session.add(Setting(key="bad", value=1))
        tx.session.flush()
        raise ValueError("no")

    with ThreadPoolExecutor(8) as pool:
        good = [pool.submit(db.write, put(f"good{n}", n)) for n in range(40)]
        bad = [pool.submit(db.write, fails) for _ in range(5)]
        for future in good:
            future.result()
        for future in bad:
            with pytest.raises(ValueError, match="no"):
                future.result()
    assert keys(db) == {f"good{n}" for n in range(40)}


def test_what_follows_a_commit_is_forgotten_with_a_rollback(db: Database) -> None:
    told: list[str] = []

    def job(tx: Tx, fail: bool) -> None:
        tx.afterwards(lambda: told.append("failed" if fail else "kept"))
        if fail:
            raise ValueError

    db.write(lambda tx: job(tx, False))
    with pytest.raises(ValueError):
        db.write(lambda tx: job(tx, True))
    assert told == ["kept"]


def test_bulk_verbs(db: Database) -> None:
    def job(tx: Tx) -> list[tuple[object, ...]]:
        tx.insert("walks", "enrollment_id,seq,path_id,at", [(n, 0, 1, n * 10) for n in range(100)])
        tx.insert("paths", "id,version_id,steps", [(1, 1, "a"), (2, 1, "b?%")])
        tx.update("paths", ["steps", "version_id"], [("c'?%", 7, 1), ("d", 8, 2)], "text,bigint")
        among, ids = tx.among([3, 5, 99, 400])
        return tx.rows(f"SELECT enrollment_id FROM walks WHERE enrollment_id {among} ORDER BY 1", (ids,))

    assert db.write(job) == [(3,), (5,), (99,)]
    assert db.look(lambda tx: tx.rows("SELECT id, version_id, steps FROM paths ORDER BY id")) == [
        (1, 7, "c'?%"),
        (2, 8, "d"),
    ]


def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        db.look(lambda tx: tx.run("DELETE FROM settings"))


def test_writes_from_an_event_loop(db: Database) -> None:
    async def many() -> None:
        await asyncio.gather(*(db.awrite(put(f"k{n}", {"n": n}), durable=n % 2 == 0) for n in range(50)))

    asyncio.run(many())
    assert len(keys(db)) == 50


def test_a_write_job_may_not_wait_for_another(db: Database) -> None:
    if db.postgres:
        return  # plain transactions there: a second one is a second connection
    with pytest.raises(WriteInsideWrite):
        db.write(lambda tx: db.write(put("x", 1)))


@pytest.mark.parametrize("by_session", [False, True])
def test_a_full_disk_takes_back_everything_says_so_and_is_forgotten(db: Database, by_session: bool) -> None:
    if db.postgres:
        return  # the disk is the server's there

    def big(tx: Tx) -> None:
        if by_session:
            tx.session.add(Setting(key="big", value="x" * 50_000))
            tx.session.flush()
        else:
            tx.run("INSERT INTO settings (key, value) VALUES ('big', ?)", ("1" * 50_000,))

    def pages(most: int) -> None:
        db.write(lambda tx: tx.run(f"PRAGMA max_page_count = {most}"))

    db.write(put("before", 1))
    pages(db.look(lambda tx: tx.value("PRAGMA page_count")) + 2)
    held, begun = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:  # alone in its group, so that the others become one
        begun.set()
        held.wait(5)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(db.write, hold)
        assert begun.wait(5)
        jobs = [pool.submit(db.write, job) for job in (put("a", 1), big, put("b", 1))]
        held.set()
        first.result()
        for job in jobs:
            if error := job.exception():
                assert "disk is full" in str(error)
        assert jobs[1].exception()
    pages(1_000_000)
    db.write(big)
    assert {"before", "big"} <= keys(db)


def test_what_cannot_be_in_a_transaction_waits_for_those_before_it(db: Database) -> None:
    db.write(lambda tx: tx.run("CREATE TABLE words (word TEXT)"))
    first = [
        db._door.submit(lambda tx, n=n: tx.run("INSERT INTO words VALUES (?)", (str(n),)), False) for n in range(9)
    ]
    db.outside(lambda driver: driver.execute("VACUUM"))
    assert all(one.result() for one in first)
    assert db.look(lambda tx: tx.value("SELECT count(*) FROM words")) == 9


def test_a_failure_outside_a_transaction_reaches_whoever_asked(db: Database) -> None:
    with pytest.raises(Exception, match="nowhere"):
        db.outside(lambda driver: driver.execute("SELECT * FROM nowhere"))
    assert db.write(lambda tx: tx.value("SELECT 1")) == 1
