"""Deliverability: how letters fare at each provider, the warm-up of a new sender, what DNS says, and the keys."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from ...runtime.deliverability import dns, keys, overview
from ...storage import dkim_keys
from ..auth import may, permitted
from ..frame import button, card, here, opened, stylesheet, visitor
from . import deliverability_dns, deliverability_health, deliverability_warm_up

LEAD = "How letters fare at those who keep the mailboxes, and what may harm them."


@ui.page("/deliverability", title="Deliverability · Sojourn")
@permitted("see")
async def deliverability() -> None:
    """What is counted at once; what DNS says takes seconds and comes when it is there."""
    who, known = await visitor()
    now_ms = here().clock.now_ms()

    def read(tx: Any) -> tuple[overview.Overview, list[dkim_keys.DkimKey]]:
        return overview.read(tx, now_ms), dkim_keys.everyone(tx)

    seen, kept = await here().db.aread(read)
    editable = may(who, "settings")
    with opened("Deliverability", who, known, "Deliverability", LEAD) as actions:
        stylesheet("charts.css")
        stylesheet("deliverability.css")
        with actions:
            again = button("Look again", lambda: look(), "refresh")
            if editable:
                button("New key", lambda: deliverability_dns.new(keys.domain_of(known.sender_address or "")), "add")
                if not any(not one.plan.account and not one.plan.provider for one in seen.plans):
                    button("Warm up", deliverability_warm_up.begin, "local_fire_department", kind="main")
        with ui.element("div").classes("sj-stack sj-wide"):
            deliverability_health.health(seen)
            deliverability_health.standing(seen, may(who, "run"), editable)
            deliverability_warm_up.plans(seen, editable)
            deliverability_health.providers(seen)
            with card("The list", "addresses that are gone, full or silent are left alone by themselves"):
                clean = ui.element("div").classes("sj-figures")
                deliverability_health.mailbox(seen)
            with card("What DNS says of the sender", "asked now, as every receiver asks it"):
                place = ui.element("div").classes("sj-stack sj-findings").props('aria-live="polite"')
            with card("Keys that sign letters", "an RSA key for everybody, an Ed25519 key beside it if you like"):
                deliverability_dns.keys(kept, editable)

    @permitted("see")
    async def look() -> None:
        again.disable()
        deliverability_dns.looking(place)
        found = await asyncio.to_thread(dns.look, here())
        if not place.is_deleted:
            deliverability_dns.show(place, found)
            again.enable()

    async def come() -> None:
        figures = await here().db.aread(lambda tx: overview.clean(tx, now_ms))
        if not clean.is_deleted:
            deliverability_health.clean(clean, figures)
        await look()

    ui.timer(0.1, come, once=True)
