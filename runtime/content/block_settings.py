"""What somebody typed into a block: checked against what the block asks for, and made fit for its template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from markupsafe import Markup

from .block_types import BlockType, Field
from .fragment import faults
from .jinja import check
from .kit import COLOUR, Kit
from .protect import OPENING
from .rich import address_is_good, lines, plain, rich

LONGEST = {"text": 5_000, "rich": 50_000, "url": 4_000, "image": 4_000, "code": 200_000}
ENTRIES = 60


class BadSetting(Exception):
    """A setting of a block cannot be used; the text says what it may be."""


def fitted(type_: BlockType, settings: Any, kit: Kit, language: str) -> tuple[dict[str, Any], list[str]]:
    """The values for the block's template, and a sentence for each setting that cannot be used."""
    if not isinstance(settings, Mapping):
        return {}, ["The settings of this block cannot be read: put the block in anew."]
    wrong = [
        f"This block has no setting “{name}”: take it out." for name in set(settings) - {f.name for f in type_.settings}
    ]
    styles = {
        "a": f"color:{kit.link};text-decoration:underline",
        "p": "margin:0 0 14px",
        "ul": "margin:0 0 14px;padding-left:22px",
        "ol": "margin:0 0 14px;padding-left:24px",
        "li": "margin:0 0 6px",
    }
    return _fitted(type_.settings, settings, styles, language, wrong), wrong


def _fitted(
    fields: tuple[Field, ...], settings: Mapping[str, Any], styles: Mapping[str, str], language: str, wrong: list[str]
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    refused: set[str] = set()
    for field in fields:
        value = settings.get(field.name)
        if value is None:
            value = field.default_in(language)
        try:
            if field.type == "list":
                made[field.name] = [
                    _fitted(field.fields, one, styles, language, wrong) for one in _entries(field, value)
                ]
            else:
                made[field.name] = _one(field, value, styles)
        except BadSetting as bad:
            wrong.append(str(bad))
            made[field.name] = ""
            refused.add(field.name)
    for field in fields:
        if field.required and field.counts(made) and not made[field.name] and field.name not in refused:
            wrong.append(f"“{field.label}” is empty.")
    return made


def _entries(field: Field, value: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise BadSetting(f"“{field.label}” has to be a list.")
    if len(value) > ENTRIES:
        raise BadSetting(f"“{field.label}” has more than {ENTRIES} entries.")
    return iter(value)


def _one(field: Field, value: Any, styles: Mapping[str, str]) -> Any:
    match field.type:
        case "bool":
            if not isinstance(value, bool):
                raise BadSetting(f"“{field.label}” has to be yes or no.")
            return value
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                raise BadSetting(f"“{field.label}” has to be a number.")
            if not field.least <= value <= field.most:
                raise BadSetting(f"“{field.label}” has to be between {field.least:g} and {field.most:g}.")
            return int(value) if value == int(value) else value
        case "choice":
            if str(value) not in dict(field.choices):
                raise BadSetting(f"“{field.label}” has to be one of: {', '.join(label for _, label in field.choices)}.")
            return str(value)
        case "colour":
            if not isinstance(value, str) or (value and not COLOUR.match(value)):
                raise BadSetting(f"“{field.label}” has to be a colour, like #2f6b4f.")
            return value
        case _:
            return _words(field, value, styles)


def _words(field: Field, value: Any, styles: Mapping[str, str]) -> Markup:
    if not isinstance(value, str):
        raise BadSetting(f"“{field.label}” has to be a text.")
    value = value.strip()
    if len(value) > LONGEST[field.type]:
        raise BadSetting(f"“{field.label}” is longer than {LONGEST[field.type]:,} characters.")
    if field.type != "code" and re.search(r"\{%-?\s*raw", value):
        raise BadSetting(f"“{field.label}” may not hold a raw part.")
    if field.literal:
        return Markup(_literal(field, value))  # noqa: S704  (a constant of Jinja's)
    if OPENING.search(value):
        for issue in check(value):
            raise BadSetting(f"“{field.label}”: {issue.text}")
    if field.type == "rich":
        return Markup(rich(value, styles))  # noqa: S704  (cleaned there)
    if field.type == "code":
        for sentence in faults(value, mjml=field.name == "mjml"):
            raise BadSetting(f"“{field.label}”: {sentence}")
        return Markup(value)  # noqa: S704  (source is what was asked for)
    if field.type in ("url", "image") and value and not _leads(field, value):
        example = "https://www.example.com/picture.jpg" if field.type == "image" else "https://www.example.com"
        raise BadSetting(f"“{field.label}” has to be an address, like {example}.")
    return Markup(lines(value) if field.long else plain(value))  # noqa: S704  (escaped there)


def _literal(field: Field, value: str) -> str:
    """A text as a constant in Jinja, or nothing. No letter in it can end the constant or the tag around it."""
    if OPENING.search(value):
        raise BadSetting(f"“{field.label}” has to be a plain name.")
    written = "".join(c if c.isalnum() or c in " ,.-_/+" else f"\\U{ord(c):08x}" for c in value)
    return f'"{written}"' if value else ""


def _leads(field: Field, value: str) -> bool:
    return address_is_good(value) and (field.type == "url" or bool(re.match(r"https?://|\{", value, re.I)))
