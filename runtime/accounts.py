"""Accounts at carriers: written from a file or a form, their secrets sealed, and opened as channels."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from ..nodes.slug import PATTERN
from ..storage import accounts, users
from ..storage.accounts import Account
from ..storage.columns import dump, from_ms, load
from ..storage.database import Tx
from . import signals
from .channels.channel import AccountSettings, Channel, Signal, Tools, carriers
from .exchange.outgoing import public
from .safe_yaml import UnreadableText, parse
from .settings import load as load_settings

ADDRESSES = ("host", "port", "security", "tls")  # settings that say where an account is reached, beside web addresses
Told = Callable[[Sequence[Signal]], Awaitable[None]]


class Given(BaseModel):
    """An account as it is written in a file or a form."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(description="A short name of your own, such as texts-cz; it stands in addresses.")
    medium: str = Field(description="What goes out by it: sms, push, web_push, webhook …")
    carrier: str = Field(description="Who carries it, such as twilio.")
    status: Literal["on", "off"] | None = Field(None, description="Whether it is used.")
    place: int | None = Field(None, ge=0, description="Of several for one medium the smallest is asked first.")
    settings: dict[str, Any] = Field(default_factory=dict, description="What the carrier wants to know.")


class AccountProblem(Exception):
    """An account cannot be used; the sentence says what to set."""


def tools(parts: Any, account: str = "", told: Told | None = None) -> Tools:
    """What the house gives the channel of an account. ``parts`` is an instance, or anything that has its parts."""
    config = dict(parts.config)
    base, home = _reached_at(parts), config.get("home")
    return Tools(
        config=config,
        account=account,
        private_hosts=frozenset(config.get("private_hosts") or ()),
        callback_url=f"{base}/hooks/{account}" if base and account else "",
        db=parts.db,
        clock=parts.clock,
        home=Path(home) if home else None,
        told=told,
        derive=getattr(parts.secrets, "derive", None),  # an instance being made has none yet
    )


def _reached_at(parts: Any) -> str:
    """Where carriers reach this instance; "" when it is known by an address of its own machine or network alone."""
    said = str(dict(parts.config).get("base_url") or "")
    if not said:
        said = parts.db.look(load_settings).base_url
        host = urlsplit(said).hostname or "localhost"
        if host == "localhost" or ((host.replace(".", "").isdigit() or ":" in host) and not public(host)):
            return ""
    return said.rstrip("/")


def _told(parts: Any, account: Account) -> Told:
    """Takes in what a carrier says over its own line, as if it had called."""
    source = signals.Source(account.id or 0, account.name, account.medium)

    async def told(said: Sequence[Signal]) -> None:
        await signals.take(parts.db, parts.shelf, parts.clock, source, said)

    return told


def opener(parts: Any) -> Callable[[Account], Channel]:
    """What opens an account of this instance. It raises `AccountProblem`."""
    return lambda account: open_account(parts, account)


def open_account(parts: Any, account: Account) -> Channel:
    """The channel of one account."""
    kind = kind_of(account.medium, account.carrier)
    secrets = _unsealed(account, parts.secrets.open)
    return kind.of(checked(kind, {**account.settings, **secrets}), tools(parts, account.name, _told(parts, account)))


def kind_of(medium: str, carrier: str) -> type[Channel]:
    """The carrier's channel. Raises `AccountProblem` naming those there are."""
    known = carriers(medium)
    if carrier not in known:
        there = ", ".join(sorted(known)) or "none"
        raise AccountProblem(f"Nobody called “{carrier}” carries {medium} here; there are: {there}.")
    return known[carrier]


def checked(kind: type[Channel], given: Mapping[str, Any]) -> AccountSettings:
    """The settings of an account as its channel wants them. Raises `AccountProblem` with everything that is wrong."""
    assert kind.Settings is not None
    try:
        return kind.Settings.model_validate(dict(given))
    except ValidationError as error:
        said = [_in_words(one, kind.Settings) for one in error.errors()]
        raise AccountProblem(" ".join(said)) from None


def keep(tx: Tx, parts: Any, given: Given, actor: str, now_ms: int) -> Account:
    """Write an account as somebody gave it: new, or the one of that name changed. Secrets left out stay as they were.

    Left out they stay only for the address they were given for: else whoever may change an account could have its
    secrets sent to a server of theirs. Raises `AccountProblem`.
    """
    if not re.fullmatch(PATTERN, given.name):
        raise AccountProblem(f"“{given.name}” cannot be a name: it has to be small letters, digits, “-” and “_”.")
    kind = kind_of(given.medium, given.carrier)
    known = accounts.named(tx, given.name)
    if known is not None and (known.medium, known.carrier) != (given.medium, given.carrier):
        raise AccountProblem(
            f"There is an account “{given.name}” of another kind ({known.medium}, {known.carrier}): "
            "choose another name, or delete that one first."
        )
    before = _unsealed(known, parts.secrets.open) if known else {}
    secret = secret_names(kind)
    values = {name: value for name, value in given.settings.items() if name not in secret or value not in ("", None)}
    settings = checked(kind, {**{name: before[name] for name in secret & before.keys()}, **values})
    seen, hidden = split(settings)
    kept = sorted((secret & before.keys()) - values.keys())
    if known and any(before[name] for name in kept) and where(known.settings) != where(seen):
        raise AccountProblem(
            "The account is reached at another address now, and its secrets were given for the one before: "
            f"give {' and '.join(f'`{name}`' for name in kept if before[name])} again."
        )
    kind.of(settings, tools(parts, given.name))  # what cannot be opened is said now, not at the first message
    account = known or Account(
        name=given.name, medium=given.medium, carrier=given.carrier, created_at=from_ms(now_ms),
        changed_at=from_ms(now_ms), place=1 + max((one.place for one in accounts.everyone(tx)), default=0),
    )  # fmt: skip
    new = seen != account.settings or hidden != before
    account.settings, account.changed_at, account.changed_by = seen, from_ms(now_ms), actor
    if hidden != before:
        account.sealed = parts.secrets.seal(dump(hidden)) if hidden else ""
    if given.status is not None:
        account.status = given.status
    if given.place is not None:
        account.place = given.place
    accounts.keep(tx, account)
    users.note(
        tx, actor, "account.change" if known else "account.open", given.name, now_ms,
        {"medium": given.medium, "carrier": given.carrier, "status": account.status, "settings": seen, "new": new},
    )  # fmt: skip
    return account


def keep_all(tx: Tx, parts: Any, given: Sequence[Given], actor: str, now_ms: int) -> list[str]:
    """Write the accounts of a file, all or none; returns their names. Raises `AccountProblem`, saying which one."""
    for one in given:
        try:
            keep(tx, parts, one, actor, now_ms)
        except AccountProblem as problem:
            raise AccountProblem(f"{one.name}: {problem}" if len(given) > 1 else str(problem)) from None
    return [one.name for one in given]


def remove(tx: Tx, name: str, actor: str, now_ms: int) -> None:
    """Close an account and forget what opened it. Raises `AccountProblem`."""
    if not accounts.remove(tx, name):
        raise AccountProblem(f"There is no account “{name}”: `sojourn channels list` shows all.")
    users.note(tx, actor, "account.close", name, now_ms)


def turn(tx: Tx, name: str, on: bool, actor: str, now_ms: int) -> None:
    """Use an account, or leave it alone. Raises `AccountProblem`."""
    account = accounts.named(tx, name)
    if account is None:
        raise AccountProblem(f"There is no account “{name}”: `sojourn channels list` shows all.")
    account.status, account.changed_at, account.changed_by = "on" if on else "off", from_ms(now_ms), actor
    accounts.keep(tx, account)
    users.note(tx, actor, "account.turn", name, now_ms, {"status": account.status})


def read_file(text: str) -> list[Given]:
    """The accounts of a file: one, or several under ``accounts:``. Raises `AccountProblem`."""
    try:
        document, _ = parse(text)
    except UnreadableText as problem:
        where = f"line {problem.line}: " if problem.line else ""
        raise AccountProblem(where + problem.sentence) from None
    listed = document.get("accounts") if isinstance(document, dict) and set(document) == {"accounts"} else [document]
    found: list[Given] = []
    for number, one in enumerate(listed if isinstance(listed, list) else [listed], 1):
        if not isinstance(one, dict):
            raise AccountProblem("A file of accounts is a list under `accounts:`, each with name, medium and carrier.")
        try:
            found.append(Given.model_validate(one))
        except ValidationError as error:
            said = " ".join(_in_words(each, Given) for each in error.errors())
            raise AccountProblem(f"Account {one.get('name') or number}: {said}") from None
    return found


def warnings(parts: Any, account: Account) -> list[str]:
    """What the owner should know of this account; nothing where it cannot be opened, which is said elsewhere."""
    try:
        return list(open_account(parts, account).warnings())
    except AccountProblem:
        return []


def shown(account: Account) -> dict[str, Any]:
    """An account for the owner's eyes: secrets are only said to be there."""
    kind = kind_of(account.medium, account.carrier)
    return {
        "name": account.name,
        "medium": account.medium,
        "carrier": account.carrier,
        "status": account.status,
        "place": account.place,
        "settings": account.settings,
        "secrets": sorted(secret_names(kind)) if account.sealed else [],
        "changed_by": account.changed_by,
    }


def split(settings: AccountSettings) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be seen, and what is sealed."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    secret = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    seen = settings.model_dump(mode="json", exclude=set(secret))
    return seen, secret


def where(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Who gets to see the secrets of an account: hosts and ports in its settings, and whether the way is guarded."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, str) and "://" in value:
            parts = urlsplit(value)
            found[name] = (parts.scheme, parts.netloc)
        elif name in ADDRESSES:
            found[name] = value
    return found


def secret_names(kind: type[Channel]) -> set[str]:
    """The settings that are sealed."""
    assert kind.Settings is not None
    schema = kind.Settings.model_json_schema().get("properties", {})
    return {name for name, field in schema.items() if _is_secret(field)}


def _is_secret(field: Mapping[str, Any]) -> bool:
    return field.get("format") == "password" or any(_is_secret(one) for one in field.get("anyOf", ()))


def _unsealed(account: Account, unseal: Callable[[str], str]) -> dict[str, Any]:
    return load(unseal(account.sealed)) if account.sealed else {}


def _in_words(error: Any, settings: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"`{where}` is missing."
    if error["type"] == "extra_forbidden":
        return f"There is no setting `{where}`; there are {', '.join(settings.model_fields)}."
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"`{where}`: {said[:1].lower()}{said[1:]}."
