"""What conditions of a letter ask of its data: a property held against a value, the language somebody speaks.

The operators are those of segments and branches: tolerant of types, and a fact nobody knows is no error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Undefined

from ...nodes.operators import OPERATORS, Test, number, reader
from .filters import TooMuch

Read = Callable[[Mapping[str, Any]], Any]


def meets(value: Any, path: str, op: str, wanted: Any = None, now: Any = None) -> bool:
    """Whether a property of something passes an operator; of a list, whether that of any one of it does."""
    read, test = _made(path, op, wanted, _types(wanted))
    now_ms = int(number(now.get("ms")) or 0) if isinstance(now, dict) else 0
    if isinstance(value, list | tuple):
        return any(test(_known(read(one)), now_ms) for one in value if isinstance(one, dict))
    return bool(test(_known(read(value)) if isinstance(value, dict) else None, now_ms))


def speaks(contact: Any, codes: Any) -> bool:
    """Whether the contact's own language is one of these; "pt" means "pt-BR" too."""
    own = language_of(contact) if isinstance(contact, Mapping) else ""
    wanted = [codes] if isinstance(codes, str) else codes
    return bool(own) and any(own == code or own.startswith(f"{code}-") for code in (str(one).lower() for one in wanted))


def language_of(contact: Mapping[str, Any]) -> str:
    """What a profile says of its language, as "pt-br"; "" where it says nothing."""
    for name in ("language", "locale", "lang"):
        said = contact.get(name)
        if isinstance(said, str) and 0 < len(said) <= 40:
            return said.strip().partition(".")[0].replace("_", "-").lower()
    return ""


@lru_cache(maxsize=4096)
def _made(path: str, op: str, wanted: Any, _types: Any) -> tuple[Read, Test]:
    if op not in OPERATORS:
        raise TooMuch(f"There is no comparison “{op}”.")
    return reader(str(path)), OPERATORS[op].make(wanted)


def _types(wanted: Any) -> Any:
    """1 and true are the same key of a cache, and not the same to an operator."""
    return tuple(map(type, wanted)) if isinstance(wanted, tuple) else type(wanted)


def _known(value: Any) -> Any:
    return None if isinstance(value, Undefined) else value


ASKED: dict[str, Callable[..., bool]] = {"meets": meets, "speaks": speaks}
