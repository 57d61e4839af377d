"""Whether somebody who answers wants to be left alone: the owner's words, and a short list in four languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

LONGEST = 2_000  # characters of an answer that are looked at: what is quoted below it was ours
WORDS = {
    "en": (
        "stop writing", "stop sending", "stop texting", "stop messaging", "stop emailing", "stop contacting",
        "stop bothering", "stop spamming", "leave me alone", "go away", "get lost", "remove me", "take me off",
        "unsubscribe me", "do not write", "dont write", "do not contact", "dont contact", "do not text", "dont text",
        "no more messages", "no more emails", "not interested", "this is spam", "fuck off", "harassment",
    ),
    "cs": (
        "nechte me byt", "nechte me na pokoji", "nechte nas byt", "dejte mi pokoj", "nepiste mi", "nepiste uz",
        "uz mi nepiste", "neposilejte", "prestante", "odhlaste me", "neobtezujte", "obtezujete", "otravujete",
        "nemam zajem", "nezajima me to", "vyradte me", "jdete nekam", "to je spam",
    ),
    "sk": (
        "nechajte ma", "dajte mi pokoj", "nepiste mi", "uz mi nepiste", "neposielajte", "prestante", "odhlaste ma",
        "neobtazujte", "obtazujete", "otravujete", "nemam zaujem", "nezaujima ma to", "vyradte ma", "chodte prec",
        "je to spam",
    ),
    "de": (
        "lassen sie mich in ruhe", "lass mich in ruhe", "lasst mich in ruhe", "horen sie auf", "hor auf", "hort auf",
        "schreiben sie mir nicht", "nicht mehr schreiben", "keine nachrichten mehr", "keine mails mehr",
        "keine werbung mehr", "melden sie mich ab", "kein interesse", "belastigung", "belastigen", "das ist spam",
    ),
}  # fmt: skip
BUILT_IN = tuple(dict.fromkeys(word for words in WORDS.values() for word in words))
ALONE = frozenset({"stop", "no", "ne", "nie", "nein", "nechci", "nechcem"})  # an answer that is nothing else


def is_angry(text: str, own: Sequence[str] = ()) -> bool:
    """True where the answer says to leave them alone. Accents, case and punctuation do not count."""
    plain = flat(text[:LONGEST])
    return plain in ALONE or _pattern(tuple(own)).search(plain) is not None


def flat(text: str) -> str:
    """Letters and digits with single spaces between them, without accents."""
    spread = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    letters = "".join(one for one in spread if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", letters))


@lru_cache(maxsize=64)
def _pattern(own: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted({one for one in (*BUILT_IN, *map(flat, own)) if one}, key=len, reverse=True)
    return re.compile(rf"(?<!dont )(?<!not )(?<!never )\b(?:{'|'.join(map(re.escape, words))})\b")
