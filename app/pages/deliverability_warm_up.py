"""The warm-up of a sender: what is allowed today, what went, what is planned, and the hands on it."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...runtime.deliverability import warm_up
from ...runtime.deliverability.overview import Overview, Planned
from ...runtime.deliverability.providers import label_of, providers
from ...runtime.deliverability.warm_up import WarmUpProblem
from ...storage import warm_ups
from ...storage.accounts import everyone
from ...storage.warm_ups import WarmUp
from .. import words
from ..auth import permitted
from ..frame import button, card, chip, headline, here, sure, visitor
from .changing import change
from .deliverability_chart import WarmUpChart

HERE = "/deliverability"
PACES = {42: "Calm: six weeks", 35: "Usual: five weeks", 28: "Brisk: four weeks", 14: "Quick: two weeks"}
WHY = (
    "A sender nobody knows is met with distrust. A few letters a day to those who read most, then more each day, make "
    "it known; where letters bounce or are complained of, it goes slower by itself."
)


def plans(seen: Overview, editable: bool) -> None:
    """Every plan in force; what a plan is for, where there is none."""
    if not seen.plans:
        with card("Warm-up of a new sender", "no plan runs, and nothing holds letters back"):
            ui.label(WHY).classes("sj-soft sj-break")
        return
    for one in seen.plans:
        _plan(one, editable)


def _plan(one: Planned, editable: bool) -> None:
    plan = one.plan
    with card(f"Warm-up of {warm_up.whom(plan)}", f"on the way to {words.number(plan.target)} letters a day"):
        with ui.element("div").classes("sj-row"):
            if plan.status == warm_ups.STOPPED:
                chip("stopped", "bad")
            else:
                chip(f"day {plan.step + 1} of {len(warm_up.ladder(plan.start, plan.target, plan.days))}", "good")
            said = f"{words.number(one.used)} of {words.number(plan.allowed)} letters went today."
            ui.label(said).classes("sj-strong")
        if plan.word:
            ui.label(plan.word).classes("sj-break")
        if plan.cause == "brake":
            ui.label("It was begun by the brake: fewer letters at first after marketing stood still.").classes(
                "sj-soft"
            )
        if plan.shares:
            shares = ", ".join(f"{label_of(code)} at most {share} %" for code, share in plan.shares.items())
            ui.label(f"Of each day: {shares}.").classes("sj-soft sj-break")
        WarmUpChart("Letters allowed and sent by day").draw(one.past, one.ahead)
        if editable:
            with ui.element("div").classes("sj-row"):
                if plan.status == warm_ups.STOPPED:
                    button("Go on", lambda: _go_on(plan), "play_arrow", kind="main")
                else:
                    button("Change", lambda: _edit(plan), "tune")
                button("End it", lambda: _end(plan), "stop")


@permitted("settings")
async def begin() -> None:
    """Ask for the end and the pace of a new plan."""
    await _edit(None)


@permitted("settings")
async def _edit(plan: WarmUp | None) -> None:
    accounts = [one.name for one in await here().db.aread(everyone) if one.medium == "email"]
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Change the warm-up" if plan else "Warm up a new sender")
        ui.label(WHY).classes("sj-soft sj-break")
        target = _number("Letters a day at the end", plan.target if plan else warm_up.TARGET)
        days = plan.days if plan else warm_up.DAYS
        paces = {**PACES, **({} if days in PACES else {days: f"{days} days"})}
        pace = ui.select(paces, value=days, label="Pace").props("outlined dense").classes("sj-field")
        start = whose = None
        if plan is None:
            start = _number("Letters on the first day", warm_up.START)
            if accounts:
                names = {"": "All letters", **{name: f"Letters by {name}" for name in accounts}}
                whose = ui.select(names, value="", label="For").props("outlined dense").classes("sj-field")
        shares: dict[str, ui.number] = {}
        with ui.expansion("At most so much of a day to one provider, per cent").classes("sj-field"):
            for code, one in providers().items():
                known = plan.shares.get(code) if plan else None
                shares[code] = ui.number(one.label, value=known, min=1, max=100, precision=0).props("outlined dense")
        trouble = ui.label().classes("sj-soft").props('role="alert"')

        async def keep() -> None:
            ends: dict[str, Any] = {
                "target": round(target.value or 0), "days": int(pace.value or 0),
                "shares": {code: round(field.value) for code, field in shares.items() if field.value},
            }  # fmt: skip
            if start is not None:
                ends |= {"start": round(start.value or 0), "account": str(whose.value) if whose else ""}
            said = await _keep(plan, ends)
            if said:
                trouble.set_text(said)
            else:
                ui.navigate.to(HERE)

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save" if plan else "Begin today", keep, kind="main")


@permitted("settings")
async def _keep(plan: WarmUp | None, ends: dict[str, Any]) -> str:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()

    def job(tx: Any) -> None:
        if plan is None:
            warm_up.begin(tx, who.email, now_ms, **ends)
        else:
            warm_up.change(tx, plan.id or 0, who.email, now_ms, **ends)

    try:
        await here().db.awrite(job)
    except WarmUpProblem as problem:
        return str(problem)
    return ""


@permitted("settings")
async def _go_on(plan: WarmUp) -> None:
    if await sure("Go on with the warm-up?", "It goes on two steps further back.", "Go on"):
        await change(lambda tx, who, now_ms: warm_up.go_on(tx, plan.id or 0, who, now_ms), HERE, WarmUpProblem)


@permitted("settings")
async def _end(plan: WarmUp) -> None:
    consequence = "All that waits may go at once. A sender that is not warm is soon refused by large providers."
    if await sure("End the warm-up?", consequence, "End it", kind="danger"):
        await change(lambda tx, who, now_ms: warm_up.end(tx, plan.id or 0, who, now_ms), HERE, WarmUpProblem)


def _number(label: str, value: int) -> ui.number:
    return ui.number(label, value=value, min=1, precision=0).props("outlined dense").classes("sj-field")
