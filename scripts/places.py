"""Writes assets/places/names.json anew: what countries and cities are called, in English and where they are.

Reading it from Babel while people wait would load 120 languages: a second and 60 MB.
"""

import json
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from sojourn.runtime.policy.names import plain

TARGET = Path(__file__).parent.parent / "assets" / "places" / "names.json"
ALSO = {  # what people write and no standard has
    "GB": ("England", "Scotland", "Wales", "Great Britain", "Northern Ireland"),
    "US": ("United States of America", "America", "U.S."),
    "AE": ("UAE", "Emirates"),
    "CZ": ("Czech Republic", "Česká republika", "ČR"),
    "SK": ("Slovak Republic", "Slovenská republika"),
    "NL": ("Holland", "The Netherlands"),
    "TR": ("Turkey",),
    "KR": ("Republic of Korea", "Korea"),
    "RU": ("Russian Federation",),
    "CI": ("Ivory Coast",),
    "MM": ("Burma", "Myanmar"),
    "MK": ("Macedonia",),
    "SZ": ("Swaziland",),
    "CV": ("Cabo Verde",),
    "HK": ("Hong Kong",),
    "MO": ("Macau", "Macao"),
    "BA": ("Bosnia and Herzegovina", "Bosnia"),
    "IE": ("Republic of Ireland",),
    "PS": ("Palestine",),
    "VN": ("Viet Nam",),
    "CD": ("DR Congo", "Democratic Republic of the Congo"),
    "CG": ("Republic of the Congo", "Congo"),
    "DE": ("Bundesrepublik Deutschland",),
}


def languages(country: str) -> list[Locale]:
    """English and the languages of a country, as far as Babel speaks them."""
    found = [Locale("en")]
    for language in get_official_languages(country, de_facto=True):
        try:
            found.append(Locale.parse(language))
        except UnknownLocaleError:
            continue
    return found


def main() -> None:
    """A name that two countries share belongs to neither."""
    countries: dict[str, set[str]] = {}
    cities: dict[str, set[str]] = {}
    codes = {code for code in get_global("territory_zones") if len(code) == 2 and code != "ZZ"}
    for old, new in get_global("territory_aliases").items():
        if len(new) == 1 and old.isalpha() and new[0] in codes:
            countries.setdefault(plain(old), set()).add(new[0])
    for code in sorted(codes):
        for locale in languages(code):
            countries.setdefault(plain(locale.territories.get(code, code)), set()).add(code)
        for name in ALSO.get(code, ()):
            countries.setdefault(plain(name), set()).add(code)
        for zone in get_global("territory_zones")[code]:
            names = {zone.rpartition("/")[2].replace("_", " ")}
            names |= {locale.time_zones.get(zone, {}).get("city", "") for locale in languages(code)}
            for name in names - {""}:
                cities.setdefault(plain(name), set()).add(zone)
    found = {
        "cities": {name: zones.pop() for name, zones in sorted(cities.items()) if len(zones) == 1 and name},
        "countries": {name: of.pop() for name, of in sorted(countries.items()) if len(of) == 1 and name},
    }
    TARGET.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
