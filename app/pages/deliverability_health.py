"""How letters fare: goals with their lights, what stands still, each provider, and how clean the list is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from nicegui import context, ui
from nicegui.element import Element

from ...runtime.deliverability import brakes
from ...runtime.deliverability.brakes import BrakeProblem, Limits
from ...runtime.deliverability.overview import LIGHTS, Overview
from ...runtime.deliverability.providers import label_of
from ...runtime.deliverability.reputation import LINES, Figures, Goal, goals, lately, percent, worst
from ...runtime.numbers import counted
from ...storage.sender_brakes import SenderBrake
from .. import words
from ..auth import permitted
from ..frame import button, card, chip, empty, headline, here, moment, sentence, sure, table, visitor
from .deliverability_chart import GoalChart

SHOWN = 5  # providers in the chart
STATE_WORDS = {"good": "in order", "near": "missed", "bad": "bad", "few": "too few letters to tell"}
HOUR_MS = 3_600_000


def health(seen: Overview) -> None:
    """The whole at a glance: the four rates that have a goal."""
    state, said = seen.light
    with card("Health", "of all letters of the last 30 days"):
        with ui.element("div").classes("sj-row"):
            chip({"good": "good", "near": "nearly", "bad": "act now", "few": "nothing yet"}[state], LIGHTS[state])
            ui.label(said).classes("sj-strong sj-break")
        with ui.element("div").classes("sj-goals"):
            for goal in goals(seen.reputation.whole):
                _goal(goal)
        for line in worst(seen.reputation)[:4]:
            ui.label(line).classes("sj-soft sj-break")


def _goal(goal: Goal) -> None:
    with ui.element("div").classes(f"sj-goal is-{LIGHTS[goal.state] or 'few'}"):
        ui.label(goal.label).classes("sj-soft")
        ui.label("–" if goal.value is None else percent(goal.value)).classes("sj-goal-value")
        ui.label(f"goal: {goal.words}").classes("sj-soft")
        ui.label(STATE_WORDS[goal.state]).classes("sj-goal-state")


# ── what stands still ─────────────────────────────────────────────────────────────────────────────────


def standing(seen: Overview, may_release: bool, editable: bool) -> None:
    """Marketing that stopped by itself, and when it does."""
    known = seen.limits
    lead = (
        f"complaints over {percent(known.complaints)}, unknown mailboxes over {percent(known.hard)} or refusals over "
        f"{percent(known.blocked)} of two days stop marketing there for {counted(known.hours, 'hour')}"
    )
    with card("The brake", lead):
        for one in seen.brakes:
            with ui.element("div").classes("sj-stack sj-finding"):
                with ui.element("div").classes("sj-row"):
                    chip("stands still", "bad")
                    ui.label(f"Marketing {brakes.whom(one.account, one.provider)}").classes("sj-strong")
                    moment(one.at)
                ui.label(one.why).classes("sj-break")
                at = words.moment(one.until, context.client.storage["zone"])
                said = f"It goes on by itself at {at}, with fewer letters a day at first. What is owed to people goes."
                with ui.element("div").classes("sj-row"):
                    ui.label(said).classes("sj-soft sj-break")
                    if may_release:
                        button("Let it go on", lambda one=one: _release(one), "play_arrow")
        if not seen.brakes:
            ui.label("Nothing stands still.").classes("sj-soft")
        if seen.released:
            last = seen.released[0]
            whom = brakes.whom(last.account, last.provider)
            said = f"The last time it was marketing {whom}, released by {last.released_by}. {last.why}"
            ui.label(said).classes("sj-soft sj-break")
        if editable:
            with ui.element("div").classes("sj-row"):
                button("Limits", lambda: _limits(known), "tune")


@permitted("run")
async def _release(one: SenderBrake) -> None:
    consequence = "Letters that were put off are asked again now. A quarter of a usual day may go at first."
    if not await sure(f"Let marketing {brakes.whom(one.account, one.provider)} go on?", consequence, "Let it go on"):
        return
    who, _ = await visitor()
    now_ms = here().clock.now_ms()
    try:
        await here().db.awrite(lambda tx: brakes.release(tx, one.id or 0, who.email, now_ms))
        await asyncio.to_thread(brakes.forward, here().db, one, now_ms)
    except BrakeProblem as problem:
        ui.notify(str(problem), type="warning")
        return
    ui.navigate.to("/deliverability")


@permitted("settings")
async def _limits(known: Limits) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "When marketing stops by itself")
        fields = {
            "complaints": _number("Complaints over, per cent", known.complaints * 100),
            "hard": _number("Mailboxes that do not exist over, per cent", known.hard * 100),
            "blocked": _number("Refused for our name over, per cent", known.blocked * 100),
            "letters": _number("Judged from so many letters on", known.letters),
            "hours": _number("Goes on by itself after so many hours", known.hours),
        }
        trouble = ui.label().classes("sj-soft").props('role="alert"')

        async def keep() -> None:
            values = {name: float(field.value or 0) for name, field in fields.items()}
            said = {name: value / 100 if name in ("complaints", "hard", "blocked") else round(value)
                    for name, value in values.items()}  # fmt: skip
            try:
                new = Limits.model_validate(said)
            except ValueError:
                trouble.set_text("Rates are more than 0 and at most 100 per cent; 10 letters and an hour at least.")
                return
            who, _ = await visitor()
            now_ms = here().clock.now_ms()
            await here().db.awrite(lambda tx: brakes.set_limits(tx, new, who.email, now_ms))
            ui.navigate.to("/deliverability")

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save", keep, kind="main")


def _number(label: str, value: float) -> ui.number:
    return ui.number(label, value=value, min=0, format="%g").props("outlined dense").classes("sj-field")


# ── providers ─────────────────────────────────────────────────────────────────────────────────────────


def providers(seen: Overview) -> None:
    """What each provider makes of our letters, in numbers and by day."""
    found = seen.reputation
    with card("Reputation by provider", "the last 30 days, by whoever keeps the mailboxes"):
        if not found.by_provider:
            empty("insights", "No letter went out yet", "Here stands what Gmail, Outlook and the others make of them.")
            return
        labels = {code: label for code, label, *_ in LINES}
        choice = ui.select(labels, value="delivery", label="Show").props("outlined dense").classes("sj-field")
        chart = GoalChart("By day, of the seven days up to it, beside the goal")
        days = [datetime.fromtimestamp(day * 86_400, UTC).date().isoformat() for day in found.days]
        largest = sorted(found.by_provider, key=lambda code: -found.by_provider[code].tried)[:SHOWN]

        def draw() -> None:
            code = str(choice.value)
            _, _, goal, above, _ = next(line for line in LINES if line[0] == code)
            lines = [(label_of(one), [_rate(lately(found, one, day), code) for day in found.days]) for one in largest]
            chart.rates(days, lines, goal, above)

        choice.on_value_change(draw)
        draw()
        heads = ("Provider", "Letters", "Delivered", "Put off", "Bounced", "Refused", "Complaints", "Opened", "")
        rows = [_row(label_of(code), of) for code, of in found.by_provider.items()]
        table(heads, rows, numbers=heads[1:-1])
        accounts = {name: of for name, of in found.by_account.items() if name}
        if accounts:
            table(("Account", *heads[1:]), [_row(name, of) for name, of in accounts.items()], numbers=heads[1:-1])


def _row(name: str, of: Figures) -> list[Any]:
    by_code = {goal.code: goal for goal in goals(of)}

    def light() -> None:
        order = ("bad", "near", "good", "few")
        state = min((goal.state for goal in by_code.values()), key=order.index)
        chip(STATE_WORDS[state] if state != "few" else "few letters", LIGHTS[state])

    return [
        name, words.number(of.tried), _share(by_code["delivery"].value), _share(of.rate(of.deferred)),
        f"{words.number(of.hard)} gone, {words.number(of.soft)} full", words.number(of.blocked),
        _share(by_code["complaints"].value), _share(of.rate(of.opens, of.delivered)), light,
    ]  # fmt: skip


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def _rate(of: Figures, code: str) -> float | None:
    if not of.tried:
        return None
    return next(goal.value for goal in goals(of) if goal.code == code)


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────


def clean(place: Element, figures: dict[str, Any]) -> None:
    """How clean the list is."""
    with place:
        for number, label in (
            (figures["left_alone"], "addresses left alone for good"),
            (figures["bounced_lately"], "did not take their last letter"),
            (figures["one_more"], f"are left alone after one more ({figures['soft_bounces']} in a row)"),
            (figures["inactive"], f"not seen for {figures['inactive_days']} days: only journeys that call them back"),
            (figures["stopped"], f"not seen for {figures['stop_days']} days: no marketing at all"),
        ):
            with ui.element("div").classes("sj-figure"):
                ui.label(words.number(number)).classes("sj-figure-number")
                ui.label(label).classes("sj-soft sj-break")


def mailbox(seen: Overview) -> None:
    """Where letters come back to."""
    with ui.element("div").classes("sj-row"):
        if not seen.mailbox:
            chip("no bounce mailbox", "warn")
            sentence(
                "Letters that come back later are not noticed. Set one: `sojourn bounces mailbox imaps://user@host`; "
                "or have the service that sends for you report to the account's address."
            )
        elif seen.mailbox_trouble:
            chip("cannot be read", "bad")
            ui.label(seen.mailbox_trouble).classes("sj-break")
        else:
            chip("read every minute", "good")
            ui.label(f"Letters come back to {seen.mailbox}.").classes("sj-break")
