"""E-mail addresses and phone numbers as we keep them: one spelling for each, or none at all."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email

PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")  # local parts the validator never changes or refuses
PHONE_NOISE = re.compile(r"[\s().\-/]")
PHONE = re.compile(r"[0-9]{4,20}")
ROLES = frozenset(  # RFC 2142 and what shops and offices are reached by: nobody's own
    [
        "abuse",
        "accounting",
        "accounts",
        "admin",
        "administrator",
        "billing",
        "bookings",
        "career",
        "careers",
        "compliance",
        "contact",
        "customercare",
        "customerservice",
        "enquiries",
        "enquiry",
        "feedback",
        "finance",
        "ftp",
        "hello",
        "help",
        "helpdesk",
        "hostmaster",
        "hr",
        "info",
        "inquiries",
        "invoice",
        "invoices",
        "it",
        "jobs",
        "legal",
        "mail",
        "mailer-daemon",
        "marketing",
        "media",
        "news",
        "newsletter",
        "no-reply",
        "nobody",
        "noc",
        "noreply",
        "office",
        "orders",
        "postmaster",
        "pr",
        "press",
        "privacy",
        "purchasing",
        "reception",
        "root",
        "sales",
        "security",
        "service",
        "shop",
        "support",
        "team",
        "usenet",
        "uucp",
        "webmaster",
        "www",
    ]
)
DISPOSABLE, ROLE = "disposable", "role"  # what `flag` says


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


def phone(text: object, country: str = "") -> str | None:
    """The number as E.164 has it (+420601123456), or None when it is no phone number.

    ``country`` (ISO 3166, "CZ") is where a number without its + is from. Without one such a number is kept as its
    digits: nobody can say whose it is.
    """
    if isinstance(text, bool) or not isinstance(text, str | int):
        return None
    return _number(unicodedata.normalize("NFKC", str(text)[:60]).strip(), country.upper())


def is_international(number: str | None) -> bool:
    """Whether this kept number is one in the whole world."""
    return bool(number) and str(number).startswith("+")


def flag(address: str | None) -> str | None:
    """What to know of an address before writing to it: `DISPOSABLE`, `ROLE` (nobody's own), or None."""
    local, _, domain = (address or "").rpartition("@")
    parts = domain.split(".")
    if any(".".join(parts[n:]) in blocklist for n in range(len(parts) - 1)):
        return DISPOSABLE
    return ROLE if local.partition("+")[0] in ROLES else None


def name(text: str) -> str:
    """An id as we keep it: without blanks around, each letter written in one way (Unicode NFC), case as it is."""
    trimmed = text.strip()
    return trimmed if trimmed.isascii() else unicodedata.normalize("NFC", trimmed)


@lru_cache(maxsize=8192)
def _number(text: str, country: str) -> str | None:
    """Parsing costs 25 µs, and the same number comes again and again."""
    digits = PHONE_NOISE.sub("", text)
    if not country and not digits.startswith(("+", "00")):
        return digits if PHONE.fullmatch(digits) and digits.isascii() else None
    try:
        parsed = phonenumbers.parse("+" + digits[2:] if not country and digits.startswith("00") else text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


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
