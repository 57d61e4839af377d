"""The sender is killed at every point of the protocol: nothing arrives twice, nothing is lost in silence."""

from __future__ import annotations

from collections import Counter

import pytest

from sojourn.storage.database import Database
from sojourn.tests.runtime.doomed import SENDERS, send
from sojourn.tests.runtime.post import Post, journey, states

POINTS = ["after_claim", "before_data", "before_commit", "after_commit", "after_mark", "after_dot", "after_250"]


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_started_again(db: Database, database_url: str, point: str) -> None:
    journey(db, 40)
    post = Post().start()
    try:
        kills = 0
        for after in (1 if point == "after_claim" else 5, 0):  # a lease is large: there is one of them
            ended = send(database_url, post.port, point if after else "", after)
            kills += ended == -9
            assert ended in (-9, 0)
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
