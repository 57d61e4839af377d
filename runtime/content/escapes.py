"""Templates inside something else: what a contact is called never breaks the JSON or the address it is put into."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from jinja2 import Undefined

from .filters import Whole
from .jinja import HTML, TEXT, LetterEnvironment


def _within_json(value: Any) -> Any:
    """A text between quotation marks, escaped; a number, a yes or no, a list as JSON has them."""
    if isinstance(value, Whole):
        return value
    if isinstance(value, Undefined):
        return str(value)  # noted as missing, and nothing stands there
    if isinstance(value, str):
        return orjson.dumps(value.encode("utf-8", "replace").decode()).decode()[1:-1]
    return orjson.dumps(value, default=str).decode()


def _within_url(value: Any) -> str:
    """One part of a path or a query: a slash or a question mark in it is a letter like any other."""
    return quote(str(value), safe="")


def _environment(finalize: Any) -> LetterEnvironment:
    made = LetterEnvironment(autoescape=False)
    made.finalize = finalize
    return made


WITHIN = {"": TEXT, "html": HTML, "json": _environment(_within_json), "url": _environment(_within_url)}
"""How a field's templates are filled, by what its schema says they stand within."""
