"""The sender is killed at every point of the protocol: nothing arrives twice, nothing is lost in silence."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter

import pytest

from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.clock import ManualClock
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import NOW, Post, journey, outbox, states

POINTS = ["after_claim", "before_data", "before_commit", "after_commit", "after_mark", "after_dot", "after_250"]
SENDERS = 4


def work(url: str, port: int) -> None:
    """What the process that is killed does."""
    db = Database(url)

    async def go() -> None:
        box = outbox(db, Smtp(Server("127.0.0.1", port, starttls=False)), ManualClock(NOW), senders=SENDERS, lease=5)
        while await box.run_once():
            pass
        await box.close()

    asyncio.run(go())
    db.close()


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_started_again(db: Database, database_url: str, point: str) -> None:
    journey(db, 40)
    post = Post().start()
    try:
        kills = 0
        for after in (1 if point == "after_claim" else 5, 0):  # a lease is large: there is one of them
            environment = {**os.environ, "SOJOURN_FAIL_POINT": point if after else "", "SOJOURN_FAIL_AFTER": str(after)}
            done = subprocess.run([sys.executable, __file__, database_url, str(post.port)], env=environment, timeout=60)
            kills += done.returncode == -9
            assert done.returncode in (-9, 0)
        assert kills
        arrived = Counter(post.to())
        assert max(arrived.values()) == 1
        found = states(db)
        assert set(found) <= {"sent", "in_doubt"}
        assert sum(found.values()) == 40
        assert found.get("in_doubt", 0) <= SENDERS * kills
        assert found["sent"] <= len(arrived) <= 40
        waiting = db.look(lambda tx: tx.value("SELECT COUNT(*) FROM enrollments WHERE outbox = 1"))
        assert waiting == 0
    finally:
        post.stop()


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
