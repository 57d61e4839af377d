"""Passwords: argon2id in threads, few at a time, so that sixty-four megabytes a hash never add up."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2  # hashes, 64 MiB each
WAITING = 40  # people in the queue before the next one is asked to come back
SHORTEST = 10
LONGEST = 200


class WeakPassword(Exception):
    """Choose a password of at least 10 characters, for example four words that do not belong together."""


class TooBusy(Exception):
    """Many people are signing in at this moment: try again in a few seconds."""


_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_hex())  # checked for unknown people, so that they take as long as known ones


def check_strength(password: str) -> None:
    """Raise WeakPassword for what is too short, too long, or a single repeated character."""
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 4:
        raise WeakPassword(WeakPassword.__doc__)


def hash_password(password: str) -> str:
    """The hash to keep. Takes a tenth of a second on purpose. Raises WeakPassword."""
    check_strength(password)
    return _hasher.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; None takes as long and is never right."""
    try:
        return _hasher.verify(stored or _nobody, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


class Hashing:
    """The queue before the hasher."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def verify(self, stored: str | None, password: str) -> bool:
        """`verify` in a thread. Raises TooBusy when the queue is full."""
        if self._waiting >= WAITING:
            raise TooBusy(TooBusy.__doc__)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(verify, stored, password[: LONGEST + 1])
        finally:
            self._waiting -= 1
