"""Setting a password with a link somebody was given: a plain page, so that strangers never reach the socket."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...storage import users
from ...storage.database import Tx
from ...storage.users import User
from .. import plain
from ..invitations import LinkIsOver, check, whose
from ..passwords import WeakPassword, hash_password
from .sign_in import fields, foreign, ours

if TYPE_CHECKING:
    from ..instance import Instance


def routes(instance: Instance) -> list[Route]:
    """The form and what it posts to. Looking at it changes nothing."""

    def held(tx: Tx, token: str) -> User:
        now_ms = instance.clock.now_ms()
        number = whose(instance.secrets, token, now_ms)
        return check(instance.secrets, token, tx.session.get(User, number), now_ms)

    async def form(request: Request) -> Response:
        token = request.query_params.get("token", "")
        try:
            user = await instance.db.aread(lambda tx: held(tx, token))
        except LinkIsOver as problem:
            return _over(problem)
        return plain.page("set_password.html", title="Your password", problem="", email=user.email, token=token)

    async def keep(request: Request) -> Response:
        if not ours(request):
            return foreign()
        given = await fields(request)
        token, password = given.get("token", ""), given.get("password", "")
        stamp, now_ms = secrets.token_hex(8), instance.clock.now_ms()
        email = ""
        try:
            email = (await instance.db.aread(lambda tx: held(tx, token))).email
            hashed = await asyncio.to_thread(hash_password, password)

            def job(tx: Tx) -> None:
                owner = held(tx, token)  # once: a second one with the same link finds another stamp
                users.change_password(tx, owner.id or 0, hashed, stamp)
                users.note(tx, owner.email, "user.password", owner.email, now_ms)

            await instance.db.awrite(job)
        except LinkIsOver as problem:
            return _over(problem)
        except WeakPassword as problem:
            return plain.page(
                "set_password.html", 422, title="Your password", problem=str(problem), email=email, token=token
            )
        return RedirectResponse("/sign-in", 303)

    return [Route("/set-password", form), Route("/set-password", keep, methods=["POST"])]


def _over(problem: LinkIsOver) -> Response:
    return plain.page("sentence.html", 410, title="This link is over", sentence=str(problem))
