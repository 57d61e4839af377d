"""A template taken into a journey: a copy that holds all it needs, pinned to the version it was taken from."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ...storage import templates
from ...storage.database import Tx
from . import library, shared

OWN = ("utm", "tracking", "conversion_days")  # what a journey says of its letter stays when the letter is updated


def copy_of(tx: Tx, name: str) -> dict[str, Any]:
    """The newest saved version as a letter that stands alone: its shared blocks are inside.

    The draft where none was saved yet. Raises `NoSuchTemplate`.
    """
    template = library.named(tx, name)
    saved = templates.version(tx, template.id or 0, template.version) if template.version else None
    source = shared.filled(tx, saved.content if saved is not None else template.content)
    source["template"] = {"name": name, "version": template.version}
    return source


def newer(tx: Tx, source: Mapping[str, Any]) -> int | None:
    """The version of its template that a letter could be brought up to; None where there is none newer.

    The same version again where a shared block in it has been saved since.
    """
    pin = source.get("template")
    if not isinstance(pin, Mapping):
        return None
    there = templates.newest(tx)
    version = there.get(str(pin.get("name")))
    if version is None:
        return None
    if version > int(pin.get("version") or 0):
        return version
    behind = any(there.get(name, 0) > held for name, held in shared.pins(source).items())
    return version if behind else None


def updated(tx: Tx, source: Mapping[str, Any]) -> dict[str, Any]:
    """The letter as its template is now; what the journey says of tracking stays. Raises `NoSuchTemplate`."""
    fresh = copy_of(tx, str((source.get("template") or {}).get("name")))
    return fresh | {key: deepcopy(source[key]) for key in OWN if key in source}
