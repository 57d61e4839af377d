"""A server for tests: a real instance with a little data, in a process of its own. Run: stage.py HOME PORT."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from sojourn.app.instance import Instance
from sojourn.app.main import create_app
from sojourn.app.passwords import hash_password
from sojourn.storage import users

OWNER, VIEWER, PASSWORD = "owner@example.com", "viewer@example.com", "correct horse battery"


class Quiet:
    """A runtime at rest: pages are looked at, nothing moves."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def nudge(self) -> None: ...

    def warnings(self) -> list[str]:
        return ["The mail server at 127.0.0.1:2525 has not answered for 4 minutes; 12 letters wait."]

    async def advance(self, ms: int) -> None:
        self._instance.clock.set(self._instance.clock.now_ms() + ms)  # type: ignore[attr-defined]


def people(instance: Instance) -> None:
    """An owner and a viewer, unless there are some."""
    hashed, now = hash_password(PASSWORD), instance.clock.now_ms()

    def job(tx):
        if not users.any_user(tx):
            users.add_user(tx, OWNER, hashed, "one", now, name="Olga Owner")
            users.add_user(tx, VIEWER, hashed, "one", now, role="viewer")

    instance.db.write(job)


def main(home: Path, port: int, populated: bool) -> None:
    instance = Instance.create(home, port=port, clock="manual")
    instance.__dict__["runtime"] = Quiet(instance)
    if populated:
        people(instance)
    uvicorn.run(create_app(instance), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "--empty" not in sys.argv)
