"""Links with which somebody sets a password: signed, for a while, and worthless once a password was set."""

from __future__ import annotations

import hmac
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer

from ..storage.users import User
from .secrets import Secrets

DAYS = 3
DAY_MS = 86_400_000


class LinkIsOver(Exception):
    """This link is not good any more: it was used, a newer one was made, or it is too old. Ask for another."""


def invitation(keys: Secrets, user: User, now_ms: int) -> str:
    """The path of a link for this person. A new password or a newer link changes their stamp, and ends it."""
    return "/set-password?token=" + _signer(keys).dumps([user.id, _mark(user), now_ms + DAYS * DAY_MS])


def whose(keys: Secrets, token: str, now_ms: int) -> int:
    """The id of the person a link was made for; `check` has to follow. Raises LinkIsOver."""
    number, _, until = _read(keys, token)
    if now_ms > until:
        raise LinkIsOver(LinkIsOver.__doc__)
    return number


def check(keys: Secrets, token: str, user: User | None, now_ms: int) -> User:
    """The person, as long as the link is still theirs. Raises LinkIsOver."""
    number, mark, until = _read(keys, token)
    good = user is not None and user.id == number and user.disabled_at is None and now_ms <= until
    if user is None or not good or not hmac.compare_digest(mark, _mark(user)):
        raise LinkIsOver(LinkIsOver.__doc__)
    return user


def _read(keys: Secrets, token: str) -> tuple[int, str, int]:
    try:
        number, mark, until = _signer(keys).loads(token)
    except (BadData, ValueError, TypeError):
        raise LinkIsOver(LinkIsOver.__doc__) from None
    return int(number), str(mark), int(until)


def _mark(user: User) -> str:
    """What stands for their stamp: the stamp itself ends sessions and stays inside."""
    return sha256(user.stamp.encode()).hexdigest()[:32]


def _signer(keys: Secrets) -> URLSafeSerializer:
    return URLSafeSerializer(keys.derive("set password"), signer_kwargs={"digest_method": sha256})
