"""Public holidays by country and state, from the holidays package."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


def holiday(day: date, country: str | None, region: str | None) -> str | None:
    """The name of the public holiday in a country (or in its state) on a day; None on any other day."""
    return _of_year(day.year, country, region).get(day) if country else None


@lru_cache(maxsize=2_000)
def _of_year(year: int, country: str, region: str | None) -> dict[date, str]:
    import holidays  # 250 countries: only where a policy asks for holidays

    if country not in _countries():
        return {}
    state = _states(country).get((region or "").casefold())
    return dict(holidays.country_holidays(country, subdiv=state, years=year, language="en_US").items())


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    import holidays

    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=300)
def _states(country: str) -> dict[str, str]:
    """The codes of the states with holidays of their own, also by their names."""
    import holidays

    known = holidays.country_holidays(country)
    found = {code.casefold(): code for code in known.subdivisions}
    for code, names in known.get_subdivision_aliases().items():
        found |= {name.casefold(): code for name in names}
    return found
