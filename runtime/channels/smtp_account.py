"""E-mail by several mail servers: each an account of its own, for all letters or for some, with limits of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.config import JsonDict

from ...storage import pacing
from ..deliverability.providers import providers
from ..pacing import whose
from ..reports.reading import Kind as Reporter
from ..reports.reading import Outside
from ..reports.service import hear
from .callback import Call, Reply
from .channel import AccountSettings, Held, Mark, Outcome, Parcel, Tools, Unreachable
from .smtp import Smtp
from .smtp_server import RETURN_PATH, Server

Kind = Literal["marketing", "transactional", "reengagement"]
LONGEST_MS = 86_400_000
PORTS = {"tls": 465, "starttls": 587, "when_offered": 587, "none": 25}


CARRIES: JsonDict = {"fold": "Which letters it carries"}
SPEED: JsonDict = {"fold": "How fast it sends"}
SENDER: JsonDict = {"fold": "Return path and our name"}
REPORTS: JsonDict = {"fold": "Reports of bounces and complaints"}


class SmtpSettings(AccountSettings):
    """A mail server, and what goes out by it."""

    host: str = Field(
        title="Server",
        pattern=r"^[A-Za-z0-9.:_-]{1,253}$",
        description="The server's name, such as smtp.example.com.",
    )
    port: int = Field(0, ge=0, le=65_535, description="Its port. 0: the usual one, 587, or 465 for TLS from the start.")
    security: Literal["starttls", "tls", "when_offered", "none"] = Field(
        "starttls",
        title="Encryption",
        description="How the way to it is guarded. Without encryption only on a machine or network of your own.",
        json_schema_extra={
            "words": {
                "starttls": "encrypted after the greeting (STARTTLS)",
                "tls": "encrypted from the first byte (TLS)",
                "when_offered": "encrypted when the server offers it; a password goes only then",
                "none": "not encrypted",
            }
        },
    )
    user: str = Field("", title="User name", max_length=300, description="The user name, where it asks for one.")
    password: SecretStr = Field(SecretStr(""), description="The password of that user.")
    kinds: list[Kind] = Field(
        [],
        title="Types of journeys",
        description="The types it serves. None: all.",
        json_schema_extra={
            **CARRIES,
            "words": {
                "marketing": "marketing",
                "transactional": "transactional, such as receipts",
                "reengagement": "re-engagement",
            },
        },
    )
    topics: list[str] = Field(
        [], description="The topics it serves. None: all.", json_schema_extra={**CARRIES, "among": "topics"}
    )
    journeys: list[str] = Field(
        [], description="The journeys it serves. None: all.", json_schema_extra={**CARRIES, "among": "journeys"}
    )
    sender_domains: list[str] = Field(
        [],
        title="Domains of senders",
        description="The domains whose letters it carries. None: all.",
        json_schema_extra=CARRIES,
    )
    receivers: list[str] = Field(
        [],
        title="Providers and domains of readers",
        description="Whom it sends to, such as gmail or example.com. None: everybody.",
        json_schema_extra=CARRIES,
    )
    connections: int = Field(
        4, ge=1, le=100, description="How many connections to it at once.", json_schema_extra=SPEED
    )
    per_minute: int = Field(
        0, ge=0, le=10_000_000, title="Letters a minute", description="At most; 0: as many as it takes.",
        json_schema_extra=SPEED,
    )  # fmt: skip
    per_hour: int = Field(
        0, ge=0, le=100_000_000, title="Letters an hour", description="At most; 0: as many as it takes.",
        json_schema_extra=SPEED,
    )  # fmt: skip
    per_day: int = Field(
        0, ge=0, le=1_000_000_000, title="Letters a day", description="By UTC, at most; 0: as many as it takes.",
        json_schema_extra=SPEED,
    )  # fmt: skip
    at_once: dict[str, int] = Field(
        {},
        title="At once to one provider",
        description="How many letters to a provider or a domain at once, such as 5 to gmail and 1 to example.com.",
        json_schema_extra=SPEED,
    )
    return_path: str = Field(
        "",
        description="A domain whose mail comes to your bounce mailbox, like bounces.example.com, or a mailbox that "
        "takes additions, like bounces@example.com. Each letter then has a return path of its own. Empty: the sender.",
        json_schema_extra=SENDER,
    )
    helo: str = Field(
        "",
        title="Our name",
        pattern=r"^[A-Za-z0-9.-]{0,253}$",
        description="The name we greet it with. Empty: this machine's.",
        json_schema_extra=SENDER,
    )
    reports: Reporter = Field(
        "none",
        title="Whose reports",
        description="They come to the address under Callbacks: of what bounced, and of who complained.",
        json_schema_extra={
            **REPORTS,
            "words": {
                "none": "nobody's",
                "ses": "Amazon SES",
                "postmark": "Postmark",
                "mailgun": "Mailgun",
                "sendgrid": "SendGrid",
            },
        },
    )
    reports_secret: SecretStr = Field(
        SecretStr(""),
        title="What proves them",
        description="The topic's ARN (Amazon SES), the password in the webhook's address (Postmark), "
        "the signing key (Mailgun), the verification key (SendGrid).",
        json_schema_extra=REPORTS,
    )

    @field_validator("return_path")
    @classmethod
    def _leads_back(cls, value: str) -> str:
        if value and not RETURN_PATH.match(value):
            raise ValueError("write a domain in small letters, or a mailbox with up to 27 letters before the @")
        return value

    @field_validator("sender_domains", "receivers")
    @classmethod
    def _domains(cls, value: list[str]) -> list[str]:
        return [one.strip().lstrip("@").lower() for one in value if one.strip()]

    @field_validator("receivers", "at_once")
    @classmethod
    def _somebody(cls, value: Any) -> Any:
        for one in value:
            if "." not in one and one not in providers():
                raise ValueError(f"{one!r} is neither a domain nor one of {', '.join(providers())}")
        if isinstance(value, dict) and any(most < 1 for most in value.values()):
            raise ValueError("at least one letter at once has to be possible")
        return value

    @model_validator(mode="after")
    def _both(self) -> SmtpSettings:
        if self.reports != "none" and not self.reports_secret.get_secret_value():
            raise ValueError("reports cannot be told from forgeries without what proves them")
        if bool(self.user) != bool(self.password.get_secret_value()):
            raise ValueError("a user name and a password go together")
        return self


class SmtpAccount(Smtp):
    """One mail server of several."""

    carrier = "smtp"
    label = "Mail server (SMTP)"
    help = "A mail server of your own or of a provider, for all letters or only for some."
    Settings = SmtpSettings
    example: ClassVar[Mapping[str, Any]] = {
        "host": "smtp.example.com",
        "user": "shop",
        "password": "secret",
        "per_hour": 5000,
        "kinds": ["marketing"],
        "return_path": "bounces.example.com",
    }

    def __init__(self, settings: SmtpSettings, tools: Tools) -> None:
        own = settings
        server = Server(
            host=own.host,
            port=own.port or PORTS[own.security],
            user=own.user or None,
            password=own.password.get_secret_value() or None,
            tls=own.security == "tls",
            starttls={"starttls": True, "tls": None, "when_offered": None, "none": False}[own.security],
            connections=own.connections,
            return_path=own.return_path,
            helo=own.helo,
            allowed=frozenset(host.lower() for host in tools.private_hosts),
        )
        super().__init__(
            server, tools.derive, {whose(f"@{to}") if "." in to else to: n for to, n in own.at_once.items()}
        )
        self.settings, self._tools = settings, tools
        most = {"minute": own.per_minute, "hour": own.per_hour, "day": own.per_day}
        self._most = {unit: number for unit, number in most.items() if number} if tools.db else {}
        self._again_ms = self._waiting = 0  # until when it is full, and how many were put off since it is

    @classmethod
    def of(cls, settings: Any, tools: Tools) -> SmtpAccount:
        return cls(settings, tools)

    def owed_alone(self) -> bool:
        return set(self.settings.kinds) == {"transactional"}

    def serves(self, parcel: Parcel) -> bool:
        own = self.settings
        if own.kinds and (parcel.kind or ("transactional" if parcel.transactional else "marketing")) not in own.kinds:
            return False
        if (own.topics and parcel.topic not in own.topics) or (own.journeys and parcel.journey not in own.journeys):
            return False
        if own.sender_domains and _domain(parcel.brand.sender_address or "") not in own.sender_domains:
            return False
        return not own.receivers or bool({_domain(parcel.to), whose(parcel.to)} & {*own.receivers})

    async def hear(self, call: Call) -> Reply:
        outside = Outside(self.settings.reports_secret.get_secret_value(), self._now_ms())
        return await hear(self.settings.reports, call, outside)

    def room(self) -> int:
        return 0 if self._now_ms() < self._again_ms else super().room()

    def warnings(self) -> Sequence[str]:
        own, said = self.settings, []
        if own.security == "none" and own.user:
            said.append("The password goes over the network in clear: choose starttls or tls.")
        if own.return_path and not self._back:
            said.append("Return paths cannot be made here: letters come back to their sender.")
        return said

    async def hand_over(self, parcels: Sequence[Parcel], before_body: Mark) -> list[Outcome]:
        now_ms = self._now_ms()
        free = await self._taken(len(parcels), now_ms)
        outcomes = await super().hand_over(parcels[:free], before_body) if free else []
        unused = sum(isinstance(outcome, Held | Unreachable) for outcome in outcomes)
        if unused and self._most and (db := self._tools.db) is not None:
            name = self._tools.account
            await db.awrite(lambda tx: pacing.given_back(tx, name, self._most, unused, now_ms))
        if free == len(parcels):
            return outcomes
        return [*outcomes, *(self._full() for _ in parcels[free:])]

    def _full(self) -> Unreachable:
        """Each to the stretch that has room for it, as far as that can be said: they are not looked through each time
        that a new one begins."""
        unit, most = min(self._most.items(), key=lambda one: one[1] / pacing.UNITS[one[0]])
        wait_ms = max(1_000, self._again_ms - self._now_ms()) + self._waiting // most * pacing.UNITS[unit]
        self._waiting += 1
        said = f"The account {self._tools.account} has sent as many letters as it may for now"
        return Unreachable(said, min(wait_ms, LONGEST_MS))

    async def _taken(self, wanted: int, now_ms: int) -> int:
        """So many of the account's own limits; all of them where there are none."""
        db = self._tools.db
        if not self._most or db is None:
            return wanted
        name = self._tools.account
        free, again_ms = await db.awrite(lambda tx: pacing.taken(tx, name, self._most, wanted, now_ms))
        full_until = again_ms if free < wanted else 0
        if full_until != self._again_ms:
            self._again_ms, self._waiting = full_until, 0
        return free

    def _now_ms(self) -> int:
        return self._tools.clock.now_ms() if self._tools.clock else 0


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
