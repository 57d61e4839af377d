"""Signatures of the sending domain on letters (RFC 6376, RFC 8463), relaxed in both parts."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

Algorithm = Literal["rsa-sha256", "ed25519-sha256"]
Header = tuple[str, str]  # name, and value folded or not

SIGNED = (
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "reply-to",
    "list-unsubscribe", "list-unsubscribe-post", "feedback-id", "list-id",
)  # fmt: skip
ONLY_ONE = ("from", "to", "subject", "date", "reply-to")  # named once more than they stand, so that nobody adds another
BITS = 2048
BLANKS = re.compile(r"[ \t]+")
BODY_BLANKS = re.compile(rb"[ \t]+")
PADDING, DIGEST = padding.PKCS1v15(), hashes.SHA256()


class NoKey(Exception):
    """This is no private key for DKIM: it has to be RSA of 1024 bits or more, or Ed25519, in PEM."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One key of one domain, under its selector."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, domain: str, selector: str, pem: str) -> Signer:
        """From a private key in PEM. Raises `NoKey`."""
        try:
            key = load_pem_private_key(pem.encode(), None)
        except (ValueError, TypeError) as error:
            raise NoKey(NoKey.__doc__) from error
        if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
            raise NoKey(NoKey.__doc__)
        if isinstance(key, RSAPrivateKey) and key.key_size < 1024:
            raise NoKey(NoKey.__doc__)
        return cls(domain.lower(), selector, key)

    @property
    def algorithm(self) -> Algorithm:
        """As it stands in the signature."""
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    @property
    def record(self) -> str:
        """What the domain has to publish as TXT at ``selector._domainkey.domain``."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={b64encode(der).decode()}"
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={b64encode(raw).decode()}"

    @property
    def pem(self) -> str:
        """The private key, to be sealed."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def sign(self, headers: Sequence[Header], body_hash: str, at_s: int) -> str:
        """The signature's own header line, CRLF at its end. ``headers`` are those of the letter, in order."""
        value, data = self.asked(headers, body_hash, at_s)
        return self.line(value, self.signature(data))

    def asked(self, headers: Sequence[Header], body_hash: str, at_s: int) -> tuple[str, bytes]:
        """The signature's header as far as it is known before, and what is to be signed."""
        present = {name.lower(): value for name, value in headers}
        named = [name for name in SIGNED if name in present]
        listed = ":".join([*named, *(name for name in ONLY_ONE if name not in ("reply-to",) or name in present)])
        value = (
            f"v=1; a={self.algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={at_s};\r\n h={listed};\r\n bh={body_hash};\r\n b="
        )
        signed = "".join(f"{name}:{_relaxed(present[name])}\r\n" for name in named)
        return value, f"{signed}dkim-signature:{_relaxed(value)}".encode()

    def signature(self, data: bytes) -> bytes:
        """The work itself: nearly all of it is done while others run."""
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PADDING, DIGEST)
        return self.key.sign(sha256(data).digest())

    def line(self, value: str, signature: bytes) -> str:
        """The whole header."""
        encoded = b64encode(signature).decode()
        lines = "\r\n ".join(encoded[at : at + 72] for at in range(0, len(encoded), 72))
        return f"DKIM-Signature: {value}{lines}\r\n"


def make_key(algorithm: Algorithm = "rsa-sha256") -> str:
    """A new private key, in PEM."""
    key = generate_private_key(65_537, BITS) if algorithm == "rsa-sha256" else Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def body_hash(parts: Sequence[bytes], relaxed: bool = False) -> str:
    """The hash of a body in relaxed form. ``relaxed``: it is in that form already, so that nobody need look."""
    digest = sha256()
    if relaxed:
        for part in parts:
            digest.update(part)
    else:
        whole = b"".join(parts)
        if b"  " in whole or b"\t" in whole or b" \r\n" in whole or whole.endswith(b"\r\n\r\n"):
            whole = _relaxed_body(whole)
        digest.update(whole)
    return b2a_base64(digest.digest(), newline=False).decode()


def _relaxed_body(body: bytes) -> bytes:
    body = BODY_BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")
    if body.endswith(b" "):
        body = body[:-1]
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _relaxed(value: str) -> str:
    return BLANKS.sub(" ", value.replace("\r\n", "")).strip()
