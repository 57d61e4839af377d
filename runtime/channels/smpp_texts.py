"""Texts as message centres carry them: cut into parts with a header each, put together again, receipts read."""

from __future__ import annotations

import re
from collections import OrderedDict

from . import smpp_pdu as smpp
from .smpp_pdu import Short
from .sms_parts import GSM, decoded, encoded, parts
from .sms_senders import NAME, NUMBER, kind_of

GATHERING = 1_000  # long texts from people that are not complete yet
SAID = re.compile(r"\b(id|stat|err):(\S+)", re.IGNORECASE)
Address = tuple[int, int, str]


def units(sender: str, to: str, text: str, number: int, minutes: int, latin: bool = False) -> list[Short]:
    """A text in as many units as it has parts; only the last asks for a receipt.

    ``number`` tells this text's parts from another's. ``latin``: the centre wants plain letters as ISO 8859-1.
    """
    counted = parts(text)
    long = counted.parts > 1
    valid = f"000000{minutes // 60:02d}{minutes % 60:02d}00000R"
    coding = smpp.UCS2 if counted.encoding != GSM else smpp.GSM_CODING
    if coding == smpp.GSM_CODING and latin and all(ord(character) < 256 for character in text):
        coding = smpp.LATIN
    made = []
    for place, said in enumerate(counted.texts, 1):
        header = bytes([5, 0, 3, number % 256, counted.parts, place]) if long else b""
        octets, kind = header + _octets(said, coding), smpp.WITH_HEADER if long else 0
        made.append(Short(_address(sender), _address(to), octets, coding, kind, place == counted.parts, valid))
    return made


def receipt(text: Short) -> tuple[str, str, str]:
    """What the centre calls the text a receipt is about, how it went (DELIVRD, UNDELIV, …), and why."""
    said = {name.lower(): value for name, value in SAID.findall(read(text, latin=True))}
    told = text.extras.get(smpp.RECEIPTED_ID, b"").split(b"\0")[0].decode("latin-1")
    state = text.extras.get(smpp.STATE, b"")
    word = smpp.STATES.get(state[0], "") if state else said.get("stat", "").upper()
    return told or said.get("id", ""), word, said.get("err", "")


def read(text: Short, latin: bool) -> str:
    """What somebody wrote."""
    octets = text.octets
    if text.kind & smpp.WITH_HEADER and octets:
        octets = octets[octets[0] + 1 :]
    if text.coding == smpp.UCS2:
        return octets.decode("utf-16-be", "replace")
    if text.coding == smpp.GSM_CODING and not latin:
        return decoded(octets)
    return octets.decode("latin-1")


def international(address: Address) -> str:
    """An address as we write numbers; a short number or a name as it is."""
    kind, _, number = address
    return f"+{number.lstrip('+')}" if number.lstrip("+").isdecimal() and (kind == 1 or len(number) > 9) else number


class Gathering:
    """Long texts from people, part by part."""

    def __init__(self) -> None:
        self._parts: OrderedDict[tuple[str, str, int, int], dict[int, str]] = OrderedDict()

    def whole(self, text: Short, said: str) -> str | None:
        """The whole text once its last part is here; None until then."""
        place = header(text.octets) if text.kind & smpp.WITH_HEADER else None
        if place is None:
            return said
        number, count, at = place
        key = (text.source[2], text.target[2], number, count)
        known = self._parts.setdefault(key, {})
        known[at] = said
        if len(known) >= count:
            del self._parts[key]
            return "".join(known[one] for one in sorted(known))
        while len(self._parts) > GATHERING:
            self._parts.popitem(last=False)
        return None


def header(octets: bytes) -> tuple[int, int, int] | None:
    """Number, count and place of a long text's part (3GPP TS 23.040, 9.2.3.24.1 and .8)."""
    rest = octets[1 : octets[0] + 1] if octets else b""
    while len(rest) >= 2:
        name, size, value = rest[0], rest[1], rest[2 : 2 + rest[1]]
        if (name, size) == (0, 3) and len(value) == 3:
            return value[0], value[1], value[2]
        if (name, size) == (8, 4) and len(value) == 4:
            return value[0] << 8 | value[1], value[2], value[3]
        rest = rest[2 + size :]
    return None


def _octets(text: str, coding: int) -> bytes:
    if coding == smpp.UCS2:
        return text.encode("utf-16-be", "replace")
    return text.encode("latin-1") if coding == smpp.LATIN else encoded(text)


def _address(address: str) -> Address:
    """Kind of number and plan: international, a name, or whatever the network knows."""
    kind = kind_of(address)
    if kind == NUMBER:
        return 1, 1, address.lstrip("+")
    return (5, 0, address) if kind == NAME else (3, 0, address)
