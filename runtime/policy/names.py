"""What countries, their regions and cities are called: from a name as people write it to a code or a time zone."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from babel.core import get_global

NAMES = Path(__file__).parent.parent.parent / "assets" / "places" / "names.json"
USUAL = {  # countries with several zones: the one of the capital, or where most people live
    "AQ": "Antarctica/McMurdo",
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}
REGIONS = {  # ISO 3166-2 states and provinces, each to the zone most of its people live in
    "America/New_York": "US CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "US AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "US CO ID MT NM UT WY",
    "America/Phoenix": "US AZ",
    "America/Los_Angeles": "US CA NV OR WA",
    "America/Anchorage": "US AK",
    "Pacific/Honolulu": "US HI",
    "America/Toronto": "CA ON QC",
    "America/Halifax": "CA NB NS PE",
    "America/St_Johns": "CA NL",
    "America/Winnipeg": "CA MB",
    "America/Regina": "CA SK",
    "America/Edmonton": "CA AB NT",
    "America/Vancouver": "CA BC",
    "America/Whitehorse": "CA YT",
    "America/Iqaluit": "CA NU",
    "Australia/Sydney": "AU ACT NSW",
    "Australia/Melbourne": "AU VIC",
    "Australia/Brisbane": "AU QLD",
    "Australia/Adelaide": "AU SA",
    "Australia/Darwin": "AU NT",
    "Australia/Perth": "AU WA",
    "Australia/Hobart": "AU TAS",
    "America/Sao_Paulo": "BR DF ES GO MG PR RJ RS SC SP",
    "America/Fortaleza": "BR AL AP BA CE MA PA PB PE PI RN SE TO",
    "America/Manaus": "BR AM MS MT RO RR",
    "America/Rio_Branco": "BR AC",
    "Atlantic/Canary": "ES CN GC TF",
    "Atlantic/Azores": "PT 20",
    "Atlantic/Madeira": "PT 30",
}


def plain(name: str) -> str:
    """A name without accents, case and punctuation: what two ways of writing it share."""
    taken_apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in taken_apart if letter.isalnum())


def country(name: Any) -> str | None:
    """The two letters of a country from its ISO code (2 or 3 letters) or its name, in English or at home."""
    if not isinstance(name, str) or not name.strip() or len(name) > 100:
        return None
    code = name.strip().upper()
    return code if len(code) == 2 and code in _zones() else _names()["countries"].get(plain(name))


def zones_in(code: str) -> list[str]:
    """Every time zone of a country."""
    return _zones().get(code, [])


def usual_zone(code: str) -> str | None:
    """The zone of a country: where it has several, that of its capital or of most of its people."""
    zones = zones_in(code)
    return USUAL.get(code) or (zones[0] if zones else None)


def city_zone(name: str, within: str | None) -> str | None:
    """The zone named after a city; ``within`` a country, if that is known.

    Where it is not, only the great cities count: America/Argentina/San_Juan is one San Juan of many.
    """
    zone = _names()["cities"].get(plain(name))
    if zone is None or (zone.count("/") > 1 if within is None else zone not in zones_in(within)):
        return None
    return zone


def region_zone(code: str, region: str) -> str | None:
    """The zone of a state or province, by its ISO 3166-2 letters, with or without the country before them."""
    return _regions().get((code, region))


def country_of_zone(zone: str) -> str | None:
    """The country a zone lies in; None for UTC and its like."""
    code = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone))
    return code if code and len(code) == 2 and code != "ZZ" else None


@cache
def _zones() -> dict[str, list[str]]:
    return {code: zones for code, zones in get_global("territory_zones").items() if len(code) == 2 and code != "ZZ"}


@cache
def _regions() -> dict[tuple[str, str], str]:
    found = {}
    for zone, written in REGIONS.items():
        code, *regions = written.split()
        found |= {(code, region): zone for region in regions}
    return found


@cache
def _names() -> dict[str, dict[str, str]]:
    return json.loads(NAMES.read_text("utf-8"))
