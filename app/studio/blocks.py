"""Changes of a letter made of blocks, each a new letter: the old one stays as it was, for the way back."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Source = dict[str, Any]


def blocks_of(source: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The blocks in their order; none of a letter that is written as source."""
    found = source.get("blocks")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def is_blocks(source: Mapping[str, Any]) -> bool:
    """Whether it is made of blocks."""
    return isinstance(source.get("blocks"), list)


def block(source: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """One block by its id."""
    return next((each for each in blocks_of(source) if each.get("id") == key), None)


def place(source: Mapping[str, Any], key: str) -> int:
    """Where a block stands, from 0; -1 when it is gone."""
    return next((n for n, each in enumerate(blocks_of(source)) if each.get("id") == key), -1)


def added(source: Mapping[str, Any], fresh: Mapping[str, Any], at: int | None = None) -> tuple[Source, str]:
    """With another block, at its place or at the end, and the id it got."""
    new = _copy(source)
    key = _free(new)
    put = {**deepcopy(dict(fresh)), "id": key}
    where = len(new["blocks"]) if at is None else max(0, min(at, len(new["blocks"])))
    new["blocks"].insert(where, put)
    return new, key


def removed(source: Mapping[str, Any], key: str) -> Source:
    """Without a block, and without what other languages say in it."""
    new = _copy(source)
    new["blocks"] = [each for each in new["blocks"] if each.get("id") != key]
    for said in (new.get("languages") or {}).values():
        if isinstance(said, dict) and isinstance(said.get("blocks"), dict):
            said["blocks"].pop(key, None)
    return new


def moved(source: Mapping[str, Any], key: str, to: int) -> Source:
    """With a block at another place, counted with the block taken out."""
    new = _copy(source)
    at = place(new, key)
    if at >= 0:
        put = new["blocks"].pop(at)
        new["blocks"].insert(max(0, min(to, len(new["blocks"]))), put)
    return new


def duplicated(source: Mapping[str, Any], key: str) -> tuple[Source, str]:
    """With the same block once more right behind it, in all its languages, and the new one's id."""
    found = block(source, key)
    if found is None:
        return _copy(source), ""
    new, fresh = added(source, found, place(source, key) + 1)
    for said in (new.get("languages") or {}).values():
        if isinstance(said, dict) and isinstance(said.get("blocks"), dict) and key in said["blocks"]:
            said["blocks"][fresh] = deepcopy(said["blocks"][key])
    return new, fresh


def with_part(source: Mapping[str, Any], key: str, part: str, value: Any) -> Source:
    """With another ``show_if``, ``group``, ``settings`` … of one block; None takes it away."""
    new = _copy(source)
    for each in new["blocks"]:
        if each.get("id") == key:
            _put(each, part, value)
    return new


def with_setting(source: Mapping[str, Any], key: str, name: str, value: Any, language: str = "") -> Source:
    """With another setting of one block, in the letter's own language or in another; None takes it away."""
    new = _copy(source)
    if not language:
        for each in new["blocks"]:
            if each.get("id") == key:
                _put(each.setdefault("settings", {}), name, value)
        return new
    said = new.setdefault("languages", {}).setdefault(language, {}).setdefault("blocks", {}).setdefault(key, {})
    _put(said, name, value)
    return new


def with_field(source: Mapping[str, Any], name: str, value: Any, language: str = "") -> Source:
    """With another subject, preheader, text, UTM … of the letter; nothing takes it away, a subject stays."""
    new = _copy(source)
    into = new.setdefault("languages", {}).setdefault(language, {}) if language else new
    _put(into, name, value if value or name == "subject" else None)
    return new


def _copy(source: Mapping[str, Any]) -> Source:
    return deepcopy(dict(source))


def _put(into: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        into.pop(name, None)
    else:
        into[name] = value


def _free(source: Mapping[str, Any]) -> str:
    taken = {each.get("id") for each in blocks_of(source)}
    number = len(taken) + 1
    while f"b{number}" in taken:
        number += 1
    return f"b{number}"
