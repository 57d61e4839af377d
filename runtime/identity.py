"""Who a message is about: contacts found by their names, made, merged and changed, once a transaction.

The rules stand in docs/identity.md; the names are strong (a user id, an id of another system), personal (an address, a
phone number where the owner says so) or shared (devices, cookies).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from ..storage import matches, merging, people, settings, suppressions, tombstones
from ..storage.columns import dump
from ..storage.database import Tx
from ..storage.merging import Pair
from . import addresses
from .person import Claim, Person

__all__ = ["Claim", "People", "Person"]

SHARED = frozenset({"device", "cookie"})  # a thing, which somebody else may hold tomorrow: it merges nobody by itself


class People:
    """The contacts one transaction is about. `find` them all first, then ask `who`, `set` traits, and `save` once.

    ``source`` says where new names came from: a key, a file, a form.
    """

    def __init__(self, tx: Tx, now_ms: int, source: str = "") -> None:
        self._tx = tx
        self._now_ms = now_ms
        self._source = source
        chosen = settings.some(tx, ["phone_country", "phones_identify"])
        self._country, self._phones_identify = chosen.get("phone_country", ""), chosen.get("phones_identify", False)
        self._known: dict[tuple[str, str], Person] = {}
        self._stored: dict[tuple[str, str], Person] = {}  # as the database has it
        self._all: list[Person] = []
        self._merges: list[tuple[Person, Person, str]] = []
        self._went_over: list[tuple[str, str, Person, Person]] = []  # things, from one person to another

    def claim(
        self,
        user: str | None,
        anonymous: str | None,
        traits: Mapping[str, Any],
        previous: str | None = None,
        others: tuple[tuple[str, str], ...] = (),
    ) -> Claim:
        """The claim of a message with these traits: an address or number that is none is not in it."""
        email = phone = None
        if traits.get("email"):
            with suppress(addresses.NotAnAddress):  # `set` says so
                email = addresses.email(traits["email"])
        if self._phones_identify and traits.get("phone"):
            number = addresses.phone(traits["phone"], self._country)
            phone = number if addresses.is_international(number) else None
        return Claim(user, anonymous, email, previous, phone, others)

    def find(self, claims: Iterable[Claim]) -> None:
        """Look up every name in the claims: one query a kind, and one that locks the contacts."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for claim in claims:
            for kind, value in _names(claim):
                wanted[kind].add(value)
            if claim.previous:
                wanted["user"].add(claim.previous)
                wanted["anonymous"].add(claim.previous)
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
        if self._tx.postgres and not people.all_there(self._tx, list(persons)):  # or erased
            raise people.IdentityRace(people.IdentityRace.__doc__)
        self._all += persons.values()
        self._stored = {name: persons[contact] for name, contact in found}
        self._known = dict(self._stored)

    def who(self, claim: Claim) -> Person:
        """The contact a claim is about; made, merged and given the claim's names where needed."""
        user, anonymous, email, previous, phone, others = claim
        if previous:
            self._alias(user or anonymous or "", "user" if user else "anonymous", previous)
        by_device = self._get("anonymous", anonymous)
        by_email = self._get("email", email)
        if user:
            person = self._user(user, by_device, by_email)
        else:
            person = self._nobody_yet(by_device, by_email)
        for name in (("phone", phone), *others):
            person = self._also(person, *name)
        if user:
            self._known["user", user] = person
        if anonymous:
            self._hold("anonymous", anonymous, person)
        if email and self._get("email", email) is None:
            self._known["email", email] = person
        return person

    def set(self, person: Person, traits: Mapping[str, Any]) -> list[str]:
        """Write traits to a contact: None takes one away. Returns sentences about what was left out."""
        return person.set(traits, self._country)

    def save(self) -> None:
        """Write everything: new contacts, names, merges, changes."""
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
        people.take(tx, taken, now_ms, self._source)
        pairs = [Pair(loser.id, winner.root().id, why) for loser, winner, why in self._merges if loser.id]
        merging.merge(tx, pairs, now_ms)
        people.move(tx, moved)
        over = [(kind, value, one.root().id, other.root().id) for kind, value, one, other in self._went_over]
        matches.add_shared(tx, [row for row in over if row[2] != row[3]], now_ms)
        changed = [p for p in self._all if p.changed and p.merged is None and p not in new]
        people.change(tx, [(p.external_id, p.email, p.phone, dump(p.open()), now_ms, p.id) for p in changed])
        self._leave_the_erased_alone([name[:2] for name in taken], [*new, *changed])

    def _leave_the_erased_alone(self, names: list[tuple[str, str]], changed: list[Person]) -> None:
        """An address of somebody who was erased at their wish comes back: it is kept, and never written to."""
        addressed = [("email", p.email) for p in changed if p.email] + [("phone", p.phone) for p in changed if p.phone]
        for kind, value in tombstones.buried(self._tx, {*names, *addressed}):
            if kind in ("email", "phone"):
                suppressions.suppress(self._tx, value, "", suppressions.ERASED, self._now_ms)

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
        for other, why in ((by_device, "device"), (by_email, "email")):
            if other is not None and other.root() is not person and other.root().external_id is None:
                person = self._merge(other.root(), person, why)
        return person

    def _nobody_yet(self, by_device: Person | None, by_email: Person | None) -> Person:
        """Somebody who has not signed in: the device and the address may know two different contacts."""
        if by_device is None or by_email is None or by_device is by_email:
            return by_device or by_email or self._make()
        if by_device.external_id is None and by_device.email is None:
            return self._merge(by_device, by_email, "email")
        if by_email.external_id is None and by_device.email is None:
            return self._merge(by_email, by_device, "email")
        return by_email  # two people share the device: it goes with the one who speaks now

    def _also(self, person: Person, kind: str, value: str | None) -> Person:
        """A further name of the person. Two user ids are two people; a thing goes with the one who speaks now."""
        if not value:
            return person
        other = self._get(kind, value)
        if other is None or other is person or kind in SHARED:
            self._hold(kind, value, person)
        elif person.external_id is None:
            person = self._merge(person, other, kind.partition(":")[0])
        elif other.external_id is None:
            person = self._merge(other, person, kind.partition(":")[0])
        return person

    def _hold(self, kind: str, value: str, person: Person) -> None:
        """A person has this name or thing now; who had it before is remembered."""
        before = self._get(kind, value)
        if before is not None and before is not person:
            self._went_over.append((kind, value, before, person))
        self._known[kind, value] = person

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
            self._merge(before, person, "alias")

    def _merge(self, loser: Person, winner: Person, why: str) -> Person:
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
        self._merges.append((goes, stays, why))
        return stays


def _names(claim: Claim) -> list[tuple[str, str]]:
    named = (("user", claim.user), ("anonymous", claim.anonymous), ("email", claim.email), ("phone", claim.phone))
    return [(kind, value) for kind, value in (*named, *claim.others) if value]
