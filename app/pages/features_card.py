"""The figures of one person, as a card."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.feature_catalogue import FEATURES, STAGE_WORDS, Feature
from ..frame import card, chip, empty, moment

TONES = {"loyal": "good", "activated": "good", "at_risk": "warn", "lost": "bad"}
SIDE = frozenset({"stage", "stage_since_at", "r", "f", "m"})  # said together, or beside another


def feature_card(found: dict[str, Any] | None) -> None:
    """What `storage.features.of` knows of somebody; None for somebody not worked out yet."""
    with card("Figures", "worked out of what they did"):
        if found is None:
            empty("query_stats", "Not worked out yet", "It takes some seconds after somebody came.")
            return
        with ui.element("div").classes("sj-pairs"):
            ui.label("Life-cycle stage")
            with ui.element("div").classes("sj-row"):
                chip(STAGE_WORDS[found["stage"]], TONES.get(found["stage"], ""))
                moment(found["stage_since_at"])
            for feature in FEATURES:
                if not feature.virtual and feature.name not in SIDE and found[feature.name] is not None:
                    _pair(feature, found[feature.name])


def _pair(feature: Feature, value: Any) -> None:
    ui.label(feature.title).tooltip(feature.sentence)
    if feature.type == "moment":
        moment(value)
        return
    said = f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", "\u2009") if isinstance(value, float) else str(value)
    ui.label(f"{said} days" if feature.unit == "days" else said)
