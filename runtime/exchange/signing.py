"""Messages signed as Standard Webhooks says (standardwebhooks.com, version 1, symmetric)."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode
from hashlib import sha256

PREFIX = "whsec_"
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
