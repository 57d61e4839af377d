"""Signed tickets (JWT, RFC 7519) by which we show a push service who we are."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class NoKey(Exception):
    """This is no private key: paste the whole file, from -----BEGIN PRIVATE KEY----- to the end."""


def read_key(pem: str) -> Key:
    """The private key in a PEM file: RSA, or an elliptic curve key of P-256. Raises `NoKey`."""
    try:
        key = load_pem_private_key(pem.replace("\\n", "\n").strip().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise NoKey(NoKey.__doc__) from None
    if isinstance(key, rsa.RSAPrivateKey) or (
        isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    ):
        return key
    raise NoKey(NoKey.__doc__)


def ticket(key: Key, claims: Mapping[str, Any], **header: str) -> str:
    """A signed ticket: RS256 with an RSA key, ES256 with one of P-256 (RFC 7518, 3.3 and 3.4)."""
    kind = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    said = b".".join(text64(orjson.dumps(part)).encode() for part in ({"alg": kind, "typ": "JWT", **header}, claims))
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(said, padding.PKCS1v15(), SHA256())
    else:
        r, s = decode_dss_signature(key.sign(said, ec.ECDSA(SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{said.decode()}.{text64(signature)}"


def text64(raw: bytes) -> str:
    """Base64 as addresses and headers take it, without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes64(text: str) -> bytes:
    """The bytes of such a text, padded or not. Raises ValueError."""
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
