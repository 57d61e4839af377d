"""A process that has read all our code and makes servers of itself: one is up in a second, where reading takes six."""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path

GOES_WITHIN_S = 20.0
LASTS_S = 120  # a command at most
WRITTEN = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Warm:
    """The process, and the servers it has made of itself."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        atexit.register(self.close)

    def start(self, log: Path, *args: str) -> int:
        """A server of the stage with these arguments; returns its process number. What it says goes to the log."""
        return self._ask("start", str(log), *args)

    def runs(self, pid: int) -> bool:
        """Whether the server is still there."""
        return bool(self._ask("runs", str(pid)))

    def call(self, folder: Path, *words: str) -> int:
        """Run a command: `in` and `environ` in the folder are its own, `out` and `err` what it says; its answer."""
        return self._ask("call", str(folder), os.getcwd(), *words)

    def stop(self, pid: int) -> None:
        """Ask the server to go, and wait until it is gone."""
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + GOES_WITHIN_S
        while self.runs(pid):
            assert time.monotonic() < until, f"the server {pid} does not stop"
            time.sleep(0.02)

    def close(self) -> None:
        """For good; servers that are left go too."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(GOES_WITHIN_S)
        self._process.stdout.close()

    def _ask(self, *said: str) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(said).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@cache
def warm() -> Warm:
    """The one of this test process."""
    return Warm()


def become(log: str, run: Callable[[], None]) -> int:
    """Split off a server that runs this."""
    pid = os.fork()
    if pid:
        return pid
    try:
        nothing, said = os.open(os.devnull, os.O_RDONLY), os.open(log, WRITTEN)
        for here, there in ((nothing, 0), (said, 1), (said, 2)):
            os.dup2(here, there)
        run()
    except BaseException:  # a server must never come back into the loop it was split off from
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def answered(folder: Path, where: str, words: Sequence[str]) -> int:
    """The command as it is run in a process split off for it, to its end."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            for name, there, how in (("in", 0, os.O_RDONLY), ("out", 1, WRITTEN), ("err", 2, WRITTEN)):
                os.dup2(os.open(folder / name, how), there)
            signal.alarm(LASTS_S)
            code = _commanded(json.loads((folder / "environ").read_text("utf-8")), where, words)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _commanded(environ: Mapping[str, str], where: str, words: Sequence[str]) -> int:
    from sojourn.app import cli

    os.environ.clear()
    os.environ.update(environ)
    os.chdir(where)
    sys.stdin, sys.argv = os.fdopen(0, encoding="utf-8", closefd=False), ["sojourn", *words]
    try:
        cli.main()
    except SystemExit as over:
        return over.code if isinstance(over.code, int) else int(over.code is not None)
    return 0


def main() -> None:
    from sojourn import app, runtime
    from sojourn.tests.app import stage

    for room in (app, runtime):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            import_module(found.name)
    gc.freeze()
    servers: set[int] = set()
    for line in sys.stdin:
        what, *args = json.loads(line)
        if what == "start":
            log, home, port, *flags = args
            answer = become(log, partial(stage.main, Path(home), int(port), flags))
            servers.add(answer)
        elif what == "call":
            folder, where, *words = args
            answer = answered(Path(folder), where, words)
        else:
            pid = int(args[0])
            if pid in servers and os.waitpid(pid, os.WNOHANG)[0]:
                servers.discard(pid)
            answer = int(pid in servers)
        print(answer, flush=True)
    for pid in servers:
        os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
