"""Letters to start from that come with the product: each a folder in ``assets/templates``."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...storage.database import Tx
from ...storage.templates import Template
from ..content.blocks import fresh_letter
from ..safe_yaml import parse
from . import library, template_file

FOLDER = Path(__file__).parent.parent.parent / "assets" / "templates"
SUBJECT = "News from {{ brand.name }}"


class NoSuchStart(Exception):
    """There is no letter of that name to start from; the page Templates shows all."""


@dataclass(frozen=True, slots=True)
class Start:
    """A letter that comes with the product; ``about`` says what it is good for."""

    name: str
    title: str
    about: str
    order: int
    source: dict[str, Any]  # shared by everybody who asks: copy it before changing it


@cache
def starts() -> tuple[Start, ...]:
    """All of them, in the order they are shown."""
    found = [_read(path) for path in FOLDER.glob("*/letter.yaml")]
    return tuple(sorted(found, key=lambda each: each.order))


def start(name: str) -> Start:
    """The letter of that name. Raises `NoSuchStart`."""
    for each in starts():
        if each.name == name:
            return each
    raise NoSuchStart(NoSuchStart.__doc__)


def begin(tx: Tx, name: str, actor: str, now_ms: int) -> Template:
    """A template made from one of them; "" is a few blocks to write into. Raises `NoSuchStart`."""
    if not name:
        return library.create(tx, "New letter", {**fresh_letter(), "subject": SUBJECT}, actor, now_ms)
    chosen = start(name)
    return library.create(tx, chosen.title, deepcopy(chosen.source), actor, now_ms)


def _read(path: Path) -> Start:
    document, _ = parse(path.read_text("utf-8"))
    about, order = document.pop("about"), document.pop("order")
    written = template_file.one(document, path.parent.name)
    return Start(written.name, written.title, about, order, written.source)
