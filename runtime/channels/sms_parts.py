"""How many parts a text is paid for: counted as carriers do, with what makes it dear and how to say it cheaper."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

# 3GPP TS 23.038, 6.2.1: the default alphabet in order of its codes; the place of the escape holds a NUL
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
EXTENSION = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
CODES = {character: bytes([code]) for code, character in enumerate(BASIC) if code != ESCAPE} | {
    character: bytes([ESCAPE, code]) for character, code in EXTENSION.items()
}
GSM, UCS2 = "GSM-7", "UCS-2"
ROOM = {GSM: (160, 153), UCS2: (70, 67)}  # units of a text in one part, and of each part of a longer one
MOST = 255  # parts that the header of a long text can count
PLAIN = {
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "´": "'", "`": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "•": "-", "·": "-",
    "…": "...", "×": "x", "÷": ":", "→": "->", "←": "<-", "✓": "OK", "✔": "OK",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "œ": "oe", "Œ": "OE",
    "ı": "i", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "ĳ": "ij", "ẞ": "SS",
    "©": "(c)", "®": "(r)", "™": "TM", "№": "No.", "ª": "a", "º": "o", "°": "o",
    "\t": " ", "\u2028": "\n", "\u2029": "\n",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "", "\ufe0f": "", "\ufe0e": "",
}  # fmt: skip
CHEAPER = {"{": "(", "[": "(", "}": ")", "]": ")", "\\": "/", "|": "/", "~": "-", "^": "", "€": "EUR", "\f": "\n"}


@dataclass(frozen=True, slots=True)
class Costly:
    """A character that costs more than one place.

    ``forces``: one of it turns the whole text to `UCS2`, where a part holds 70 places for 160. Otherwise it takes two.
    ``instead`` is how it can be written plainly; None where there is no other way to write it.
    """

    character: str
    times: int
    forces: bool
    instead: str | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text comes to. ``left`` is how many units still fit without a further part."""

    encoding: str
    units: int
    parts: int
    left: int
    costly: tuple[Costly, ...] = ()
    texts: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def parts(text: str) -> Parts:
    """Count a text. Nothing is split inside a character: neither after an escape nor in a surrogate pair.

    The parts of an empty text are none. Raises nothing, whatever the text.
    """
    costs = [(character, _units(character)) for character in text]
    encoding = GSM if all(character in CODES for character in text) else UCS2
    sizes = [gsm if encoding == GSM else wide for _, (gsm, wide) in costs]
    units = sum(sizes)
    single, each = ROOM[encoding]
    if units <= single:
        return Parts(encoding, units, 1 if text else 0, single - units, _costly(text), (text,) if text else ())
    cut, used = [0], 0
    for place, size in enumerate(sizes):
        if used + size > each:
            cut.append(place)
            used = 0
        used += size
    texts = tuple(text[start:end] for start, end in zip(cut, [*cut[1:], None], strict=True))
    return Parts(encoding, units, len(texts), each - used, _costly(text), texts)


def plain(text: str) -> str:
    """The text with every character that would force `UCS2` written plainly, where there is a plain way."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        character if character in CODES or (instead := _plainly(character)) is None else instead
        for character in composed
    )


def encoded(text: str) -> bytes:
    """A part as its octets: one septet in each for `GSM`, two octets for each unit of `UCS2`."""
    if all(character in CODES for character in text):
        return b"".join(CODES[character] for character in text)
    return text.encode("utf-16-be", "surrogatepass")


def decoded(octets: bytes) -> str:
    """A text of the default alphabet from its octets; codes that stand for nothing become a space."""
    said, escaped = [], False
    for code in octets:
        if escaped:
            said.append(_EXTENDED.get(code, BASIC[code] if code < len(BASIC) and code != ESCAPE else " "))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            said.append(BASIC[code] if code < len(BASIC) else " ")
    return "".join(said)


_EXTENDED = {code: character for character, code in EXTENSION.items()}


def _units(character: str) -> tuple[int, int]:
    """What a character takes in either alphabet."""
    return len(CODES.get(character, b"?")), 2 if ord(character) > 0xFFFF else 1


def _costly(text: str) -> tuple[Costly, ...]:
    found = [_cost(character, len(list(same))) for character, same in _counted(text, lambda one: one not in CODES)]
    if not found:
        found = [_cost(character, len(list(same))) for character, same in _counted(text, lambda one: one in EXTENSION)]
    return tuple(sorted(found, key=lambda one: (-one.times, one.character)))


def _counted(text: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Iterator[str]]]:
    return groupby(sorted(filter(wanted, text)))


def _cost(character: str, times: int) -> Costly:
    forces = character not in CODES
    return Costly(character, times, forces, _plainly(character) if forces else CHEAPER[character])


def _plainly(character: str) -> str | None:
    """How a character is written with those of the default alphabet."""
    if character in PLAIN:
        return PLAIN[character]
    if unicodedata.category(character) == "Zs":
        return " "
    if unicodedata.combining(character):
        return ""
    bare = "".join(one for one in unicodedata.normalize("NFKD", character) if not unicodedata.combining(one))
    return bare if bare != character and bare and all(one in CODES for one in bare) else None
