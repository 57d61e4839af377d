"""Web push: messages to browsers, sealed for each of them and signed with our own key (VAPID)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import orjson
from pydantic import Field, SecretStr, field_validator

from ..content.links import Links
from ..exchange import sealed_push, tickets
from ..exchange.caller import Caller
from ..exchange.outgoing import Answer, BadAddress, PrivateAddress
from .channel import AccountSettings, Delivered, Held, Outcome, Parcel, Refused, Token, Tools
from .medium import Form, Medium, Template
from .push import Ask, ToDevices, later, short_key

HOUR_S = 3_600
TICKET_S = 12 * HOUR_S  # a ticket lives so long; RFC 8292 allows a day
RENEW_S = 6 * HOUR_S
TICKETS = 500  # kept, one for each push service
TOPIC = 32  # characters of a topic (RFC 8030, 5.4)


class WebPushForm(Form):
    """What a push to browsers says."""

    title: Template = Field(min_length=1, description="The line in bold.")
    text: Template = Field("", description="What the message says.")
    link: Template = Field("", description="The page a click opens.", json_schema_extra={"link": True})
    icon: Template = Field("", description="The address of a small picture beside the text.")
    image: Template = Field("", description="The address of a large picture, where the browser shows one.")
    collapse_key: Template = Field("", description="A newer message with the same key takes the place of an older one.")
    stays: bool = Field(False, description="Stays until it is clicked or closed, where the browser allows it.")
    urgency: Literal["very-low", "low", "normal", "high"] = Field(
        "normal", description="A phone that saves its battery takes only what is urgent."
    )
    expires_hours: int = Field(
        72, ge=0, le=672, description="A browser that was closed for longer does not get it; 0: now or never."
    )

    @classmethod
    def problems(cls, said: Mapping[str, Any]) -> list[str]:
        size = len(orjson.dumps(shown({**said, "opened": "", "closed": ""})))
        if size > sealed_push.ROOM - 900:  # signed addresses take the rest
            return [f"It has {size:,} bytes before it is filled; a push service takes {sealed_push.ROOM:,} in all."]
        return []

    @classmethod
    def signed(cls, fields: Mapping[str, Any], links: Links, message_id: int) -> Mapping[str, Any]:
        """Addresses the service worker calls when the message was shown, opened without a link, or closed."""
        return {
            "opened": links.pixel(message_id),
            "shown": links.note(message_id, "shown"),
            "closed": links.note(message_id, "closed"),
        }


WEB_PUSH = Medium(
    "web_push", "Web push", "notifications", "device", WebPushForm, "A message of your site, shown by the browser."
)


class WebPushSettings(AccountSettings):
    """Who sends. The private key is made here; browsers that subscribed can be reached with this key alone."""

    contact: str = Field(
        max_length=200, description="Whom a push service turns to: an address like mailto:web@example.com."
    )
    private_key: SecretStr = Field(
        default_factory=lambda: SecretStr(sealed_push.new_key()),
        description="Leave it out: it is made here. Bring your own only from another system whose browsers move along.",
    )

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if not value.startswith(("mailto:", "https://")) or not value.isprintable():
            raise ValueError("write mailto: and an e-mail address, or a page that begins with https://")
        return value

    @field_validator("private_key")
    @classmethod
    def _usable(cls, value: SecretStr) -> SecretStr:
        try:
            sealed_push.private_key(value.get_secret_value())
        except ValueError:
            raise ValueError("this is no VAPID key: it has 43 letters, digits, - and _") from None
        return value


def public_key(settings: WebPushSettings) -> str:
    """What browsers subscribe with."""
    return sealed_push.public_text(sealed_push.private_key(settings.private_key.get_secret_value()))


class WebPush(ToDevices):
    """Hands messages to the push service each browser named."""

    name = "web_push"
    carrier = "web_push"
    label = "Web push"
    help = "Reaches browsers that subscribed on your site, without an app and without a provider."
    Settings = WebPushSettings
    example: ClassVar = {"contact": "mailto:web@example.com"}
    width = 50
    one_service = False

    def __init__(self, settings: WebPushSettings, private_hosts: frozenset[str] = frozenset()) -> None:
        super().__init__(Caller(private_hosts, http2=True))
        self._contact = settings.contact
        self._key = sealed_push.private_key(settings.private_key.get_secret_value())
        self._public = sealed_push.public_text(self._key)
        self._tickets: dict[str, tuple[float, str]] = {}

    @classmethod
    def of(cls, settings: WebPushSettings, tools: Tools) -> WebPush:
        return cls(settings, tools.private_hosts)

    def warnings(self) -> Sequence[str]:
        return (f"Browsers subscribe with the key {self._public}; whoever has another subscribes anew.",)

    async def to_device(self, parcel: Parcel, device: Token, ask: Ask) -> Outcome:
        fields = parcel.rendered.fields
        try:
            body = sealed_push.seal(orjson.dumps(shown(fields)), device.keys)
        except sealed_push.TooLong as problem:
            return Refused(0, str(problem))
        except sealed_push.BadSubscription:
            return Refused(0, "The browser's subscription is damaged.", gone=(device.token,))
        headers = {
            "authorization": f"vapid t={self._ticket(device.token)}, k={self._public}",
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(int(fields.get("expires_hours", 72)) * HOUR_S),
            "urgency": str(fields.get("urgency", "normal")),
        }
        if fields.get("collapse_key"):
            headers["topic"] = short_key(str(fields["collapse_key"]), TOPIC)
        try:
            answer = await self._caller.ask("POST", device.token, body, headers, before=ask)
        except (BadAddress, PrivateAddress) as problem:
            return Refused(0, str(problem), gone=(device.token,))
        return Held() if answer is None else _outcome(answer, device)

    def _ticket(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        made, known = self._tickets.get(origin, (0.0, ""))
        if known and time.monotonic() - made < RENEW_S:
            return known
        claims = {"aud": origin, "exp": int(time.time()) + TICKET_S, "sub": self._contact}
        if len(self._tickets) >= TICKETS:
            self._tickets.clear()
        self._tickets[origin] = (time.monotonic(), tickets.ticket(self._key, claims))
        return self._tickets[origin][1]


def shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the service worker shows."""
    known = {name: fields.get(name) for name in ("title", "text", "link", "icon", "image", "opened", "shown", "closed")}
    made = {name: value for name, value in known.items() if value}
    if fields.get("collapse_key"):
        made["tag"] = fields["collapse_key"]
    return {**made, "stays": True} if fields.get("stays") else made


def _outcome(answer: Answer, device: Token) -> Outcome:
    said = " ".join(answer.text.split())[:200]
    if answer.status in (200, 201, 202, 204):
        return Delivered(answer.status, "The push service took it.", reference=answer.headers.get("location", ""))
    if answer.status in (404, 410):
        return Refused(answer.status, "The browser's subscription has ended.", gone=(device.token,))
    if answer.status == 413:
        return Refused(413, "The message is too long for the push service.")
    if answer.status == 429 or answer.status >= 500:
        return later(answer, answer.status, said or "The push service gave no reason")
    return Refused(answer.status, said or "The push service refused it without a reason.")
