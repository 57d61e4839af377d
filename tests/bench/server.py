"""A real instance served from a folder of its own, and a bare server to hold it against."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from sojourn.runtime.journey_file import write

from . import workload

SOJOURN = str(Path(sys.executable).with_name("sojourn"))
OWNER = "owner@example.com"
PASSWORD = "a long password\n"
BARE = """
import sys, orjson, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
async def take(request):
    body = orjson.loads(await request.body())
    return Response(b'{"stored": %d}' % len(body.get("batch", "1")), media_type="application/json")
routes = [Route("/v1/track", take, methods=["POST"]), Route("/v1/batch", take, methods=["POST"])]
routes.append(Route("/healthz", lambda request: Response(b"{}")))
uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="warning", access_log=False)
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. ``started_s`` is how long it took to, ``cpu_s`` the CPU it spent on it."""

    url: str
    process: psutil.Process
    started_s: float
    cpu_s: float


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def _running(command: list[str], port: int) -> Iterator[Running]:
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        while not _answers(url):
            if child.poll() is not None or time.monotonic() - began > 120:
                raise SystemExit(f"The server did not start: {' '.join(command[:4])} …")
            time.sleep(0.02)
        process = psutil.Process(child.pid)
        yield Running(url, process, time.monotonic() - began, sum(process.cpu_times()[:2]))
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def instance() -> Iterator[tuple[Path, str]]:
    """A home with the benchmark's journey live, and a write key."""
    home = Path(tempfile.mkdtemp(prefix="sojourn-bench-"))
    try:
        _sojourn(home, "init", "--owner-email", OWNER, "--owner-password-stdin", given=PASSWORD)
        content = workload.journey()
        content["nodes"]["start"]["settings"] = {"event": "added_to_cart", "reentry": "always"}
        journey = home / "bench.yaml"
        journey.write_text(write(content))
        _sojourn(home, "journeys", "import", str(journey), "--publish")
        yield home, _sojourn(home, "keys", "new", "--kind", "write").strip()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def add_journey(home: Path, text: str) -> None:
    """Put a journey in its written form beside the others, as a draft."""
    file = home / "added.yaml"
    file.write_text(text, "utf-8")
    _sojourn(home, "journeys", "import", str(file))


def _sojourn(home: Path, *words: str, given: str = "") -> str:
    environment = {**os.environ, "SOJOURN_HOME": str(home)}
    done = subprocess.run([SOJOURN, *words], input=given, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"sojourn {words[0]}: {done.stderr}")
    return done.stdout


@contextmanager
def serving(home: Path) -> Iterator[Running]:
    """`sojourn serve` on that home."""
    port = free_port()
    command = [SOJOURN, "serve", "--home", str(home), "--port", str(port)]
    with _running(command, port) as running:
        yield running


@contextmanager
def bare() -> Iterator[Running]:
    """A server that reads the body and answers, and does nothing else."""
    port = free_port()
    with _running([sys.executable, "-c", BARE, str(port)], port) as running:
        yield running
