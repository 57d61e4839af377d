"""One letter in several languages: whose words are taken, and which are still missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .asked import language_of
from .block_types import block_types
from .issues import Issue, LetterProblem

CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
WORDS = ("subject", "preheader", "text", "mjml")  # what a letter says itself, next to what its blocks say
ADDRESSES = ("url", "image")  # may be other ones in another language, and are as good where they are the same


def chosen(there: Iterable[str], wanted: str) -> str:
    """Which of these languages a contact gets who wants that one: "pt-BR", else "pt", else "" for the letter's own."""
    known = {one.lower().replace("_", "-"): one for one in there}
    wanted = wanted.lower().replace("_", "-").partition(".")[0]
    while wanted:
        if wanted in known:
            return known[wanted]
        wanted = wanted.rpartition("-")[0]
    return ""


def of_contact(contact: Any) -> str:
    """The language a contact is known to read, or ""."""
    return language_of(contact) if isinstance(contact, Mapping) else ""


def others(source: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What a letter says in other languages than its own, by language. Raises `LetterProblem`."""
    given = source.get("languages") or {}
    if not isinstance(given, Mapping):
        raise LetterProblem([Issue(0, 0, "The languages of this letter cannot be read.")])
    for language, own in given.items():
        if not isinstance(language, str) or not CODE.match(language):
            raise LetterProblem([Issue(0, 0, f"“{language}” is no language: it looks like cs or pt-BR.")])
        if not isinstance(own, Mapping) or not isinstance(own.get("blocks") or {}, Mapping):
            raise LetterProblem([Issue(0, 0, "What the letter says in this language cannot be read.", "", language)])
    return dict(given)


def translated(source: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The letter as it stands in a language: what is translated over what is not. Raises `LetterProblem`."""
    plain = {**source, "language": language or source.get("language") or "", "languages": {}}
    own = others(source).get(language)
    if own is None:
        return plain
    plain |= {name: own[name] for name in WORDS if own.get(name)}
    plain["text"] = own.get("text") or ""  # words in another language are not its text: it is made of what it says
    if isinstance(source.get("blocks"), list):
        plain["blocks"] = [_said(block, own.get("blocks") or {}) for block in source["blocks"]]
    return plain


def missing(source: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What each language still lacks: ("", "subject") or (block's id, setting's name), where the letter has words."""
    found: dict[str, list[tuple[str, str]]] = {}
    blocks = source.get("blocks")
    for language, own in others(source).items():
        lacks = [("", name) for name in ("subject", "preheader", "mjml") if source.get(name) and not own.get(name)]
        for block in blocks if isinstance(blocks, list) else ():
            lacks += _lacks(block, own.get("blocks") or {})
        found[language] = lacks
    return found


def _lacks(block: Any, said: Mapping[str, Any]) -> list[tuple[str, str]]:
    id_, kind, settings = _read(block)
    own: Any = said.get(id_) if isinstance(said.get(id_), Mapping) else {}
    fields = block_types()[kind].settings if kind in block_types() else ()
    words = [one for one in fields if one.translatable and one.type not in ADDRESSES and one.counts(settings)]
    return [(id_, one.name) for one in words if settings.get(one.name) and not own.get(one.name)]


def _said(block: Any, said: Mapping[str, Any]) -> Any:
    id_, _, settings = _read(block)
    own = said.get(id_)
    return {**block, "settings": {**settings, **own}} if isinstance(own, Mapping) else block


def _read(block: Any) -> tuple[str, str, Mapping[str, Any]]:
    """Id, kind and settings of a block that may be anything."""
    known = block if isinstance(block, Mapping) else {}
    settings = known.get("settings")
    return str(known.get("id")), str(known.get("kind")), settings if isinstance(settings, Mapping) else {}
