"""Products told by a program: ``PUT /v1/products`` with a batch of them."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...runtime.products import bring
from .body import BodyProblem, read_body, read_json
from .keys import KeyRing, NoKey, given_key

LARGEST = 4_000_000  # bytes of a batch
MOST = 5_000


class NoProducts(BodyProblem):
    """The body needs a list of products in `products`: {"products": [{"sku": "p1", "title": "Boot", "price": 80}]}."""


def routes(instance: Any) -> list[Route]:
    """The door takes a write key; what a product does not say stays as it was."""
    ring = KeyRing(instance.db)

    async def put(request: Request) -> Response:
        try:
            body = read_json(await read_body(request, LARGEST))
            await ring.caller(given_key(request, body))
            given = body.get("products")
            if not isinstance(given, list) or len(given) > MOST or not all(isinstance(one, dict) for one in given):
                raise NoProducts(NoProducts.__doc__)
        except NoKey as problem:
            return _json(401, {"error": str(problem)})
        except BodyProblem as problem:
            return _json(problem.status, {"error": str(problem)})
        done = await asyncio.to_thread(bring, instance.db, given, instance.clock.now_ms())
        wrong = [{"index": number - 1, "error": why} for number, why in done.wrong]
        return _json(200, {"written": done.written, "left_out": done.left_out, "errors": wrong})

    return [Route("/v1/products", put, methods=["PUT"])]


def _json(status: int, document: Any) -> Response:
    return Response(orjson.dumps(document), status_code=status, media_type="application/json")
