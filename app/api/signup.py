"""The hosted sign-up form, also from other sites' pages, and the page where a sign-up is confirmed by a button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime import addresses, signups
from ...runtime.content.links import ExpiredLink, ForgedLink, Links
from ...runtime.signups import FIELDS, Entered, consent_words
from ...storage import signups as rows
from ...storage.signups import Form
from ..public import Door, NoForm, TooLong, TooManyTries, address_of, agent_of, read_form
from ..public_words import Words

TRAP = "website"  # a field nobody sees; only machines fill it in
LONGEST = 120  # characters of a name


def routes(instance: Any) -> list[Route]:
    """The routes of sign-up forms."""
    desk = _Desk(instance)
    return [
        Route("/sign-up/{name}", desk.guarded(desk.show), methods=["GET"]),
        Route("/sign-up/{name}", desk.guarded(desk.take), methods=["POST"]),
        Route("/confirm/{token}", desk.guarded(desk.ask_again), methods=["GET"]),
        Route("/confirm/{token}", desk.guarded(desk.confirm), methods=["POST"]),
    ]


class _Desk:
    def __init__(self, instance: Any) -> None:
        self._instance, self._door = instance, Door(instance)
        self._links = Links(instance.secrets.derive("links"))

    def guarded(
        self, handler: Callable[[Request, Words], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Every refusal is a page with a sentence."""

        async def handle(request: Request) -> Response:
            words = self._door.words(request)
            try:
                return await handler(request, words)
            except ExpiredLink:
                return self._door.sentence(words, 410, words("link_title"), words("link_expired"))
            except ForgedLink:
                return self._door.sentence(words, 404, words("link_title"), words("link_forged"))
            except TooLong:
                return self._door.sentence(words, 413, words("form_title"), words("form_email_wrong"))
            except NoForm:
                return self._door.sentence(words, 400, words("no_form_title"), words("no_form"))
            except TooManyTries as problem:
                answer = self._door.sentence(words, 429, words("form_title"), words("too_many"))
                answer.headers["retry-after"] = str(problem.seconds)
                return answer

        return handle

    # ── the form ──────────────────────────────────────────────────────────────────────────────────────

    async def show(self, request: Request, words: Words) -> Response:
        """The empty form."""
        form, agree = await self._form(request, words)
        if form is None:
            return self._closed(words)
        return self._page(form, words, agree)

    async def take(self, request: Request, words: Words) -> Response:
        """An address was entered. The answer is the same whoever it is, and whether they are known or not."""
        self._door.slow_down(request)
        filled = {name: values[0].strip() for name, values in (await read_form(request)).items()}
        words = self._door.words(request, chosen=filled.get("language"))
        form, agree = await self._form(request, words)
        if form is None:
            return self._closed(words)
        fields = {name: filled.get(name, "")[:LONGEST] for name in form.fields if name in FIELDS}
        typed = {"email": filled.get("email", "")[:320], **fields}
        try:
            email = addresses.email(filled.get("email", ""))
        except addresses.NotAnAddress:
            return self._page(form, words, agree, "form_email_wrong", typed)
        if not filled.get("agree"):
            return self._page(form, words, agree, "form_agree_first", typed)
        if not filled.get(TRAP):
            instance, now_ms = self._instance, self._instance.clock.now_ms()
            if not await instance.db.aread(lambda tx: signups.ready(instance.shelf, tx)):
                return self._door.sentence(words, 503, words("form_title"), words("form_not_ready"))
            links = self._links.at(instance.settings.base_url or instance.config.address)
            entered = Entered(email, words.language, fields, address_of(request), agent_of(request))
            make = signups.confirm_links(links, now_ms)
            await instance.db.awrite(
                lambda tx: signups.ask(tx, instance.shelf, form, entered, make, now_ms), durable=True
            )
            instance.runtime.nudge()
        return self._door.sentence(words, 200, words("form_sent_title"), words("form_sent"))

    async def _form(self, request: Request, words: Words) -> tuple[Form | None, str]:
        def look(tx: Any) -> tuple[Form | None, str]:
            form = rows.form(tx, request.path_params["name"])
            return form, consent_words(tx, form, words.language) if form else ""

        return await self._instance.db.aread(look)

    def _page(
        self, form: Form, words: Words, agree: str, problem: str = "", typed: dict[str, str] | None = None
    ) -> Response:
        said = {name: signups.said(form, words.language, name) for name in ("title", "lead", "button")}
        return self._door.page(
            "sign_up.html", words, 422 if problem else 200, title=said["title"] or words("form_title"),
            lead=said["lead"], button=said["button"] or words("form_button"), agree=agree, problem=problem,
            fields=[(name, FIELDS[name]) for name in form.fields if name in FIELDS], typed=typed or {}, trap=TRAP,
            action=f"/sign-up/{form.name}",
        )  # fmt: skip

    def _closed(self, words: Words) -> Response:
        return self._door.sentence(words, 404, words("form_title"), words("form_gone"))

    # ── the confirmation ──────────────────────────────────────────────────────────────────────────────

    async def ask_again(self, request: Request, words: Words) -> Response:
        """The page behind the letter's button: programs that follow links confirm nothing."""
        number = self._links.read_confirm(request.path_params["token"], self._instance.clock.now_ms())
        one, agreed = await self._instance.db.aread(lambda tx: _seen(tx, number))
        words = self._door.words(request, one.language if one else "")
        if one is None:
            return self._door.sentence(words, 410, words("link_title"), words("link_expired"))
        return self._door.page("confirm.html", words, agreed=agreed, done=False, onward="")

    async def confirm(self, request: Request, words: Words) -> Response:
        """Their yes; from here on it stands in the ledger, with when and where both halves happened."""
        instance, now_ms = self._instance, self._instance.clock.now_ms()
        number = self._links.read_confirm(request.path_params["token"], now_ms)
        ip, agent = address_of(request), agent_of(request)
        one = await instance.db.awrite(
            lambda tx: signups.confirm(tx, instance.shelf, number, ip, agent, now_ms), durable=True
        )
        words = self._door.words(request, one.language if one else "")
        if one is None:
            return self._door.sentence(words, 410, words("link_title"), words("link_expired"))
        instance.runtime.nudge()
        form, agreed = await instance.db.aread(lambda tx: (rows.form(tx, one.form), rows.text_of(tx, one.wording)))
        onward = form.then_url if form else ""
        return self._door.page("confirm.html", words, agreed=agreed or "", done=True, onward=onward)


def _seen(tx: Any, number: int) -> tuple[rows.SignUp | None, str]:
    one = rows.signup(tx, number)
    return one, (rows.text_of(tx, one.wording) or "") if one else ""
