"""Who is signed in, and what they may do: checked on every page and in every handler."""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, Protocol
from urllib.parse import quote
from uuid import uuid4

from nicegui import core, ui
from nicegui.context import context
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse

from ..runtime import settings
from ..runtime.clock import Clock, ManualClock
from ..runtime.governance.approval import REVIEWERS
from ..storage import users
from ..storage.database import Database, Tx
from ..storage.users import Who
from .passwords import Hashing, hash_password
from .patience import Patience

P = ParamSpec("P")

STAYS_MS = 14 * 24 * 3_600_000  # a browser stays signed in so long

ROLES = {
    "owner": "everything, people and settings included",
    "editor": "draws journeys, asks for reviews, publishes, brings contacts in",
    "reviewer": "looks at everything, approves drafts or sends them back, pauses",
    "viewer": "looks at everything and changes nothing",
}
EVERYONE = frozenset(ROLES)
PERMISSIONS: dict[str, frozenset[str]] = {
    "see": EVERYONE,
    "edit": frozenset({"owner", "editor"}),  # journeys, contacts, imports; asking for a review
    "publish": frozenset({"owner", "editor"}),  # what four eyes saw, where the instance asks for them
    "review": REVIEWERS,
    "people": frozenset({"owner"}),  # who may come in, and as what
    "run": frozenset({"owner", "editor", "reviewer"}),  # pause and resume
    "settings": frozenset({"owner"}),
    "erase": frozenset({"owner"}),  # a person, for good
    "keys": frozenset({"owner"}),
    "clock": frozenset({"owner", "editor"}),  # only in an instance whose clock is moved by hand
}


class WrongCredentials(Exception):
    """The e-mail address or the password is not right. Look at both, then try again."""


class AlreadySetUp(Exception):
    """The owner has been set up already: sign in instead."""


class Home(Protocol):
    """What of an instance signing in needs."""

    @property
    def db(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def secrets(self) -> Any: ...


def may(who: Who, permission: str) -> bool:
    """Whether their role allows it."""
    return who.role in PERMISSIONS[permission]


def set_up_token(home: Home) -> str:
    """Opens the set-up page from another machine, as long as there is no owner; the command line prints it."""
    return home.secrets.derive("set-up").hex()[:32]


class Accounts:
    """Signs people in and out, and knows the browsers of those who are."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._hashing = Hashing()
        self._by_account = Patience(longest=60)  # short: a stranger must not lock the owner out for long
        self._by_address = Patience(longest=900)
        self._known: dict[str, Who] = {}

    async def sign_in(self, email: str, password: str, address: str) -> str:
        """The key of a new session. Raises WrongCredentials, TooManyTries, TooBusy."""
        account = email.strip().lower()[:320]
        self._by_address.begin(address)
        self._by_account.begin(account)
        user = await self._home.db.aread(lambda tx: users.user_by_email(tx, account))
        stored = user.password_hash if user and user.disabled_at is None else None
        if not await self._hashing.verify(stored, password) or user is None:
            raise WrongCredentials(WrongCredentials.__doc__)
        self._by_account.succeeded(account)
        self._by_address.succeeded(address)
        return await self._begin(user.id or 0, user.stamp, user.email)

    async def is_password(self, who: Who, password: str) -> bool:
        """Whether this is their password. Counts as a try. Raises TooManyTries, TooBusy."""
        self._by_account.begin(who.email)
        user = await self._home.db.aread(lambda tx: users.user_by_email(tx, who.email))
        right = await self._hashing.verify(user.password_hash if user else None, password)
        if right:
            self._by_account.succeeded(who.email)
        return right

    def forget_others(self, who: Who, keep: str | None) -> list[str]:
        """Their other sessions are over; returns their keys."""
        gone = [key for key, known in self._known.items() if known.id == who.id and key != keep]
        for key in gone:
            self._known.pop(key, None)
        return gone

    async def set_up(self, email: str, name: str, password: str) -> str:
        """Make the owner and sign them in. Raises AlreadySetUp, WeakPassword."""
        password_hash = await asyncio.to_thread(hash_password, password)
        stamp, now = secrets.token_hex(8), self._home.clock.now_ms()

        def job(tx: Tx) -> int:
            if users.any_user(tx):
                raise AlreadySetUp(AlreadySetUp.__doc__)
            settings.save(tx, "sender_address", email)
            return users.add_user(tx, email, password_hash, stamp, now, name=name).id or 0

        return await self._begin(await self._home.db.awrite(job), stamp, email)

    async def is_set_up(self) -> bool:
        """Whether there is anybody who can sign in."""
        return await self._home.db.aread(users.any_user)

    async def who(self, key: str | None) -> Who | None:
        """Whose session this is, read from the store: a changed password or role counts at once."""
        if not key:
            return None
        clock = self._home.clock
        # where time is moved by hand, a fortnight passes in a click and would sign everybody out
        oldest = 0 if isinstance(clock, ManualClock) else clock.now_ms() - STAYS_MS
        who = await self._home.db.aread(lambda tx: users.signed_in(tx, key, oldest))
        if who is None:
            self._known.pop(key, None)
        else:
            self._known[key] = who
        return who

    def known(self, key: str | None) -> bool:
        """Whether the session was good when it was last looked up. For what cannot wait for the store."""
        return key in self._known

    async def sign_out(self, key: str | None) -> None:
        """End the session here and in every open page."""
        if key:
            self._known.pop(key, None)
            await self._home.db.awrite(lambda tx: users.end_sign_in(tx, key))

    async def _begin(self, user_id: int, stamp: str, email: str) -> str:
        key, now = secrets.token_urlsafe(32), self._home.clock.now_ms()

        def job(tx: Tx) -> None:
            users.begin_sign_in(tx, key, user_id, stamp, now)
            users.note(tx, email, "signed in", "", now)

        await self._home.db.awrite(job)
        return key


def remember(request: Request, key: str) -> None:
    """Give the browser a new session, whatever it had before."""
    request.session.clear()
    request.session.update(id=str(uuid4()), key=key)


def key_of(connection: HTTPConnection) -> str | None:
    """The session key of a request or socket, if it has one."""
    return connection.scope.get("session", {}).get("key")


def accounts() -> Accounts:
    """The accounts of the running application."""
    return core.app.state.accounts


async def current() -> Who:
    """Who is looking at this page. Raises PermissionError once they are signed out."""
    who = await accounts().who(key_of(context.client.request))
    if who is None:
        raise PermissionError("signed out")
    return who


def permitted(permission: str) -> Callable[[Callable[P, Awaitable[Any]]], Callable[P, Awaitable[Any]]]:
    """Let a page or a handler run only for somebody whose role allows it, asked anew each time it runs."""
    assert permission in PERMISSIONS

    def decorate(function: Callable[P, Awaitable[Any]]) -> Callable[P, Awaitable[Any]]:
        @functools.wraps(function)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            client = context.client
            who = await accounts().who(key_of(client.request))
            if who is None:
                target = "/sign-in?next=" + quote(client.request.url.path, safe="")
                if not client.has_socket_connection:
                    return RedirectResponse(target, 303)
                ui.navigate.to(target)
                return None
            if not may(who, permission):
                sentence = "Your role may look at this but not change it. Ask the owner."
                if client.has_socket_connection:
                    ui.notify(sentence, type="warning")
                else:
                    ui.label(sentence).classes("sj-refused")
                return None
            return await function(*args, **kwargs)

        return guarded

    return decorate
