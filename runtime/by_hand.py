"""A person changes what is known of a contact by hand: checked like anything that comes in, and noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..storage import features, people, settings, suppressions, tombstones, users
from ..storage.columns import dump
from ..storage.database import Tx
from .envelope import MAX_KEY
from .person import Person

LONGEST = 2_000  # characters of a value typed by hand


class CannotChange(Exception):
    """This contact cannot be changed: they were erased, or merged into another one. Open the page anew."""


class NotKept(Exception):
    """Something typed cannot be kept; the sentence says what and why."""


def change_by_hand(tx: Tx, contact_id: int, traits: Mapping[str, Any], actor: str, now_ms: int) -> bool:
    """Write traits (None takes one away) to a contact; False when they said so already.

    Raises `CannotChange`, and `NotKept` with what was wrong: then nothing is written.
    """
    row = next(iter(people.locked(tx, [contact_id])), None)
    if row is None or row[5] is not None or people.is_erased(tx, contact_id):
        raise CannotChange(CannotChange.__doc__)
    person = Person(*row[:5])
    before = (person.email, person.phone)
    for name, value in traits.items():
        if not name.strip() or len(name) > MAX_KEY or "\0" in name:
            raise NotKept(f"A property needs a name of at most {MAX_KEY} characters.")
        if isinstance(value, str) and (len(value) > LONGEST or "\0" in value):
            raise NotKept(f"{name} is longer than {LONGEST} characters.")
    notes = person.set(traits, settings.some(tx, ["phone_country"]).get("phone_country", ""))
    if notes:
        raise NotKept(notes[0].replace(", the rest was kept", ""))
    if not person.changed:
        return False
    people.change(tx, [(person.external_id, person.email, person.phone, dump(person.open()), now_ms, contact_id)])
    if person.email and person.email != before[0] and not people.identities(tx, "email", [person.email]):
        people.take(tx, [("email", person.email, contact_id)], now_ms, "by hand")
    addressed = [("email", person.email or ""), ("phone", person.phone or "")]
    for _, address in tombstones.buried(tx, addressed):
        suppressions.suppress(tx, address, "", suppressions.ERASED, now_ms)
    features.touch(tx, [contact_id])
    users.note(tx, actor, "contact changed", f"#{contact_id}", now_ms, {"properties": sorted(traits)})
    return True


def typed(text: str, before: Any) -> Any:
    """What somebody typed, as the kind of thing it was before: None where it was emptied."""
    text = text.strip()
    if not text:
        return None
    if isinstance(before, bool) or (before is None and text.lower() in ("true", "false")):
        return text.lower() in ("yes", "true", "1")
    if isinstance(before, int | float):
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return text
        if number == number and abs(number) < 1e15:
            return int(number) if number.is_integer() else number
    return text
