"""Names that stand in files and addresses: small letters, digits, - and _."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SLUG_WORDS = "small letters, digits, - and _, starting with a letter or digit, at most 64 characters"


def is_slug(name: object) -> bool:
    return isinstance(name, str) and _SLUG.fullmatch(name) is not None


def _must_be_a_slug(name: str) -> str:
    if not is_slug(name):
        raise PydanticCustomError("slug", "cannot be “{name}”: use " + SLUG_WORDS, {"name": name[:80]})
    return name


Slug = Annotated[str, AfterValidator(_must_be_a_slug)]
PATTERN = f"^{_SLUG.pattern}$"  # for a JSON Schema
