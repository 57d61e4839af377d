"""One letter in several languages: whose words are taken, and which are still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .block_types import block_types

WORDS = ("subject", "preheader", "text", "mjml")  # what a letter says itself, next to what its blocks say


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
    if not isinstance(contact, Mapping):
        return ""
    found = contact.get("language") or contact.get("locale")
    return found if isinstance(found, str) else ""


def translated(source: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The letter as it stands in a language: what is translated over what is not."""
    own = (source.get("languages") or {}).get(language) if language else None
    plain = {**source, "language": language or source.get("language") or "", "languages": {}}
    if not isinstance(own, Mapping):
        return plain
    plain |= {name: own[name] for name in WORDS if own.get(name)}
    said = own.get("blocks") if isinstance(own.get("blocks"), Mapping) else {}
    if isinstance(source.get("blocks"), list):
        plain["blocks"] = [_said(block, said) for block in source["blocks"]]
    return plain


def missing(source: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What each language still lacks: ("", "subject") or (block's id, setting's name), where the letter has words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for language, own in (source.get("languages") or {}).items():
        own = own if isinstance(own, Mapping) else {}
        lacks = [("", name) for name in ("subject", "preheader", "mjml") if source.get(name) and not own.get(name)]
        said = own.get("blocks") or {}
        for block in source.get("blocks") or []:
            type_ = block_types().get(block.get("kind", ""))
            settings = block.get("settings") or {}
            for field in type_.settings if type_ else ():
                if (
                    field.translatable
                    and settings.get(field.name)
                    and not (said.get(block.get("id")) or {}).get(field.name)
                ):
                    lacks.append((str(block.get("id")), field.name))
        found[language] = lacks
    return found


def _said(block: Any, said: Any) -> Any:
    own = said.get(block.get("id")) if isinstance(block, Mapping) else None
    if not isinstance(own, Mapping):
        return block
    return {**block, "settings": {**(block.get("settings") or {}), **own}}
