"""How likely two contacts are one person, from what is known of both: pure, with the reasons in words.

The weights are Fellegi and Sunter's (1969, JASA 64:1183): each comparison adds log2(m/u) bits, m being how often it
comes out so for one person in two records, u for two people. The figures are estimates for a shop's contacts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from . import addresses

PRIOR = -9.0  # bits: of pairs that share a key, about one in 500 is one person
LEAST = 60  # per cent; what is less sure is not worth a person's time


def _bits(m: float, u: float) -> float:
    return log2(m / u)


WEIGHTS = {
    "phone": _bits(0.80, 0.0005),
    "other phone": _bits(0.20, 0.9995),
    "address part": _bits(0.35, 0.001),
    "near address part": _bits(0.25, 0.004),
    "other address part": _bits(0.40, 0.99),
    "name": _bits(0.75, 0.003),
    "near name": _bits(0.20, 0.006),
    "other name": _bits(0.05, 0.98),
    "street": _bits(0.60, 0.002),
    "other street": _bits(0.35, 0.99),
    "device": _bits(0.30, 0.003),
    "nameless device": _bits(0.60, 0.0005),
    "birthday": _bits(0.95, 0.003),
    "other birthday": _bits(0.02, 0.99),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What of a contact is compared, folded: lower case, no accents, no punctuation."""

    first: str
    last: str
    name_from_address: bool
    local: str
    phone: str
    street: str
    postcode: str
    birthday: str

    @property
    def nameless(self) -> bool:
        """A visitor of whom nothing is known but what they did."""
        return not (self.last or self.local or self.phone)


@dataclass(frozen=True, slots=True)
class Match:
    """How sure, in per cent, and the sentences that say why."""

    score: int
    reasons: list[str]


def known(email: str | None, phone: str | None, properties: Mapping[str, Any]) -> Known:
    """What is compared of a contact."""
    local = "" if addresses.flag(email) == addresses.ROLE else (email or "").rpartition("@")[0].partition("+")[0]
    first, last = _name(properties)
    from_address = False
    if not last:
        parts = [part for part in local.replace("_", ".").replace("-", ".").split(".") if part.isalpha()]
        if len(parts) == 2 and len(parts[1]) > 2:
            first, last, from_address = fold(parts[0]), fold(parts[1]), True
    digits = "".join(letter for letter in phone or "" if letter.isdigit())
    at = properties.get("address")
    place: Mapping[str, Any] = at if isinstance(at, Mapping) else properties
    street = fold(_first(place, "street", "address", "address1", "line1"))
    postcode = fold(_first(place, "postcode", "postalCode", "postal_code", "zip")).replace(" ", "")
    birthday = str(_first(properties, "birthday", "birth_date", "date_of_birth", "birthdate"))[:10]
    plain = "".join(letter for letter in local if letter.isalnum())
    return Known(first, last, from_address, plain, digits[-9:], street, postcode, birthday)


def keys(of: Known) -> set[str]:
    """What two contacts must have one of in common to be compared at all."""
    found = set()
    if len(of.phone) >= 7:
        found.add(f"phone {of.phone}")
    if len(of.local) >= 5:
        found.add(f"local {of.local}")
    if of.last:
        found.add("name " + " ".join(sorted((of.first, of.last))))
        for one, other in ((of.first, of.last), (of.last, of.first)):  # a slip in one of them, or only an initial
            if of.postcode:
                found.add(f"{one[:1]} {other[:4]} {of.postcode}")
            if of.birthday:
                found.add(f"{one[:1]} {other[:4]} {of.birthday}")
    if of.street and of.postcode:
        found.add(f"at {of.postcode} {''.join(letter for letter in of.street if letter.isdigit())}")
    return found


def compare(one: Known, other: Known, shared_device: bool = False) -> Match:
    """How likely both are one person."""
    said = [*_names(one, other), *_rest(one, other)]
    if shared_device:
        said.append(("nameless device" if one.nameless or other.nameless else "device", "the same device"))
    levels = {level for level, _ in said}
    if {"other name", "phone", "street"} <= levels:  # a household shares both: they are one thing said twice
        said = [(level, words) for level, words in said if level != "street"]
    bits = PRIOR + sum(WEIGHTS[level] for level, _ in said)
    for_it = [words for level, words in said if WEIGHTS[level] > 0]
    against = [words for level, words in said if WEIGHTS[level] < 0]
    reasons = [f"{words[:1].upper()}{words[1:]}." for words in for_it] + [f"But {words}." for words in against]
    return Match(min(99, round(100 / (1 + 2**-bits))), reasons)


def fold(text: Any) -> str:
    """Lower case, without accents and punctuation, one blank between words."""
    plain = unicodedata.normalize("NFKD", str(text)).casefold()
    kept = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join(kept.split())


def _names(one: Known, other: Known) -> list[tuple[str, str]]:
    if not one.last or not other.last or (one.name_from_address and other.name_from_address):
        return []
    straight = _near(one.first, other.first, first=True), _near(one.last, other.last)
    crossed = _near(one.first, other.last), _near(one.last, other.first)
    best = max((straight, crossed), key=lambda pair: (min(pair), sum(pair)))
    if min(best) == 2:
        return [("name", "the same name")]
    if min(best) == 1:
        return [("near name", "nearly the same name")]
    return [("other name", "their names differ")]


def _near(one: str, other: str, first: bool = False) -> int:
    """2: the same, 1: a slip of the pen or an initial, 0: another name."""
    if one == other:
        return 2
    if not one or not other:
        return 1 if first else 0
    if first and 1 in (len(one), len(other)) and one[0] == other[0]:
        return 1
    longest = max(len(one), len(other))
    if one[-1:] == other[-1:] or not first:  # Petr and Petra are two people
        return int(OSA.distance(one, other) <= (2 if longest >= 9 else 1 if longest >= 5 else 0))
    return 0


def _rest(one: Known, other: Known) -> list[tuple[str, str]]:
    said = []
    if one.phone and other.phone:
        same = one.phone == other.phone
        said.append(("phone", "the same phone number") if same else ("other phone", "their phone numbers differ"))
    if one.local and other.local:
        if one.local == other.local:
            telling = len(one.local) >= 5 and not _only_the_name(one)
            said.append(("address part" if telling else "near address part", "the same name before the @"))
        elif _only_the_name(one) and _only_the_name(other):
            pass  # namesakes have such addresses too
        elif min(len(one.local), len(other.local)) >= 7 and fuzz.ratio(one.local, other.local) >= 88:
            said.append(("near address part", "nearly the same name before the @"))
        else:
            said.append(("other address part", "their e-mail addresses differ"))
    if one.street and other.street:
        alike = one.postcode == other.postcode and fuzz.token_sort_ratio(one.street, other.street) >= 90
        numbers = [set(filter(str.isdigit, street.split())) for street in (one.street, other.street)]
        same = alike and numbers[0] == numbers[1]
        said.append(("street", "the same postal address") if same else ("other street", "their addresses differ"))
    if one.birthday and other.birthday:
        same = one.birthday == other.birthday
        said.append(("birthday", "the same birthday") if same else ("other birthday", "their birthdays differ"))
    return said


def _only_the_name(of: Known) -> bool:
    """Whether the part before the @ says no more than the name: then it is no second witness."""
    letters = "".join(letter for letter in of.local if not letter.isdigit())
    return bool(of.last) and of.last in letters and len(letters) <= len(of.first) + len(of.last)


def _name(properties: Mapping[str, Any]) -> tuple[str, str]:
    first = fold(_first(properties, "first_name", "firstName"))
    last = fold(_first(properties, "last_name", "lastName"))
    if not last:
        words = fold(_first(properties, "name", "full_name")).split()
        if len(words) > 1:
            first, last = words[0], words[-1]
    return first, last


def _first(properties: Mapping[str, Any], *names: str) -> Any:
    return next((properties[name] for name in names if isinstance(properties.get(name), str | int)), "")
