"""Everything known around a letter, read from the store: whom it would reach, whose it is, which links answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ....nodes.graph import JourneyGraph
from ....nodes.node import OnEvent
from ....nodes.rule import Rule
from ....storage import coupons, letter_audits, sampling
from ....storage.database import Tx
from ....storage.handover import Filling
from ... import audience
from ...letter_facts import provider as letter_facts
from ...segment_terms import NotAboutPeople
from ...settings import load
from ..brand import Brand
from ..kit import Kit
from ..languages import of_contact
from ..proof import PROOFS
from .around import Around, Asked

MOST = 50  # people a letter is tried on
SECONDS = 0.3  # a rule may take to find them
OPEN = frozenset(("language", "locale", "lang", "country", "timezone"))  # of a contact, which name nobody
Content = Mapping[str, Any]


def around(tx: Tx, content: Content | None, marketing: bool, now_ms: int, masked: bool = True) -> Around:
    """What is known around a letter of this journey, or of none. ``masked``: no word of a contact's is in it.

    Findings quote the letter as it is filled, so whatever is kept or given out is masked.
    """
    settings = load(tx)
    fillings, with_event = _people(tx, content or {}, now_ms)
    languages = Counter(language for one in fillings if (language := of_contact(one.contact)))
    return Around(
        brand=Brand.of(settings),
        kit=Kit.of(settings),
        marketing=marketing,
        fillings=tuple(hidden(one) for one in fillings) if masked else tuple(fillings),
        with_event=with_event,
        languages=dict(languages),
        words_wanted=listed(settings.words_wanted),
        words_banned=listed(settings.words_banned),
        language=settings.language,
        now_ms=now_ms,
    )


def completed(tx: Tx, around: Around, source: Mapping[str, Any]) -> Around:
    """The same with the facts that this letter asks for beyond contacts and events; coupons are samples."""
    needs = PROOFS.needs(source, around.marketing)
    if needs.of("coupon"):
        around = replace(around, pools=_pools(tx, needs.of("coupon"), around.now_ms))
    if not needs or not around.fillings:
        return around
    return replace(around, fillings=tuple(letter_facts.completed(tx, around.fillings, needs, around.now_ms)))


def answered(tx: Tx, addresses: Iterable[str]) -> dict[str, Asked]:
    """What these addresses answered when they were last asked."""
    known = letter_audits.answers(tx, addresses)
    return {address: Asked(*one) for address, one in known.items()}


def listed(text: str) -> tuple[str, ...]:
    """Words out of a setting, as they were typed with commas."""
    return tuple(word.strip() for word in text.replace("\n", ",").split(",") if word.strip())


def hidden(filling: Filling) -> Filling:
    """The same with every word of the contact's as long, but of x: names and addresses are nobody's business."""
    contact = {key: value if key in OPEN else _x(value) for key, value in filling.contact.items()}
    words = {value for value in _strings(filling.contact) if len(value) > 2}
    return replace(filling, contact=contact, event=_without(filling.event, words))


def _pools(tx: Tx, names: Collection[str], now_ms: int) -> dict[str, int]:
    """Whether there are codes in each that is there: 1 for any number, so that looks at a letter can be kept."""
    stocks = coupons.stocks(tx, now_ms)
    found: dict[str, int] = {}
    for pool in coupons.pools(tx):
        if pool.name in names:
            stock = stocks.get(pool.id or 0)
            is_over = pool.expires_at is not None and pool.expires_at <= now_ms
            found[pool.name] = 0 if is_over or stock is None else min(stock.left, 1)
    return found


def _people(tx: Tx, content: Content, now_ms: int) -> tuple[list[Filling], bool]:
    """People the journey's triggers would let in, and whether their events are known."""
    name, title = str(content.get("name") or ""), str(content.get("title") or "")
    graph = JourneyGraph(content)
    for step in graph.triggers:
        node = graph.nodes[step]
        entry, rule = node.entry(), getattr(node.settings, "rule", None)
        if isinstance(entry, OnEvent):
            found = sampling.who_did(tx, entry.event, name, title, MOST)
            if found:
                return found, True
        elif isinstance(rule, Rule):
            ids = _sampled(tx, rule, now_ms)
            if ids:
                return sampling.these(tx, ids, name, title), False
    return sampling.newest(tx, name, title, MOST), False


def _sampled(tx: Tx, rule: Rule, now_ms: int) -> list[int]:
    if not audience.known_before(rule):
        return []
    try:
        return [contact for contact, _ in audience.sample(tx, rule, now_ms, MOST)]
    except NotAboutPeople:
        return []


def _x(value: Any) -> Any:
    if isinstance(value, str):
        return "".join("x" if sign.isalnum() else sign for sign in value)
    if isinstance(value, Mapping):
        return {key: _x(one) for key, one in value.items()}
    return [_x(one) for one in value] if isinstance(value, list) else value


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(one)


def _without(value: Any, words: Collection[str]) -> Any:
    """What happened, without what it says of the contact."""
    if isinstance(value, str):
        return _x(value) if "@" in value or any(word in value for word in words) else value
    if isinstance(value, Mapping):
        return {key: _without(one, words) for key, one in value.items()}
    return [_without(one, words) for one in value] if isinstance(value, list) else value
