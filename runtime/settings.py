"""What the owner sets while the instance runs: who letters come from, how the brand looks, when it is day."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import ConfigDict, Field, ValidationError, field_validator

from ..nodes.zones import zone
from ..storage import settings as rows
from ..storage.database import Tx
from .check_settings import CheckSettings
from .content.kit import Kit, KitProblem
from .pacing import limits_of
from .tracking.settings import TrackingSettings

COLOUR, LANGUAGE, COUNTRY = r"^#[0-9a-fA-F]{6}$", r"^[a-z]{2,3}(-[A-Z]{2})?$", r"^([A-Z]{2})?$"
EXAMPLES = {COLOUR: "#2f6b4f", LANGUAGE: "en or pt-BR", COUNTRY: "CZ or DE"}
SERVED_AT = "instance.address"  # where the web server says it is reached; the default of base_url


class SettingProblem(Exception):
    """A setting cannot be saved; the sentence says which and what it may be."""


class Settings(CheckSettings, TrackingSettings):
    """The catalogue: every setting with its default and what it does."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    brand_name: str = Field(
        default="Sojourn", max_length=120, description="The name people know you by; in letters and on public pages."
    )
    brand_color: str = Field(
        default="#4f46e5",
        pattern=COLOUR,
        description="The colour of buttons and links in letters, as #rrggbb.",
    )
    brand_logo: str = Field(
        default="",
        max_length=300,
        description="The address of your logo, like https://www.example.com/logo.png; on public pages. Empty: none.",
    )
    brand_kit: dict[str, Any] = Field(
        default_factory=dict,
        description="How letters made of blocks look: colours, fonts, logo and footer, as JSON; the page Brand sets "
        "it. What it does not name is as above.",
    )
    audience: Literal["b2c", "b2b"] = Field(
        default="b2c",
        description="Whom you mostly write to: b2c, people for themselves, or b2b, people at their companies.",
    )
    sender_name: str = Field(
        default="", max_length=120, description="The name letters come from. Empty: the brand name."
    )
    sender_address: str = Field(
        default="", description="The e-mail address letters come from. Nothing is sent before it is set."
    )
    reply_to: str = Field(default="", description="Where answers go. Empty: to the sender address.")
    postal_address: str = Field(
        default="",
        max_length=300,
        description="Your postal address, which the law of most countries wants under every advertisement.",
    )
    base_url: str = Field(
        default="",
        description="The address links in letters lead to, like https://news.example.com. "
        "Empty: where the web server is reached.",
    )
    short_url: str = Field(
        default="",
        description="A shorter address of yours that leads here too, like https://go.example.com, for addresses in "
        "text messages. Empty: the address above.",
    )
    timezone: str = Field(
        default="UTC", description="The time zone of everybody whose own is not known, like Europe/Prague."
    )
    language: str = Field(
        default="en",
        pattern=LANGUAGE,
        description="The language of the public pages and of letters, like en or cs.",
    )
    phone_country: str = Field(
        default="",
        pattern=COUNTRY,
        description="The country of phone numbers that come without one, in two letters like CZ. "
        "Empty: they are kept as their digits.",
    )
    phones_identify: bool = Field(
        default=False,
        description="Whether two people with one phone number are one person. Not where families share a number.",
    )
    devices_proven: bool = Field(
        default=False,
        description="Whether a phone or browser becomes somebody's only with the hash their own server makes of the "
        "user id. Else whoever reads the write key in an app can say whose a device is.",
    )
    merge_above: int = Field(
        default=0,
        ge=0,
        le=100,
        description="Likely duplicates this sure, in per cent, become one without being asked about. 0: never.",
    )
    provider_limits: str = Field(
        default="",
        max_length=2_000,
        description="Letters a minute at most to a mailbox provider or a domain, like gmail=600 seznam.cz=100. "
        "Empty: as fast as each of them takes letters.",
    )
    soft_bounces: int = Field(
        default=4,
        ge=0,
        le=20,
        description="After so many letters in a row that a full mailbox did not take, "
        "the address is left alone. 0: never.",
    )
    inactive_days: int = Field(
        default=180,
        ge=0,
        le=3650,
        description="People not seen for so many days get only journeys that call them back. 0: they get everything.",
    )
    inactive_stop_days: int = Field(
        default=365,
        ge=0,
        le=3650,
        description="People not seen for so many days get no marketing at all. 0: they still do.",
    )
    four_eyes: bool = Field(
        default=False,
        description="Whether a journey is published only once somebody who had no hand in it has approved it.",
    )
    restored_at: int | None = Field(
        default=None,
        description="When this instance was restored from a backup, in milliseconds since 1970. "
        "Set by `sojourn restore`; empty once the owner has looked through and resumed.",
    )

    @field_validator("sender_address", "reply_to")
    @classmethod
    def _mailbox(cls, value: str) -> str:
        if not value:
            return value
        try:
            return validate_email(value, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError as error:
            raise ValueError(f"has to be an e-mail address ({error})") from None

    @field_validator("brand_name", "sender_name", "postal_address")
    @classmethod
    def _no_controls(cls, value: str) -> str:
        if any(ord(letter) < 32 and letter != "\n" for letter in value) or (
            "\n" in value and len(value.splitlines()) > 8
        ):
            raise ValueError("must not hold control characters")
        return value

    @field_validator("sender_name", "brand_name")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if "\n" in value:
            raise ValueError("has to fit on one line")
        return value

    @field_validator("brand_logo")
    @classmethod
    def _picture(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s\"'<>;,]+", value):
            raise ValueError("has to be the address of a picture, like https://www.example.com/logo.png")
        return value

    @field_validator("brand_kit", mode="before")
    @classmethod
    def _kit(cls, value: Any) -> Any:
        try:
            given = json.loads(value) if isinstance(value, str) else value
            if not isinstance(given, dict):
                raise ValueError('has to be JSON, like {"primary": "#2f6b4f"}')
            Kit.read(given)
        except json.JSONDecodeError:
            raise ValueError('has to be JSON, like {"primary": "#2f6b4f"}') from None
        except KitProblem as problem:
            raise ValueError(f"has to be corrected: {problem}") from None
        return given

    @field_validator("base_url", "short_url", "tracking_url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("?")
        if value and not (
            parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and not parts.query
        ):
            raise ValueError("has to look like https://news.example.com, without a path")
        return value.rstrip("/")

    @field_validator("provider_limits")
    @classmethod
    def _paces(cls, value: str) -> str:
        limits_of(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if zone(value) is None:  # what there is is read from the disk once, not at each look at the settings
            near = difflib.get_close_matches(value, available_timezones(), n=1)
            raise ValueError("is not a time zone," + (f" did you mean {near[0]}" if near else " like Europe/Prague"))
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)

    @property
    def sender(self) -> str:
        """The name letters come from."""
        return self.sender_name or self.brand_name


def load(tx: Tx) -> Settings:
    """The settings as they are now. A stored value this release no longer allows falls to its default."""
    stored = rows.stored(tx)
    known = {key: value for key, value in stored.items() if key in Settings.model_fields}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        refused = {str(one["loc"][0]) for one in error.errors()}
        settings = Settings.model_validate({key: value for key, value in known.items() if key not in refused})
    if not settings.base_url:
        settings = settings.model_copy(update={"base_url": stored.get(SERVED_AT) or ""})
    return settings


def save(tx: Tx, key: str, value: Any) -> Settings:
    """Set one setting and return them all; ``value`` may be text, as typed. Raises SettingProblem."""
    check_key(key)
    if value is None:
        rows.forget(tx, key)
        return load(tx)
    try:
        checked = Settings.model_validate({key: value})
    except ValidationError as error:
        raise SettingProblem(f"`{key}` cannot be {value!r}: {because(error.errors()[0])}.") from None
    rows.store(tx, key, getattr(checked, key))
    return load(tx)


def check_key(key: str) -> None:
    """Raise SettingProblem, naming the nearest, when there is no such setting."""
    if key not in Settings.model_fields:
        near = difflib.get_close_matches(key, Settings.model_fields, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(Settings.model_fields)}."
        raise SettingProblem(f"There is no setting `{key}`: {hint}")


def because(error: Mapping[str, Any]) -> str:
    """What is wrong with one value, from a validation error, as the second half of a sentence."""
    example = EXAMPLES.get(error.get("ctx", {}).get("pattern", ""))
    if example:
        return f"it has to look like {example}"
    if error.get("type") in ("tuple_type", "list_type"):
        return 'it has to be a list, like ["one", "two"]'
    first, _, rest = str(error["msg"]).removeprefix("Value error, ").partition(" ")
    return f"it {rest}" if first in ("Input", "String", "Value") else f"it {first} {rest}"
