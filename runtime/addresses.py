"""E-mail addresses and phone numbers as we keep them: one spelling for each, or none at all."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")  # local parts the validator never changes or refuses
PHONE_NOISE = re.compile(r"[\s().\-/]")
PHONE = re.compile(r"\+?[0-9]{4,20}")


class NotAnAddress(ValueError):
    """This is no e-mail address letters can be sent to."""


def email(text: object) -> str:
    """The address in lower case as the RFCs have it; raises `NotAnAddress` with the validator's own words."""
    if not isinstance(text, str):
        raise NotAnAddress("it has to be a text")
    if len(text) > 320:
        raise NotAnAddress("it is longer than 320 characters")
    trimmed = text.strip().lower()
    local, at, domain = trimmed.rpartition("@")
    if at and len(local) <= 64 and PLAIN_LOCAL.fullmatch(local) and _plain(domain) and len(trimmed) <= 254:
        return trimmed
    return _validated(trimmed)


def phone(text: object) -> str | None:
    """Digits with an optional leading +, or None when it is no phone number."""
    if isinstance(text, bool) or not isinstance(text, str | int):
        return None
    number = PHONE_NOISE.sub("", str(text)[:60])
    return number if PHONE.fullmatch(number) else None


@lru_cache(maxsize=8192)
def _plain(domain: str) -> bool:
    """True for a domain the validator leaves as it is. Asking it costs 70 µs, so each domain is asked about once."""
    if len(domain) > 190:
        return False  # together with the local part it may be too long: let the validator count
    try:
        return validate_email(f"a@{domain}", check_deliverability=False, test_environment=True).domain == domain
    except EmailNotValidError:
        return False


def _validated(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise NotAnAddress(str(error).rstrip(".")) from error
    except (UnicodeError, ValueError) as error:
        raise NotAnAddress("it has characters no address can have") from error
