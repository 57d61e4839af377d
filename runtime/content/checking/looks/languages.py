"""Every language the letter speaks is complete and is that language; and it speaks those of its readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...block_types import block_types
from ...languages import missing
from ..around import Around
from ..finding import Finding
from ..look import Look
from ..preparing import Prepared
from ..words import guessed_language

CODE = "languages"
MANY = 0.1  # share of readers from which a language is worth a word
NAMES = {"en": "English", "cs": "Czech", "sk": "Slovak", "de": "German", "pl": "Polish", "fr": "French",
         "es": "Spanish", "it": "Italian"}  # fmt: skip


def look(made: Prepared, around: Around) -> Iterator[Finding]:
    """Missing translations, texts in another language than they say, and readers without theirs."""
    for language, lacks in missing(made.source).items():
        for block, name in lacks[:6]:
            what = f"“{label(made.source, block, name)}” of this block" if block else f"The {name}"
            yield Finding(
                CODE, "warning", f"{what} is not translated into {said(language)}: the letter's own stands there.",
                "Translate it, or take the language out.", block, 0, language,
            )  # fmt: skip
    for page in made.pages.values():
        text = " ".join(text for element, text in page.texts if element not in page.small_print)
        found = guessed_language(text)
        if found and page.language in NAMES and found != page.language:
            yield page.finding(
                CODE, "warning", f"The letter says it is {said(page.language)}, but it reads like {said(found)}.",
                "Put in the text of that language, or correct the letter's language.",
            )  # fmt: skip
    spoken = {page.language for page in made.pages.values()}
    everybody = sum(around.languages.values())
    for language, count in sorted(around.languages.items(), key=lambda pair: -pair[1]):
        short = language.partition("-")[0].lower()
        if short not in spoken and everybody and count / everybody >= MANY:
            yield Finding(
                CODE, "hint", f"{count} of {everybody} people tried read {said(short)}; the letter has none.",
                "Add the language.",
            )  # fmt: skip


def label(source: Mapping[str, Any], block: str, name: str) -> str:
    """What a block's setting is called."""
    kinds = {str(one.get("id")): one["kind"] for one in source["blocks"]}
    field = block_types()[kinds[block]].field(name)
    return field.label if field else name


def said(language: str) -> str:
    """A language in words."""
    return NAMES.get(language.partition("-")[0].lower(), f"“{language}”")


LOOK = Look(
    CODE, "Languages", "warning",
    "A half translated letter looks careless. The language of a text is guessed from its small words, so short texts "
    "are not judged.", letter=look,
)  # fmt: skip
