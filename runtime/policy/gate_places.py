"""Who gets the places under the caps: messages of one contact are settled among each other, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .caps import Full, Going, in_the_way
from .gate_questions import Asking
from .gate_words import full_words, until_words
from .priority import higher, order
from .verdict import Verdict, known

KEPT_MS, LOOK_MS = 60_000, 600_000  # after a message that goes first, and at least so often: it may go away


def settle(askings: Sequence[Asking], found: list[Verdict], now_ms: int) -> None:
    """Give out the places to those that nothing else stands against; ``found`` is what was said of each so far."""
    groups: dict[int, list[int]] = {}
    for index, asking in enumerate(askings):
        if asking.counts:
            contact = asking.of.contact_id
            if contact in groups:
                groups[contact].append(index)
            else:
                groups[contact] = [index]
    for group in groups.values():
        if len(group) > 1:
            _among_each_other(group, askings, found, now_ms)
        elif found[group[0]].answer == "go":
            found[group[0]] = _placed(askings[group[0]], found[group[0]], ())


def no_place(asking: Asking) -> Verdict | None:
    """What the caps say of a message as if it were alone."""
    fulls = _asked(asking, ())[0] if asking.counts else []
    return _full(asking, fulls, known(asking, "cap")) if fulls else None


def _among_each_other(group: list[int], askings: Sequence[Asking], found: list[Verdict], now_ms: int) -> None:
    going: list[Going] = []
    group.sort(key=lambda index: order(askings[index].of, askings[index].rank))
    for index in group:
        asking, verdict = askings[index], found[index]
        at_ms = asking.at_ms if verdict.go else verdict.until_ms
        if at_ms is None or verdict.answer == "skip":
            continue
        of, rules, mine = asking.of, asking.rules, order(asking.of, asking.rank)
        if verdict.go:
            before = [one for one in going if one.at_ms <= now_ms or higher(one.order, mine)]
            found[index] = _placed(asking, verdict, before)
            if not found[index].go:
                continue
        soon = at_ms <= now_ms + rules.policy.reserve
        if (verdict.go or soon) and (rules.open_to is None or of.channel in rules.open_to):
            going.append(Going(at_ms, (of.channel, asking.under.topic, asking.rank), of.message_id, mine))


def _placed(asking: Asking, verdict: Verdict, before: Sequence[Going]) -> Verdict:
    """The answer to one that may go, if there is a place for it."""
    fulls, counts = _asked(asking, before)
    if counts:
        verdict.inputs["caps"] = counts
    return _full(asking, fulls, verdict.inputs) if fulls else verdict


def _asked(asking: Asking, before: Sequence[Going]) -> tuple[list[Full], dict[str, list[int]]]:
    return in_the_way(asking.of, asking.under.topic, asking.rank, asking.at_ms, asking.rules, before)


def _full(asking: Asking, fulls: list[Full], inputs: dict[str, Any]) -> Verdict:
    """The answer where there is no place: later, when there is one, or what the rule says; goes on with ``inputs``."""
    final = next((full for full in fulls if _is_final(full)), None)
    decisive = final or (fulls[0] if len(fulls) == 1 else max(fulls, key=lambda full: _free(full, asking.at_ms)))
    cap, kept_for = decisive.cap, decisive.kept_for
    inputs["rule"] = "reserve" if kept_for else decisive.rule
    if cap is not None:
        inputs["name"] = cap.name
    if kept_for is not None:
        inputs["kept_for"] = kept_for.message_id
    inputs["count"], inputs["most"] = decisive.taken, decisive.most
    words = full_words(asking, decisive)
    if final is not None:
        outcome = "capped" if final.cap is None or final.cap.when_hit in ("defer", "skip") else final.cap.when_hit
        return Verdict("skip", f"{words}.", inputs, None, outcome)
    until_ms = _free(decisive, asking.at_ms)
    waits = [asking.rules.patience_ms[asking.rank], *[full.cap.defer_at_most for full in fulls if full.cap is not None]]
    last_ms = asking.of.queued_at + min(waits)
    if until_ms > last_ms:
        when = "" if kept_for else f", until {until_words(until_ms, asking)}"
        return Verdict("skip", f"{words}{when}: longer than this message may wait.", inputs, None, "capped")
    if kept_for:
        return Verdict("defer", f"{words}.", inputs, until_ms)
    inputs["until"] = until_ms
    return Verdict("defer", f"{words}, until {until_words(until_ms, asking)}.", inputs, until_ms)


def _is_final(full: Full) -> bool:
    if full.kept_for is not None:
        return False
    return full.free_ms is None or (full.cap is not None and full.cap.when_hit != "defer")


def _free(full: Full, at_ms: int) -> int:
    """When to ask again: soon, where the place is only kept for a message that may yet go away."""
    if full.kept_for is None:
        return full.free_ms or 0
    return min(max(full.kept_for.at_ms, at_ms) + KEPT_MS, at_ms + LOOK_MS)
