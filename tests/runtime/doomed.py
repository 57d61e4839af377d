"""A sender in a process of its own, which dies at a point of the protocol; split off one that has read our code."""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import os

from sojourn.runtime.channels.smtp import Server, Smtp
from sojourn.runtime.clock import ManualClock
from sojourn.storage import faults
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import NOW, outbox

SENDERS = 4
LASTS_S = 60

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


def send(url: str, port: int, point: str = "", after: int = 1) -> int:
    """Send all that is due, or die when ``point`` has come this often; how the process ended."""
    process = _processes.Process(target=_work, args=(url, port, point, after))
    process.start()
    process.join(LASTS_S)
    if process.is_alive():
        process.kill()
        process.join()
        raise TimeoutError(f"the sender was not through after {LASTS_S} s")
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _work(url: str, port: int, point: str, after: int) -> None:
    os.environ |= {"SOJOURN_FAIL_POINT": point, "SOJOURN_FAIL_AFTER": str(after)}
    importlib.reload(faults)
    db = Database(url)

    async def go() -> None:
        box = outbox(db, Smtp(Server("127.0.0.1", port, starttls=False)), ManualClock(NOW), senders=SENDERS, lease=5)
        while await box.run_once():
            pass
        await box.close()

    asyncio.run(go())
    db.close()
