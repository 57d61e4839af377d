"""Where the reader is, as far as it is known: ``place.country``, ``place.city``, ``place.region``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...storage.database import Tx
from ...storage.handover import Filling
from ..policy.whereabouts import place_of
from .provider import Around, Provider

OWN = "the instance’s own time zone"  # nothing is known of them


def place_words(filling: Filling, zone: str) -> dict[str, Any]:
    """What is known of somebody's place; what is not is left out."""
    contact = filling.contact
    place = place_of(contact, contact.get("phone"), zone)
    address = contact.get("address")
    city = contact.get("city") or (address.get("city") if isinstance(address, dict) else None)
    words = {
        "country": place.country if place.source != OWN else None,
        "region": place.region,
        "city": city if isinstance(city, str) else None,
        "timezone": place.zone,
    }
    return {name: word for name, word in words.items() if word}


def load(tx: Tx, fillings: Sequence[Filling], wanted: frozenset[str], around: Around) -> list[dict[str, Any]]:
    """By the profile, the phone number and the like."""
    return [place_words(one, around.zone) for one in fillings]


PROVIDER = Provider("place", load)
