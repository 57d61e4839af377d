"""Coming in and going out: plain pages, so that strangers never reach the socket."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

from email_validator import EmailNotValidError, validate_email
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .. import plain
from ..auth import Accounts, AlreadySetUp, WrongCredentials, key_of, remember, set_up_token
from ..harden import Hosts, end_pages
from ..passwords import TooBusy, WeakPassword
from ..patience import TooManyTries

if TYPE_CHECKING:
    from ..instance import Instance

FIRST_PAGE = "/journeys"


def routes(instance: Instance) -> list[Route]:
    """The forms and what they post to."""
    return [
        Route("/sign-in", sign_in_form),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/set-up", set_up_form),
        Route("/set-up", set_up, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
    ]


async def sign_in_form(request: Request) -> Response:
    """The form, or the way to set-up while nobody could use it."""
    accounts: Accounts = request.app.state.accounts
    if not await accounts.is_set_up():
        return RedirectResponse("/set-up", 303)
    if await accounts.who(key_of(request)):
        return RedirectResponse(inside(request.query_params.get("next", "")), 303)
    return plain.page("sign_in.html", title="Sign in", problem="", email="", next=request.query_params.get("next", ""))


async def sign_in(request: Request) -> Response:
    """The same answer for a wrong address and a wrong password."""
    if not ours(request):
        return foreign()
    accounts: Accounts = request.app.state.accounts
    form = await fields(request)
    where = form.get("next", "")
    try:
        key = await accounts.sign_in(form.get("email", ""), form.get("password", ""), _address(request))
    except (WrongCredentials, TooManyTries, TooBusy) as error:
        status = {WrongCredentials: 401, TooManyTries: 429, TooBusy: 503}[type(error)]
        answer = plain.page(
            "sign_in.html", status, title="Sign in", problem=str(error), email=form.get("email", ""), next=where
        )
        if isinstance(error, TooManyTries):
            answer.headers["retry-after"] = str(error.seconds)
        return answer
    await accounts.sign_out(key_of(request))
    remember(request, key)
    return RedirectResponse(inside(where), 303)


async def set_up_form(request: Request) -> Response:
    """Only from this machine, or with the token the command line printed."""
    accounts: Accounts = request.app.state.accounts
    if await accounts.is_set_up():
        return RedirectResponse("/sign-in", 303)
    token = request.query_params.get("token", "")
    if not _may_set_up(request, token):
        return _not_from_there()
    return plain.page("set_up.html", title="Welcome", problem="", name="", email="", token=token)


async def set_up(request: Request) -> Response:
    """Make the owner."""
    if not ours(request):
        return foreign()
    form = await fields(request)
    if not _may_set_up(request, form.get("token", "")):
        return _not_from_there()
    accounts: Accounts = request.app.state.accounts
    values = {name: form.get(name, "") for name in ("name", "email", "token")}
    try:
        address = validate_email(values["email"], check_deliverability=False, test_environment=True).normalized
        key = await accounts.set_up(address, values["name"][:120], form.get("password", ""))
    except AlreadySetUp:
        return RedirectResponse("/sign-in", 303)
    except (EmailNotValidError, WeakPassword) as error:
        return plain.page("set_up.html", 422, title="Welcome", problem=str(error), **values)
    remember(request, key)
    return RedirectResponse(FIRST_PAGE, 303)


async def sign_out(request: Request) -> Response:
    """End the session, and the handlers of every page still open under it."""
    if not ours(request):
        return foreign()
    key = key_of(request)
    await request.app.state.accounts.sign_out(key)
    end_pages(key)
    request.session.clear()
    return RedirectResponse("/sign-in", 303)


def inside(target: str) -> str:
    """A path of ours, whatever the link said."""
    odd = "\\" in target or any(ord(letter) <= 32 for letter in target)
    return FIRST_PAGE if odd or not target.startswith("/") or target.startswith("//") else quote(target, safe="/?=&%")


def ours(request: Request) -> bool:
    """Whether a form was sent from a page of ours."""
    hosts: Hosts = request.app.state.hosts
    return hosts.served(request.headers) and hosts.same_origin(request.headers)


def _may_set_up(request: Request, token: str) -> bool:
    hosts: Hosts = request.app.state.hosts
    if hmac.compare_digest(token.encode(), set_up_token(request.app.state.instance).encode()):
        return True
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    return not forwarded and _address(request) in ("127.0.0.1", "::1") and hosts.served(request.headers)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def fields(request: Request) -> dict[str, str]:
    """What was filled in, bounded."""
    async with request.form(max_files=0, max_fields=10, max_part_size=4096) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def foreign() -> Response:
    """The answer to a form from elsewhere."""
    return plain.page("sentence.html", 403, title="Not from here", sentence="This form was sent from another site.")


def _not_from_there() -> Response:
    return plain.page(
        "sentence.html",
        403,
        title="Set up on the machine itself",
        sentence="Open this page on the machine Sojourn runs on, or use the link `sojourn serve` printed.",
    )
