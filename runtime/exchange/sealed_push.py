"""A message that only one browser can read (RFC 8291), and the ticket that says who sends it (RFC 8292)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .tickets import bytes64, text64

RECORD = 4_096  # bytes of the one record a push service has to take (RFC 8030, 7.2)
POINT, SECRET, SALT, TAG = 65, 16, 16, 16
ROOM = RECORD - SALT - 4 - 1 - POINT - TAG - 1  # for the message itself
LAST = b"\x02"  # after the message, in the last record (RFC 8188, 2)


class BadSubscription(ValueError):
    """The subscription's keys are none: send what `PushSubscription.toJSON()` gives."""


class TooLong(ValueError):
    """The message is too long for a push service."""


def new_key() -> str:
    """A new private key of ours, as text."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return text64(number.to_bytes(32, "big"))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The key in such a text. Raises ValueError."""
    raw = bytes64(text)
    if len(raw) != 32:
        raise ValueError("A private key has 32 bytes.")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """Its public half, as browsers take it for `applicationServerKey`."""
    return text64(_point(key))


def keys_of(said: Mapping[str, Any]) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """The browser's public key and its secret. Raises `BadSubscription`."""
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes64(str(said["p256dh"])))
        secret = bytes64(str(said["auth"]))
    except (KeyError, ValueError, TypeError):
        raise BadSubscription(BadSubscription.__doc__) from None
    if len(secret) != SECRET:
        raise BadSubscription(BadSubscription.__doc__)
    return theirs, secret


def seal(message: bytes, keys: Mapping[str, Any]) -> bytes:
    """The message in the coding aes128gcm, in one record, for the browser with these keys.

    Raises `BadSubscription` and `TooLong`.
    """
    if len(message) > ROOM:
        raise TooLong(f"The message has {len(message):,} bytes; a push service takes {ROOM:,}.")
    theirs, secret = keys_of(keys)
    ours = ec.generate_private_key(ec.SECP256R1())
    point = _point(ours)
    shared = ours.exchange(ec.ECDH(), theirs)
    told = theirs.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) + point
    material = _derived(shared, secret, b"WebPush: info\0" + told, 32)
    salt = os.urandom(SALT)
    cipher = AESGCM(_derived(material, salt, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    return salt + RECORD.to_bytes(4, "big") + bytes([POINT]) + point + cipher.encrypt(nonce, message + LAST, None)


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
