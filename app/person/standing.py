"""What somebody may be sent, where they belong, and what is worked out about them."""

from __future__ import annotations

from typing import Any

from nicegui import context, ui

from ...runtime.feature_catalogue import FEATURES, STAGE_WORDS, Feature
from .. import words
from ..frame import card, chip, here, moment
from .seen import Seen

ACTIONS = {"granted": ("agreed", "good"), "denied": ("refused", "warn"), "withdrawn": ("withdrew", "warn")}


def notices(seen: Seen) -> None:
    """What keeps us from writing to them, and what became of them."""
    if seen.contact.erased_at:
        _notice("delete", "This contact was erased. Only counts are left of them.")
    elif seen.asked != seen.contact.id:
        _notice("merge", f"Contact {seen.asked} is part of this one: they are one person.")
    for address, channel, reason in seen.suppressions:
        how = f"by {_channel(channel)}" if channel else "by any channel"
        _notice("block", f"Nothing is sent to {address} {how}: {reason.rstrip('.')}.")
    until = seen.wish.paused_until
    if until and until > here().clock.now_ms():
        _notice("pause_circle", f"They asked for a pause until {words.moment(until, context.client.storage['zone'])}.")


def consent(seen: Seen) -> None:
    """The last word on each channel and topic: unknown is never a yes."""
    with card("Consent"):
        if not seen.words:
            ui.label("Nothing is known, so no marketing is sent to them.").classes("sj-soft")
        with ui.element("div").classes("sj-timeline"):
            for word in seen.words:
                said, tone = ACTIONS.get(word.action, (word.action, ""))
                with ui.element("div").classes("sj-happened"):
                    with ui.element("div").classes("sj-row"):
                        ui.label(f"{word.title} by {_channel(word.channel)}").classes("sj-break")
                        chip(said, tone)
                    moment(word.at)
                    ui.label(f"Said by {word.source}").classes("sj-soft")
        if seen.wish.per_week is not None:
            ui.label(f"At most {seen.wish.per_week} letters of marketing a week.").classes("sj-soft")


def segments(seen: Seen) -> None:
    """The segments they are in now."""
    with card("Segments"):
        if not seen.segments:
            ui.label("In none now.").classes("sj-soft")
        with ui.element("div").classes("sj-timeline"):
            for name, title, _, since in seen.segments:
                with ui.element("div").classes("sj-happened"):
                    ui.link(title or name, f"/segments/{name}").classes("sj-break")
                    moment(since)


def figures(seen: Seen) -> None:
    """What is worked out about them, each figure with what it says under the pointer."""
    with card("Figures"):
        if seen.figures is None:
            ui.label("Not worked out yet.").classes("sj-soft")
            return
        with ui.element("div").classes("sj-pairs"):
            for feature in FEATURES:
                value = seen.figures.get(feature.name)
                if value is not None and not feature.virtual:
                    ui.label(feature.title).props["title"] = feature.sentence
                    _figure(feature, value)


def _figure(feature: Feature, value: Any) -> None:
    if feature.type == "moment":
        moment(value)
    elif feature.name == "stage":
        chip(STAGE_WORDS.get(value, str(value)), {"lost": "bad", "at_risk": "warn", "loyal": "good"}.get(value, ""))
    elif feature.type == "number":
        shown = words.number(value) if float(value).is_integer() else f"{value:,.2f}".replace(",", "\u2009")
        unit = feature.unit.partition(",")[0]
        if unit[:1].isdigit():  # a scale, such as 1 to 5
            unit = f"of {unit.rpartition(' ')[2]}"
        ui.label(shown if unit in ("", "money", feature.title.lower()) else f"{shown} {unit}")
    else:
        ui.label(str(value))


def _channel(name: str) -> str:
    return {"email": "e-mail", "sms": "SMS", "push": "push", "web_push": "web push"}.get(name, name)


def _notice(icon: str, text: str) -> None:
    with ui.element("div").classes("sj-notice"):
        ui.icon(icon)
        ui.label(text)
