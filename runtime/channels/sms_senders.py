"""Who a text comes from: numbers, short numbers and names, and which countries take a name at all."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

NUMBER, SHORT, NAME, SERVICE = "number", "short", "name", "service"
NAME_FORM = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 _&+-]{1,11}")
SERVICE_FORM = re.compile(r"MG[0-9a-fA-F]{32}")  # a pool of numbers at the carrier
# where networks throw a text from a name away, or put a number in its place
NO_NAMES = frozenset(
    re.findall("..", "ARBEBRCACLCNCOCRDOECGFGTHNHUKGKRMXMYNINZPAPEPRSVTWUSUYVEZA"),
)
# where a name has to be registered before a text from it arrives
REGISTERED = frozenset(
    re.findall("..", "AEAMAZBDBHBYCUCZEGGBIDIEINIQIRJOKEKWKZLKMAMMNGNPOMPHPKQARORSRUSASGTHTNTRUAUZVN"),
)


def kind_of(sender: str) -> str | None:
    """What a sender is; None for what no network takes."""
    if SERVICE_FORM.fullmatch(sender):
        return SERVICE
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", sender):
        return NUMBER
    if re.fullmatch(r"[0-9]{3,8}", sender):
        return SHORT
    return NAME if NAME_FORM.fullmatch(sender) else None


def can_hear(sender: str) -> bool:
    """Whether people can answer to it. A name cannot be called back."""
    return kind_of(sender) != NAME


def fits(sender: str, country: str) -> bool:
    """Whether a text from this sender arrives in a country (ISO 3166; "" where it is not known)."""
    return kind_of(sender) != NAME or country not in NO_NAMES


@lru_cache(maxsize=8192)
def country_of(number: str) -> str:
    """The country of a number in E.164, "" where it has none or is no such number."""
    if not number.startswith("+"):
        return ""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""
