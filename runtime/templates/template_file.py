"""The written form of templates: a YAML file each, read and written by hand, by git and by programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...nodes.slug import SLUG_WORDS, is_slug
from ..drafts import free
from ..letter_parts import LetterPart, NoSuchShape, SharedBlockPart, checked_block, checked_letter
from ..safe_yaml import UnreadableText, dump, parse
from .library import RESERVED, Kind

HEADS: dict[str, Kind] = {"template": "letter", "shared_block": "block"}


class TemplateFileProblem(ValueError):
    """The file cannot be read as templates; correct what is named and try again."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Written:
    """A template out of a file."""

    name: str
    title: str
    kind: Kind
    source: dict[str, Any]


def read(text: str, stem: str) -> list[Written]:
    """The templates of a file: one mapping, or a list of them. ``stem`` names one that does not name itself.

    Raises `TemplateFileProblem`.
    """
    try:
        document, _ = parse(text)
    except UnreadableText as problem:
        at = f"Line {problem.line}: " if problem.line else ""
        raise TemplateFileProblem([at + problem.sentence]) from None
    given = document if isinstance(document, list) else [document]
    if not given or not all(isinstance(each, dict) for each in given):
        raise TemplateFileProblem(["A template is a mapping that begins with template: and its name."])
    return [one(each, stem) for each in given]


def write(name: str, title: str, kind: str, source: Mapping[str, Any]) -> str:
    """A template as YAML, the same text for the same content."""
    head = next(key for key, one in HEADS.items() if one == kind)
    part = SharedBlockPart if kind == "block" else LetterPart
    return dump({head: name, "title": title, **{key: source[key] for key in part.model_fields if key in source}})


def one(document: dict[str, Any], stem: str) -> Written:
    """A template out of a mapping. Raises `TemplateFileProblem`."""
    heads = [key for key in HEADS if key in document]
    kind = HEADS[heads[0]] if heads else "letter"
    name = document.get(heads[0]) if heads else free(stem.lower(), RESERVED, "letter")
    if not isinstance(name, str) or not is_slug(name) or name in RESERVED:
        raise TemplateFileProblem([f"A template cannot be called “{str(name)[:80]}”: use {SLUG_WORDS}."])
    title = document.get("title") or name.replace("_", " ").replace("-", " ").capitalize()
    rest = {key: value for key, value in document.items() if key not in (*HEADS, "title")}
    try:
        source = checked_block(rest) if kind == "block" else checked_letter(rest)
    except NoSuchShape as problem:
        raise TemplateFileProblem([str(problem)]) from None
    return Written(name, str(title), kind, source)
