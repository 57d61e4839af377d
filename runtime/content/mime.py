"""A rendered letter as the bytes a mail server takes."""

from __future__ import annotations

import re
from binascii import b2a_qp
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from .brand import Brand

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
LINE_END = re.compile(rb"\r\n|\r|\n")


class BadHeader(Exception):
    """A header may not hold line breaks or control characters: correct the sender in the settings."""


def build(
    *,
    message_id: int,
    brand: Brand,
    to: str,
    subject: str,
    html: str,
    text: str,
    at_ms: int,
    unsubscribe_url: str = "",
) -> bytes:
    """The whole message, CRLF throughout, every line of 7-bit characters and at most 998 long.

    ``message_id`` stands in Message-ID and X-Sojourn-Message, so that a second copy would be seen.
    Raises `BadHeader`.
    """
    headers = EmailMessage(policy=SMTP)
    domain = brand.sender_address.rpartition("@")[2]
    mark = sha256(f"{message_id}\0{to}\0{domain}".encode()).hexdigest()[:20]
    pairs = {
        "From": _address(brand.sender_name, brand.sender_address),
        "To": _address("", to),
        "Reply-To": _address("", brand.reply_to) if brand.reply_to else "",
        "Subject": _clean(subject),
        "Date": format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC)),
        "Message-ID": f"<m{message_id}.{mark}@{_clean(domain)}>",
        "X-Sojourn-Message": str(message_id),
        "List-Unsubscribe": f"<{_clean(unsubscribe_url)}>" if unsubscribe_url else "",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" if unsubscribe_url else "",  # RFC 8058
        "MIME-Version": "1.0",
    }
    for name, value in pairs.items():
        if value:
            headers[name] = value
    kinds = f'Content-Type: multipart/alternative; boundary="={mark}="'.encode()
    border = f"--={mark}=".encode()
    parts = (("text/plain", text), ("text/html", html))
    body = b"".join(
        border
        + f'\r\nContent-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
        + LINE_END.sub(b"\r\n", b2a_qp(LINE_END.sub(b"\n", part.encode()), istext=True))
        + b"\r\n"
        for kind, part in parts
    )
    return headers.as_bytes().rstrip(b"\r\n") + b"\r\n" + kinds + b"\r\n\r\n" + body + border + b"--\r\n"


def _address(name: str, address: str) -> Address:
    try:
        return Address(_clean(name), addr_spec=_clean(address))
    except BadHeader:
        raise
    except Exception as error:  # the standard library's parser fails in many ways
        raise BadHeader(f"{address!r} is not an e-mail address: correct it in the settings.") from error


def _clean(value: str) -> str:
    if CONTROL.search(value):
        raise BadHeader(BadHeader.__doc__)
    return value
