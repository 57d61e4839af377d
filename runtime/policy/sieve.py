"""The gate over whole batches of messages inside a transaction: before they are filled, and once more at the mark."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from ...storage import held_back, messages, settings, touches
from ...storage.database import Tx
from ...storage.handover import Facts, approved, facts, rivals
from ...storage.held_back import HeldBack
from ...storage.leasing import Standing
from ...storage.messages import Leased
from ..content.letters import is_intact
from ..no_garbage import no_garbage
from ..pacing import Pacing
from ..pacing import held_back as put_off
from .gate import PAUSE_MS, Terms, Verdict, decide
from .hygiene import Silence
from .in_force import current
from .priority import effective
from .room import KEY as LIMITED
from .room import OneWay, Room, Ways
from .rules import Rules

VERSIONS = 2_000  # whose terms are kept in memory
TOGETHER = 5_000  # letters put off in one go
BROKEN = Terms(False, "", False)  # of a version that is gone


class Sieve:
    """Asks the gate about many messages at once. Keeps the terms of versions, and for each thread the rules.

    ``senders`` tells all numbers and names we send from, by channel, where they are known. ``pacing`` puts off what the
    gate lets go, and the receiving side does not take yet. ``ways`` tells the accounts letters may leave by.
    """

    def __init__(
        self,
        senders: Callable[[], Mapping[str, frozenset[str]]] = dict,
        pacing: Pacing | None = None,
        ways: Callable[[], Ways] = OneWay,
    ) -> None:
        self._senders, self._pacing, self._ways = senders, pacing, ways
        self._kept = threading.local()  # rules remember what they worked out: no two threads may share them
        self._terms: dict[tuple[int, str | None], Terms] = {}

    def sift(
        self,
        tx: Tx,
        worker: str | None,
        leased: Sequence[Leased],
        now_ms: int,
        silence: Silence,
        open_to: Collection[str] | None = None,
    ) -> list[Leased]:
        """Those of a lease that may go on; the others are put off or ended, in bulk, and need nothing more.

        Without a ``worker`` they are nobody's yet: found due in this very transaction.

        ``open_to`` are the channels that take messages now: one that waits for another way out keeps no place.
        """
        with no_garbage():
            said = self.judge(tx, [one.id for one in leased], now_ms, silence, open_to)
            going = {key: of for key, (of, verdict) in said.items() if verdict.answer == "go"}
            later = self._pacing.put_off(tx, going.values(), now_ms) if self._pacing else {}
            held = [_held_back(of, verdict, now_ms) for key, (of, verdict) in said.items() if key not in going]
            gone = [one.id for one in leased if one.id not in said]
            held += [HeldBack(key, "The contact is gone.", {"message": key}, None) for key in gone]
            held += [put_off(going.pop(key), when) for key, when in later.items()]
            held_back.write(tx, worker, held, now_ms)
            passed = [one for one in leased if one.id in going]
            room = self.rules(tx, silence).room
            closed = room.closed if room is not None else {}
            return [one._replace(closed=closed[one.id]) if one.id in closed else one for one in passed]

    def admit(
        self,
        tx: Tx,
        worker: str,
        ids: Sequence[int],
        account: str,
        now_ms: int,
        silence: Silence,
        open_to: Collection[str] | None = None,
    ) -> dict[int, Verdict]:
        """The mark: with their contacts held still the gate is asked once more; what may go is marked as being sent,
        counted as a touch, and the decision kept. A message whose lease was lost has no verdict."""
        said = self.judge(tx, ids, now_ms, silence, open_to, lock=True, account=account)
        going = [message_id for message_id, (_, verdict) in said.items() if verdict.go]
        marked = messages.mark(tx, worker, going, account) if going else set()
        gone = [said[key] for key in going if key in marked]
        rules = self.rules(tx, silence)
        touches.write(tx, [self._touch(tx, of, now_ms) for of, _ in gone if self._touches(tx, of, rules)])
        if rules.room is not None:
            rules.room.keep(tx, [of for of, _ in gone])
        messages.note(tx, [(of.message_id, "go", verdict.reason, verdict.inputs) for of, verdict in gone], now_ms)
        return {key: verdict for key, (_, verdict) in said.items() if key in marked or not verdict.go}

    def judge(
        self,
        tx: Tx,
        ids: Sequence[int],
        now_ms: int,
        silence: Silence,
        open_to: Collection[str] | None = None,
        *,
        lock: bool = False,
        account: str | None = None,
    ) -> dict[int, tuple[Facts, Verdict]]:
        """What the gate says to each, with what it knew."""
        rules = self.rules(tx, silence)
        rules.open_to = open_to
        asked = rules.asks(now_ms)
        known = facts(tx, ids, now_ms, asked, lock=lock)
        beside = self._rivals(tx, known, now_ms, rules)
        everything = [*known, *beside]
        rules.room = self.room(tx, rules, now_ms, account, ids)
        sorts = [(of.version_id, of.content_hash) for of in everything]
        terms = {sort: self.terms(tx, of) for sort, of in dict(zip(sorts, everything, strict=True)).items()}
        verdicts = decide(everything, [terms[sort] for sort in sorts], now_ms, rules, len(known))
        return {of.message_id: (of, verdict) for of, verdict in zip(known, verdicts, strict=False)}

    def shut_off(self, tx: Tx, now_ms: int, silence: Silence, standing: Standing) -> int:
        """When no letter of marketing may leave any more today, put off those that are due, many at once; returns how
        many. ``standing`` knows what is not looked through."""
        rules = self.rules(tx, silence)
        room = self.room(tx, rules, now_ms)
        return room.put_off(tx, now_ms, rules.patience_ms, TOGETHER, standing) if room is not None else 0

    def room(
        self, tx: Tx, rules: Rules, now_ms: int, account: str | None = None, ids: Sequence[int] = ()
    ) -> Room | None:
        """What is left of today; None when nothing is warmed up or braked."""
        return Room.load(tx, now_ms, rules.zone, account, self._ways(), ids) if rules.limited else None

    def rules(self, tx: Tx, silence: Silence) -> Rules:
        """The rules that apply now; made anew when the policy or what else they go by was changed."""
        policy, senders = current(tx), self._senders()
        set_to = settings.some(tx, ["timezone", LIMITED])
        zone = set_to.get("timezone") or "UTC"
        known: Rules | None = getattr(self._kept, "rules", None)
        made_of = (silence, zone, senders)
        if known is None or known.policy is not policy or (known.silence, known.zone, known.senders) != made_of:
            known = self._kept.rules = Rules(policy, silence, zone, senders=senders)
        known.limited = bool(set_to.get(LIMITED))
        return known

    def terms(self, tx: Tx, of: Facts) -> Terms:
        """What the version of a message is sent under."""
        key = (of.version_id, of.content_hash)
        found = self._terms.get(key)
        if found is None:
            version = approved(tx, of.version_id)
            if version is None or version.content_hash != of.content_hash:
                return BROKEN
            if len(self._terms) >= VERSIONS:
                self._terms.clear()
            found = self._terms[key] = Terms.of(version.content, is_intact(version))
        return found

    def _rivals(self, tx: Tx, known: Sequence[Facts], now_ms: int, rules: Rules) -> list[Facts]:
        """Open messages of the same people that may have to go first."""
        contacts = {of.contact_id for of in known if rules.counts or of.per_week}
        if not contacts:
            return []
        oldest_ms = now_ms - max(rules.patience_ms)
        asked = {of.message_id for of in known}
        return rivals(
            tx, list(contacts), oldest_ms - 1, now_ms + rules.policy.reserve, asked, now_ms, rules.asks(now_ms)
        )

    def _touches(self, tx: Tx, of: Facts, rules: Rules) -> bool:
        """Whether a message is a touch: what reaches nobody outside, or shows nothing, is none."""
        return rules.to_people(of.channel) and of.content not in self.terms(tx, of).silent

    def _touch(self, tx: Tx, of: Facts, now_ms: int) -> tuple[object, ...]:
        under = self.terms(tx, of)
        rank = effective(of, under.transactional)
        return (
            of.message_id, of.contact_id, now_ms, of.channel, under.topic, rank, of.journey_id, of.enrollment_id,
            of.node, of.arrived_at,
        )  # fmt: skip


def _held_back(of: Facts, verdict: Verdict, now_ms: int) -> HeldBack:
    if verdict.answer == "skip":
        return HeldBack(of.message_id, verdict.reason, verdict.inputs, None, verdict.outcome or "skipped")
    due_at = verdict.until_ms or now_ms + PAUSE_MS
    return HeldBack(of.message_id, verdict.reason, verdict.inputs, due_at, again=verdict.reason == of.held)
