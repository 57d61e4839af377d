"""The owner's domain for links: there only what letters lead to answers, and everywhere else everything as before."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sojourn.app.api import preferences, tracking
from sojourn.app.instance import Instance
from sojourn.app.link_host import LinkHost
from sojourn.runtime import settings
from sojourn.runtime.content.links import Links


def test_nothing_but_what_letters_lead_to_answers_there(tmp_path: Path) -> None:
    async def anything(request: Request) -> PlainTextResponse:
        return PlainTextResponse("the app")

    instance = Instance.create(tmp_path / "home")
    try:
        rooms = [*tracking.routes(instance), *preferences.routes(instance), Route("/{path:path}", anything)]
        app = LinkHost(Starlette(routes=rooms), instance)
        own, base = "https://links.example.com", "https://news.example.com"

        def ask(host: str, path: str) -> int:
            async def go() -> int:
                transport = httpx.ASGITransport(app=app)
                async with httpx.AsyncClient(transport=transport, base_url=host) as client:
                    return (await client.get(path)).status_code

            return asyncio.run(go())

        def fresh() -> None:
            app._until = 0.0

        links = Links(instance.secrets.derive("links")).at(own)
        click, way_out = (
            url.removeprefix(own)
            for url in (links.click(1, "https://shop.example.com"), links.unsubscribe(1, 1, "email"))
        )
        assert ask(own, "/contacts") == 200, "before it is set it is a name like any other"
        instance.db.write(lambda tx: settings.save(tx, "tracking_url", own))
        instance.db.write(lambda tx: settings.save(tx, "base_url", base))
        fresh()
        for path in ("/contacts", "/v1/track", "/", "/sign-in", "/healthz", "/c", "//c/x", "/C/x"):
            assert ask(own, path) == 404, path
            assert ask(f"{own}.", path) == 404, f"{path} under the name with a dot at its end"
            assert ask(base, path) == 200
            assert ask("http://127.0.0.1:8090", path) == 200
        assert (ask(own, click), ask("https://LINKS.example.com:443", click)) == (302, 302)
        assert (ask(own, way_out), ask(own, "/.well-known/sojourn")) == (200, 200)
        instance.db.write(lambda tx: settings.save(tx, "tracking_url", base))
        fresh()
        assert ask(base, "/contacts") == 200, "one domain for everything stays one"
    finally:
        instance.close()
