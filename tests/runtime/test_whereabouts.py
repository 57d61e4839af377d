"""Where somebody is: the first thing known about them that says so, and how we know."""

from __future__ import annotations

import random
from typing import Any

import phonenumbers
import pytest
from babel.core import get_global

from sojourn.nodes.zones import zone
from sojourn.runtime.policy import dialling, names
from sojourn.runtime.policy.whereabouts import place_of

OWN = "Europe/Prague"


@pytest.mark.parametrize(
    ("properties", "phone", "where", "country", "source"),
    [
        ({"timezone": "Europe/Vienna", "country": "US"}, "+12125550123", "Europe/Vienna", "US", "the profile’s time"),
        ({"timezone": "europe/vienna"}, None, "Europe/Vienna", "AT", "the profile’s time zone"),
        ({"timezone": "Eastern Standard Time"}, None, "America/New_York", "US", "the profile’s time zone"),
        ({"timezone": "Nowhere", "country": "US"}, "+420601123456", "Europe/Prague", "US", "the phone number"),
        ({}, "+12125550123", "America/New_York", "US", "the phone number"),
        ({}, "+447911123456", "Europe/Guernsey", "GG", "the phone number"),
        ({}, "+77011234567", "Asia/Almaty", "KZ", "the phone number, Kazakhstan, with several zones: its most usual"),
        ({}, "+61412345678", "Australia/Sydney", "AU", "the phone number, Australia, with several zones: its most"),
        ({"state": "WA"}, "+61412345678", "Australia/Perth", "AU", "the state or province"),
        ({"latitude": 48.14, "longitude": "11.58"}, None, "Europe/Berlin", "DE", "latitude and longitude"),
        ({"latitude": 0, "longitude": 0, "country": "FI"}, None, "Europe/Helsinki", "FI", "the country"),
        ({"country": "us", "region": "us-tx"}, None, "America/Chicago", "US", "the state or province"),
        ({"city": "Praha"}, None, "Europe/Prague", "CZ", "the city"),
        ({"city": "Chicago", "country": "USA"}, None, "America/Chicago", "US", "the city"),
        ({"city": "San Juan"}, None, OWN, "CZ", "the instance’s own time zone"),
        ({"country": "Česko"}, None, "Europe/Prague", "CZ", "the country"),
        ({"country": "Deutschland"}, None, "Europe/Berlin", "DE", "the country, Germany, with several zones"),
        ({"address": {"country": "Brazil", "city": "Manaus"}}, None, "America/Manaus", "BR", "the city"),
        ({"timezone": ["x"], "country": {}, "city": 5, "latitude": True}, "nine", OWN, "CZ", "the instance’s own"),
        ({"country": "Wonderland"}, "+80012345678", OWN, "CZ", "the instance’s own time zone"),
    ],
)
def test_the_first_that_says_so(properties: dict[str, Any], phone: Any, where: str, country: str, source: str) -> None:
    place = place_of(properties, phone, OWN)
    assert (place.zone, place.country) == (where, country)
    assert place.source.startswith(source)


def test_a_state_comes_along_for_its_holidays() -> None:
    assert place_of({"country": "DE", "region": "de-by"}, None, OWN).region == "BY"


@pytest.mark.parametrize("written", ["cz", "CZE", "Czechia", "Czech Republic", "Česká republika", " CZ "])
def test_a_country_has_many_spellings(written: str) -> None:
    assert names.country(written) == "CZ"


def test_every_country_and_every_zone_named_exists() -> None:
    several = {code for code, zones in get_global("territory_zones").items() if len(zones) > 1 and len(code) == 2}
    assert several - {"ZZ"} == set(names.USUAL)
    assert all(found in names.zones_in(code) for code, found in names.USUAL.items())
    assert all(zone(name) for name in names.REGIONS)
    for country in ("JP", "GR", "EG", "RU", "BR", "CI"):
        assert zone(names.usual_zone(country))


def test_the_first_digits_of_a_number_say_what_all_of_it_says() -> None:
    rolled = random.Random(5)
    for region in phonenumbers.SUPPORTED_REGIONS - {"TK"}:  # Tokelau: four digits, not all of them in use
        for sort in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(region, sort)
            if example is None:
                continue
            number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            for _ in range(3):
                another = f"{number[:-2]}{rolled.randrange(100):02}"
                assert dialling.dialled(another) == dialling._ask(another), another
