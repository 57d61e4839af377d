"""`sojourn clock`: how late it is in an instance, and letting time pass where it stands still."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Annotated

import typer

from ...runtime.numbers import counted
from ..control import ask
from .common import Home, Refused, home_folder, moment, opened, progress, say

app = typer.Typer(no_args_is_help=True, help="The clock of an instance made with `--clock manual`.")

UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@app.command()
def show(home: Home = None) -> None:
    """How late it is, in UTC."""
    with opened(home) as instance:
        say(f"{moment(instance.clock.now_ms())} ({instance.config.clock})")


@app.command()
def advance(
    how_far: Annotated[str, typer.Argument(help="Like 36h, 90m, 3d or 1d12h.", metavar="DURATION")], home: Home = None
) -> None:
    """Let time pass: everything that comes due in between happens, in order, before this returns."""
    ms = milliseconds(how_far)
    folder = home_folder(home)
    done = ask(folder, "advance", ms=ms)
    if done is None:
        done = _here(folder, ms)
    say(f"It is {moment(done['now_ms'])}; {counted(done['messages'], 'message')} came to an end.")


def milliseconds(text: str) -> int:
    """The length of ``1d12h`` and the like. Raises Refused."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[smhdw])", text.replace(" ", "").lower())
    if not parts or "".join(number + unit for number, unit in parts) != text.replace(" ", "").lower():
        raise Refused(f"{text!r} is not a duration: write 36h, 90m, 3d or 1d12h.")
    return round(sum(float(number) * UNITS[unit] for number, unit in parts))


def _here(folder: Path, ms: int) -> dict[str, int]:
    from ..lock import HomeLock

    with opened(folder) as instance:
        lock = HomeLock(folder)
        lock.take("clock advance")
        try:
            instance.runtime.start()
            with progress("Time passes") as shown:
                moving = instance.runtime.advance(ms, lambda part: shown(part, 1.0))
                messages = asyncio.run(moving)
            return {"messages": messages, "now_ms": instance.clock.now_ms()}
        finally:
            instance.runtime.stop()
            lock.release()
