"""Where somebody is, as far as we know it: whose clock and whose holidays count for them, and how we know."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from ...nodes.zones import zone as known_zone
from . import names
from .dialling import dialled

LONGEST = 100  # a name longer than this is none
MOST_USUAL = "with several zones: its most usual"


class Place(NamedTuple):
    """``zone`` is an IANA name, ``country`` has two letters. ``source`` reads on after "from": "the phone number"."""

    zone: str
    country: str | None
    source: str
    region: str | None = None  # a state or province as the profile has it, in capitals; public holidays differ by it


def place_of(properties: Mapping[str, Any], phone: str | None, fallback: str) -> Place:
    """Where a contact is, by the first of these that says so.

    The profile's own time zone · the phone number, where it is of one zone alone · latitude and longitude · the state
    or province · a city that a zone is named after · the country, where it has several zones the most usual one · a
    phone number of a country with several zones · ``fallback``, the instance's own.
    """
    get = properties.get
    address = get("address")
    inner = address.get if isinstance(address, dict) else _nothing
    zones, dialled_country = dialled(phone)
    written = _text(get("timezone"))
    country = _text(get("country")) or _text(get("country_code")) or _text(inner("country"))
    region = _text(get("region")) or _text(get("state")) or _text(inner("state")) or _text(inner("region"))
    if written and (where := _by_profile(written)):
        return _placed(where, "the profile’s time zone", country, dialled_country, region)
    if len(zones) == 1:
        return _placed(zones[0], "the phone number", country, dialled_country, region)
    latitude, longitude = _degrees(get("latitude")), _degrees(get("longitude"))
    if latitude is not None and longitude is not None and (where := _by_coordinates(latitude, longitude)):
        return _placed(where, "latitude and longitude", country, dialled_country, region)
    city = _text(get("city")) or _text(inner("city"))
    return _by_name(country, region, city, zones, dialled_country, fallback)


@lru_cache(maxsize=32_768)
def _by_name(
    country: str | None, region: str | None, city: str | None, zones: tuple[str, ...], dialled: str | None, own: str
) -> Place:
    code = names.country(country)
    known = code or dialled
    if known and region and (where := names.region_zone(known, _region(known, region))):
        return _placed(where, "the state or province", country, dialled, region)
    if city and (where := names.city_zone(city, known)):
        return _placed(where, "the city", country, dialled, region)
    if code and (where := names.usual_zone(code)):
        source = "the country" if len(names.zones_in(code)) == 1 else f"the country, {_called(code)}, {MOST_USUAL}"
        return _placed(where, source, country, dialled, region)
    if zones:
        where = (names.usual_zone(dialled) if dialled else None) or zones[0]
        within = f"{_called(dialled)}, " if dialled else "an area "
        return _placed(where, f"the phone number, {within}{MOST_USUAL}", country, dialled, region)
    return _placed(own, "the instance’s own time zone", country, dialled, region)


@lru_cache(maxsize=32_768)
def _placed(zone: str, source: str, country: str | None, dialled: str | None, region: str | None) -> Place:
    code = names.country(country) or dialled or names.country_of_zone(zone)
    return Place(zone, code, source, _region(code, region) if code and region else None)


def _region(code: str, region: str) -> str:
    """BY of DE-BY, by, Bavaria as it is: in capitals, without the country."""
    return region.strip().upper().removeprefix(code + "-")


@lru_cache(maxsize=4096)
def _by_profile(written: str) -> str | None:
    """The IANA name of a zone, in any case, or of one as Windows calls it."""
    name = written.strip()
    if known_zone(name) and name not in ("localtime", "Factory", "posixrules"):  # files of the system, no places
        return name
    lowered = name.casefold().replace(" ", "_")
    return _lowered().get(lowered) or get_global("windows_zone_mapping").get(name)


@cache
def _lowered() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if "/" in name or name == "UTC"}


@lru_cache(maxsize=32_768)
def _by_coordinates(latitude: float, longitude: float) -> str | None:
    import tzfpy  # 35 MB in memory: only where profiles have coordinates

    found = tzfpy.get_tz(longitude, latitude)
    return None if not found or found.startswith("Etc/") else found  # Etc: somewhere at sea


def _called(code: str) -> str:
    return Locale("en").territories.get(code, code)


def _nothing(_: str) -> None:
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value and len(value) <= LONGEST else None


def _degrees(value: Any) -> float | None:
    """To a hundredth of a degree, a kilometre: so neighbours share one answer."""
    if isinstance(value, str) and len(value) <= 24:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value, 2) if -180 <= value <= 180 else None
