"""The units of SMPP 3.4 (SMPP Developers Forum, issue 1.2): written and read, and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

HEADER = struct.Struct(">IIII")
LONGEST = 70_000  # octets of a unit; a payload holds 64 kB
ANSWER = 0x80000000
NACK, SUBMIT, DELIVER, UNBIND, BIND, ENQUIRE = 0x80000000, 0x04, 0x05, 0x06, 0x09, 0x15
VERSION = 0x34
OK, SYSTEM_FAULT, ALREADY_BOUND, TEMPORARY = 0x00, 0x08, 0x05, 0x64
UNKNOWN_COMMAND = 0x03
QUEUE_FULL, THROTTLED = 0x14, 0x58
WITH_HEADER = 0x40  # of the class: the text begins with a header of its own
RECEIPT, MASK = 0x04, 0x3C
PAYLOAD, RECEIPTED_ID, STATE = 0x0424, 0x001E, 0x0427
STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
GSM_CODING, LATIN, UCS2 = 0x00, 0x03, 0x08


class BadUnit(Exception):
    """The other side sent what is no SMPP: the connection is closed."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: a request, or an answer to one."""

    command: int
    status: int
    number: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Short:
    """A text on its way: to somebody, or from them. Addresses carry their kind and plan."""

    source: tuple[int, int, str]
    target: tuple[int, int, str]
    octets: bytes
    coding: int = GSM_CODING
    kind: int = 0  # esm_class
    receipt: bool = False
    valid: str = ""
    service: str = ""
    extras: Mapping[int, bytes] = field(default_factory=dict)


def written(unit: Unit) -> bytes:
    """The octets of a unit."""
    return HEADER.pack(16 + len(unit.body), unit.command, unit.status, unit.number) + unit.body


def length_of(start: bytes) -> int:
    """How long the unit is whose first four octets these are. Raises `BadUnit`."""
    (length,) = struct.unpack(">I", start)
    if not 16 <= length <= LONGEST:
        raise BadUnit(f"A unit of {length} octets cannot be.")
    return length


def unit(rest: bytes) -> Unit:
    """A unit from what follows its length."""
    command, status, number = struct.unpack(">III", rest[:12])
    return Unit(command, status, number, rest[12:])


def bind(system_id: str, password: str, system_type: str) -> bytes:
    """The body of a request to send and hear over this connection."""
    return _text(system_id, 16) + _text(password, 9) + _text(system_type, 13) + bytes([VERSION, 0, 0]) + _text("", 41)


def short(text: Short) -> bytes:
    """The body that carries a text."""
    body = _text(text.service, 6)
    for kind, plan, address in (text.source, text.target):
        body += bytes([kind, plan]) + _text(address, 21)
    body += bytes([text.kind, 0, 0]) + b"\0" + _text(text.valid, 17)
    fits = len(text.octets) <= 254
    body += bytes([int(text.receipt), 0, text.coding, 0, len(text.octets) if fits else 0])
    body += text.octets if fits else b""
    extras = dict(text.extras) if fits else {**text.extras, PAYLOAD: text.octets}
    return body + b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in extras.items())


def read_short(body: bytes) -> Short:
    """The text a body carries. Raises `BadUnit`."""
    try:
        service, rest = _taken(body)
        addresses = []
        for _ in range(2):
            kind, plan = rest[0], rest[1]
            address, rest = _taken(rest[2:])
            addresses.append((kind, plan, address))
        kind, rest = rest[0], rest[3:]
        _, rest = _taken(rest)
        valid, rest = _taken(rest)
        receipt, coding, size = rest[0], rest[2], rest[4]
        octets, rest = rest[5 : 5 + size], rest[5 + size :]
        if len(octets) < size:
            raise BadUnit("A text is shorter than it says.")
    except (IndexError, ValueError):
        raise BadUnit("A text cannot be read.") from None
    extras = _extras(rest)
    octets = octets or extras.get(PAYLOAD, b"")
    return Short(addresses[0], addresses[1], octets, coding, kind, bool(receipt & 1), valid, service, extras)


def first_text(body: bytes) -> str:
    """The one text a body begins with: a name, an id."""
    return body.split(b"\0", 1)[0].decode("latin-1")


def _extras(rest: bytes) -> dict[int, bytes]:
    """The optional fields. One that is cut off is left out, as the specification wants unknown ones to be."""
    found: dict[int, bytes] = {}
    while len(rest) >= 4:
        tag, size = struct.unpack(">HH", rest[:4])
        if len(rest) < 4 + size:
            break
        found[tag] = rest[4 : 4 + size]
        rest = rest[4 + size :]
    return found


def _text(text: str, room: int) -> bytes:
    """A text with the NUL behind it, cut to its room."""
    return text.encode("latin-1", "replace").replace(b"\0", b"")[: room - 1] + b"\0"


def _taken(octets: bytes) -> tuple[str, bytes]:
    end = octets.index(b"\0")
    return octets[:end].decode("latin-1"), octets[end + 1 :]
