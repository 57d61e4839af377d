"""Shared blocks: where they are used, and what happens to letters when one changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ...storage import journeys, templates
from ...storage.database import Tx
from ...storage.templates import Template
from . import library


@dataclass(frozen=True, slots=True)
class Use:
    """A letter that was copied from a template, or holds a shared block; ``version`` is the one it holds.

    ``kind`` is template or journey; ``letter`` its letter, in a journey; ``live`` where what runs now holds it.
    """

    kind: str
    name: str
    title: str
    letter: str
    version: int
    live: bool = False


def used_in(tx: Tx, name: str) -> list[Use]:
    """Templates (their drafts) and journeys (as drawn, and live) with a letter that came from here."""
    return uses(tx).get(name, [])


def uses(tx: Tx) -> dict[str, list[Use]]:
    """The same of every template and shared block at once, by name."""
    found: dict[str, dict[Use, None]] = {}

    def look(source: Any, kind: str, name: str, title: str, letter: str = "", live: bool = False) -> None:
        if isinstance(source, Mapping):
            for used, version in _held(source):
                found.setdefault(used, {})[Use(kind, name, title, letter, version, live)] = None

    for template in templates.templates(tx):
        look(template.content, "template", template.name, template.title)
    for journey in journeys.journeys(tx):
        live = journeys.version(tx, journey.live_version) if journey.live_version else None
        for content, runs in ((journey.draft, False), (live.content if live else {}, True)):
            for letter, source in (content.get("letters") or {}).items():
                look(source, "journey", journey.name, journey.title, letter, runs)
    return {name: [*those] for name, those in found.items()}


def filled(tx: Tx, source: Mapping[str, Any]) -> dict[str, Any]:
    """The letter with what its shared blocks say now, each pinned to the version that is; itself unchanged.

    A shared block that is gone leaves what the letter holds of it.
    """
    made = deepcopy(dict(source))
    for block in _blocks(made):
        if pin := block.get("shared"):
            template = templates.named(tx, str(pin.get("name")))
            if template is not None and template.kind == "block":
                _put(made, block, template, _newest(tx, template))
    return made


def spread(tx: Tx, block: Template, actor: str, now_ms: int) -> list[str]:
    """Put a shared block as it is now into the drafts of templates that use it; returns their names."""
    reached = []
    for template in templates.templates(tx):
        made = deepcopy(template.content)
        held = [each for each in _blocks(made) if (each.get("shared") or {}).get("name") == block.name]
        for each in held:
            _put(made, each, block, block.content)
        if held:
            library.keep(tx, template.name, template.title, made, actor, now_ms)
            reached.append(template.name)
    return reached


def share(tx: Tx, title: str, block: Mapping[str, Any], actor: str, now_ms: int) -> dict[str, Any]:
    """Make a letter's block a shared one; returns the block as the letter has it from now on."""
    content = {"kind": block.get("kind"), "settings": block.get("settings") or {}}
    template = library.create(tx, title, content, actor, now_ms, kind="block")
    version = library.save_version(tx, template.name, actor, now_ms)
    return {**deepcopy(dict(block)), "shared": {"name": template.name, "version": version.number}}


def placed(tx: Tx, name: str, id: str) -> dict[str, Any]:
    """A shared block as a block of a letter, under this id. Raises `NoSuchTemplate`."""
    template = library.named(tx, name)
    pin = {"name": name, "version": template.version}
    content = _newest(tx, template)
    return {"id": id, "kind": content["kind"], "settings": deepcopy(content.get("settings") or {}), "shared": pin}


def pins(source: Mapping[str, Any]) -> dict[str, int]:
    """The shared blocks of a letter by name, each with the version it holds."""
    found = [block.get("shared") or {} for block in _blocks(source)]
    return {str(pin["name"]): int(pin.get("version") or 0) for pin in found if pin.get("name")}


def _held(source: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """What a letter was taken from, itself and its blocks."""
    template = source.get("template")
    if isinstance(template, Mapping) and template.get("name"):
        yield str(template["name"]), int(template.get("version") or 0)
    yield from pins(source).items()


def _blocks(source: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    blocks = source.get("blocks")
    yield from (each for each in blocks if isinstance(each, dict)) if isinstance(blocks, list) else ()


def _newest(tx: Tx, template: Template) -> dict[str, Any]:
    saved = templates.version(tx, template.id or 0, template.version) if template.version else None
    return saved.content if saved is not None else template.content


def _put(source: dict[str, Any], block: dict[str, Any], shared: Template, content: Mapping[str, Any]) -> None:
    """What stands in the shared block, in the letter's languages too; place, rule and group stay the letter's own."""
    block["kind"], block["settings"] = content["kind"], deepcopy(content.get("settings") or {})
    block["shared"] = {"name": shared.name, "version": shared.version}
    for code, settings in (content.get("languages") or {}).items():
        if code in (source.get("languages") or {}):
            source["languages"][code].setdefault("blocks", {})[block["id"]] = deepcopy(settings)
