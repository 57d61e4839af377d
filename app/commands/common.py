"""What commands share: which home, an open instance, tables and progress for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..instance import Instance

ACTOR = "command line"

Home = Annotated[
    Path | None,
    typer.Option("--home", envvar="SOJOURN_HOME", help="The instance's folder.", show_default="~/.sojourn"),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


class Refused(Exception):
    """A command cannot do what it was asked; the message says why and what to do."""


def home_folder(home: Path | None) -> Path:
    """The folder a command works on."""
    return (home or Path.home() / ".sojourn").expanduser().absolute()


@contextmanager
def opened(home: Path | None, **given: Any) -> Iterator[Instance]:
    """The instance, closed in the end."""
    from ..instance import Instance

    instance = Instance.open(home_folder(home), **given)
    try:
        yield instance
    finally:
        instance.close()


def say(text: str) -> None:
    """A line for the person at the terminal."""
    typer.echo(text)


def put(document: Any) -> None:
    """One JSON document on one line."""
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))


def moment(ms: int | None) -> str | None:
    """A moment as ISO 8601 in UTC."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Aligned columns; nothing that a person typed can move the cursor."""
    lines = [[*heads], *([_plain(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@contextmanager
def progress(title: str) -> Iterator[Callable[[float, float], None]]:
    """A bar on a terminal, nothing elsewhere: call it with done and total."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total or None)


def _plain(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return "".join(letter if letter.isprintable() else " " for letter in text)
