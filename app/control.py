"""How a command asks the process that runs the instance to do something in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from . import lock


class ControlProblem(Exception):
    """The running instance did not do what it was asked; the message says why."""


def ask(home: Path, verb: str, **what: Any) -> dict[str, Any] | None:
    """Ask the server of this home; None when none runs. Waits as long as it takes."""
    running = lock.running(home)
    if running is None:
        return None
    if not running.port:
        raise ControlProblem(f"`sojourn {running.what}` is busy with {home}: wait until it is done.")
    host = f"[{running.host}]" if ":" in running.host else running.host
    request = Request(
        f"http://{host}:{running.port}/-/control/{verb}",
        data=json.dumps(what).encode(),
        headers={"Authorization": f"Bearer {running.token}", "Content-Type": "application/json"},
    )
    try:
        with build_opener(ProxyHandler({})).open(request) as answer:
            return json.load(answer)
    except HTTPError as error:
        said = error.read().decode(errors="replace")
        try:
            said = json.loads(said)["error"]
        except (ValueError, KeyError, TypeError):
            said = f"It answered {error.code}."
        raise ControlProblem(said) from None
    except (URLError, OSError) as error:
        raise ControlProblem(
            f"The server on port {running.port} (process {running.pid}) does not answer ({error}): "
            "wait until it has started, or stop it."
        ) from None
