"""What a policy would have meant: the messages that went lately, held against it by the gate once more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ...storage import ledger
from ...storage.consents import GRANTED
from ...storage.database import Tx
from ...storage.handover import Facts
from ...storage.ledger import Went
from ...storage.touches import AT, Had
from ..numbers import counted
from ..settings import load as load_settings
from .gate import Terms, decide
from .hygiene import Silence
from .policy import Policy
from .rules import Rules

DAYS = 7
DAY_MS = 86_400_000
MOST = 10_000  # messages asked about; of more, those of some of the people stand for all
NOBODY_SILENT = Silence(0, 0)


@dataclass(frozen=True, slots=True)
class Effect:
    """Of so many messages so many would have waited and so many would not have gone. ``about``: by a sample."""

    messages: int
    waited: int
    left_out: int
    about: bool = False

    @property
    def sentence(self) -> str:
        """The whole in one sentence."""
        if not self.messages:
            return f"Nothing went out in the last {DAYS} days, so there is nothing to hold these rules against."
        lately = f"the {counted(self.messages, 'message')} of the last {DAYS} days"
        if not self.waited and not self.left_out:
            return f"With these rules {lately} would have gone as they did."
        about = "about " if self.about else ""
        waited, left_out = (about + f"{number:,}".replace(",", "\u2009") for number in (self.waited, self.left_out))
        return f"With these rules {waited} of {lately} would have waited, {left_out} would not have gone."


def effect(tx: Tx, policy: Policy, now_ms: int) -> Effect:
    """Hold what went in the last days against a policy. Reads only."""
    since_ms = now_ms - DAYS * DAY_MS
    total = ledger.count(tx, since_ms)
    if not total:
        return Effect(0, 0, 0)
    rules = Rules(policy, NOBODY_SILENT, load_settings(tx).timezone)
    every = -(-total // MOST)
    asked = rules.asks(since_ms)
    all_went = ledger.went(tx, min(asked.had_after_ms or since_ms, since_ms), every)
    people = ledger.people(tx, list({one.contact_id for one in all_went}), asked.figures)
    counted_, waited, left_out = 0, 0, 0
    for contact, theirs in groupby(all_went, key=lambda one: one.contact_id):
        properties, phone, *figures = people.get(contact, ("{}", None))
        known = _facts(contact, properties, phone, dict(zip(asked.figures, figures, strict=False)))
        for answer in _again(known, theirs, since_ms, rules):
            counted_ += 1
            waited += answer == "defer"
            left_out += answer == "skip"
    if every == 1 or not counted_:
        return Effect(total, waited, left_out)
    share = total / counted_
    return Effect(total, round(waited * share), round(left_out * share), about=True)


def _again(known: Facts, theirs: Iterable[Went], since_ms: int, rules: Rules) -> Iterable[str]:
    """The gate's answers to what went to one person, as if each answer before had been heeded."""
    had: list[Had] = []
    for one in theirs:
        if one.at <= since_ms:
            had.append(one[1:8])
            continue
        of = known._replace(
            message_id=one.message_id, channel=one.channel, enrollment_id=one.enrollment_id, node=one.node,
            rank=one.rank, queued_at=one.at, due_at=one.at, arrived_at=one.arrived_at,
            had=[each for each in had if each[AT] <= one.at], consents={one.topic: GRANTED},
        )  # fmt: skip
        verdict = decide([of], [Terms(one.rank == 0, one.topic, True)], one.at, rules)[0]
        yield verdict.answer
        if verdict.answer != "skip":
            had.append((verdict.until_ms or one.at, *one[2:8]))
            had.sort()


def _facts(contact_id: int, properties: str, phone: str | None, figures: dict[str, float | None]) -> Facts:
    """Somebody to whom nothing stands in the way but the policy."""
    return Facts(
        message_id=0, version_id=0, contact_id=contact_id, channel="", content="", enrollment_id=0, journey_id=0,
        node=0, turn=0, rank=3, weight=50, queued_at=0, due_at=0, held=None, erased=False, phone=phone,
        properties=properties, created_at=0, last_seen_at=None, came_at=None, paused_until=None, per_week=None,
        arrived_at=0, in_journey=True, address="somewhere", figures=figures, content_hash="-", approved_hash="-",
    )  # fmt: skip
