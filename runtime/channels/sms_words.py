"""STOP, START and HELP, as people write them in four languages, and in the owner's own words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Literal

Wish = Literal["stop", "start", "help"]

# as people see them on their phones; compared without case, accents, blanks and signs
STOP = """
stop stopall stop-all unsubscribe cancel end quit optout opt-out revoke remove
konec odhlásit odhlaš odhlašte zrušit zruš zrušte nechci neposílat neposílejte
koniec odhlásiť odhlás odhláste zrušiť nechcem neposielať neposielajte
stopp abmelden abbestellen austragen ende
"""
START = """
start unstop subscribe optin opt-in resume
přihlásit přihlaš přihlašte obnovit
prihlásiť prihlás prihláste obnoviť
anmelden fortsetzen
"""
HELP = "help info pomoc nápověda hilfe"
POLITE = """
please pls now thanks thank you all sms text texts texting message messages sending me it this these
prosím díky děkuji už mi zprávy posílat sms-ky ďakujem mi správy posielať
bitte danke jetzt alle nachrichten senden keine mehr
"""  # what may stand around STOP without making it something else
LONGEST = 60  # characters of a text that may be a keyword


def wish(text: str, stop: Collection[str] = (), start: Collection[str] = (), help: Collection[str] = ()) -> Wish | None:
    """What somebody asks for by a keyword; None for a text that says something else.

    The words given are the owner's own, beside the built-in ones. STOP also counts with polite words around it.
    """
    if len(text) > LONGEST:
        return None
    words = [_bare(word) for word in text.split()]
    words = [word for word in words if word]
    if not words:
        return None
    whole = "".join(words)
    said = _known(_STOP, stop)
    if whole in said or (not said.isdisjoint(words) and said.union(_POLITE).issuperset(words)):
        return "stop"
    if whole in _known(_START, start):
        return "start"
    return "help" if whole in _known(_HELP, help) else None


def _known(built_in: frozenset[str], own: Collection[str]) -> frozenset[str]:
    return built_in | {_bare(word) for word in own} - {""}


def _bare(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return re.sub(r"[\W_]", "", "".join(one for one in plain if not unicodedata.combining(one)))


_STOP, _START, _HELP, _POLITE = (frozenset(map(_bare, words.split())) for words in (STOP, START, HELP, POLITE))
