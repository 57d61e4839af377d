"""Reading what a client sends: never more than a cap, packed or not, and JSON even where it is a little broken."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import AsyncIterator
from math import isinf
from typing import Any

import orjson
from starlette.requests import Request

from ...runtime.envelope import MAX_DEPTH, TOO_DEEP, TOO_LARGE

MAX_BODY = 1_000_000  # bytes, unpacked; clients keep to 500 KB a batch
DRAINED = 32_000_000  # bytes thrown away of a body that is too large, before the connection is dropped
GZIP = b"\x1f\x8b"
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class BodyProblem(Exception):
    """The body cannot be used."""

    status = 400


class TooLarge(BodyProblem):
    """The body has more than 1,000,000 bytes unpacked: send smaller batches (clients keep to 500 KB)."""

    status = 413


class NotPacked(BodyProblem):
    """The body is not one whole gzip stream: send it again, or send it unpacked."""


class NotJson(BodyProblem):
    """The body is not JSON."""


class NotAnObject(BodyProblem):
    """The body has to be a JSON object, such as {"batch": [...]} or one message."""


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body, unpacked. It is packed when it starts like gzip, whatever the headers say."""
    said = request.headers.get("content-length", "")
    coming = request.stream()  # can be asked for once; what is thrown away comes from it too
    if said.isdigit() and int(said) > limit:
        await _drain(coming)
        raise TooLarge(TooLarge.__doc__)
    chunks: list[bytes] = []
    size = 0
    unpack: Any = None
    first = True
    async for chunk in coming:
        if not chunk:
            continue
        if first:
            first = False
            if chunk[:2] == GZIP:
                unpack = zlib.decompressobj(wbits=31)
        if unpack is not None:
            try:
                chunk = unpack.decompress(chunk, limit + 1 - size)
            except zlib.error as error:
                raise NotPacked(NotPacked.__doc__) from error
            if unpack.unused_data:
                raise NotPacked(NotPacked.__doc__)
        size += len(chunk)
        if size > limit or (unpack is not None and unpack.unconsumed_tail):
            await _drain(coming)
            raise TooLarge(TooLarge.__doc__)
        chunks.append(chunk)
    if unpack is not None and not unpack.eof:
        raise NotPacked(NotPacked.__doc__)
    return b"".join(chunks)


async def _drain(coming: AsyncIterator[bytes]) -> None:
    """Let a client that is still sending finish, within reason: many read the answer only then."""
    size = 0
    async for chunk in coming:
        size += len(chunk)
        if size > DRAINED:
            return


def read_json(body: bytes) -> dict[str, Any]:
    """The object in the body. What only spoils one message (NaN, half a character, a deep nest) is left in."""
    try:
        document = orjson.loads(body)
    except ValueError:
        document = _patient(body)
    if not isinstance(document, dict):
        raise NotAnObject(NotAnObject.__doc__)
    return document


def _patient(body: bytes) -> Any:
    """Read what orjson refuses: `envelope.check` then refuses the one message that is wrong, not the whole batch."""
    try:
        text = _cut_depths(body.decode("utf-8-sig"))
        return json.loads(text, parse_int=_number, parse_float=_fraction)
    except UnicodeDecodeError as error:
        sentence = f"The body is not JSON: its byte {error.start + 1} is no UTF-8. Send text as UTF-8."
        raise NotJson(sentence) from error
    except (ValueError, RecursionError) as error:
        raise NotJson(f"The body is not JSON ({str(error)[:200]}).") from error


def _number(digits: str) -> int | float | str:
    return int(digits) if len(digits) < 19 else _fraction(digits)


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return TOO_LARGE if isinf(number) else number


def _cut_depths(text: str) -> str:
    """Replace what is nested too deep for anybody's parser."""
    deepest = MAX_DEPTH + 8  # the batch around the messages; `check` counts exactly
    depth = cut_from = 0
    kept_to = 0
    parts: list[str] = []
    for token in TOKENS.finditer(text):
        mark = token[0]
        if mark in "[{":
            depth += 1
            if depth == deepest + 1:
                cut_from = token.start()
        elif mark in "]}":
            depth -= 1
            if depth == deepest:
                parts += (text[kept_to:cut_from], json.dumps(TOO_DEEP))
                kept_to = token.end()
    return "".join([*parts, text[kept_to:]]) if parts else text
