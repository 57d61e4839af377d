"""What the public pages say, in the language of whoever looks: plain catalogues, plurals and dates by babel."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from ..runtime.channels.channel import media

FOLDER = Path(__file__).parent.parent / "assets" / "words"
LANGUAGES = tuple(sorted(file.stem for file in FOLDER.glob("*.json")))  # one file a language, and it is there
FIRST = "en"


class Words:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._said = _catalogue(language)
        self._locale = Locale.parse(language)

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence under a key; ``n`` chooses its plural."""
        found = self._said[key]
        if isinstance(found, dict):
            found = found.get(self._locale.plural_form(values["n"])) or found["other"]
        return found.format(**values)

    def way(self, channel: str) -> str:
        """How a channel reaches them: "by text message"; its own label where it is nobody's of ours."""
        medium = media().get(channel)
        return self(channel) if channel in self._said else medium.label if medium else self("here")

    def day(self, ms: int, zone: ZoneInfo) -> str:
        """A day as people write it."""
        return format_date(datetime.fromtimestamp(ms / 1000, zone), "long", locale=self._locale)

    def others(self) -> list[tuple[str, str]]:
        """Every language with its own name."""
        return [(one, _catalogue(one)["language_name"]) for one in LANGUAGES]


def language_for(asked: str | None, known: str, accepted: str, otherwise: str) -> str:
    """What to speak: what they asked for, what is known of them, what their browser says, what the owner set."""
    browser = [part.partition(";")[0].strip() for part in accepted[:500].split(",")]
    for one in (asked or "", known, *browser, otherwise):
        if (short := one.partition("-")[0].lower()) in LANGUAGES:
            return short
    return FIRST


@cache
def _catalogue(language: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
