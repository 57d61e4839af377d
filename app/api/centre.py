"""The preference centre: what somebody gets, how often, not for a while, not at all, and their own data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...runtime import preferences
from ...runtime.content.links import ExpiredLink, ForgedLink, Links
from ...runtime.preferences import PAUSES, PER_WEEK, Centre, Proof
from ...storage import requests
from ..public import Door, NoForm, TooLong, TooManyTries, address_of, agent_of, brand_css, read_form
from ..public_words import Words

DONE = ("saved", "paused", "resumed", "left", "asked_export", "asked_erasure", "measured", "unmeasured")
HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def routes(instance: Any) -> list[Route]:
    """The routes of the preference centre, and the brand's colour for every public page."""
    hall = _Hall(instance)

    async def colour(request: Request) -> Response:
        css = brand_css(instance.settings.brand_color)
        return Response(css, media_type="text/css", headers={"cache-control": "max-age=300"})

    return [
        Route("/public/brand.css", colour, methods=["GET"]),
        Route("/p/{token}", hall.guarded(hall.show), methods=["GET"]),
        Route("/p/{token}", hall.guarded(hall.change), methods=["POST"]),
    ]


class _Hall:
    def __init__(self, instance: Any) -> None:
        self._instance, self._door = instance, Door(instance)
        self._links = Links(instance.secrets.derive("links"))

    def guarded(self, handler: Callable[..., Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Every refusal is a page with a sentence, in the language of whoever looks."""

        async def handle(request: Request) -> Response:
            words = self._door.words(request)
            try:
                now_ms = self._instance.clock.now_ms()
                contact_id, message_id = self._links.read_preferences(request.path_params["token"], now_ms)
                return await handler(request, contact_id, message_id)
            except ExpiredLink:
                return self._door.sentence(words, 410, words("link_title"), words("link_expired"))
            except ForgedLink:
                return self._door.sentence(words, 404, words("link_title"), words("link_forged"))
            except TooLong:
                return self._door.sentence(words, 413, words("link_title"), words("link_forged"))
            except NoForm:
                return self._door.sentence(words, 400, words("no_form_title"), words("no_form"))
            except TooManyTries as problem:
                answer = self._door.sentence(words, 429, words("data"), words("too_many"))
                answer.headers["retry-after"] = str(problem.seconds)
                return answer

        return handle

    async def show(self, request: Request, contact_id: int, message_id: int) -> Response:
        """Everything as it is now; looking changes nothing."""
        centre = await self._view(contact_id)
        words = self._door.words(request, centre.language if centre else "")
        if centre is None:
            return self._door.sentence(words, 404, words("data"), words("gone"))
        done = request.query_params.get("done", "")
        return self._page(centre, words, done if done in DONE else "")

    async def change(self, request: Request, contact_id: int, message_id: int) -> Response:
        """One of the page's buttons; afterwards the page is shown as it is then."""
        filled = await read_form(request)
        centre = await self._view(contact_id)
        words = self._door.words(request, centre.language if centre else "", _one(filled, "language"))
        if centre is None:
            return self._door.sentence(words, 404, words("data"), words("gone"))
        proof = Proof(message_id, words.language, address_of(request), agent_of(request))
        done = await self._do(request, centre, filled, proof)
        self._instance.runtime.nudge()
        where = f"/p/{request.path_params['token']}?done={done}&lang={words.language}"
        return RedirectResponse(where, 303, HEADERS)

    async def _do(self, request: Request, centre: Centre, filled: dict[str, list[str]], proof: Proof) -> str:
        instance, who = self._instance, centre.contact_id
        now_ms, shelf, what = instance.clock.now_ms(), instance.shelf, _one(filled, "do")

        async def write(job: Callable[[Any], Any]) -> Any:
            return await instance.db.awrite(job, durable=True)

        if what == "pause":
            weeks = int(found) if (found := _one(filled, "weeks")[:4]).isdecimal() else 0
            weeks = weeks if weeks in PAUSES else PAUSES[1]
            await write(lambda tx: preferences.pause(tx, shelf, who, weeks, now_ms))
            return "paused"
        if what == "resume":
            await write(lambda tx: preferences.pause(tx, shelf, who, 0, now_ms))
            return "resumed"
        if what in ("measured", "unmeasured"):
            await write(lambda tx: preferences.measure(tx, shelf, who, what == "measured", proof, now_ms))
            return what
        if what == "leave":
            await write(lambda tx: preferences.leave(tx, shelf, who, "", preferences.SOURCE, proof, now_ms))
            return "left"
        if what in (requests.EXPORT, requests.ERASURE):
            self._door.slow_down(request)
            await write(lambda tx: preferences.request(tx, who, what, proof.language, now_ms))
            return f"asked_{what}"
        if what != "save":
            raise NoForm(NoForm.__doc__)
        ticked = {*filled.get("want", [])}
        wanted = {
            (channel, line.topic.name): f"{channel}.{line.topic.name}" in ticked
            for line in centre.lines
            for channel, _ in line.channels
        }
        often = _one(filled, "per_week")
        per_week = int(often) if often.isdecimal() and len(often) < 5 and int(often) in PER_WEEK else None
        await write(lambda tx: preferences.choose(tx, shelf, who, wanted, per_week, proof, now_ms))
        return "saved"

    async def _view(self, contact_id: int) -> Centre | None:
        instance = self._instance
        audience, now_ms = instance.settings.audience, instance.clock.now_ms()
        return await instance.db.aread(lambda tx: preferences.view(tx, contact_id, audience, now_ms))

    def _page(self, centre: Centre, words: Words, done: str) -> Response:
        zone = self._instance.settings.zone
        paused = words.day(centre.paused_until, zone) if centre.paused_until else ""
        return self._door.page(
            "centre.html", words, centre=centre, done=done, paused=paused, per_week=PER_WEEK, pauses=PAUSES,
            who=centre.address, title="centre_title_b2b" if centre.audience == "b2b" else "centre_title",
        )  # fmt: skip


def _one(filled: dict[str, list[str]], name: str) -> str:
    return filled.get(name, [""])[0]
