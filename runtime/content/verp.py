"""A return path of its own for each letter, so that what comes back names the letter, and nobody can make one up.

``b-42-k3…@bounces.example.com``, or ``bounces+42-k3…@example.com`` for a mailbox that takes such additions.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256

PURPOSE = "return paths"  # of the key that signs them
MARK = 16  # letters of the signature: 80 bits
LONGEST = 64  # bytes of what stands before the @ (RFC 5321 4.5.3.1.1)
NUMBER = 19  # digits of a message's number at most
KEPT = LONGEST - NUMBER - MARK - 2  # of the mailbox's own name
OURS = re.compile(rf"(?:^b-|\+)([1-9][0-9]{{0,{NUMBER - 1}}})-([a-z2-7]{{{MARK}}})@[^@]+\Z")


def return_path(message_id: int, secret: bytes, domain: str) -> str:
    """The address answers to this letter go to; ``domain`` is a domain that is all ours, or a mailbox."""
    name, at, host = domain.rpartition("@")
    local = f"{name}+{message_id}" if at else f"b-{message_id}"
    return f"{local}-{_mark(message_id, secret)}@{host}"


def read_return_path(address: str, secret: bytes) -> int | None:
    """The letter an address was made for; None for any other. Servers may have changed the case of it."""
    found = OURS.search(address.strip().lower())
    if found is None or not hmac.compare_digest(_mark(int(found[1]), secret), found[2]):
        return None
    return int(found[1])


def _mark(message_id: int, secret: bytes) -> str:
    return b32encode(hmac.digest(secret, b"return path %d" % message_id, sha256)[: MARK * 5 // 8]).decode().lower()
