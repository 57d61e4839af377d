"""Loads the door for events over real sockets and says how much it took."""

from __future__ import annotations

import base64
import http.client
import multiprocessing
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

CLIENTS = 16
CONTACTS = 10_000


def measure(url: str, key: str, seconds: float, batch: int, clients: int = CLIENTS) -> dict[str, float]:
    """Send for ``seconds`` from ``clients`` connections, ``batch`` events a request (1: a single event to /v1/track).

    Returns events_per_s (answered with 200), p50_ms and p99_ms of a request, and refused (any other answer).
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as loader:  # a process of its own, so that it does not share the server's interpreter
        return loader.apply(_load, (url, key, seconds, batch, clients))


def _load(url: str, key: str, seconds: float, batch: int, clients: int) -> dict[str, float]:
    from concurrent.futures import ThreadPoolExecutor

    end = time.monotonic() + seconds
    started = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        runs = list(pool.map(lambda n: _client(url, key, end, batch, n), range(clients)))
    took = time.monotonic() - started
    waits = sorted(wait for run in runs for wait in run["waits"])
    return {
        "events_per_s": sum(run["stored"] for run in runs) / took,
        "p50_ms": waits[len(waits) // 2] * 1000 if waits else 0.0,
        "p99_ms": waits[int(len(waits) * 0.99)] * 1000 if waits else 0.0,
        "refused": float(sum(run["refused"] for run in runs)),
    }


def _client(url: str, key: str, end: float, batch: int, number: int) -> dict[str, Any]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port)
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
        "Content-Type": "application/json",
    }
    path = "/v1/track" if batch == 1 else "/v1/batch"
    waits: list[float] = []
    stored = refused = sent = 0
    prefix = uuid4().hex
    while time.monotonic() < end:
        events = [_event(prefix, sent + n, number) for n in range(batch)]
        sent += batch
        body = orjson.dumps(events[0] if batch == 1 else {"batch": events, "sentAt": "2026-05-28T20:26:40Z"})
        asked = time.monotonic()
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answered = answer.read()
        waits.append(time.monotonic() - asked)
        if answer.status == 200:
            stored += orjson.loads(answered)["stored"]
        else:
            refused += 1
    connection.close()
    return {"waits": waits, "stored": stored, "refused": refused}


def _event(prefix: str, number: int, client: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "product_viewed",
        "userId": f"u{(number * 7919 + client * 104_729) % CONTACTS}",
        "messageId": f"{prefix}-{number}",
        "properties": {"product_id": number % 500, "price": 19.9, "category": "shoes", "url": "https://example.com/p"},
        "context": {"library": {"name": "bench", "version": "1"}, "ip": "192.0.2.1", "userAgent": "Mozilla/5.0"},
    }
