"""Texts by Twilio, or by anybody who speaks as Twilio does."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from xml.sax.saxutils import escape

import orjson
from pydantic import Field, SecretStr, field_validator

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
from .sms_account import MILLION, SmsSettings, clean, web_address
from .sms_over_http import SmsOverHttp
from .sms_parts import parts
from .sms_senders import SERVICE, kind_of
from .sms_twilio_codes import CODES, HARD, LATER, LEFT, OURS, SOFT

ARRIVED, FAILED = ("delivered", "read"), ("failed", "undelivered")


class TwilioSettings(SmsSettings):
    """An account at Twilio."""

    account_sid: str = Field(pattern=r"^[A-Za-z0-9_-]{4,64}$", description="The account's SID.")
    auth_token: SecretStr = Field(description="The account's token: it also proves what calls us.")
    api_key: str = Field("", description="An API key to sign in with instead of the account's token.")
    api_secret: SecretStr = Field(SecretStr(""), description="The secret of the API key.")
    base_url: str = Field(
        "https://api.twilio.com",
        pattern=r"^https?://[^\s?#]+$",
        description="Where it is reached, for those who speak alike.",
    )
    valid_minutes: int = Field(240, ge=1, le=600, description="After so long the carrier gives a text up.")

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        return web_address(url)


class Twilio(SmsOverHttp):
    """One account at Twilio."""

    name = "sms"
    carrier = "twilio"
    label = "Twilio"
    help = "Texts by Twilio, or by a service that speaks as Twilio does."
    capabilities = Capabilities(receipts=True, replies=True)
    Settings = TwilioSettings
    example: ClassVar[Mapping[str, Any]] = {
        "account_sid": "AC00000000000000000000000000000000",
        "auth_token": "the token from the console",
        "senders": ["+15551234567"],
        "prices": {"+1": 0.0083, "": 0.08},
        "currency": "USD",
        "help_text": "Example Shop: offers once a week. Reply STOP to get no more.",
    }
    settings: TwilioSettings
    who = "Twilio"

    def __init__(self, settings: TwilioSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        sid = quote(settings.account_sid, safe="")
        self._url = f"{settings.base_url.rstrip('/')}/2010-04-01/Accounts/{sid}/Messages.json"
        user, secret = settings.account_sid, settings.auth_token
        if settings.api_key:
            user, secret = settings.api_key, settings.api_secret
        self._headers = {
            "authorization": "Basic " + b64encode(f"{user}:{secret.get_secret_value()}".encode()).decode(),
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }

    @classmethod
    def of(cls, settings: Any, tools: Tools) -> Twilio:
        return cls(settings, tools)

    async def request(
        self, parcel: Parcel, sender: str, text: str, before: Callable[[], Awaitable[bool]]
    ) -> Answer | None:
        form = {"To": parcel.to, "Body": text, "ValidityPeriod": str(self.settings.valid_minutes * 60)}
        form["MessagingServiceSid" if kind_of(sender) == SERVICE else "From"] = sender
        if self.tools.callback_url:
            form["StatusCallback"] = self.tools.callback_url
        return await self._caller.ask("POST", self._url, urlencode(form).encode(), self._headers, before=before)

    async def outcome(self, answer: Answer, parcel: Parcel, sender: str, text: str) -> Outcome:
        said = _json(answer.text)
        if answer.status in (200, 201) and said.get("sid"):
            self._breaker.answered()
            count = _whole(said.get("num_segments")) or parts(text).parts
            price = _money(said.get("price"))
            cost = self.cost(parcel.to, count) if price is None else price
            return Delivered(answer.status, str(said.get("status") or "accepted"), str(said["sid"]), count, cost)
        code = _whole(said.get("code") or said.get("error_code"))
        meaning, sentence = CODES.get(code, _by_status(answer.status))
        words = f"{sentence} ({str(said.get('message') or answer.text)[:300]})"
        if meaning == OURS:  # no fault of this message: it waits with the others until the owner has set it right
            self._breaker.failed(words)
            return Unreachable(words)
        if meaning == "unclear":
            return Unclear(words)
        self._breaker.answered()
        if meaning == LATER:
            return TryLater(
                code or answer.status, words, answer.retry_after_s * 1_000 if answer.retry_after_s else None
            )
        if meaning == LEFT and self.tools.told is not None:
            await self.tools.told([self._left(f"{code} {parcel.message_id}", parcel.to, sender)])
        return Refused(code or answer.status, words, meaning == HARD)

    # ── what Twilio tells us ──────────────────────────────────────────────────────────────────────────

    def read(self, call: Call) -> Reply:
        try:
            pairs = parse_qsl(
                call.body.decode(), keep_blank_values=True, strict_parsing=bool(call.body), max_num_fields=200
            )
        except (UnicodeDecodeError, ValueError):
            raise Malformed("This is no form.") from None
        self._prove(call, pairs)
        form = {name: clean(value) for name, value in pairs}
        sid = form.get("MessageSid") or form.get("SmsSid") or ""
        if not sid:
            raise Malformed("It names no message.")
        if status := form.get("MessageStatus") or form.get("SmsStatus" if "Body" not in form else "") or "":
            return Reply(self._receipt(sid, status, form), _twiml(), "text/xml")
        if "From" not in form or "Body" not in form:
            raise Malformed("It is neither a receipt nor a text.")
        sender = form.get("MessagingServiceSid") or form.get("To") or ""
        sender = sender if sender in self.senders() else form.get("To", "")
        heard = self.heard(f"in {sid}", form["From"], sender, form["Body"])
        answer = "" if form.get("OptOutType") else heard.answer  # there the carrier has answered by itself
        return Reply([heard], _twiml(answer), "text/xml")

    def _receipt(self, sid: str, status: str, form: Mapping[str, str]) -> list[Signal]:
        key, to = f"{sid} {status}", form.get("To", "")
        if status in ARRIVED:
            return [Signal("delivered", key, reference=sid, address=to, cost=_money(form.get("Price")))]
        if status not in FAILED:
            return []
        code = _whole(form.get("ErrorCode"))
        meaning, sentence = CODES.get(code, (SOFT, "the carrier does not say why"))
        failed = Signal("failed", key, reference=sid, address=to, text=sentence, code=code, hard=meaning == HARD)
        return [failed, self._left(f"{key} stop", to, form.get("From", ""))] if meaning == LEFT else [failed]

    def _left(self, key: str, address: str, sender: str) -> Signal:
        about = sender if self.settings.stop_means == "this_sender" else ""
        return Signal("stopped", key, address=address, text="STOP, said to the carrier", code=21610, sender=about)

    def _prove(self, call: Call, pairs: list[tuple[str, str]]) -> None:
        """https://www.twilio.com/docs/usage/security: the address with each field behind it, in order of names."""
        told = call.headers.get("x-twilio-signature", "")
        token = self.settings.auth_token.get_secret_value().encode()
        fields = "".join(name + value for name, value in sorted(set(pairs)))
        found = False
        for url in _spellings(call.url, self.tools.callback_url):
            made = b64encode(hmac.digest(token, (url + fields).encode(), "sha1")).decode()
            found |= hmac.compare_digest(made.encode(), told.encode())
        hashed = call.query.get("bodySHA256")
        if not found or (hashed and not hmac.compare_digest(hashed.lower(), sha256(call.body).hexdigest())):
            raise Forged(Forged.__doc__)


def _spellings(*urls: str) -> set[str]:
    """An address as it may have been signed: with the port of its scheme and without."""
    found = set()
    for url in filter(None, urls):
        found.add(url)
        parts_of = urlsplit(url)
        usual = {"https": 443, "http": 80}.get(parts_of.scheme)
        if parts_of.port == usual:
            found.add(urlunsplit(parts_of._replace(netloc=parts_of.netloc.rpartition(":")[0])))
        elif parts_of.port is None and usual:
            found.add(urlunsplit(parts_of._replace(netloc=f"{parts_of.netloc}:{usual}")))
    return found


def _by_status(status: int) -> tuple[str, str]:
    """What an answer without a known code means."""
    if status in (401, 403, 404):
        return OURS, "the carrier does not know the account"
    if status in (408, 429, 503):
        return LATER, "the carrier wants it later"
    if status >= 500 or 200 <= status < 400:
        return "unclear", "the carrier's answer does not say whether it took the text"
    return SOFT, "the carrier does not take it"


def _twiml(text: str = "") -> str:
    said = f"<Message>{escape(text)}</Message>" if text else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'


def _json(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _whole(value: Any) -> int:
    return int(value) if str(value or "").isdecimal() and len(str(value)) < 10 else 0


def _money(value: Any) -> int | None:
    """A price as Twilio writes it ("-0.00750") in millionths."""
    try:
        return round(abs(float(value)) * MILLION) if value not in (None, "") else None
    except (TypeError, ValueError, OverflowError):
        return None
