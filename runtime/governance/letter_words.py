"""What two letters made of blocks do not have in common, block by block and in the words of their forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ..content.block_types import BlockType, block_types
from ..content.kit import LABELS
from ..content.showing import in_words
from .wording import name_of, words

Letter = Mapping[str, Any]
Told = tuple[str, str, str]  # what it is, before, after; "" where there is nothing
WRITTEN = {"subject": "Subject", "preheader": "Preview line", "mjml": "Letter", "text": "Text part"}
PINS = {"template": "Template"}


def told(before: Letter, after: Letter) -> Iterator[Told]:
    """Everything beyond the words of a letter that is written as source: blocks, languages, brand, counting."""
    yield from _blocks(before, after)
    languages = (_mapping(before.get("languages")), _mapping(after.get("languages")))
    for code in _keys(*languages):
        old, new = (_mapping(each.get(code)) for each in languages)
        yield from _language(code, old, new, {**_by_id(before), **_by_id(after)})
    kits = (_mapping(before.get("kit")), _mapping(after.get("kit")))
    for key in _keys(*kits):
        yield from _changed(f"Brand: {LABELS.get(key, name_of(key))}", *(_said(each.get(key)) for each in kits))
    known = {*WRITTEN, "blocks", "languages", "kit"}
    for key in [key for key in _keys(before, after) if key not in known]:
        say = _pin if key in PINS else _said
        yield from _changed(PINS.get(key) or name_of(key), say(before.get(key)), say(after.get(key)))


def block_named(letter: Letter, id: str) -> str:
    """What a block is called in sentences: its kind, with its number where there are several."""
    block = _by_id(letter).get(id)
    if block is None:
        return ""
    same = [each for each, other in _by_id(letter).items() if other.get("kind") == block.get("kind")]
    return _label(block) + (f" {same.index(id) + 1}" if len(same) > 1 else "")


def _blocks(before: Letter, after: Letter) -> Iterator[Told]:
    old, new = _by_id(before), _by_id(after)
    for key in [each for each in old if each not in new]:
        yield f"Block “{block_named(before, key)}”", _gist(old[key]), ""
    for key, block in new.items():
        called = block_named(after, key)
        if key not in old:
            yield f"Block “{called}”", "", _gist(block) or "added"
        else:
            yield from _block(called, old[key], block)
    stay_before, stay_after = [each for each in old if each in new], [each for each in new if each in old]
    if stay_before != stay_after:
        yield "Order of the blocks", _order(before), _order(after)


def _order(letter: Letter) -> str:
    return ", ".join(block_named(letter, key) for key in _by_id(letter))


def _block(called: str, old: Letter, new: Letter) -> Iterator[Told]:
    yield from _changed(f"{called}: kind of block", _label(old), _label(new))
    type_ = block_types().get(str(new.get("kind")))
    values = (_mapping(old.get("settings")), _mapping(new.get("settings")))
    for key in _keys(*values):
        yield from _changed(f"{called}: {_field(type_, key)}", *(_said(each.get(key)) for each in values))
    yield from _changed(f"{called}: shown if", _rule(old.get("show_if")), _rule(new.get("show_if")))
    yield from _changed(f"{called}: group", _said(old.get("group")), _said(new.get("group")))
    yield from _changed(f"{called}: shared block", _pin(old.get("shared")), _pin(new.get("shared")))


def _language(code: str, old: Letter, new: Letter, blocks: Mapping[str, Letter]) -> Iterator[Told]:
    for key in [key for key in _keys(old, new) if key != "blocks"]:
        title = WRITTEN.get(key) or name_of(key)
        yield from _changed(f"In {code}: {title}", _said(old.get(key)), _said(new.get(key)))
    both = (_mapping(old.get("blocks")), _mapping(new.get("blocks")))
    for block_id in _keys(*both):
        block = blocks.get(block_id, {})
        values = [_mapping(each.get(block_id)) for each in both]
        for key in _keys(*values):
            field = _field(block_types().get(str(block.get("kind"))), key)
            called = f"In {code}: {_label(block) or block_id}: {field}"
            yield from _changed(called, *(_said(each.get(key)) for each in values))


def _changed(name: str, before: str, after: str) -> Iterator[Told]:
    if before != after:
        yield name, before, after


def _by_id(letter: Letter) -> dict[str, Letter]:
    blocks = letter.get("blocks")
    found = [each for each in blocks if isinstance(each, Mapping)] if isinstance(blocks, list) else []
    return {str(each.get("id")): each for each in found}


def _label(block: Letter) -> str:
    kind = str(block.get("kind") or "")
    type_ = block_types().get(kind)
    return type_.label if type_ else name_of(kind) if kind else ""


def _field(type_: BlockType | None, key: str) -> str:
    field = type_.field(key) if type_ else None
    return field.label if field else name_of(key)


def _gist(block: Letter) -> str:
    """What stands in a block, a line a setting."""
    type_ = block_types().get(str(block.get("kind")))
    settings = _mapping(block.get("settings"))
    lines = [f"{_field(type_, key)}: {_said(value)}" for key, value in settings.items() if _said(value)]
    return "\n".join([*lines, *([f"Shown if {_rule(block['show_if'])}"] if block.get("show_if") else [])])


def _rule(rule: Any) -> str:
    if not rule:
        return ""
    try:
        return in_words(rule)
    except ValidationError:
        return words(rule)


def _pin(pin: Any) -> str:
    if not isinstance(pin, Mapping):
        return ""
    return f"{pin.get('name')}, version {pin.get('version') or 'not saved yet'}"


def _said(value: Any) -> str:
    return "" if value in (None, "", [], {}) else words(value)


def _mapping(value: Any) -> Letter:
    return value if isinstance(value, Mapping) else {}


def _keys(*mappings: Letter) -> list[str]:
    """The keys of both, in the order of the newer one."""
    return [str(key) for key in dict.fromkeys(key for each in reversed(mappings) for key in each)]
