"""Whose reports can be read, and by what each of them is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any, Literal

import orjson

from ..bounces.parsing import OUR_ID
from ..bounces.words import FULL, GONE, NO_DOMAIN, SAID, UNKNOWN, code_in, enhanced_in, is_hard, word_of
from ..channels.callback import Call, Malformed, Signal
from ..exchange.outgoing import NoAnswer, get

Kind = Literal["none", "ses", "postmark", "mailgun", "sendgrid"]
LONGEST = 64 * 1024  # bytes of a certificate
LARGEST = 500  # reports in one call
AGE_MS = 15 * 60_000  # a signed call may be so old, and so far ahead


@dataclass(slots=True)
class Outside:
    """What reading needs: the secret, the time, and a way to get what a signature is verified with."""

    secret: str = field(repr=False)
    now_ms: int
    fetch: Callable[[str], bytes] = field(default=lambda url: fetched(url))


def fetched(url: str) -> bytes:
    """What stands under a public address."""
    status, body = get(url, LONGEST)
    if status != 200:
        raise NoAnswer(f"Under {url[:200]} there is nothing to verify the call with.")
    return body


def document(body: bytes) -> Any:
    """The body as JSON. Raises `Malformed`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("The body is no JSON.") from None


def mapping(value: Any) -> Mapping[str, Any]:
    """A value that has to be an object; an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A value that has to be a text; of anything else nothing."""
    return str(value)[:2_000] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are one, told in the same time either way."""
    return bool(wanted) and compare_digest(given.encode(), wanted.encode())


def ours(message_id: str) -> str:
    """The Message-ID of a letter of ours; "" for what a service made up on the way."""
    bare = message_id.strip().strip("<>")
    return bare if OUR_ID.match(bare) else ""


def bounced(
    key: str, reference: str, address: str, said: str, status: str = "", gone: bool = False, at_ms: int | None = None
) -> Signal:
    """A letter that came back. ``gone``: the service itself says that there is no such mailbox."""
    enhanced, code = status or enhanced_in(said), code_in(said)
    word = word_of(enhanced, said)
    if gone and word == UNKNOWN:
        word = GONE
    hard = is_hard(word, enhanced, code) or (gone and word in (GONE, NO_DOMAIN))
    told = f"{SAID[word]} {said}".strip()[:500]
    return Signal("bounced" if hard or word == FULL else "failed", key, reference, address, told, code, hard, at_ms)


def needs_secret(outside: Outside, call: Call) -> None:
    """Raise `Malformed` where the account has none: nothing could be told from a forgery."""
    if not outside.secret:
        raise Malformed(f"The account has no secret to know calls by ({call.method}): set reports_secret.")
