"""`sojourn demo` as a newcomer runs it: one command, a link, a key, a letter, and an orderly end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from sojourn.runtime.channels import inbox

# The command itself, with forty people and no first days: the test need not see them.
SMALL = """
from functools import partial
from sojourn.app import cli, demo
demo.prepare = partial(demo.prepare, people=40, days=0)
cli.main()
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_one_command_opens_the_shop_and_letters_arrive(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    command = [sys.executable, "-c", SMALL, "demo", "--home", str(home), "--port", str(port), "--no-browser"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SOJOURN_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean) as running:
        try:
            assert running.stdout
            said = ""
            for line in running.stdout:
                said += line
                if "Sojourn runs at" in line:
                    break
            assert str(home) in said and "demo@example.com with the password" in said
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
                link, key = re.findall(r"/demo/\S+", said)[0], re.findall(r"wk_\S+", said)[0]
                _wait(lambda: _answers(browser))
                assert browser.get(link).headers["location"] == "/journeys"
                assert browser.get("/mailbox").status_code == 200
                traits = {"email": "you@example.com", "first_name": "You", "consents": {"email": {"marketing": True}}}
                batch = [
                    {"type": "identify", "userId": "you", "traits": traits},
                    {"type": "track", "userId": "you", "event": "subscribed"},
                ]
                assert browser.post("/v1/batch", json={"batch": batch}, auth=(key, "")).json()["stored"] == 2
                _wait(lambda: inbox.letters(home / "inbox", "you@example.com"))
            [letter] = inbox.letters(home / "inbox", "you@example.com")
            assert letter.subject == "Welcome to the trail, You"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(20)
    assert running.returncode in (0, 130), said


def _answers(browser: httpx.Client) -> bool:
    try:
        return browser.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)
