"""The instance's one secret key, and what is made from it: signing keys by purpose, and a seal for what is stored."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

FILE = "secret.key"
SIZE = 32


class SecretsProblem(Exception):
    """Something about the secret key; the message says what to do."""


class KeyIsDamaged(SecretsProblem):
    """secret.key has to hold exactly 32 bytes: put back the copy from a backup made with its key."""


class CannotOpen(SecretsProblem):
    """A stored secret was sealed with another key: type it in again, or put back the secret.key it was sealed with."""


class Secrets:
    """Keys derived from one secret. Two purposes never share a key, so a token for one is worthless for another."""

    def __init__(self, key: bytes) -> None:
        if len(key) != SIZE:
            raise KeyIsDamaged(KeyIsDamaged.__doc__)
        self._key = key

    @classmethod
    def read(cls, home: Path) -> Secrets:
        """The key of an instance. Raises FileNotFoundError when it was never made."""
        return cls((home / FILE).read_bytes())

    @classmethod
    def make(cls, home: Path) -> Secrets:
        """Make the key of a new instance, readable by its owner only; an existing one is kept."""
        return cls.read(home) if (home / FILE).exists() else cls.keep(home, secrets.token_bytes(SIZE))

    @classmethod
    def keep(cls, home: Path, key: bytes) -> Secrets:
        """Write the key of a new or restored instance. Raises FileExistsError: a key is never written over."""
        made = cls(key)
        file = os.open(home / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(key)
        return made

    def derive(self, purpose: str) -> bytes:
        """32 bytes that belong to this instance and this purpose."""
        return hmac.new(self._key, purpose.encode(), sha256).digest()

    def seal(self, text: str) -> str:
        """Text that only this instance can read again: for passwords and tokens at rest."""
        return self._fernet().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What `seal` was given. Raises CannotOpen."""
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise CannotOpen(CannotOpen.__doc__) from None

    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.derive("seal")))
