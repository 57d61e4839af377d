"""Letters looked over for a program, so that a build can refuse one that is not fit to leave."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime.content.checking.finding import SEVERITIES, Finding
from ...runtime.content.checking.named import NothingToCheck, check_in_journey, check_named, check_source
from ...runtime.content.forms import medium_of
from ...runtime.letter_parts import NoSuchShape, checked_letter
from .body import BodyProblem, read_body, read_json
from .keys import KeyRing, NoKey, given_key

AT_ONCE = 2  # letters looked over beside each other
LONGEST = 200  # characters of a name
LARGE = 600_000  # bytes of a letter


class NotForWriting(BodyProblem):
    """Looking letters over takes an admin key, since what is said counts your contacts: `sojourn keys new --kind admin` makes one."""  # noqa: E501

    status = 403


class WhichLetter(BodyProblem):
    """Send a letter ({"subject": …, "mjml": …} or with "blocks"), {"template": "name"} or {"journey": …, "letter": …}."""  # noqa: E501


class NoLetter(BodyProblem):
    """A text or push message has nothing to look over: send a letter."""


class NotThere(BodyProblem):
    """There is no such letter."""

    status = 404


class TooManyAtOnce(BodyProblem):
    """Other letters are being looked over: try again in a second."""

    status = 429


def routes(instance: Any) -> list[Route]:
    """``POST /v1/letters/check``."""
    ring, waiting = KeyRing(instance.db), asyncio.Semaphore(AT_ONCE)

    async def check(request: Request) -> Response:
        try:
            body = read_json(await read_body(request, LARGE))
            caller = await ring.caller(given_key(request, body))
            if caller.kind != "admin":
                raise NotForWriting(NotForWriting.__doc__)
            if waiting.locked():
                raise TooManyAtOnce(TooManyAtOnce.__doc__)
            async with waiting:
                found = await asyncio.to_thread(_found, instance, body)
        except NoKey as problem:
            return _json({"error": str(problem)}, 401)
        except BodyProblem as problem:
            return _json({"error": str(problem)}, problem.status)
        counts = Counter(one.severity for one in found)
        return _json({
            "ok": not counts["error"],
            "counts": {severity: counts[severity] for severity in SEVERITIES},
            "findings": [one.as_dict() for one in found],
        })  # fmt: skip

    return [Route("/v1/letters/check", check, methods=["POST"])]


def _found(instance: Any, body: Mapping[str, Any]) -> list[Finding]:
    """Nobody outside is asked: links count as they were found when they were asked last."""
    template, journey, letter = (_name(body, key) for key in ("template", "journey", "letter"))
    try:
        if template and "subject" not in body:
            return check_named(instance, template)
        if journey and letter:
            return check_in_journey(instance, journey, letter)
    except NothingToCheck as problem:
        raise NotThere(str(problem)) from None
    source = {key: value for key, value in body.items() if key not in ("writeKey", "marketing")}
    if medium_of(source) != "email":
        raise NoLetter(NoLetter.__doc__)
    if not source.get("mjml") and not source.get("blocks"):
        raise WhichLetter(WhichLetter.__doc__)
    try:
        source = checked_letter(source)
    except NoSuchShape as problem:
        raise WhichLetter(f"This is not a letter: {problem}") from None
    marketing = body.get("marketing", True)
    return check_source(instance, source, marketing=marketing if isinstance(marketing, bool) else True)


def _name(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) and value.isprintable() and len(value) <= LONGEST else ""


def _json(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, {"cache-control": "no-store"}, "application/json")
