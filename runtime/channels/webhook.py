"""A request to a system of the owner's, filled for each contact; what it answers can be kept in the profile."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import unquote

import orjson
from pydantic import Field

from .channel import Channel, Delivered, Health, OneByOne, Outcome, Parcel, Refused, Tools
from .hook import HEADER, OURS, Hook, HookSettings, at
from .medium import Form, Medium, Template

TYPES = {"json": "application/json", "text": "text/plain; charset=utf-8"}
PROPERTY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
PATH = re.compile(r"[^.\s]{1,100}(\.[^.\s]{1,100}){0,9}")
LONGEST = 1_000  # characters of a value that is kept
BODILESS = ("GET", "DELETE")


class WebhookForm(Form):
    """What is asked, of which account, and what of the answer is kept."""

    account: str = Field("", description="The account that knows the address and the secrets. Empty: the first one.")
    method: Literal["POST", "PUT", "PATCH", "GET", "DELETE"] = Field("POST", description="The HTTP method.")
    path: Annotated[str, Field(json_schema_extra={"template": True, "within": "url"})] = Field(
        "", max_length=1_000, description="Added to the account's address, like /customers/{{ contact.external_id }}."
    )
    headers: dict[str, Template] = Field(default_factory=dict, max_length=20, description="Further headers.")
    kind: Literal["json", "text"] = Field("json", description="What the body is.")
    body: Annotated[str, Field(json_schema_extra={"template": True, "within": "json"})] = Field(
        "",
        description='Like {"name": "{{ contact.first_name }}", "spent": {{ contact.spent|json }}}. Empty: the contact '
        "with all properties.",
    )
    learn: dict[str, str] = Field(
        default_factory=dict,
        max_length=20,
        description="Properties of the contact that are set from the JSON answer: score from customer.score.",
    )

    def within(self, name: str) -> str:
        return "" if name == "body" and self.kind == "text" else super().within(name)

    @classmethod
    def problems(cls, said: Mapping[str, Any]) -> list[str]:
        found = [
            f"“{name[:60]}” cannot be the name of a header of yours."
            for name in said.get("headers") or {}
            if not HEADER.fullmatch(name) or name.lower() in {*OURS, "idempotency-key"}
        ]
        for name, path in (said.get("learn") or {}).items():
            if not PROPERTY.fullmatch(name):
                found.append(f"“{name[:60]}” cannot be the name of a property.")
            if not PATH.fullmatch(path):
                found.append(f"“{path[:60]}” is no path into an answer: write it like customer.score.")
        if said.get("body") and said.get("method") in BODILESS:
            found.append(f"A request of the kind {said['method']} has no body.")
        return found


WEBHOOK = Medium(
    "webhook", "Webhook", "webhook", "ours", WebhookForm, "Asks a system of yours, and keeps what it answers.",
    to_people=False,
)  # fmt: skip


class Webhook(OneByOne):
    """Sends requests with one account."""

    name = "webhook"
    carrier = "http"
    label = "HTTP"
    help = "Any system with an HTTP interface."
    width = 8
    Settings = HookSettings
    example = {"url": "https://crm.example.com/api", "token": "a token of that system"}  # noqa: RUF012

    def __init__(self, settings: HookSettings, tools: Tools) -> None:
        self._base, self._account, self._hook = settings.url, tools.account, Hook(settings, tools)

    @classmethod
    def of(cls, settings: HookSettings, tools: Tools) -> Channel:
        return cls(settings, tools)

    def serves(self, parcel: Parcel) -> bool:
        return parcel.rendered.fields.get("account", "") in ("", self._account)

    def room(self) -> int:
        return self._hook.room()

    def health(self) -> Health:
        return self._hook.health()

    async def close(self) -> None:
        await self._hook.close()

    async def hand_one(self, parcel: Parcel, before_body: Callable[[], Awaitable[bool]]) -> Outcome:
        fields = parcel.rendered.fields
        method, kind = str(fields.get("method") or "POST"), str(fields.get("kind") or "json")
        url = _joined(self._base, str(fields.get("path") or ""))
        if url is None:
            return Refused(0, "Filled for this contact, the address leads outside of the account's.")
        body = b"" if method in BODILESS else _body(parcel, kind)
        if body is None:
            return Refused(0, "Filled for this contact, the body is no JSON: put |json behind values without quotes.")
        headers = {name.lower(): _line(value) for name, value in (fields.get("headers") or {}).items()}
        headers = {"accept": "application/json", **({"content-type": TYPES[kind]} if body else {}), **headers}
        outcome, answer = await self._hook.send(
            str(parcel.message_id), body, before_body, method=method, url=url, headers=headers
        )
        wanted = fields.get("learn") or {}
        if not isinstance(outcome, Delivered) or answer is None or not wanted:
            return outcome
        learnt, missing = _learnt(answer.text, wanted)
        text = f"taken; the answer has nothing for {', '.join(missing)}" if missing else outcome.text
        return Delivered(outcome.code, text, learnt=learnt)


def _joined(base: str, path: str) -> str | None:
    """The account's address with the path behind it. None where the path would climb out of it."""
    if not path:
        return base
    steps = re.split(r"[/\\]", unquote(unquote(path.partition("?")[0])))
    if "?" in base or ".." in steps or "." in steps or "#" in path:
        return None
    return f"{base.rstrip('/')}{path}" if path.startswith("?") else f"{base.rstrip('/')}/{path.lstrip('/')}"


def _body(parcel: Parcel, kind: str) -> bytes | None:
    said = str(parcel.rendered.fields.get("body") or "")
    if not said:
        whole = {"message": parcel.message_id, "contact": dict(parcel.contact)}
        return orjson.dumps(whole, default=str, option=orjson.OPT_NON_STR_KEYS)
    body = said.encode("utf-8", "replace")
    if kind == "json":
        try:
            orjson.loads(body)
        except ValueError:
            return None
    return body


def _line(value: Any) -> str:
    """A value for a header: one line, in UTF-8 as most servers read it."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))[:2_000].strip()
    return text.encode("utf-8", "replace").decode("latin-1")


def _learnt(text: str, wanted: Mapping[str, str]) -> tuple[tuple[tuple[str, Any], ...], list[str]]:
    """What of the answer is kept, and the names nothing was found for."""
    try:
        answer = orjson.loads(text)
    except ValueError:
        return (), list(wanted)
    found = {name: _plain(at(answer, path)) for name, path in wanted.items()}
    kept = tuple((name, value) for name, value in found.items() if value is not None)
    return kept, [name for name, value in found.items() if value is None]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST].replace("\0", "")
    if isinstance(value, bool | int | float):
        return value
    short = isinstance(value, list) and len(value) <= 100 and all(isinstance(one, str | int | float) for one in value)
    return value if short else None
