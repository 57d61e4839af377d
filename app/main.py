"""The web application of one instance: doors for programs first, then the pages for people."""

from __future__ import annotations

import asyncio
import gc
import logging
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from nicegui import core, ui
from nicegui.storage import Storage
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from . import api, pages
from .auth import STAYS_MS, Accounts
from .canvas import rooms
from .harden import Guard, Hosts, SecurityHeaders, close_socket
from .link_host import LinkHost
from .plain import sentence_page

if TYPE_CHECKING:
    from .instance import Instance

ASSETS = Path(__file__).parent.parent / "assets"
RECONNECT_S = 12.0  # a page survives a network gap this long without a reload

log = logging.getLogger("sojourn.face")


def create_app(instance: Instance) -> FastAPI:
    """The application, ready for a server. NiceGUI keeps its state in the process: one application each."""
    accounts = Accounts(instance)
    address = instance.config.address
    hosts = Hosts(address, instance.config.trusted_hosts, instance.config.trusted_origins)
    secure = address.startswith("https://")

    app = FastAPI(lifespan=lambda _: _runtime(instance), docs_url=None, redoc_url=None, openapi_url=None)
    app.state.instance, app.state.accounts, app.state.hosts = instance, accounts, hosts
    for module in (*_modules(api), *_modules(pages)):
        routes = getattr(module, "routes", None)
        if routes is not None:
            app.router.routes.extend(_checked(routes(instance)))
    app.mount("/assets/style", StaticFiles(directory=ASSETS / "style"))
    app.add_middleware(
        SessionMiddleware,
        secret_key=instance.secrets.derive("session").hex(),
        session_cookie=cookie_name(instance),
        max_age=STAYS_MS // 1000,
        same_site="lax",
        https_only=secure,
    )
    app.add_middleware(SecurityHeaders, secure=secure)
    app.add_middleware(GZipMiddleware, compresslevel=6)  # pages, scripts and our own style sheets alike
    app.add_middleware(LinkHost, instance=instance)
    app.add_exception_handler(Exception, _failed)

    # /journeys/new is no journey called new, whichever page was loaded first
    core.app.router.routes.sort(key=lambda route: "{" in getattr(route, "path", ""))
    Storage.path = instance.home / ".nicegui"
    core.app.state.instance, core.app.state.accounts = instance, accounts
    core.app.add_exception_handler(404, _missing)
    core.app.add_exception_handler(RequestValidationError, _missing)  # /contacts/abc: no number, no such page
    core.app.add_exception_handler(Exception, _failed)
    core.app.on_page_exception(_page_failed)
    ui.run_with(
        app,
        title="Sojourn",
        favicon=ASSETS / "style" / "sojourn.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        reconnect_timeout=RECONNECT_S,
        show_welcome_message=False,
        gzip_middleware_factory=None,
        cache_control_directives="public, max-age=31536000, immutable",
    )
    core.app.config.quasar_config["loadingBar"]["skipHijack"] = True  # nothing here waits for a bar without a name
    face = app.router.routes[-1]
    assert isinstance(face, Mount)
    face.app = Guard(face.app, accounts, hosts)
    close_socket(accounts)
    return app


def cookie_name(instance: Instance) -> str:
    """Cookies are kept per host, not per port: two instances on one machine must not share theirs."""
    return "sojourn_" + sha256(instance.secrets.derive("cookie name")).hexdigest()[:10]


@asynccontextmanager
async def _runtime(instance: Instance) -> AsyncIterator[None]:
    await asyncio.to_thread(instance.runtime.start)
    gc.collect()
    gc.freeze()  # what was imported stays; going over all of it took 100 ms now and then, in the midst of an edit
    try:
        yield
    finally:
        await asyncio.to_thread(rooms.close, instance)
        await asyncio.to_thread(instance.runtime.stop)


def _modules(package: Any) -> Iterator[Any]:
    """Every module of a room, so that a new page or door is a new file and nothing else."""
    for found in pkgutil.iter_modules(package.__path__):
        yield import_module(f"{package.__name__}.{found.name}")


def _checked(routes: list[BaseRoute]) -> list[BaseRoute]:
    assert all(isinstance(route, BaseRoute) for route in routes)
    return routes


async def _failed(request: Request, error: Exception) -> Response:
    """Say that something failed and nothing of what: the log has it."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return HTMLResponse(
        sentence_page("Something went wrong", "It has been written to the log of this instance. Try again."), 500
    )


async def _missing(request: Request, error: Exception) -> Response:
    return HTMLResponse(sentence_page("Nothing here", "This page does not exist, or no longer does."), 404)


def _page_failed(error: Exception) -> None:
    with ui.column().classes("sj-alone"):
        ui.label("Something went wrong").classes("sj-title")
        ui.label("It has been written to the log of this instance. Try again.")
        ui.link("Back to the journeys", "/journeys")
