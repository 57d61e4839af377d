"""Whether it is noticed what somebody opens and follows, said by a program for them."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime import preferences
from ...storage import people
from ...storage.database import Tx
from .body import BodyProblem, read_body, read_json
from .keys import KeyRing, NoKey, given_key


class AdminKey(BodyProblem):
    """It is about people, so it takes an admin key: `sojourn keys new --kind admin` makes one."""

    status = 403


class NotSaid(BodyProblem):
    """Say {"person": "ada@example.com", "allowed": false}: a user id, an e-mail address or a contact's number."""


class NobodyOfThatName(BodyProblem):
    """Nobody is known by that."""

    status = 404


def routes(instance: Any) -> list[Route]:
    """``POST /v1/tracking``; twice is once."""
    ring = KeyRing(instance.db)

    async def change(request: Request) -> dict[str, Any]:
        body = read_json(await read_body(request))
        caller = await ring.caller(given_key(request, body))
        if caller.kind != "admin":
            raise AdminKey(AdminKey.__doc__)
        person, allowed = body.get("person"), body.get("allowed")
        if not isinstance(person, str | int) or isinstance(person, bool) or not isinstance(allowed, bool):
            raise NotSaid(NotSaid.__doc__)
        proof = preferences.Proof(
            0, "", "", "", more={"source": caller.source, "why": str(body.get("why") or "")[:500]}
        )
        now_ms = instance.clock.now_ms()

        def job(tx: Tx) -> bool:
            contact = people.whose(tx, str(person)[:500])
            if contact is None:
                raise NobodyOfThatName(NobodyOfThatName.__doc__)
            return preferences.measure(tx, instance.shelf, contact, allowed, proof, now_ms)

        return {"success": True, "changed": await instance.db.awrite(job, durable=True)}

    async def answer(request: Request) -> Response:
        try:
            return _json(await change(request))
        except BodyProblem as problem:
            return _json({"error": str(problem)}, problem.status)
        except NoKey as problem:
            return _json({"error": str(problem)}, 401)

    return [Route("/v1/tracking", answer, methods=["POST"])]


def _json(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, {"cache-control": "no-store"}, "application/json")
