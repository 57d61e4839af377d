"""Messages signed as Standard Webhooks says (standardwebhooks.com, version 1, symmetric)."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256

PREFIX = "whsec_"
TOLERANCE_S = 300  # a message older than that was kept by somebody
SIZE = 32  # bytes; the specification asks for 24 to 64


def new_secret() -> str:
    """A secret, as the receiver's library wants it."""
    return PREFIX + b64encode(secrets.token_bytes(SIZE)).decode()


def headers(secret: str, message_id: str, at_ms: int, body: bytes) -> dict[str, str]:
    """The three headers that prove a message: its id (the same on every try), when, and the signature."""
    seconds = at_ms // 1000
    signed = f"{message_id}.{seconds}.".encode() + body
    digest = hmac.new(b64decode(secret.removeprefix(PREFIX)), signed, sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }


def is_genuine(secret: str, given: Mapping[str, str], body: bytes) -> bool:
    """Whether a message of somebody else carries this secret's signature, and is of now. Names in lower case."""
    message_id, seconds = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if (
        not seconds.isascii()
        or not seconds.isdigit()
        or len(seconds) > 12
        or abs(time.time() - int(seconds)) > TOLERANCE_S
    ):
        return False
    wanted = headers(secret, message_id, int(seconds) * 1000, body)["webhook-signature"].encode()
    said = given.get("webhook-signature", "").split(" ")  # several, while a secret is being changed
    return any(hmac.compare_digest(wanted, one.encode()) for one in said)
