"""Who a message is about: contacts found by their identities, made, merged and changed, once a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..storage import people
from ..storage.columns import dump, load
from ..storage.database import Tx
from . import addresses

MAX_PROFILE = 1_000  # properties of one contact
ALIASES = {  # Segment's reserved traits that letters know by another name
    "firstName": "first_name",
    "lastName": "last_name",
}


class Claim(NamedTuple):
    """The names one message or one row of a file gives a person. ``previous`` is the id they had before (alias)."""

    user: str | None = None
    anonymous: str | None = None
    email: str | None = None
    previous: str | None = None


@dataclass(slots=True, eq=False)
class Person:
    """A contact in the making. ``id`` is 0 until a new one is saved."""

    id: int = 0
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    stored: Any = "{}"
    changed: bool = False
    merged: Person | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    read: bool = False

    def open(self) -> dict[str, Any]:
        """The properties, parsed when they are first asked for."""
        if not self.read:
            self.properties = dict(load(self.stored) or {})
            self.read = True
        return self.properties

    def root(self) -> Person:
        """Who this is after all merges."""
        person = self
        while person.merged is not None:
            person = person.merged
        return person


class People:
    """The contacts one transaction is about. `find` them all first, then ask `who`, `set` traits, and `save` once."""

    def __init__(self, tx: Tx, now_ms: int) -> None:
        self._tx = tx
        self._now_ms = now_ms
        self._known: dict[tuple[str, str], Person] = {}
        self._stored: dict[tuple[str, str], Person] = {}  # as the database has it
        self._all: list[Person] = []
        self._merges: list[tuple[Person, Person]] = []

    def find(self, claims: Iterable[Claim]) -> None:
        """Look up every name in the claims: one query a kind, and one that locks the contacts."""
        wanted: dict[str, set[str]] = {"user": set(), "anonymous": set(), "email": set()}
        for user, anonymous, email, previous in claims:
            if user:
                wanted["user"].add(user)
            if anonymous:
                wanted["anonymous"].add(anonymous)
            if email:
                wanted["email"].add(email)
            if previous:
                wanted["user"].add(previous)
                wanted["anonymous"].add(previous)
        found = [
            ((kind, value), contact)
            for kind, values in wanted.items()
            for value, contact in people.identities(self._tx, kind, list(values))
        ]
        if not found:
            return
        persons: dict[int, Person] = {}
        for contact, external_id, email, phone, stored, merged in people.locked(self._tx, list({c for _, c in found})):
            if merged is not None:  # it was merged after we read the identity
                raise people.IdentityRace(people.IdentityRace.__doc__)
            persons[contact] = Person(contact, external_id, email, phone, stored)
        self._all += persons.values()
        self._stored = {name: persons[contact] for name, contact in found}
        self._known = dict(self._stored)

    def who(self, claim: Claim) -> Person:
        """The contact a claim is about; made, merged and given the claim's names where needed."""
        user, anonymous, email, previous = claim
        if previous:
            self._alias(user or anonymous or "", "user" if user else "anonymous", previous)
        by_device = self._get("anonymous", anonymous)
        by_email = self._get("email", email)
        if user:
            person = self._user(user, by_device, by_email)
        else:
            person = self._nobody_yet(by_device, by_email)
        for kind, value in (("user", user), ("anonymous", anonymous)):
            if value:
                self._known[kind, value] = person
        if email and self._get("email", email) is None:
            self._known["email", email] = person
        return person

    def set(self, person: Person, traits: Mapping[str, Any]) -> list[str]:
        """Write traits to a contact: None takes one away. Returns sentences about what was left out."""
        notes: list[str] = []
        properties = person.open()
        for name, value in traits.items():
            if name == "email":
                self._set_email(person, value, notes)
            elif name == "phone":
                self._set_phone(person, value, notes)
            else:
                for key in (name, ALIASES[name]) if name in ALIASES else (name,):
                    if value is None:
                        person.changed |= properties.pop(key, None) is not None
                    elif key not in properties and len(properties) >= MAX_PROFILE:
                        notes.append(f"The contact has {MAX_PROFILE} properties already, so {key!r} was left out.")
                    elif key not in properties or not _same(properties[key], value):
                        properties[key] = value
                        person.changed = True
        return notes

    def save(self) -> None:
        """Write everything: new contacts, identities, merges, changes."""
        tx, now_ms = self._tx, self._now_ms
        new = [person for person in self._all if not person.id and person.merged is None]
        if new:
            for person, contact in zip(new, people.fresh_ids(tx, "contacts", len(new)), strict=True):
                person.id = contact
            people.add(tx, [(p.id, p.external_id, p.email, p.phone, dump(p.open()), now_ms, now_ms) for p in new])
        taken, moved = [], []
        for name, person in self._known.items():
            before = self._stored.get(name)
            if before is None:
                taken.append((*name, person.root().id))
            elif before.root() is not person.root():
                moved.append((person.root().id, *name))
        people.take(tx, taken, now_ms)
        people.move(tx, moved)
        people.merge(tx, [(loser.id, winner.root().id) for loser, winner in self._merges if loser.id], now_ms)
        people.change(
            tx,
            [
                (p.external_id, p.email, p.phone, dump(p.open()), now_ms, p.id)
                for p in self._all
                if p.changed and p.merged is None and p not in new
            ],
        )

    def _get(self, kind: str, value: str | None) -> Person | None:
        person = self._known.get((kind, value)) if value else None
        return None if person is None else person.root()

    def _make(self) -> Person:
        person = Person(read=True)
        self._all.append(person)
        return person

    def _user(self, user: str, by_device: Person | None, by_email: Person | None) -> Person:
        person = self._get("user", user)
        if person is None:
            nameless = (other for other in (by_device, by_email) if other is not None and other.external_id is None)
            person = next(nameless, None) or self._make()
            person.external_id = user
            person.changed = True
        for other in (by_device, by_email):
            if other is not None and other.root() is not person and other.root().external_id is None:
                person = self._merge(other.root(), person)
        return person

    def _nobody_yet(self, by_device: Person | None, by_email: Person | None) -> Person:
        """Somebody who has not signed in: the device and the address may know two different contacts."""
        if by_device is None or by_email is None or by_device is by_email:
            return by_device or by_email or self._make()
        if by_device.external_id is None and by_device.email is None:
            return self._merge(by_device, by_email)
        if by_email.external_id is None and by_device.email is None:
            return self._merge(by_email, by_device)
        return by_email  # two people share the device: it goes with the one who speaks now

    def _alias(self, now_called: str, kind: str, previous: str) -> None:
        """``previous`` (a user or an anonymous id) and ``now_called`` are one person from here on."""
        before = self._get("user", previous) or self._get("anonymous", previous)
        person = self._get(kind, now_called)
        if before is None:
            before = person or self._make()
            self._known["anonymous", previous] = before
        if person is None:
            self._known[kind, now_called] = before
            if kind == "user":
                before.external_id = now_called
                before.changed = True
        elif person is not before:
            self._merge(before, person)

    def _merge(self, loser: Person, winner: Person) -> Person:
        """Make one of two; the winner's word counts, but the one that is stored stays, to keep its history."""
        if loser.id and not winner.id:
            stays, goes = loser, winner
        else:
            stays, goes = winner, loser
        stays.properties = {**loser.open(), **winner.open()}
        stays.read = True
        stays.external_id = winner.external_id or loser.external_id
        stays.email = winner.email or loser.email
        stays.phone = winner.phone or loser.phone
        stays.changed = True
        goes.merged = stays
        self._merges.append((goes, stays))
        return stays

    def _set_email(self, person: Person, value: Any, notes: list[str]) -> None:
        if value is None or value == "":
            person.changed |= person.email is not None
            person.email = None
            return
        try:
            address = addresses.email(value)
        except addresses.NotAnAddress as error:
            notes.append(f"The e-mail address was left out, the rest was kept: {error}.")
            return
        if person.email != address:
            person.email = address
            person.changed = True

    def _set_phone(self, person: Person, value: Any, notes: list[str]) -> None:
        number = None if value is None or value == "" else addresses.phone(value)
        if number is None and value not in (None, ""):
            notes.append("The phone number was left out, the rest was kept: it needs 4 to 20 digits.")
        elif person.phone != number:
            person.phone = number
            person.changed = True


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: True is not 1."""
    return type(one) is type(other) and one == other
