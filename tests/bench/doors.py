"""How fast events come in while the engine runs, and how soon an instance answers."""

from __future__ import annotations

import subprocess
import sys
import time

from . import ingest, server
from .figures import Figure

SECONDS = 8


def _ingest(name: str, batch: int) -> list[Figure]:
    with server.bare() as bare:
        limit = ingest.measure(bare.url, "none", SECONDS / 2, batch)
    with server.instance() as (home, key), server.serving(home) as running:
        got = ingest.measure(running.url, key, SECONDS, batch)
        memory = running.process.memory_info().rss // 2**20
    if got["refused"]:
        raise SystemExit(f"{got['refused']:.0f} requests were refused")
    more = {"p50_ms": round(got["p50_ms"], 1), "p99_ms": round(got["p99_ms"], 1), "memory_mb": memory}
    return [Figure(name, got["events_per_s"], "events/s", limit["events_per_s"], more)]


def single() -> list[Figure]:
    """One event a request, the limit being a server that only reads them."""
    return _ingest("ingest.single", 1)


def batch() -> list[Figure]:
    """A hundred events a request, the limit being a server that only reads them."""
    return _ingest("ingest.batch", 100)


def start() -> list[Figure]:
    """Seconds from the command to the first answer, the limit being the import of what it stands on."""
    with server.instance() as (home, _), server.serving(home) as running:
        took, cpu = running.started_s, running.cpu_s
        memory = running.process.memory_info().rss // 2**20
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import nicegui, sqlmodel, plotly, uvicorn"], check=True)
    limit = time.monotonic() - began
    return [Figure("start", took, "s", limit, {"cpu_s": round(cpu, 2), "memory_mb": memory})]
