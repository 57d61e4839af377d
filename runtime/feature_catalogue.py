"""Every figure kept about a contact: what it is called, its unit, what it looks back on, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from .features.lifecycle import STAGES

EVER = "all they ever did"
STAGE_WORDS = {"new": "New", "activated": "Activated", "loyal": "Loyal", "at_risk": "At risk", "lost": "Lost"}


@dataclass(frozen=True, slots=True)
class Feature:
    """One figure. ``type`` is number, moment or text; a ``virtual`` one is worked out when it is asked for."""

    name: str  # as rules write it
    title: str
    type: str
    unit: str
    window: str
    sentence: str
    choices: tuple[str, ...] = ()
    virtual: bool = False


FEATURES = (
    Feature("orders", "Orders", "number", "orders", EVER, "How often they bought something."),
    Feature(
        "revenue", "Revenue", "number", "money", EVER,
        "What their orders came to, less what was given back: their lifetime value to date. One currency is assumed.",
    ),
    Feature("refunded", "Refunded", "number", "money", EVER, "What was given back to them."),
    Feature("average_order", "Average order", "number", "money", EVER, "Revenue divided by the number of orders."),
    Feature("first_order_at", "First order", "moment", "", EVER, "When they bought for the first time."),
    Feature("last_order_at", "Last order", "moment", "", EVER, "When they bought last."),
    Feature(
        "recency_days", "Days since the last order", "number", "days", "up to now",
        "How long ago they bought last. Who never bought has none.", virtual=True,
    ),
    Feature(
        "order_interval_days", "Days between orders", "number", "days", EVER,
        "The average time from one order to the next; known from the second order on.",
    ),
    Feature(
        "favourite_category", "Favourite category", "text", "", EVER,
        "The category they bought most pieces of; of who bought nothing, the one they looked at most. "
        "Among equals the latest counts.",
    ),
    Feature(
        "last_seen_at", "Last seen", "moment", "", EVER,
        "The last sign of life: an event they did themselves, a letter opened or clicked.",
    ),
    Feature(
        "inactive_days", "Days of silence", "number", "days", "up to now",
        "How long ago they were last seen; of who never was, how long ago they came.", virtual=True,
    ),
    Feature(
        "engagement", "Engagement", "number", "points, 0 to 100", "all, the older the less",
        "A day with a sign of life is worth 3 points, a letter opened 1, one clicked 3. Points count half after "
        "the half-life. 20 points make a score of 50, 40 one of 75, and so on; it never passes 100.",
    ),
    Feature(
        "r", "Recency, fifth", "number", "1 to 5", "last order",
        "The fifth of the buyers they stand in by their last order: 5 are those who bought most recently. "
        "The limits are drawn anew once a day.",
    ),
    Feature(
        "f", "Frequency, fifth", "number", "1 to 5", EVER,
        "The fifth of the buyers they stand in by the number of orders: 5 are those who bought most often. "
        "Equal numbers stand in the same fifth.",
    ),
    Feature(
        "m", "Money, fifth", "number", "1 to 5", EVER,
        "The fifth of the buyers they stand in by revenue: 5 are those who brought most.",
    ),
    Feature(
        "revenue_tenth", "Revenue, tenth", "number", "1 to 10", EVER,
        "The tenth of the buyers they stand in by revenue: 10 are the tenth that brought most.",
    ),
    Feature("rfm", "RFM", "text", "", EVER, "The three fifths side by side: 555 are the best customers."),
    Feature(
        "stage", "Life-cycle stage", "text", "", "the limits above",
        "New until the first order, activated with one, loyal with several in the window; at risk and lost by silence.",
        choices=STAGES,
    ),
    Feature("stage_since_at", "In this stage since", "moment", "", "", "When the present stage began."),
)  # fmt: skip

BY_NAME = {feature.name: feature for feature in FEATURES}
