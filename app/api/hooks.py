"""The door for what carriers tell us: receipts, bounces, complaints, answers. A call played again does nothing."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime import signals
from ...runtime.accounts import AccountProblem, opener
from ...runtime.channels.callback import Call, Forged, Malformed
from ...runtime.channels.channel import Channel
from ...runtime.exchange.outgoing import OutgoingProblem
from ...storage import accounts
from ...storage.accounts import Account
from .behind import Behind, TooFarBehind
from .body import BodyProblem, read_body

HEADERS = {"cache-control": "no-store"}

log = logging.getLogger(__name__)


def routes(instance: Any) -> list[Route]:
    """``/hooks/<name of an account>``: no cookie, no session; the carrier proves itself, its channel judges that."""
    door = _Door(instance)
    return [Route("/hooks/{name}", door.take, methods=["GET", "POST"])]


class _Door:
    def __init__(self, instance: Any) -> None:
        self._instance, self._open = instance, opener(instance)
        self._behind = Behind()
        self._channels: dict[str, tuple[Any, Channel]] = {}  # by account: as what it was opened

    async def take(self, request: Request) -> Response:
        """Read a call, and answer once what it says is committed. An account that is off still hears receipts."""
        instance, name = self._instance, request.path_params["name"]
        account = await instance.db.aread(lambda tx: accounts.named(tx, name))
        if account is None:
            return _plain(404, "There is no account of this name.")
        try:
            call = await self._call(request)
            reply = await self._channel(account).hear(call)
            if reply.signals:
                source = signals.Source(account.id or 0, account.name, account.medium)
                with self._behind.waiting():
                    due = await signals.take(instance.db, instance.shelf, instance.clock, source, reply.signals)
                if due:
                    instance.runtime.nudge()
        except Forged:
            log.warning("A call to /hooks/%s did not carry the carrier's signature.", account.name)
            return _plain(403, str(Forged.__doc__))
        except Malformed as problem:
            return _plain(400, str(problem) or str(Malformed.__doc__))
        except OutgoingProblem as problem:
            log.warning("A call to /hooks/%s could not be verified: %s", account.name, problem)
            return _plain(503, "The call cannot be verified right now; send it again.", {"retry-after": "60"})
        except BodyProblem as problem:
            return _plain(problem.status, str(problem))
        except AccountProblem as problem:
            log.error("The account %s cannot be opened: %s", account.name, problem)
            return _plain(503, "The account cannot be opened here; send it again later.", {"retry-after": "300"})
        except TooFarBehind as problem:
            return _plain(503, str(problem), {"retry-after": "5"})
        except ClientDisconnect:
            return _plain(400, "The call was cut off.")
        then = BackgroundTask(_after, reply.then, account.name) if reply.then else None
        return Response(reply.body, reply.status, HEADERS, reply.media_type, then)

    async def _call(self, request: Request) -> Call:
        query = request.url.query
        url = f"{self._base(request)}{request.url.path}{'?' + query if query else ''}"
        headers = {key.lower(): value for key, value in request.headers.items()}
        body = await read_body(request) if request.method == "POST" else b""
        return Call(request.method, url, headers, body, dict(request.query_params))

    def _base(self, request: Request) -> str:
        """As the carrier knows us: it signs that address, whatever stands between."""
        known = str(dict(self._instance.config).get("base_url") or self._instance.settings.base_url or "")
        return (known or str(request.base_url)).rstrip("/")

    def _channel(self, account: Account) -> Channel:
        made_of = account.changed_at, account.carrier, account.sealed
        known = self._channels.get(account.name)
        if known is None or known[0] != made_of:
            known = self._channels[account.name] = made_of, self._open(account)
        return known[1]


async def _after(then: Callable[[], Awaitable[None]], name: str) -> None:
    """What the channel still has to do, once its carrier has its answer."""
    try:
        await then()
    except Exception:
        log.exception("What the account %s wanted to do after a call failed.", name)


def _plain(status: int, sentence: str, more: dict[str, str] | None = None) -> Response:
    return Response(sentence, status, {**HEADERS, **(more or {})}, "text/plain")
