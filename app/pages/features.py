"""What is worked out about people: each figure with what it says and how it is spread, and the life cycle's limits."""

from __future__ import annotations

from nicegui import ui

from ...runtime.feature_catalogue import FEATURES, STAGE_WORDS, Feature
from ...runtime.features import measures
from ...runtime.features.spread import Overview, Spread, overview
from ...runtime.lately import lately
from .. import words
from ..auth import may, permitted
from ..canvas.charts import Chart
from ..frame import card, chip, empty, here, opened, sentence, stylesheet, visitor
from .features_form import limits, meanings

LEAD = "Worked out of what people did, kept up to date by itself, ready for segments and journeys."
CHARTED = tuple(
    feature for feature in FEATURES if not feature.virtual and feature.name not in ("stage", "first_order_at")
)


@ui.page("/features", title="Features · Sojourn", response_timeout=15)
@permitted("see")
async def features() -> None:
    """The life cycle first, then what events mean, then every figure."""
    who, known = await visitor()
    now_ms = here().clock.now_ms()
    seen = await lately(here().db).of("features", lambda tx: overview(tx, now_ms))
    definitions = await here().db.aread(measures.load)
    with opened("Features", who, known, "Features", LEAD), ui.element("div").classes("sj-stack"):
        stylesheet("charts.css")
        stylesheet("features.css")
        _progress(seen)
        if not seen.people:
            empty(
                "query_stats",
                "Nobody has been worked out yet",
                "That takes some seconds after the first contacts came.",
            )
        said = "where everybody stands, by what they ordered and how long they have been silent"
        with card("Life cycle", said), ui.element("div").classes("sj-cycle"):
            stages = Chart("People by stage", ("Stage", "People"))
            stages.bars([(STAGE_WORDS[stage], n, _beside(n, seen.people)) for stage, n in seen.stages.items()])
            limits(definitions, seen, may(who, "settings"))
        with card("What your events mean", "names by which orders, refunds and categories are recognised"):
            meanings(definitions, may(who, "settings"))
        with ui.element("div").classes("sj-feature-list"):
            for feature in FEATURES:
                _figure(feature, seen.spreads.get(feature.name), seen.people)


def _progress(seen: Overview) -> None:
    """How far the round through everybody is; it looks again until it is done."""
    if seen.filling is None:
        return
    with ui.element("div").classes("sj-notice").props('role="status"'):
        ui.icon("hourglass_top")
        told = ui.label(_so_far(seen.filling))

    async def look() -> None:
        now_ms = here().clock.now_ms()
        filling = (await lately(here().db).of("features", lambda tx: overview(tx, now_ms))).filling
        if filling is None:
            ui.navigate.reload()
        else:
            told.text = _so_far(filling)

    ui.timer(2, look)


def _so_far(filling: float) -> str:
    return f"Everybody is being worked out: {filling:.0%} so far. The numbers below are of those who are done."


def _figure(feature: Feature, spread: Spread | None, people: int) -> None:
    """One figure: what rules call it, its unit and window, what it says, who has it, how it is spread."""
    with card(feature.title) as box:
        box.props["data-feature"] = feature.name
        with ui.element("div").classes("sj-row"):
            ui.label(feature.name).classes("sj-typed")
            for said in (feature.unit, feature.window):
                if said:
                    chip(said)
        sentence(feature.sentence).classes("sj-soft")
        if spread is None:
            return
        ui.label(_known(spread.known, people)).classes("sj-soft")
        if feature in CHARTED and spread.known:
            title = feature.title if feature.title.isupper() else feature.title[0].lower() + feature.title[1:]
            when = ", how long ago" if feature.type == "moment" else ""
            chart = Chart(f"People by {title}{when}", (feature.title, "People"))
            chart.bars([(name, n, _beside(n, spread.known)) for name, n in spread.parts])


def _known(known: int, people: int) -> str:
    return f"Known of {words.number(known)} of {words.number(people)} people ({words.share(known, people)})."


def _beside(count: int, whole: int) -> str:
    return f"{words.number(count)} · {words.share(count, whole)}"
