"""A letter written as MJML says only what MJML knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...mjml_rules import broken_rules
from ..around import Around
from ..finding import Finding
from ..look import Look
from ..preparing import Prepared

CODE = "mjml"


def look(made: Prepared, _around: Around) -> Iterator[Finding]:
    """Elements out of place, attributes and values that the engine passes over in silence; source blocks too."""
    source = made.source
    for block in source.get("blocks") or ():
        if isinstance(block, Mapping) and block.get("kind") == "mjml":
            text = (block.get("settings") or {}).get("mjml") or ""
            yield from _findings(str(text), str(block.get("id") or ""), "")
    if not source.get("blocks"):
        yield from _findings(str(source.get("mjml") or ""), "", "")
        for language, own in (source.get("languages") or {}).items():
            yield from _findings(str((own or {}).get("mjml") or ""), "", str(language))


def _findings(mjml: str, block: str, language: str) -> Iterator[Finding]:
    for issue in broken_rules(mjml):
        yield Finding(CODE, "warning", issue.text, "See documentation.mjml.io.", block, issue.line, language)


LOOK = Look(
    CODE, "MJML", "warning",
    "An attribute that MJML does not know, or an element where it means nothing, is passed over in silence.",
    letter=look,
)  # fmt: skip
