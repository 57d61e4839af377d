"""A template taken into a journey: a copy that holds all it needs, pinned to the version it was taken from."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ...storage import templates
from ...storage.database import Tx
from .. import settings
from ..content.kit import Kit
from . import library, shared, starting

OWN = ("utm", "tracking", "conversion_days")  # what a journey says of its letter stays when the letter is updated


def copy_of(tx: Tx, name: str) -> dict[str, Any]:
    """The newest saved version as a letter that stands alone: brand kit and shared blocks are inside.

    The draft where none was saved yet. Raises `NoSuchTemplate`.
    """
    template = library.named(tx, name)
    saved = templates.version(tx, template.id or 0, template.version) if template.version else None
    source = shared.filled(tx, saved.content if saved is not None else template.content)
    source["template"] = {"name": name, "version": template.version}
    return _alone(tx, source)


def start_of(tx: Tx, name: str) -> dict[str, Any]:
    """A letter to start from as one that stands alone; no template is behind it. Raises `NoSuchStart`."""
    return _alone(tx, deepcopy(starting.start(name).source))


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


def changed_here(tx: Tx, source: Mapping[str, Any]) -> bool:
    """Whether somebody wrote in the letter since it was copied; also where the version it came from is unknown."""
    pin = source.get("template") or {}
    template = templates.named(tx, str(pin.get("name")))
    saved = templates.version(tx, template.id or 0, int(pin.get("version") or 0)) if template else None
    return saved is None or _words(saved.content) != _words(source)


def updated(tx: Tx, source: Mapping[str, Any]) -> dict[str, Any]:
    """The letter as its template is now; what the journey says of tracking stays. Raises `NoSuchTemplate`."""
    fresh = copy_of(tx, str((source.get("template") or {}).get("name")))
    return fresh | {key: deepcopy(source[key]) for key in OWN if key in source}


def _alone(tx: Tx, source: dict[str, Any]) -> dict[str, Any]:
    """With the colours of the brand as they are now, which do not change behind its back."""
    if "blocks" in source:
        source["kit"] = Kit.of(settings.load(tx)).as_dict()
    return source


def _words(source: Mapping[str, Any]) -> dict[str, Any]:
    """What is written in a letter; what shared blocks say is theirs."""
    made = {key: value for key, value in source.items() if key not in (*OWN, "kit", "template")}
    if isinstance(made.get("blocks"), list):
        made["blocks"] = [
            {key: value for key, value in block.items() if key not in ("settings", "shared")}
            if isinstance(block, Mapping) and block.get("shared")
            else block
            for block in made["blocks"]
        ]
    return made
