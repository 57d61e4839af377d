"""Push to iPhones through Apple: APNs over HTTP/2, signed in with a token key."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from pydantic import Field, SecretStr, field_validator

from ..exchange import tickets
from ..exchange.caller import Caller
from ..exchange.outgoing import Answer
from .channel import AccountSettings, Delivered, Held, Outcome, Parcel, Refused, Token, Tools
from .push import LARGEST, Ask, ToDevices, data_of, later, short_key

LIVE, SANDBOX = "https://api.push.apple.com", "https://api.sandbox.push.apple.com"
HOUR_S = 3_600
RENEW_S = 2_400  # Apple wants a token not older than an hour and not renewed within twenty minutes
PAUSE_S = {"TooManyProviderTokenUpdates": 1_200, "TooManyRequests": 60}
LONGEST_KEY = 64  # bytes of a collapse id

GONE = {
    "BadDeviceToken": "Apple does not know the device's token.",
    "DeviceTokenNotForTopic": "The device's token belongs to another app.",
    "Unregistered": "The app was taken off the device.",
    "ExpiredToken": "The device's token has run out.",
}
OURS = (  # the account's fault, not the message's
    "BadCertificate", "BadCertificateEnvironment", "BadTopic", "Forbidden", "InvalidProviderToken",
    "MissingProviderToken", "MissingTopic", "TopicDisallowed", "ExpiredProviderToken", "UnrelatedKeyIdInToken",
    "BadEnvironmentKeyIdInToken",
)  # fmt: skip


class ApnsSettings(AccountSettings):
    """An app at Apple."""

    key: SecretStr = Field(description="The .p8 file of the key (Certificates, Identifiers & Profiles, Keys).")
    key_id: str = Field(min_length=1, max_length=40, description="Ten letters and digits, shown beside the key.")
    team_id: str = Field(min_length=1, max_length=40, description="Ten letters and digits, shown under Membership.")
    topic: str = Field(min_length=1, max_length=200, description="The bundle id of the app, such as com.example.shop.")
    sandbox: bool = Field(False, description="For apps run from Xcode; those of the App Store and TestFlight are not.")
    url: str = Field("", description="Where APNs is reached; empty: at Apple.")

    @field_validator("key")
    @classmethod
    def _usable(cls, value: SecretStr) -> SecretStr:
        try:
            found = tickets.read_key(value.get_secret_value())
        except tickets.NoKey as problem:
            raise ValueError(str(problem)) from None
        if not isinstance(found, EllipticCurvePrivateKey):
            raise ValueError("this key is not one of APNs: take the .p8 file")
        return value


class Apns(ToDevices):
    """Hands messages to the Apple Push Notification service."""

    name = "push"
    carrier = "apns"
    label = "Apple (APNs)"
    help = "Reaches iOS apps that do not use Firebase."
    Settings = ApnsSettings
    example: ClassVar = {
        "key": "(the .p8 file)",
        "key_id": "ABC123DEFG",
        "team_id": "DEF123GHIJ",
        "topic": "com.example.shop",
    }
    width = 50

    def __init__(self, settings: ApnsSettings, private_hosts: frozenset[str] = frozenset()) -> None:
        super().__init__(Caller(private_hosts, http2=True))
        self._settings = settings
        self._key = tickets.read_key(settings.key.get_secret_value())
        self._url = (settings.url or (SANDBOX if settings.sandbox else LIVE)).rstrip("/")
        self._ticket, self._made = "", 0.0

    @classmethod
    def of(cls, settings: ApnsSettings, tools: Tools) -> Apns:
        return cls(settings, tools.private_hosts)

    def mine(self, device: Token) -> bool:
        return super().mine(device) and device.app in ("", self._settings.topic)

    async def to_device(self, parcel: Parcel, device: Token, ask: Ask) -> Outcome:
        if not (device.token.isascii() and device.token.isalnum()):
            return Refused(0, GONE["BadDeviceToken"], gone=(device.token,))
        headers, body = headers_of(parcel.rendered.fields, self._settings.topic), payload(parcel.rendered.fields)
        if len(body) > LARGEST:
            return Refused(0, f"The message has {len(body):,} bytes; Apple takes {LARGEST:,}.")
        for again in (False, True):
            shown = self._shown()
            signed = {**headers, "authorization": f"bearer {shown}"}
            answer = await self._caller.ask("POST", f"{self._url}/3/device/{device.token}", body, signed, before=ask)
            if answer is None:
                return Held()
            if again or _reason(answer)[0] != "ExpiredProviderToken":
                break
            if self._ticket == shown:  # nobody beside us has renewed it
                self._made = 0.0
        self._breaker.answered()
        return self._outcome(answer, device)

    def _shown(self) -> str:
        """Our ticket: one for all messages of forty minutes."""
        if not self._ticket or not self._made or time.monotonic() - self._made > RENEW_S:
            claims = {"iss": self._settings.team_id, "iat": int(time.time())}
            self._ticket = tickets.ticket(self._key, claims, kid=self._settings.key_id)
            self._made = time.monotonic()
        return self._ticket

    def _outcome(self, answer: Answer, device: Token) -> Outcome:
        if answer.status == 200:
            return Delivered(200, "Apple took it.", reference=answer.headers.get("apns-id", ""))
        reason, since_ms = _reason(answer)
        if reason in GONE or answer.status == 410:
            seen_ms = device.keys.get("seen_at")
            if since_ms and isinstance(seen_ms, int) and seen_ms > since_ms:  # it registered again since
                return Refused(answer.status, "The app was taken off the device and put back since.")
            return Refused(answer.status, GONE.get(reason, GONE["Unregistered"]), gone=(device.token,))
        if reason in OURS or answer.status == 403:
            return self.fault(f"Apple does not let this account send: {reason or answer.status}")
        if answer.status == 429 or answer.status >= 500:
            return later(answer, answer.status, reason or "Apple gave no reason", PAUSE_S.get(reason, 0))
        return Refused(answer.status, reason or "Apple refused it without a reason.")


def headers_of(fields: Mapping[str, Any], topic: str) -> dict[str, str]:
    """What stands outside the message."""
    silent, seconds = bool(fields.get("silent")), int(fields.get("expires_hours", 72)) * HOUR_S
    headers = {
        "apns-topic": topic,
        "apns-push-type": "background" if silent else "alert",
        "apns-priority": "10" if fields.get("urgency", "high") == "high" and not silent else "5",
        "apns-expiration": str(int(time.time()) + seconds if seconds else 0),
        "content-type": "application/json",
    }
    if fields.get("collapse_key"):
        headers["apns-collapse-id"] = short_key(str(fields["collapse_key"]), LONGEST_KEY)
    return headers


def payload(fields: Mapping[str, Any]) -> bytes:
    """The message itself."""
    if fields.get("silent"):
        return orjson.dumps({**data_of(fields), "aps": {"content-available": 1}})
    alert = {"title": fields.get("title"), "body": fields.get("text")}
    aps: dict[str, Any] = {"alert": {name: value for name, value in alert.items() if value}}
    aps |= {name: fields[name] for name in ("sound", "badge") if fields.get(name) not in (None, "")}
    if fields.get("image"):
        aps["mutable-content"] = 1  # the app's own extension fetches the picture
        return orjson.dumps({**data_of(fields), "sojourn_image": fields["image"], "aps": aps})
    return orjson.dumps({**data_of(fields), "aps": aps})


def _reason(answer: Answer) -> tuple[str, int | None]:
    """Apple's word, and since when a device is gone."""
    if answer.status == 200:
        return "", None
    try:
        known = orjson.loads(answer.text)
    except ValueError:
        return "", None
    if not isinstance(known, dict):
        return "", None
    since = known.get("timestamp")
    return str(known.get("reason") or "")[:100], since if isinstance(since, int) else None
