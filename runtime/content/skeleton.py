"""The frame of a letter around its parts: headers made from what is known once, and the few lines that differ."""

from __future__ import annotations

import re
import time
from binascii import b2a_base64, b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from secrets import token_hex
from typing import Any

from .brand import Brand
from .dkim import Header, Signer, body_hash
from .wire import LIMIT, longest_line

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*\Z")
WORD = 45  # bytes of text in one encoded word (RFC 2047: 75 characters at most)
BOUNDARY = f"=_{token_hex(12)}"
LINE_END = re.compile(rb"\r\n|\r|\n")

_BEFORE_TEXT = (
    f'--{BOUNDARY}\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
).encode()
_BEFORE_HTML = (
    f'\r\n--{BOUNDARY}\r\nContent-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: {{}}\r\n\r\n'
)
_BEFORE_HTML_7BIT = _BEFORE_HTML.format("7bit").encode()
_BEFORE_HTML_QP = _BEFORE_HTML.format("quoted-printable").encode()
_END = f"\r\n--{BOUNDARY}--\r\n".encode()


class BadHeader(Exception):
    """A header may not hold line breaks or control characters: correct the sender in the settings."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What all letters of one sender share."""

    brand: Brand
    signers: tuple[Signer, ...] = ()
    _from: str = field(init=False, default="")
    _reply_to: str = field(init=False, default="")
    domain: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Raises `BadHeader` for a sender that is none."""
        brand = self.brand
        object.__setattr__(self, "domain", clean(brand.sender_address.rpartition("@")[2]))
        object.__setattr__(self, "_from", mailbox(brand.sender_name, brand.sender_address))
        object.__setattr__(self, "_reply_to", mailbox("", brand.reply_to) if brand.reply_to else "")

    def letter(self, **values: Any) -> list[bytes]:
        """The whole letter as pieces: seven bits, CRLF, no line longer than 998, signed; see `framed`."""
        framed = self.framed(**values)
        return framed.signed([signer.signature(data) for signer, _, data in framed.asked])

    def framed(
        self,
        *,
        message_id: int,
        to: str,
        subject: str,
        html: bytes,
        text: bytes,
        at_ms: int,
        unsubscribe_url: str = "",
        campaign: str = "",
        list_id: str = "",
        relaxed: bool = False,
    ) -> Framed:
        """A letter but for its signatures. Raises `BadHeader`.

        ``html`` and ``text`` are as `wire` makes them; ``relaxed``: `wire` did make them. ``campaign`` stands in
        Feedback-ID, so that a mailbox provider can say what people complain about. A letter of a list says to machines
        that they need not answer it.
        """
        mark = sha256(f"{message_id}\0{to}\0{self.domain}".encode()).hexdigest()[:20]
        headers: list[Header] = [
            ("From", self._from),
            ("To", clean(to)),
            ("Subject", encoded(subject)),
            ("Date", _date(at_ms // 1000)),
            ("Message-ID", f"<m{message_id}.{mark}@{self.domain}>"),
            ("X-Sojourn-Message", str(message_id)),
        ]
        if self._reply_to:
            headers.append(("Reply-To", self._reply_to))
        if unsubscribe_url:
            headers.append(("List-Unsubscribe", f"<{clean(unsubscribe_url)}>"))
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))  # RFC 8058
        if list_id:
            headers.append(("List-ID", clean(list_id)))
            headers.append(("Precedence", "bulk"))  # absence notes stay away (RFC 3834 2 names it); filters do not mind
        if campaign:
            headers.append(("Feedback-ID", clean(campaign)))
        headers.append(("MIME-Version", "1.0"))
        headers.append(("Content-Type", f'multipart/alternative; boundary="{BOUNDARY}"'))
        if longest_line(html) > LIMIT:
            body, relaxed = [_BEFORE_TEXT, text, _BEFORE_HTML_QP, quoted(html), _END], False
        else:
            body = [_BEFORE_TEXT, text, _BEFORE_HTML_7BIT, html, _END]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        asked = []
        if self.signers:
            hashed = body_hash(body, relaxed)
            asked = [(signer, *signer.asked(headers, hashed, at_ms // 1000)) for signer in self.signers]
        return Framed(head, body, asked)


@dataclass(frozen=True, slots=True)
class Framed:
    """A letter and what is to be signed of it: by whom, under which header, which bytes."""

    head: str
    body: list[bytes]
    asked: list[tuple[Signer, str, bytes]]

    def signed(self, signatures: Sequence[bytes]) -> list[bytes]:
        """The letter as pieces, with one signature for each that was asked for."""
        lines = [signer.line(value, one) for (signer, value, _), one in zip(self.asked, signatures, strict=True)]
        return [f"{''.join(lines)}{self.head}\r\n".encode(), *self.body]


def quoted(part: bytes) -> bytes:
    """A part as quoted-printable."""
    return LINE_END.sub(b"\r\n", b2a_qp(LINE_END.sub(b"\n", part), istext=True))


def quotable(page: str) -> bytes:
    """A page in seven bits, as it goes into a letter that was not made for the wire."""
    return LINE_END.sub(b"\r\n", page.encode("ascii", "xmlcharrefreplace"))


def clean(value: str) -> str:
    """A header's value, or `BadHeader`."""
    if CONTROL.search(value) or not value.isascii():
        raise BadHeader(BadHeader.__doc__)
    return value


def encoded(text: str) -> str:
    """A text in a header (RFC 2047), folded where it is long. Raises `BadHeader`."""
    if CONTROL.search(text):
        raise BadHeader(BadHeader.__doc__)
    if text.isascii() and "=?" not in text and len(text) <= 200:
        return text
    words, word = [], b""
    for char in text:
        bytes_ = char.encode("utf-8", "replace")
        if len(word) + len(bytes_) > WORD:
            words.append(word)
            word = b""
        word += bytes_
    return "\r\n ".join(f"=?utf-8?b?{b2a_base64(one, newline=False).decode()}?=" for one in [*words, word])


def mailbox(name: str, address: str) -> str:
    """A name and an address in a header. Raises `BadHeader`."""
    if "@" not in address or any(char in address for char in '<>,; "'):
        raise BadHeader(f"{address!r} is not an e-mail address: correct it in the settings.")
    if not name:
        return clean(address)
    if not name.isascii():
        return f"{encoded(name)} <{clean(address)}>"
    if CONTROL.search(name):
        raise BadHeader(BadHeader.__doc__)
    quotable = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{name} <{clean(address)}>" if ATOMS.match(name) else f'"{quotable}" <{clean(address)}>'


@lru_cache(maxsize=64)
def _date(at_s: int) -> str:
    return format_datetime(datetime.fromtimestamp(at_s or time.time(), UTC))  # +0000: -0000 says no zone is known
