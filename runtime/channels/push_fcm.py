"""Push to Android (and iOS) through Firebase: FCM HTTP v1, signed in with a service account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson
from pydantic import Field, SecretStr, field_validator

from ..exchange import tickets
from ..exchange.caller import Caller, Lost
from ..exchange.outgoing import Answer, NoAnswer
from .channel import AccountSettings, Delivered, Held, Outcome, Parcel, Refused, Token, Tools, Unclear
from .push import Ask, ToDevices, data_of, later, short_key

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
FORM = "application/x-www-form-urlencoded"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
HOUR_S = 3_600
EARLY_S = 300  # an access token is renewed so long before it ends
QUOTA_S = 60  # FCM's own advice when it says nothing

GONE = {
    "UNREGISTERED": "The app was taken off the device.",
    "SENDER_ID_MISMATCH": "The device registered with another Firebase project.",
}
LATER = {"QUOTA_EXCEEDED": QUOTA_S, "UNAVAILABLE": 0, "INTERNAL": 0, "RESOURCE_EXHAUSTED": QUOTA_S}
OURS = ("THIRD_PARTY_AUTH_ERROR", "UNAUTHENTICATED", "PERMISSION_DENIED")  # the account's fault, not the message's


class NotSignedIn(NoAnswer):
    """Google does not accept the service account: make a new key for it and put it into the account."""


class FcmSettings(AccountSettings):
    """A Firebase project."""

    service_account: SecretStr = Field(
        description="The JSON file of the service account (Project settings, Service accounts, Generate new key)."
    )
    apps: list[str] = Field(default_factory=list, description="Only devices with these apps; empty: all.")
    api_url: str = Field("https://fcm.googleapis.com", description="Where Firebase is reached.")
    token_url: str = Field("", description="Where access tokens are given out; empty: as the file says.")

    @field_validator("service_account", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        """The file may stand in a YAML file as it is, without quotes."""
        return orjson.dumps(value).decode() if isinstance(value, Mapping) else value

    @field_validator("service_account")
    @classmethod
    def _usable(cls, value: SecretStr) -> SecretStr:
        try:
            known = orjson.loads(value.get_secret_value())
            tickets.read_key(known["private_key"])
            if not all(
                isinstance(known[key], str) and known[key] for key in ("project_id", "client_email", "token_uri")
            ):
                raise KeyError
        except (ValueError, KeyError, TypeError, tickets.NoKey):
            raise ValueError("this is not the JSON file of a service account") from None
        return value


class Fcm(ToDevices):
    """Hands messages to Firebase Cloud Messaging."""

    name = "push"
    carrier = "fcm"
    label = "Firebase (FCM)"
    help = "Reaches Android apps, and iOS apps that use Firebase."
    Settings = FcmSettings
    example: ClassVar = {"service_account": "(the JSON file)", "apps": []}

    def __init__(self, settings: FcmSettings, private_hosts: frozenset[str] = frozenset()) -> None:
        super().__init__(Caller(private_hosts, http2=True))
        known = orjson.loads(settings.service_account.get_secret_value())
        self._apps = frozenset(settings.apps)
        self._url = f"{settings.api_url.rstrip('/')}/v1/projects/{known['project_id']}/messages:send"
        self._access = _Access(self._caller, known, settings.token_url or known["token_uri"])

    @classmethod
    def of(cls, settings: FcmSettings, tools: Tools) -> Fcm:
        return cls(settings, tools.private_hosts)

    def mine(self, device: Token) -> bool:
        return super().mine(device) and (not self._apps or not device.app or device.app in self._apps)

    async def to_device(self, parcel: Parcel, device: Token, ask: Ask) -> Outcome:
        body = orjson.dumps({"message": message(parcel.rendered.fields, device.token)})
        for fresh in (False, True):
            access = await self._access.token(fresh)
            headers = {"authorization": f"Bearer {access}", "content-type": "application/json"}
            answer = await self._caller.ask("POST", self._url, body, headers, before=ask)
            if answer is None:
                return Held()
            if answer.status != 401 or fresh:
                break
        self._breaker.answered()
        return self._outcome(answer, device)

    def _outcome(self, answer: Answer, device: Token) -> Outcome:
        known = _document(answer.text)
        if answer.status < 300:
            name = known.get("name")
            if not isinstance(name, str):
                return Unclear("Firebase took it and answered something nobody can read.")
            return Delivered(answer.status, "Firebase took it.", reference=name)
        code, sentence, field = _error(known)
        if code in GONE or (code == "INVALID_ARGUMENT" and field == "message.token"):
            return Refused(answer.status, GONE.get(code, "This is no token of a device."), gone=(device.token,))
        if code in OURS or answer.status in (401, 403):
            return self.fault(f"Firebase does not let this account send: {sentence or code}")
        if code in LATER or answer.status == 429 or answer.status >= 500:
            return later(answer, answer.status, sentence or code, LATER.get(code, 0))
        return Refused(answer.status, sentence or code or "Firebase refused it without a reason.")


def message(fields: Mapping[str, Any], token: str) -> dict[str, Any]:
    """A message as FCM HTTP v1 takes it, with what differs on Android and iOS."""
    silent, seconds = bool(fields.get("silent")), int(fields.get("expires_hours", 72)) * HOUR_S
    high = fields.get("urgency", "high") == "high" and not silent
    key = str(fields.get("collapse_key") or "")
    android: dict[str, Any] = {"priority": "HIGH" if high else "NORMAL", "ttl": f"{seconds}s"}
    headers = {
        "apns-priority": "5" if not high else "10",
        "apns-push-type": "background" if silent else "alert",
        "apns-expiration": str(int(time.time()) + seconds if seconds else 0),
    }
    made: dict[str, Any] = {"token": token, "data": data_of(fields), "android": android}
    aps: dict[str, Any] = {"content-available": 1} if silent else {}
    if key:
        android["collapse_key"] = key
        headers["apns-collapse-id"] = short_key(key, 64)
    if not silent:
        shown = {"title": fields.get("title"), "body": fields.get("text"), "image": fields.get("image")}
        made["notification"] = {name: value for name, value in shown.items() if value}
        own = {"sound": fields.get("sound"), "channel_id": fields.get("android_channel"), "tag": key}
        android["notification"] = {name: value for name, value in own.items() if value}
        aps = {"sound": fields["sound"]} if fields.get("sound") else {}
    if fields.get("image") and not silent:
        aps["mutable-content"] = 1  # the app's own extension fetches the picture
    if fields.get("badge") is not None and not silent:
        aps["badge"] = fields["badge"]
    made["apns"] = {"headers": headers, "payload": {"aps": aps}}
    return made


class _Access:
    """The access token of a service account (RFC 7523), renewed before it ends, by one at a time."""

    def __init__(self, caller: Caller, known: Mapping[str, Any], url: str) -> None:
        self._caller, self._known, self._url = caller, known, url
        self._key = tickets.read_key(known["private_key"])
        self._lock = asyncio.Lock()
        self._token, self._until = "", 0.0

    async def token(self, fresh: bool = False) -> str:
        """One that is good. ``fresh``: the one there is was refused. Raises `NotSignedIn` and `OutgoingProblem`."""
        before = self._token
        async with self._lock:
            if (fresh and self._token == before) or time.monotonic() >= self._until:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        now = int(time.time())
        claims = {
            "iss": self._known["client_email"],
            "scope": SCOPE,
            "aud": self._known["token_uri"],
            "iat": now,
            "exp": now + HOUR_S,
        }
        header = {"kid": self._known["private_key_id"]} if self._known.get("private_key_id") else {}
        said = urlencode({"grant_type": GRANT, "assertion": tickets.ticket(self._key, claims, **header)}).encode()
        try:
            answer = await self._caller.ask(
                "POST", self._url, said, {"content-type": FORM, "accept": "application/json"}
            )
        except Lost as problem:  # of this request; the message itself has not left
            raise NoAnswer(str(problem)) from None
        known = _document(answer.text) if answer else {}
        token, lives = known.get("access_token"), known.get("expires_in", HOUR_S)
        if answer is None or answer.status >= 500 or answer.status == 429:
            raise NoAnswer("Google gives out no access token at the moment.")
        if (
            answer.status >= 300
            or not isinstance(token, str)
            or not token.isascii()
            or not isinstance(lives, int | float)
        ):
            raise NotSignedIn(f"{NotSignedIn.__doc__} It says: {known.get('error_description') or answer.status}.")
        self._token, self._until = token, time.monotonic() + max(0.0, lives - EARLY_S)


def _document(text: str) -> dict[str, Any]:
    try:
        known = orjson.loads(text)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _error(known: Mapping[str, Any]) -> tuple[str, str, str]:
    """FCM's code, its sentence, and the field it is about."""
    error = known.get("error")
    if not isinstance(error, dict):
        return "", "", ""
    details = [one for one in error.get("details") or () if isinstance(one, dict)]
    code = next((str(one["errorCode"]) for one in details if one.get("errorCode")), str(error.get("status") or ""))
    fields = [v.get("field") for one in details for v in one.get("fieldViolations") or () if isinstance(v, dict)]
    sentence = str(error.get("message") or "")[:300]
    field = "message.token" if "registration token is not a valid" in sentence else str((fields or [""])[0] or "")
    return code, sentence, field
