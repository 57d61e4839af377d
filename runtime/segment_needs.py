"""What a segment's rule needs to find anybody, and whether this instance has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..nodes.comparison import PropertyTest
from ..nodes.happened import EventTest, JourneyTest
from ..nodes.rule import Rule
from ..nodes.standing import ConsentTest, FeatureTest, SegmentTest
from ..storage import journeys, seen, segments
from ..storage.database import Tx
from .features.measures import Measures
from .segment_checks import tests

BOUGHT = frozenset((  # figures that speak of orders
    "orders", "revenue", "refunded", "average_order", "first_order_at", "last_order_at", "recency_days",
    "order_interval_days", "r", "f", "m", "revenue_tenth", "rfm", "stage", "stage_since_at",
))  # fmt: skip
ADDRESSED = ("email", "phone", "external_id", "created_at")


@dataclass(frozen=True, slots=True)
class Need:
    """Something a rule asks about; one of ``names`` is enough. ``kind`` is event, property, topic, segment, journey."""

    kind: str
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        return " or ".join(self.names)


def needs(rule: Mapping[str, Any], measures: Measures) -> list[Need]:
    """What the rule asks about, each once."""
    found = [need for test in tests(Rule.model_validate(rule)) for need in _of(test, measures)]
    return sorted(dict.fromkeys(found), key=lambda need: (need.kind, need.names))


def there(tx: Tx, wanted: Iterable[Need]) -> set[Need]:
    """Those this instance has seen."""
    wanted = list(wanted)

    def of(kind: str) -> list[str]:
        return sorted({name for need in wanted if need.kind == kind for name in need.names})

    known = {
        "event": seen.events(tx, of("event")),
        "property": seen.properties(tx, of("property")),
        "topic": seen.topics(tx, of("topic")),
        "segment": {*segments.rules(tx)},
        "journey": {journey.name for journey in journeys.journeys(tx)},
    }
    return {need for need in wanted if known[need.kind].intersection(need.names)}


def _of(test: Any, measures: Measures) -> Iterator[Need]:
    if isinstance(test, EventTest):
        yield Need("event", (test.event,))
    elif isinstance(test, PropertyTest) and test.property not in ADDRESSED:
        yield Need("property", (test.property.partition(".")[0],))
    elif isinstance(test, FeatureTest) and test.feature in BOUGHT:
        yield Need("event", measures.purchases)
    elif isinstance(test, FeatureTest) and test.feature == "favourite_category":
        yield Need("event", (*measures.purchases, *measures.views))
    elif isinstance(test, ConsentTest):
        yield Need("topic", (test.consent,))
    elif isinstance(test, SegmentTest):
        yield Need("segment", (test.segment,))
    elif isinstance(test, JourneyTest):
        yield Need("journey", (test.journey,))
