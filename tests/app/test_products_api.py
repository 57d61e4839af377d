"""Products sent by a program: with a write key, in batches, what is wrong with one left out alone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
from starlette.applications import Starlette

from sojourn.app.api.products import routes
from sojourn.runtime.clock import SystemClock
from sojourn.storage import products, users
from sojourn.storage.database import Database


def put(db: Database, body: Any, key: str = "wk_test") -> httpx.Response:
    app = Starlette(routes=routes(SimpleNamespace(db=db, clock=SystemClock())))

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.put("/v1/products", json=body, auth=(key, ""))

    return asyncio.run(go())


def test_a_batch_is_written_and_what_is_wrong_is_said(db: Database) -> None:
    db.write(lambda tx: users.add_key(tx, "wk_test", "write", "shop", 0))
    said = put(db, {"products": [{"sku": "a", "price": 3}, {"title": "no sku"}, {"sku": "b", "price": "many"}]})
    assert said.status_code == 200
    assert said.json() == {
        "written": 1,
        "left_out": 2,
        "errors": [{"index": 1, "error": "It has no sku."}, {"index": 2, "error": "The price is no number: 'many'."}],
    }
    assert put(db, {"products": [{"sku": "a", "stock": 7}]}).json()["written"] == 1
    (one,) = db.look(lambda tx: products.of(tx, ["a"]))
    assert (one["price"], one["stock"]) == (3, 7)


def test_without_a_key_or_a_list_nothing_is_written(db: Database) -> None:
    db.write(lambda tx: users.add_key(tx, "wk_test", "write", "shop", 0))
    assert put(db, {"products": [{"sku": "a"}]}, key="wk_wrong").status_code == 401
    assert put(db, {"sku": "a"}).status_code == 400
    assert db.look(products.count) == 0
