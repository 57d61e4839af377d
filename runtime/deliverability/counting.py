"""Counts how letters fare at each provider, beside what is written of them anyway: a few small rows a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from ...storage import reputation, warm_ups
from ...storage.database import Tx
from ...storage.messages import Result
from ...storage.reputation import BLOCKED, COMPLAINTS, DAY_MS, DEFERRED, HARD, OTHER, SOFT, TRIED
from ..bounces.words import BLOCKED as BLOCK_LIST
from ..bounces.words import GONE, NO_DOMAIN, POLICY, RELAYING, SPAM, enhanced_in, word_of
from .providers import group_of

REFUSED = frozenset({SPAM, BLOCK_LIST, POLICY, RELAYING})  # these say what they think of us, not of the address
EMPTY: Mapping[int, str] = MappingProxyType({})
BACK = ("release", "defer")  # verdicts of what did not leave


def kind_of(text: str, hard: bool) -> str:
    """What a refusal in these words counts as."""
    if hard:
        return HARD
    word = word_of(enhanced_in(text), text)
    if word in REFUSED:
        return BLOCKED
    return HARD if word in (GONE, NO_DOMAIN) else SOFT


def keep(tx: Tx, results: Sequence[Result], now_ms: int) -> None:
    """Count what became of letters at the hand-over, and give back the places of those that did not leave."""
    back = [one.message_id for one in results if one.verdict in BACK or (one.verdict == "retry" and not _code(one))]
    warm_ups.give_back(tx, back)
    said = {one.message_id: kinds for one in results if (kinds := _kinds(one))}
    by = {one.message_id: str(one.inputs["account"]) for one in results if one.inputs.get("account")}
    _note(tx, said, now_ms, by)


def failed(tx: Tx, told: Iterable[tuple[int, str, bool]], now_ms: int) -> None:
    """Count letters that were taken, and came back: ``(message, what was said, whether for good)``."""
    _note(tx, {message: (kind_of(text, hard),) for message, text, hard in told if message}, now_ms)


def complained(tx: Tx, message_ids: Iterable[int], now_ms: int) -> None:
    """Count complaints about letters."""
    _note(tx, dict.fromkeys(message_ids, (COMPLAINTS,)), now_ms)


def seen(tx: Tx, kind: str, message_ids: Iterable[int], now_ms: int) -> None:
    """Count letters people opened or clicked for the first time; ``kind`` is opens or clicks."""
    _note(tx, dict.fromkeys(message_ids, (kind,)), now_ms)


def unseen(tx: Tx, kind: str, message_ids: Iterable[int], now_ms: int) -> None:
    """These were not people after all."""
    _note(tx, dict.fromkeys(message_ids, (kind,)), now_ms, each=-1)


def _kinds(one: Result) -> tuple[str, ...]:
    if one.verdict in ("sent", "in_doubt"):
        return (TRIED,)
    code = _code(one)
    if not code:
        return ()  # nobody outside said anything
    if one.verdict == "retry":
        return (DEFERRED,)
    if one.verdict == "failed":
        return TRIED, kind_of(one.reason, bool(one.inputs.get("hard"))) if 400 <= code < 600 else OTHER
    return ()


def _code(one: Result) -> int:
    code = one.inputs.get("code")
    return code if isinstance(code, int) else 0


def _note(tx: Tx, kinds: dict[int, tuple[str, ...]], now_ms: int, by: Mapping[int, str] = EMPTY, each: int = 1) -> None:
    if not kinds:
        return
    day = now_ms // DAY_MS
    counts: Counter[tuple[str, str, int, str]] = Counter()
    for message, of in reputation.letters(tx, sorted(kinds)).items():
        provider = group_of(of.address)
        counts.update((by.get(message, of.account), provider, day, kind) for kind in kinds[message])
    reputation.note(tx, {key: each * n for key, n in counts.items()})
