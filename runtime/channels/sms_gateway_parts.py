"""How a gateway that speaks HTTP is spoken to, as the owner writes it down: what to send, and where to find what."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl, quote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .callback import Call, Forged, Malformed
from .sms_account import clean

NAMES = ("to", "to_digits", "from", "text", "id", "callback", "secret", "unicode")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Piece(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class AnswerMap(Piece):
    """Where the gateway's answer says what became of the text. Places are dotted: "messages.0.status.id"."""

    id: str = Field("", description="Where it says what it calls the text; receipts name it by that.")
    status: str = Field("", description="Where it says how it went. Empty: an answer of the two hundreds is a yes.")
    good: list[str] = Field([], description="What stands there when it took the text. Empty: anything not named below.")
    later: list[str] = Field([], description="What stands there when it wants it later.")
    hard: list[str] = Field([], description="What stands there when the number is no good for ever.")
    ours: list[str] = Field([], description="What stands there when our account is at fault: texts then wait.")
    error: str = Field("", description="Where it says why not.")
    parts: str = Field("", description="Where it says how many parts it counts.")
    cost: str = Field("", description="Where it says what it costs.")


class ReceiptMap(Piece):
    """Where a receipt says what. It is one when the place of `status` holds something."""

    each: str = Field("", description="Where the list of receipts stands, when a call brings several.")
    id: str = Field("id", description="Where it names the text, as the answer did.")
    status: str = Field("status", description="Where it says how it went.")
    delivered: list[str] = Field(["delivered", "DELIVRD"], description="What stands there when it arrived.")
    failed: list[str] = Field(
        ["failed", "undelivered", "rejected", "expired", "UNDELIV", "REJECTD", "EXPIRED"],
        description="What stands there when it did not.",
    )
    hard: list[str] = Field([], description="Errors (or states) that say that the number is no good for ever.")
    error: str = Field("", description="Where it says why not.")
    to: str = Field("", description="Where it says to whom.")


class InboundMap(Piece):
    """Where a text somebody wrote says what. It is one when the place of `text` holds something."""

    each: str = Field("", description="Where the list of texts stands, when a call brings several.")
    id: str = Field("id", description="Where it says what the gateway calls it.")
    sender: str = Field("from", description="Where it says who wrote.")
    to: str = Field("to", description="Where it says to which of our senders.")
    text: str = Field("text", description="Where it says what they wrote.")


class Proof(Piece):
    """How the gateway proves that a call is its own."""

    kind: Literal["secret", "hmac"] = Field("secret", description="A secret it sends along, or a signature it makes.")
    header: str = Field("", description="The header it stands in, like X-Signature.")
    parameter: str = Field("", description="Or the parameter of the address, like token.")
    algorithm: Literal["sha256", "sha1", "sha512"] = Field("sha256", description="How the signature is made.")
    encoding: Literal["hex", "base64"] = Field("hex", description="How it is written.")
    prefix: str = Field("", description='What stands before it, like "sha256=".')
    timestamp: str = Field("", description="The header with the moment in seconds, signed as MOMENT.BODY.")
    minutes: int = Field(10, ge=1, le=1_440, description="How old such a call may be.")

    @model_validator(mode="after")
    def _somewhere(self) -> Proof:
        if bool(self.header) == bool(self.parameter):
            raise ValueError("name the header or the parameter it stands in, one of both")
        return self


def prove(call: Call, proof: Proof, secret: str, now_ms: int) -> None:
    """Raises `Forged` for a call that is not the gateway's, or too old."""
    told = call.headers.get(proof.header.lower(), "") if proof.header else call.query.get(proof.parameter, "")
    told = told.removeprefix(proof.prefix)
    if proof.kind == "secret":
        wanted = secret
    else:
        signed = call.body
        if proof.timestamp:
            moment = call.headers.get(proof.timestamp.lower(), "")
            if not moment.isdecimal() or abs(now_ms - int(moment[:12]) * 1_000) > proof.minutes * 60_000:
                raise Forged(Forged.__doc__)
            signed = f"{moment}.".encode() + call.body
        digest = hmac.digest(secret.encode(), signed, proof.algorithm)
        wanted = digest.hex() if proof.encoding == "hex" else b64encode(digest).decode()
        told = told.lower() if proof.encoding == "hex" else told
    if not secret or not hmac.compare_digest(told.encode(), wanted.encode()):
        raise Forged(Forged.__doc__)


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """A template of texts, lists and mappings with its placeholders filled. A text that is one placeholder alone
    stays a text: what is filled in is never read as anything else."""
    if isinstance(template, str):
        return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)
    if isinstance(template, Mapping):
        return {str(key): filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    return template


def address(template: str, values: Mapping[str, str]) -> str:
    """An address with its placeholders filled, each so that it stays in its place."""
    return filled(template, {name: quote(value, safe="") for name, value in values.items()})


def unknown(template: Any) -> set[str]:
    """Placeholders in a template that nothing fills."""
    return set(PLACEHOLDER.findall(json.dumps(template, ensure_ascii=False))) - set(NAMES)


def at(data: Any, place: str) -> Any:
    """What stands at a dotted place; None where nothing does."""
    for step in place.split(".") if place else ():
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step[:6]) < len(data):
            data = data[int(step[:6])]
        else:
            return None
    return data if place else None


def text_at(data: Any, place: str) -> str:
    """What stands there as a text; "" where nothing does, or no single thing."""
    found = at(data, place)
    if isinstance(found, bool):
        return str(found).lower()
    return clean(str(found)) if isinstance(found, str | int | float) else ""


def said(call: Call, proof: Proof) -> Any:
    """What a call carries: JSON, a form, or the parameters of its address. Raises `Malformed`.

    Of a signed call only the body counts: that is what was signed.
    """
    query = {} if proof.kind == "hmac" else dict(call.query)
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not call.body:
        return query
    try:
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(call.body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=500)
            return query | dict(pairs)
        found = json.loads(call.body)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Malformed("What it carries can be read neither as JSON nor as a form.") from None
    return query | found if isinstance(found, dict) else found


def several(data: Any, each: str) -> list[Any]:
    """The things a call brings."""
    found = at(data, each) if each else data
    return found if isinstance(found, list) else [found]
