"""`make soak ONLY=kill`: kill -9 at random and at every fail point; nobody is lost, nobody gets a letter twice."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from sojourn.nodes.registry import node_types
from sojourn.nodes.step import Batch
from sojourn.runtime import settings
from sojourn.runtime.clock import Clock, SystemClock
from sojourn.runtime.program import ProgramShelf
from sojourn.runtime.service import Runtime
from sojourn.storage import walking
from sojourn.storage.database import Database, sqlite_url
from sojourn.storage.tables import metadata

from ..bench import postgres, workload

SENDERS = 4
FAIL_POINTS = (
    "mid_walk", "before_commit", "after_commit", "after_claim", "before_data", "after_mark", "after_dot", "after_250",
)  # fmt: skip


def journey() -> dict[str, Any]:
    """Letter A or B, a second's rest, for four in ten another letter."""
    content = workload.journey("kill")
    nodes = content["nodes"]
    nodes["pause"] = {"kind": "wait", "settings": {"amount": 0.02, "unit": "minutes"}, "next": {"next": "opened"}}
    variants = [{"name": "yes", "weight": 40}, {"name": "no", "weight": 60}]
    nodes["opened"] = {
        "kind": "random_split", "settings": {"variants": variants}, "next": {"yes": "cap", "no": "out"},
    }  # fmt: skip
    return content


def expected(content: dict[str, Any], count: int) -> int:
    """How many letters there must be, by the split's own word."""
    everybody = list(range(1, count + 1))
    passed = [n for n in everybody if workload.COUNTRIES[n * 2654435761 % 5] != "IT"]
    spec = content["nodes"]["opened"]
    split = node_types()[spec["kind"]]("opened", spec["settings"])
    answers = split.step(Batch(0, "opened", list(range(len(passed))), passed, passed, passed))
    return len(passed) + sum(len(rows) for answer, rows in answers if getattr(answer, "port", "") == "yes")


@dataclass
class Parts:
    """What a runtime works on, without the rest of an instance."""

    db: Database
    config: dict[str, Any]
    clock: Clock = field(default_factory=SystemClock)
    shelf: ProgramShelf = field(default_factory=ProgramShelf)
    secrets: Any = None

    def __post_init__(self) -> None:
        self.secrets = self

    def derive(self, purpose: str) -> bytes:
        return purpose.encode().ljust(32, b"0")

    def open(self, sealed: str) -> str:
        return sealed


def live(url: str, smtp_url: str, worker: str, ready: Path) -> NoReturn:
    """One worker's life: the runtime exactly as an instance runs it."""
    Runtime(Parts(Database(url), {"smtp_url": smtp_url, "senders": SENDERS}), worker).start()
    ready.touch()
    while True:
        time.sleep(1)


class Harness:
    """Starts workers, kills them, and counts what came of it."""

    def __init__(self, url: str, folder: Path, contacts: int, workers: int) -> None:
        self.url, self.folder, self.contacts, self.workers = url, folder, contacts, workers
        self.content = journey()
        self.lives = 0
        self.running: list[int] = []

    def prepare(self) -> None:
        db = Database(self.url)
        db.write(lambda tx: metadata.create_all(tx.connection))
        workload.people(db, self.contacts)
        db.write(lambda tx: workload.publish(tx, self.content))
        workload.enroll(db, self.content, self.contacts)
        db.write(lambda tx: settings.save(tx, "sender_address", "shop@example.com"))
        db.close()
        self.log = self.folder / "sink.log"
        self.log.touch()
        port = self.folder / "port"
        sink = [sys.executable, "-m", "tests.soak.sink", str(port), str(self.log)]
        self.sink = subprocess.Popen(sink)
        while not (port.exists() and port.read_text()):
            time.sleep(0.02)
        self.smtp_url = f"smtp://127.0.0.1:{port.read_text()}?connections={SENDERS}"

    def spawn(self, fail_point: str = "") -> None:
        self.lives += 1
        ready = self.folder / f"ready{self.lives}"
        pid = os.fork()
        if pid == 0:
            from sojourn.storage import faults

            faults._fail_at, faults._fail_in = fail_point, random.randint(1, 12)
            try:
                live(self.url, self.smtp_url, f"w{self.lives}", ready)
            finally:
                os._exit(1)
        until = time.monotonic() + 30
        while not ready.exists() and time.monotonic() < until and not self._gone(pid):
            time.sleep(0.01)
        self.running.append(pid)

    def _gone(self, pid: int) -> bool:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.running.remove(pid)

    def torment(self, kills: int) -> int:
        """Half of the kills at random moments, half at fail points in turn."""
        done = 0
        while done < kills:
            fail_point = FAIL_POINTS[done // 2 % len(FAIL_POINTS)] if done % 2 else ""
            while len(self.running) < self.workers:
                self.spawn(fail_point)
            victim = random.choice(self.running) if not fail_point else self.running[-1]
            until = time.monotonic() + (2.0 if fail_point else random.uniform(0.05, 0.8))
            while time.monotonic() < until and not self._gone(victim):
                time.sleep(0.01)
            self.kill(victim)
            done += 1
        return done

    def finish(self, seconds: float = 300) -> bool:
        """Let it run in peace until nothing is left to do."""
        while len(self.running) < self.workers:
            self.spawn()
        db = Database(self.url)
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                left = db.look(
                    lambda tx: (
                        tx.value("SELECT count(*) FROM enrollments WHERE ended_at IS NULL")
                        + tx.value("SELECT count(*) FROM messages WHERE status IN ('queued', 'leased', 'sending')")
                    )
                )
                if not left:
                    return True
                time.sleep(0.2)
            return False
        finally:
            db.close()

    def count(self, kills: int, finished: bool) -> dict[str, Any]:
        db = Database(self.url)
        rows = db.look(lambda tx: tx.rows("SELECT id, status FROM messages"))
        stray = db.look(walking.stray)
        walks = db.look(
            lambda tx: tx.value(
                "SELECT count(*) FROM enrollments e WHERE e.seq <>"
                " (SELECT count(*) FROM walks w WHERE w.enrollment_id = e.id)"
            )
        )
        caps = db.look(lambda tx: tx.value("SELECT coalesce(sum(n), 0) FROM caps"))
        alive = db.look(lambda tx: tx.value("SELECT count(*) FROM enrollments WHERE ended_at IS NULL"))
        db.close()
        arrived = Counter(int(line) for line in self.log.read_text().split())
        status = {str(number): word for number, word in rows}
        in_doubt = [number for number, word in rows if word == "in_doubt"]
        wanted = expected(self.content, self.contacts)
        unsent = [number for number, word in rows if word != "in_doubt" and number not in arrived]
        return {
            "kills": kills,
            "expected": wanted,
            "at_sink": sum(arrived.values()),
            "duplicates": sum(times - 1 for times in arrived.values()),
            "lost": max(0, wanted - len(rows)) + len(unsent) + len(stray) + alive,
            "in_doubt": len(in_doubt),
            "in_doubt_arrived": sum(number in arrived for number in in_doubt),
            "unknown_at_sink": sum(str(number) not in status for number in arrived),
            "messages": len(rows),
            "walks_wrong": walks,
            "caps_wrong": int(caps) - len(rows),
            "finished": finished,
        }

    def close(self) -> None:
        for pid in list(self.running):
            self.kill(pid)
        self.sink.kill()
        self.sink.wait()


def run(store: str, kills: int, contacts: int) -> dict[str, Any]:
    """One whole run; the answer is what is printed."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="sojourn-kill-"))
        stack.callback(shutil.rmtree, folder, True)
        if store == "sqlite":
            url = sqlite_url(folder / "kill.db")
        else:
            url = stack.enter_context(postgres.server()).make()
        harness = Harness(url, folder, contacts, workers=1 if store == "sqlite" else 2)
        harness.prepare()
        stack.callback(harness.close)
        done = harness.torment(kills)
        return {"name": "kill", "store": store, **harness.count(done, harness.finish())}


def holds(result: dict[str, Any]) -> bool:
    """P1 and P2 of the promises."""
    clean = ("duplicates", "lost", "unknown_at_sink", "walks_wrong", "caps_wrong")
    in_time = result["finished"] and result["messages"] == result["expected"]
    return in_time and not any(result[key] for key in clean) and result["in_doubt"] <= SENDERS * result["kills"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--contacts", type=int, default=0, help="0: as many as keep the workers busy")
    given = parser.parse_args()
    result = run(given.store, given.kills, given.contacts or max(400, given.kills * 80))
    print(json.dumps(result))
    raise SystemExit(0 if holds(result) else 1)


if __name__ == "__main__":
    main()
