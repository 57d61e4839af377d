"""Opening accounts at carriers: their settings put together from what is seen and what is sealed, and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from ..storage.accounts import Account
from ..storage.columns import load
from .channels.channel import AccountSettings, Channel, Tools, carriers


class AccountProblem(Exception):
    """An account cannot be used; the sentence says what to set."""


def tools(parts: Any, account: str = "") -> Tools:
    """What the house gives the channel of an account. ``parts`` is an instance, or anything that has its parts."""
    config = dict(parts.config)
    base = str(config.get("base_url") or "").rstrip("/")
    home = config.get("home")
    return Tools(
        config=config,
        account=account,
        private_hosts=frozenset(config.get("private_hosts") or ()),
        callback_url=f"{base}/hooks/{account}" if base and account else "",
        db=parts.db,
        clock=parts.clock,
        home=Path(home) if home else None,
    )


def opener(parts: Any) -> Callable[[Account], Channel]:
    """What opens an account of this instance. It raises `AccountProblem`."""
    return lambda account: open_account(parts, account)


def open_account(parts: Any, account: Account) -> Channel:
    """The channel of one account."""
    kind = kind_of(account.medium, account.carrier)
    secrets = _unsealed(account, parts.secrets.open)
    return kind.of(checked(kind, {**account.settings, **secrets}), tools(parts, account.name))


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


def split(settings: AccountSettings) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be seen, and what is sealed."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    secret = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    seen = settings.model_dump(mode="json", exclude=set(secret))
    return seen, secret


def secret_names(kind: type[Channel]) -> set[str]:
    """The settings that are sealed."""
    assert kind.Settings is not None
    schema = kind.Settings.model_json_schema().get("properties", {})
    return {name for name, field in schema.items() if _is_secret(field)}


def _is_secret(field: Mapping[str, Any]) -> bool:
    return field.get("format") == "password" or any(_is_secret(one) for one in field.get("anyOf", ()))


def _unsealed(account: Account, unseal: Callable[[str], str]) -> dict[str, Any]:
    return load(unseal(account.sealed)) if account.sealed else {}


def _in_words(error: Any, settings: type[AccountSettings]) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"`{where}` is missing."
    if error["type"] == "extra_forbidden":
        return f"There is no setting `{where}`; there are {', '.join(settings.model_fields)}."
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"`{where}`: {said[:1].lower()}{said[1:]}."
