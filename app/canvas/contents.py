"""Which letters and messages a step's settings name, whatever state they are in, and what a fresh one says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...nodes.node import Node
from ...nodes.own_content import OwnContent
from ...nodes.registry import node_types
from ...nodes.sending import Sending
from ...runtime.channels.channel import media
from ...runtime.channels.medium import Medium
from . import beginnings

NAMES = ("letter", "message")  # settings that name one
FORMS = ("instead", "ways")  # settings that list further ones, each under "message"
GREETING = 'Hello {{ contact.first_name|default("there") }}, write here what you have to say.'


def named(settings: Mapping[str, Any]) -> list[str]:
    """The names, each once."""
    return list(dict.fromkeys(_named(settings)))


def _named(settings: Mapping[str, Any]) -> Iterator[str]:
    lists = [settings.get(key) for key in FORMS]
    forms = [form for each in lists if isinstance(each, list | tuple) for form in each if isinstance(form, Mapping)]
    for said in [*(settings.get(key) for key in NAMES), *(form.get("message") for form in forms)]:
        if isinstance(said, str):
            yield said


def renamed(settings: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The settings with other names for the letters and messages they name."""
    new = dict(settings)
    for key in NAMES:
        if isinstance(said := settings.get(key), str):
            new[key] = names.get(said, said)
    for key in FORMS:
        if isinstance(forms := settings.get(key), list | tuple):
            new[key] = [renamed(form, names) if isinstance(form, Mapping) else form for form in forms]
    return new


def begun_by(type_: type[Node]) -> tuple[str, str] | None:
    """The setting that names what a step of this type sends, and the medium of it; None when it sends no such thing."""
    if not issubclass(type_, Sending) or not type_.channel:
        return None
    setting = next((name for name in NAMES if name in type_.Settings.model_fields), None)
    return (setting, type_.channel) if setting else None


def fresh(medium: str) -> dict[str, Any]:
    """A message of this medium as it is when somebody has just made it."""
    if medium == "email" or medium not in media():
        return beginnings.letter()
    fields = media()[medium].form.model_fields
    says = next((name for name in ("text", "letter", "body") if name in fields), next(iter(fields)))
    return {"medium": medium, says: GREETING}


def untouched(letter: Mapping[str, Any], medium: str) -> bool:
    """Nobody has written a word of it; the brand's kit is put on by the house."""
    return {key: value for key, value in letter.items() if key != "kit"} in (fresh(medium), beginnings.SOURCE)


def stem(medium: str) -> str:
    """What the names of such messages begin with."""
    return "letter" if medium == "email" else medium.replace("_", "-")


def written_here() -> list[Medium]:
    """The media whose messages are written among a journey's letters, letters aside."""
    own = {type_.channel for type_ in node_types().values() if issubclass(type_, OwnContent)}
    return [medium for name, medium in media().items() if name != "email" and name not in own]
