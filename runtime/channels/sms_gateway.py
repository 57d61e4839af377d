"""Texts by any gateway that speaks HTTP: the owner writes down how."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from pydantic import Field, SecretStr, field_validator, model_validator

from ..clock import SystemClock
from ..exchange.outgoing import Answer
from .callback import Call, Forged, Malformed, Reply, Signal
from .channel import (
    Capabilities,
    Delivered,
    Outcome,
    Parcel,
    Refused,
    Tools,
    TryLater,
    Unclear,
    Unreachable,
)
from .sms_account import MILLION, SmsSettings, web_address
from .sms_gateway_parts import (
    NAMES,
    AnswerMap,
    InboundMap,
    Proof,
    ReceiptMap,
    address,
    filled,
    prove,
    said,
    several,
    text_at,
    unknown,
)
from .sms_over_http import SmsOverHttp
from .sms_parts import UCS2, parts

OPENS = re.compile(r"(proxy-)?authorization|(x[-_]?)?((api|auth|access)[-_]?)?(key|token|secret|password|pwd)", re.I)


class GatewaySettings(SmsSettings):
    """An account at a gateway, and how it is spoken to."""

    url: str = Field(pattern=r"^https?://\S+$", description="Where texts go. Placeholders in it are escaped.")
    method: Literal["POST", "PUT", "GET"] = Field("POST", description="How texts are handed over; GET has no body.")
    headers: dict[str, str] = Field({}, description="Headers, like {Authorization: 'Bearer {secret}'}.")
    kind: Literal["json", "form"] = Field("json", description="How the body is written.")
    body: dict[str, Any] = Field(
        {},
        description="The body. {to}, {to_digits}, {from}, {text}, {id}, {callback}, {secret} and {unicode} are filled.",
    )
    secret: SecretStr = Field(SecretStr(""), description="What {secret} stands for.")
    taken: list[int] = Field([200, 201, 202], description="The answers that can mean yes.")
    answer: AnswerMap = Field(default_factory=lambda: AnswerMap.model_validate({}), description="How it answers.")
    receipts: ReceiptMap | None = Field(None, description="How receipts look. Empty: there are none.")
    inbound: InboundMap | None = Field(None, description="How texts from people look. Empty: there are none.")
    proof: Proof | None = Field(None, description="How the gateway proves a call. Needed for receipts and inbound.")
    callback_secret: SecretStr = Field(SecretStr(""), description="The secret of that proof.")

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        return web_address(url)

    @model_validator(mode="after")
    def _whole(self) -> GatewaySettings:
        wrong = unknown([self.url, self.headers, self.body])
        if wrong:
            raise ValueError(f"nothing fills {{{min(wrong)}}}; there are {', '.join(NAMES)}")
        if self.method != "GET" and not self.body:
            raise ValueError("the body is missing: say where {to} and {text} stand in it")
        if (self.receipts or self.inbound) and not (self.proof and self.callback_secret.get_secret_value()):
            raise ValueError("set proof and callback_secret: without them anybody could call in the gateway's name")
        return self


class Gateway(SmsOverHttp):
    """One account at a gateway."""

    name = "sms"
    carrier = "gateway"
    label = "HTTP gateway"
    help = "Texts by any gateway that takes them over HTTP; you write down how."
    capabilities = Capabilities(receipts=True, replies=True)
    Settings = GatewaySettings
    example: ClassVar[Mapping[str, Any]] = {
        "url": "https://gateway.example.com/v1/messages",
        "headers": {"Authorization": "Bearer {secret}"},
        "body": {"from": "{from}", "to": "{to}", "text": "{text}", "report_to": "{callback}"},
        "secret": "the key from the gateway",
        "senders": ["+420601000000"],
        "prices": {"+420": 0.03, "": 0.08},
        "answer": {
            "id": "messages.0.id",
            "status": "messages.0.status",
            "good": ["queued"],
            "error": "messages.0.error",
        },
        "receipts": {"id": "id", "status": "status"},
        "inbound": {"sender": "from", "to": "to", "text": "text"},
        "proof": {"kind": "hmac", "header": "X-Signature"},
        "callback_secret": "the secret calls are signed with",
    }
    settings: GatewaySettings
    who = "The gateway"

    @classmethod
    def of(cls, settings: Any, tools: Tools) -> Gateway:
        return cls(settings, tools)

    def warnings(self) -> Sequence[str]:
        own = self.settings
        written = [*own.headers.items(), *own.body.items(), *parse_qsl(urlsplit(own.url).query)]
        bare = sorted(name for name, value in written if OPENS.fullmatch(name) and "{secret}" not in str(value))
        said = [
            f"{name} can be read by all who see this account: set it as secret, and write {{secret}}." for name in bare
        ]
        return [*said, *super().warnings()]

    async def request(
        self, parcel: Parcel, sender: str, text: str, before: Callable[[], Awaitable[bool]]
    ) -> Answer | None:
        return await self._send(parcel.to, sender, text, str(parcel.message_id), before)

    async def _send(
        self, to: str, sender: str, text: str, name: str, before: Callable[[], Awaitable[bool]] | None = None
    ) -> Answer | None:
        known, own = parts(text), self.settings
        values = {
            "to": to, "to_digits": to.lstrip("+"), "from": sender, "text": text, "id": name,
            "callback": self.tools.callback_url, "secret": own.secret.get_secret_value(),
            "unicode": str(known.encoding == UCS2).lower(),
        }  # fmt: skip
        headers = {name: _one_line(value) for name, value in filled(dict(own.headers), values).items()}
        body = b""
        if own.method != "GET":
            json = own.kind == "json"
            fields = filled(own.body, values)
            body = orjson.dumps(fields) if json else urlencode(fields, doseq=True).encode()
            kind = "application/json" if json else "application/x-www-form-urlencoded"
            headers = {"content-type": kind} | {key.lower(): value for key, value in headers.items()}
        return await self._caller.ask(own.method, address(own.url, values), body, headers, before=before)

    async def outcome(self, answer: Answer, parcel: Parcel, sender: str, text: str) -> Outcome:
        own, at = self.settings, self.settings.answer
        found = _json(answer.text)
        status = text_at(found, at.status) if at.status else ""
        why = text_at(found, at.error) or answer.text[:200] or f"answered {answer.status}"
        code = int(status) if status.isdecimal() and len(status) < 10 else answer.status
        if status in at.ours or answer.status in (401, 403):
            self._breaker.failed(f"the account is at fault ({why})")
            return Unreachable(f"The account is at fault ({why}).")
        if answer.status not in own.taken and answer.status >= 500 and answer.status != 503 and not status:
            return Unclear(f"The gateway's answer does not say whether it took the text ({answer.status}: {why}).")
        self._breaker.answered()
        if status in at.later or (answer.status in (408, 429, 503) and answer.status not in own.taken):
            return TryLater(code, why, answer.retry_after_s * 1_000 if answer.retry_after_s else None)
        if status in at.hard:
            return Refused(code, why, hard=True)
        if answer.status not in own.taken or (at.good and status not in at.good):
            return Refused(code, why)
        count = text_at(found, at.parts)
        units = int(count) if count.isdecimal() and len(count) < 4 else parts(text).parts
        return Delivered(
            answer.status, status or "taken", text_at(found, at.id), units, self._paid(found, parcel, units)
        )

    def _paid(self, found: Any, parcel: Parcel, units: int) -> int | None:
        try:
            return round(abs(float(text_at(found, self.settings.answer.cost))) * MILLION)
        except (ValueError, OverflowError):
            return self.cost(parcel.to, units)

    # ── what the gateway tells us ─────────────────────────────────────────────────────────────────────

    def read(self, call: Call) -> Reply:
        own = self.settings
        if own.proof is None:
            raise Forged(Forged.__doc__)
        now_ms = (self.tools.clock or SystemClock()).now_ms()
        prove(call, own.proof, own.callback_secret.get_secret_value(), now_ms)
        data = said(call, own.proof)
        if at := own.inbound:
            texts = [one for one in several(data, at.each) if text_at(one, at.text)]
            if texts:
                return self._texts(texts, at)
        if places := own.receipts:
            receipts = [one for one in several(data, places.each) if text_at(one, places.status)]
            if receipts:
                return Reply([signal for one in receipts if (signal := self._receipt(one, places))])
        raise Malformed("It is neither a receipt nor a text, as the account describes them.")

    def _texts(self, found: list[Any], at: InboundMap) -> Reply:
        heard, answers = [], []
        for one in found:
            who, name = text_at(one, at.sender), text_at(one, at.id)
            if not who or not name:
                raise Malformed("A text names nobody, or has no name of its own.")
            who = who if who.startswith("+") or not who.isdecimal() else f"+{who}"
            signal = self.heard(f"in {name}", who, self._sender(text_at(one, at.to)), text_at(one, at.text))
            heard.append(signal)
            if signal.answer:
                answers.append((who, signal.sender or self.sender_for(who) or "", signal.answer, name))

        async def answer() -> None:
            for who, sender, text, name in answers:
                await self._send(who, sender, text, f"help-{name}")

        return Reply(heard, then=answer if answers else None)

    def _sender(self, told: str) -> str:
        """Our sender as we write it: gateways leave the + away."""
        return next((one for one in self.senders() if one.lstrip("+") == told.lstrip("+ ")), told)

    def _receipt(self, one: Any, at: ReceiptMap) -> Signal | None:
        name, status, why = text_at(one, at.id), text_at(one, at.status), text_at(one, at.error)
        if not name or status not in (*at.delivered, *at.failed):
            return None
        key, to = f"{name} {status}", text_at(one, at.to)
        if status in at.delivered:
            return Signal("delivered", key, reference=name, address=to)
        code = int(why) if why.isdecimal() and len(why) < 10 else 0
        hard = why in at.hard or status in at.hard
        return Signal("failed", key, reference=name, address=to, text=why or status, code=code, hard=hard)


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
