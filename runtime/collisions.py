"""Journeys that exclude each other: who is in one of a group does not come into another, or changes over to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..storage import ending, journeys, turned_away
from ..storage.database import Tx
from ..storage.turned_away import GROUP, Turned
from .policy.in_force import current
from .policy.policy import CLASSES, Group, Policy
from .policy.priority import rank_of

GAVE_WAY = "gave_way"  # why a stay ended
LOWEST = (len(CLASSES), 0)
HELD = "The contact left the journey for another one of higher priority."


class Groups:
    """The exclusion groups of the policy in one transaction. The caller holds the contacts it asks about.

    A journey is a pair of its id and its version.
    """

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._policy: Policy = current(tx)
        self._rivals: dict[int, list[tuple[Group, frozenset[int]]]] = {}
        self._standings: dict[int, tuple[int, int]] = {}
        self._ended: list[int] = []
        self._turned: list[Turned] = []
        if self._policy.groups:
            ids = journeys.ids(tx, sorted({name for group in self._policy.groups for name in group.journeys}))
            for group in self._policy.groups:
                members = frozenset(ids[name] for name in group.journeys if name in ids)
                for journey in members:
                    self._rivals.setdefault(journey, []).append((group, members - {journey}))

    def __bool__(self) -> bool:
        return bool(self._rivals)

    def concern(self, journey: int) -> bool:
        """Whether a journey is in any group."""
        return journey in self._rivals

    def standing(self, version: int) -> tuple[int, int]:
        """A key to sort versions of journeys by: the higher priority first."""
        if version not in self._standings:
            found = journeys.frozen(self._tx, version)
            rank, weight = rank_of(found[1], self._policy) if found else LOWEST
            self._standings[version] = (rank, -weight)
        return self._standings[version]

    def ask(self, contact: int, journey: int, version: int, inside: Mapping[int, int]) -> list[int] | None:
        """May somebody come in who is ``inside`` these journeys (with their versions)?

        The journeys that have to give way to it; None when it is refused, which is written down.
        """
        giving: list[int] = []
        for group, rivals in self._rivals.get(journey, ()):
            for other in sorted(rivals & inside.keys()):
                if group.when_met == "higher_wins" and self.standing(version) < self.standing(inside[other]):
                    giving.append(other)
                else:
                    self._turned.append(Turned(contact, journey, GROUP, other, group.name))
                    return None
        return giving

    def give_way(self, enrollments: Iterable[int]) -> None:
        """These stays end, when everything is written."""
        self._ended += enrollments

    def gave_way_before(self, contact: int, journey: int, other: int) -> None:
        """Somebody was about to come into ``journey``, and another one called them in the same breath."""
        rule = next(group.name for group, rivals in self._rivals[journey] if other in rivals)
        self._turned.append(Turned(contact, journey, GROUP, other, rule))

    def turn_away(self, turned: Iterable[Turned]) -> None:
        """Refusals for other reasons, written with the rest."""
        self._turned += turned

    def write(self, now_ms: int) -> None:
        """End the stays that gave way, and write down who was refused."""
        ending.end(self._tx, self._ended, GAVE_WAY, HELD, now_ms)
        turned_away.note(self._tx, self._turned, now_ms)


def sentence(line: turned_away.Line) -> str:
    """Why somebody was not taken in, as a sentence."""
    return _SENTENCES[line.why].format(other=line.other or "another journey", rule=line.rule)


_SENTENCES: dict[str, Any] = {
    turned_away.GROUP: "They were in “{other}”, and the group “{rule}” lets nobody be in both.",
    turned_away.AGAIN: "They have been in it before and may not come in again yet.",
    turned_away.ROUND: "They came into it less than an hour before; this keeps journeys from going round in circles.",
    turned_away.RULE: "Their profile does not meet the rule of its trigger.",
    turned_away.CLOSED: "It was not live.",
}
