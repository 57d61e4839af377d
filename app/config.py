"""What an instance is told from outside: the environment and one TOML file, checked, and answered in sentences."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..runtime.settings import because

FILE = "sojourn.toml"
STORE = "sojourn.db"  # the SQLite file, unless another database is named
PREFIX = "SOJOURN_"
NOT_OURS = ("HOME", "NODE_SDK", "TEST_", "FAIL_", "BOUNCES_PASSWORD")  # read elsewhere: the folder, tests, a command


class ConfigProblem(Exception):
    """The configuration cannot be used; every sentence says which key, where it stands and what it may be."""


class Config(BaseModel):
    """Everything that has to be known before the database is open. What the owner changes later is a setting."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(description="The instance's folder. Only the environment (SOJOURN_HOME) or --home can set it.")
    database: str = Field(
        default="",
        description="Where everything is remembered: empty for a SQLite file in the home folder, or "
        "postgresql://user:password@host/name once one machine is not enough.",
    )
    smtp_url: str = Field(
        default="",
        description="The mail server: smtp://user:password@host:587, or smtps:// for TLS from the first byte. "
        "Empty: letters wait in the outbox until one is named.",
    )
    host: str = Field(default="127.0.0.1", description="The address the web server listens on.")
    port: int = Field(default=8321, ge=1, le=65535, description="The port the web server listens on.")
    base_url: str = Field(
        default="",
        description="The address people and links in letters reach this instance at, like https://news.example.com. "
        "Empty: http://host:port.",
    )
    senders: int = Field(default=4, ge=1, le=64, description="How many connections to the mail server at once.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is written to the log: debug, info, warning or error."
    )
    clock: Literal["system", "manual"] = Field(
        default="system",
        description="system: the machine's time. manual: time stands still until `sojourn clock advance` moves it.",
    )
    trusted_hosts: tuple[str, ...] = Field(
        default=(),
        description="Further host names requests may ask for, beside those of base_url and host; *.example.com "
        "stands for all below. Comma-separated in the environment.",
    )
    trusted_origins: tuple[str, ...] = Field(
        default=(),
        description="Further origins a browser may open the pages from, like https://intranet.example.com.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses or networks of proxies whose X-Forwarded-For and -Proto are believed.",
    )
    private_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts of your own network that webhooks may call, like crm.internal; "
        "all others have to be public.",
    )

    @field_validator("trusted_hosts", "trusted_origins", "trusted_proxies", "private_hosts", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("database")
    @classmethod
    def _store(cls, value: str) -> str:
        scheme = value.partition(":")[0]
        if value and scheme not in ("postgresql", "postgres", "sqlite"):
            raise ValueError("has to be empty, postgresql://… or sqlite:///path")
        return "postgresql" + value[len(scheme) :] if scheme == "postgres" else value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        if value and not (_url(value).scheme in ("smtp", "smtps") and _url(value).hostname):
            raise ValueError("has to look like smtp://user:password@host:587 or smtps://host")
        return value

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not is_web_address(value):
            raise ValueError("has to look like https://news.example.com, without a path")
        return value.rstrip("/")

    @field_validator("trusted_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not is_web_address(origin):
                raise ValueError("has to be a list of origins like https://intranet.example.com, without a path")
        return tuple(origin.rstrip("/") for origin in value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network, strict=False)
        return value

    @property
    def database_url(self) -> str:
        """The URL to open: the one given, or the SQLite file in the home folder."""
        return self.database or f"sqlite:///{self.home / STORE}"

    @property
    def address(self) -> str:
        """Where a browser reaches this instance: ``base_url``, or what host and port make of it."""
        if self.base_url:
            return self.base_url
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  (asked, not bound)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def local_only(self) -> bool:
        """True while only this machine can reach the web server."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def load(home: Path, environ: Mapping[str, str] | None = None, **given: Any) -> Config:
    """The configuration of ``home``: what is ``given`` wins over the environment, and that over the file.

    Raises ConfigProblem with one sentence for everything that is wrong.
    """
    environ = os.environ if environ is None else environ
    file = home / FILE
    written = _read(file)
    named = {
        key: environ[PREFIX + key.upper()]
        for key in Config.model_fields
        if key != "home" and PREFIX + key.upper() in environ
    }
    told = {key: value for key, value in given.items() if value is not None}
    problems = [
        _unknown(key, f"in {file}", tuple(Config.model_fields)) for key in written if key not in Config.model_fields
    ]
    if "home" in written:
        problems.append(f"`home` in {file} cannot say where it stands itself: take it out and use SOJOURN_HOME.")
    problems += [
        _unknown(name, "in the environment", names())
        for name in stray(environ)
        if difflib.get_close_matches(name, names(), cutoff=0.75)
    ]
    sources = {
        **dict.fromkeys(written, f"in {file}"),
        **{k: f"({PREFIX}{k.upper()})" for k in named},
        **dict.fromkeys(told, ""),
    }
    values = {key: value for key, value in {**written, **named, **told}.items() if key in Config.model_fields}
    try:
        config = Config.model_validate({**values, "home": home})
    except ValidationError as error:
        problems += [_sentence(one, sources) for one in error.errors()]
        raise ConfigProblem("\n".join(problems)) from None
    if problems:
        raise ConfigProblem("\n".join(problems))
    return config


def names() -> list[str]:
    """The environment variables that are read."""
    return [PREFIX + key.upper() for key in Config.model_fields]


def stray(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like ours but are not read by anything."""
    return [
        name
        for name in environ
        if name.startswith(PREFIX) and name not in names() and not name.removeprefix(PREFIX).startswith(NOT_OURS)
    ]


def masked(url: str) -> str:
    """A URL that may be shown: its password as stars."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return "(not a URL)"
    if password is None:
        return url
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:****@{place}").geturl()


def is_web_address(text: str) -> bool:
    """True for an http or https address without a path, query or user."""
    parts = _url(text)
    return bool(
        parts.scheme in ("http", "https")
        and parts.hostname
        and parts.path in ("", "/")
        and not (parts.query or parts.fragment or parts.username)
    )


def _url(text: str) -> Any:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL that can be read; look at its port and brackets") from None
    return parts


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigProblem(f"{file} cannot be read as TOML: {error}.") from None
    except OSError as error:
        raise ConfigProblem(f"{file} cannot be read: {error.strerror}.") from None


def _unknown(key: str, where: str, known: tuple[str, ...] | list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}."
    return f"`{key}` {where} is not a key of the configuration: {hint}"


def _sentence(error: Any, sources: Mapping[str, str]) -> str:
    key = str(error["loc"][0])
    shown = masked(str(error["input"])) if "url" in key or key == "database" else str(error["input"])
    return f"`{key}` {sources.get(key, '')} cannot be {shown!r}: {because(error)}.".replace("  ", " ")
