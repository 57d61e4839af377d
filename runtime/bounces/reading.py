"""Takes a mail of unknown origin apart, within limits: never more than so many bytes, lines, parts and levels."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import islice

BYTES, LINES, LEVELS, PARTS = 400_000, 12_000, 20, 60
TEXT = 64_000  # characters of prose that are looked at
RETURNED = 16_000  # characters of the letter that came back
LINE = 1_000  # characters of a line of it

STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
RETURNED_TYPES = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers",
                            "message/rfc822-headers", "message/partial"})  # fmt: skip
ADDRESS = re.compile(
    r"(?<![A-Za-z0-9._%+/=-])([A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,127}@"
    r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?)"
)
# Where the letter that came back begins, in mails that are all one text.
CUT = re.compile(
    r"^[ \t>*#=_-]{0,60}(?:(?:this is (?:a|the) copy of|below this line is|here is (?:a|your) copy of) .{0,80}|"
    r"(?:original|returned|unsent|undelivered|bounced|your|first|beginning of|start of|the|transcript of)?[ \t]?"
    r"(?:original |returned |failed |the )?(?:message|mail|letter|e-?mail)(?: (?:header|text|body|follows|contents?|"
    r"information)s?(?: (?:follows?|of))?)?:?)[ \t>*#=_-]*$|^(?:Received: |Return-Path: )",
    re.I | re.M,
)
TAG = re.compile(r"<[^<>]*>")
BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?table|hr)\b[^<>]*>", re.I)
SILENT = re.compile(r"<(style|script|title)\b[^<>]*>[^<]*</\1>", re.I)


@dataclass(slots=True)
class Mail:
    """What was read: the header, what is said in words, the status blocks, and what came back of our letter."""

    head: Message
    text: str = ""
    statuses: list[Message] = field(default_factory=list)
    feedback: Message | None = None  # of a complaint (RFC 5965)
    returned: Message | None = None  # the header of the letter that came back
    types: list[str] = field(default_factory=list)

    def header(self, name: str) -> str:
        """A header of the mail itself on one line."""
        return header(self.head, name)


def read(raw: bytes) -> Mail:
    """Take a mail apart. Bytes that are no mail give an empty one."""
    raw = b"\n".join(raw[:BYTES].replace(b"\r\n", b"\n").split(b"\n", LINES)[:LINES])
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    if raw.lower().count(b"boundary") > LEVELS:
        mail = Mail(BytesHeaderParser().parsebytes(raw))
        mail.text = _lines(raw.partition(b"\n\n")[2].decode("utf-8", "replace"))
    else:
        mail = Mail(message_from_bytes(raw))
        texts: list[str] = []
        _take(mail.head, mail, texts, 0)
        mail.text = _lines("\n".join(texts))
    if mail.returned is None:
        mail.text, mail.returned = _cut(mail.text)
    return mail


def header(message: Message | None, name: str) -> str:
    """A header on one line, without what cannot be read; "" where there is none."""
    if message is None:
        return ""
    found = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    plain = str(found).encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # eight bits, as some write them
    value = " ".join(plain[:8_000].split())[:2_000]
    if "=?" not in value:
        return value
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except (LookupError, ValueError, HeaderParseError):
        return value


def addresses(text: str) -> list[str]:
    """Every address in a text, in small letters, once."""
    found = (one.lower().strip("'.") for one in ADDRESS.findall(text[:TEXT]))
    return list(dict.fromkeys(one for one in found if "." in one.rpartition("@")[2] or "@local" in one))


def _take(part: Message, mail: Mail, texts: list[str], level: int) -> None:
    kind = part.get_content_type()
    mail.types.append(kind)
    if len(mail.types) > PARTS or level > LEVELS:
        return
    if kind in STATUS_TYPES:
        mail.statuses += _blocks(part)
    elif kind == "message/feedback-report":
        mail.feedback = next(iter(_blocks(part)), None)
    elif kind in RETURNED_TYPES:
        inner = _returned(part)
        if inner is not None and inner.get_content_type() == "multipart/report" and level < 2 and not mail.statuses:
            _take(inner, mail, texts, level + 1)  # the report itself was passed on
            return
        mail.returned = mail.returned or inner
    elif isinstance(part.get_payload(), list):
        for one in part.get_payload():
            if isinstance(one, Message):
                _take(one, mail, texts, level + 1)
    elif kind.startswith("text/") and sum(map(len, texts)) < TEXT:
        texts.append(_words(part, kind))


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a status part, however its server wrapped them."""
    payload = part.get_payload()
    encoded = str(part.get("Content-Transfer-Encoding") or "").strip().lower() in ("base64", "quoted-printable")
    if isinstance(payload, list) and not encoded:
        blocks = [one for one in payload if isinstance(one, Message)]
        inner = [one.get_payload() for one in blocks]
        return blocks + [message_from_string(one[:TEXT]) for one in inner if isinstance(one, str) and ":" in one]
    if isinstance(payload, list):
        payload = "\n\n".join(one.as_string() for one in payload if isinstance(one, Message))
        carrier = Message()
        carrier["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding"))
        carrier.set_payload("".join(payload.split()) if "base64" in str(carrier.values()).lower() else payload)
        text = _decoded(carrier)
    else:
        text = _decoded(part)
    return [message_from_string(one) for one in re.split(r"\n[ \t]*\n", text[:TEXT]) if one.strip()][:PARTS]


def _returned(part: Message) -> Message | None:
    payload = part.get_payload()
    if isinstance(payload, list):
        return next((one for one in payload if isinstance(one, Message)), None)
    return message_from_string(_decoded(part).lstrip()[:TEXT])


def _words(part: Message, kind: str) -> str:
    text = _decoded(part)[: 4 * TEXT]
    if kind == "text/html":
        text = html.unescape(TAG.sub(" ", BREAK.sub("\n", SILENT.sub(" ", text))))
    return text


def _decoded(part: Message) -> str:
    found = part.get_payload(decode=True)
    if not isinstance(found, bytes):
        return ""
    try:
        return found.decode(part.get_content_charset() or "utf-8", "replace").replace("\r\n", "\n")
    except (LookupError, UnicodeError, ValueError):
        return found.decode("latin-1").replace("\r\n", "\n")


def _lines(text: str) -> str:
    return "\n".join(line[:LINE] for line in text[:TEXT].split("\n"))


def _cut(text: str) -> tuple[str, Message | None]:
    """The prose, and the header of the letter that follows it."""
    for found in islice(CUT.finditer(text), 20):
        rest = text[found.start() if found[0][:7] in ("Receive", "Return-") else found.end() :].lstrip("\n >-")[
            :RETURNED
        ]
        returned = message_from_string(rest)
        if len(returned.keys()) >= 2:
            return text[: found.start()], returned
    return text, None
