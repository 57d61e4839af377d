"""The demo's own doors: a link that signs in on this machine, and the pictures in its letters."""

from __future__ import annotations

import asyncio
import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from .. import plain
from ..auth import Accounts, WrongCredentials, key_of, remember
from ..demo import DOOR, is_demo, kept_keys
from ..demo_shop import ASSETS
from ..harden import Hosts
from ..passwords import TooBusy
from ..patience import TooManyTries
from .sign_in import FIRST_PAGE

if TYPE_CHECKING:
    from ..instance import Instance

PICTURES = {path.name: path for path in (ASSETS / "pictures").glob("*.png")}


def routes(instance: Instance) -> list[Route]:
    """Only in a demo; the link works while this process runs."""
    if not is_demo(instance):
        return []

    async def come_in(request: Request) -> Response:
        accounts: Accounts = request.app.state.accounts
        if not _from_here(request) or not hmac.compare_digest(request.path_params["token"].encode(), DOOR.encode()):
            return _closed("This link works on the machine the demo runs on, until the demo stops.")
        if await accounts.who(key_of(request)):
            return RedirectResponse(FIRST_PAGE, 303)
        keys = await asyncio.to_thread(kept_keys, instance.home)
        try:
            if keys is None:
                raise WrongCredentials(WrongCredentials.__doc__)
            key = await accounts.sign_in(keys.email, keys.password, "the demo's own link")
        except (WrongCredentials, TooManyTries, TooBusy):
            return _closed("The demo's password was changed: sign in with the new one.")
        remember(request, key)
        return RedirectResponse(FIRST_PAGE, 303)

    return [Route("/demo/pictures/{name}", picture), Route("/demo/{token}", come_in)]


async def picture(request: Request) -> Response:
    """A picture of a product. Mail programs ask for it without a session."""
    path = PICTURES.get(request.path_params["name"])
    if path is None:
        return Response(status_code=404)
    return FileResponse(path, headers={"cache-control": "public, max-age=86400"})


def _from_here(request: Request) -> bool:
    """True for a browser on this machine that asked for us by our name and came through no proxy."""
    hosts: Hosts = request.app.state.hosts
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")):
        return False
    try:
        return (
            request.client is not None and ip_address(request.client.host).is_loopback and hosts.served(request.headers)
        )
    except ValueError:
        return False


def _closed(sentence: str) -> Response:
    return plain.page("sentence.html", 403, title="This link is closed", sentence=sentence)
