"""Where a phone number is from: the zones it may be in, and its country."""

from __future__ import annotations

from functools import cache

import phonenumbers
from phonenumbers import timezone
from phonenumbers.phonenumberutil import country_code_for_region, region_codes_for_country_code
from phonenumbers.tzdata import TIMEZONE_DATA

from ...nodes.zones import zone
from .names import usual_zone, zones_in

Dialled = tuple[tuple[str, ...], str | None]
NOWHERE: Dialled = ((), None)
REMEMBERED = 50_000
_known: dict[tuple[str, int], Dialled] = {}


def dialled(number: str | None) -> Dialled:
    """``(zones, country)`` of a number in its international form (+420…); nothing for any other.

    Asking the library costs 40 µs; so numbers are remembered by their first digits, which decide.
    """
    if not isinstance(number, str) or number[:1] != "+" or not 6 <= len(number) <= 20:
        return NOWHERE
    alike, telling = _one_zone(), _telling_digits()
    for code in (number[1:4], number[1:3], number[1:2]):
        if code in alike:
            return alike[code]
        if code in telling:
            break
    else:
        return NOWHERE
    key = (number[: 1 + telling[code]], len(number))
    found = _known.get(key)
    if found is None:
        if len(_known) >= REMEMBERED:
            _known.clear()
        found = _known[key] = _ask(number)
    return found


def _ask(number: str) -> Dialled:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return NOWHERE
    country = phonenumbers.region_code_for_number(parsed)
    if country is None or not country.isalpha():  # a satellite, or an international service
        return NOWHERE
    zones = tuple(name for name in timezone.time_zones_for_number(parsed) if zone(name))
    if len(zones) > 1 and len(zones_in(country)) == 1:  # +44 is Guernsey too, with the same clock
        zones = (usual_zone(country) or zones[0],)
    return zones, country


@cache
def _telling_digits() -> dict[str, int]:
    """By calling code: how many digits there are in all until the zone and the country are sure."""
    codes = {str(country_code_for_region(region)) for region in phonenumbers.SUPPORTED_REGIONS}
    found = {code: len(code) + 6 for code in codes}  # enough to tell mobile from fixed, and islands from the mainland
    for prefix in TIMEZONE_DATA:
        for code in (prefix[:1], prefix[:2], prefix[:3]):
            if code in found:
                found[code] = max(found[code], len(prefix))
    return found


@cache
def _one_zone() -> dict[str, Dialled]:
    """Calling codes of one country in one zone: nothing else of the number matters."""
    several = {prefix[:digits] for prefix in TIMEZONE_DATA for digits in range(1, len(prefix))}
    found: dict[str, Dialled] = {}
    for region in phonenumbers.SUPPORTED_REGIONS:
        code = str(country_code_for_region(region))
        zones = TIMEZONE_DATA.get(code, ())
        if len(zones) == 1 and code not in several and len(region_codes_for_country_code(int(code))) == 1:
            found[code] = ((zones[0],), region)
    return found
