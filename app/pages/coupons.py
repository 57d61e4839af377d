"""Pools of single-use codes: how many are left, given and used; made, filled, changed and emptied here."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from nicegui import events, ui

from ...runtime import coupons as house
from ...runtime.numbers import counted
from ...storage import coupons as rows
from ...storage import users
from ...storage.columns import to_ms
from ...storage.coupons import CouponPool, Stock
from .. import words
from ..auth import may, permitted
from ..frame import button, chip, empty, headline, here, moment, opened, sure, table, visitor
from ..row_menu import row_menu
from .changing import change

COLUMNS = ("Pool", "Left", "On their way", "Given", "Used", "State", "")
PER = {"message": "each message", "contact": "each contact, the same in all their letters"}
EMPTY = {"wait": "the letter waits for more codes", "leave_out": "the block is left out"}
LARGEST = 50_000_000  # bytes of a list
SHOWN = 100_000  # codes of one export


@ui.page("/coupons", title="Coupons · Sojourn")
@permitted("see")
async def coupons() -> None:
    """Every pool by name."""
    who, known = await visitor()
    now_ms = here().clock.now_ms()
    pools, stocks = await here().db.aread(lambda tx: (rows.pools(tx), rows.stocks(tx, now_ms)))
    lead = "Codes for letters: each is given once, and comes back as used with the order."
    with opened("Coupons", who, known, "Coupons", lead) as actions:
        if may(who, "edit"):
            with actions:
                button("New pool", lambda: _change(None), "add", kind="main")
        if not pools:
            empty(
                "local_offer",
                "No pool of codes yet",
                "Make a pool, fill it with codes of your shop or by a pattern, and put a coupon block into a letter.",
            )
            return
        none = Stock(0, 0, 0, 0)
        lines = [_row(one, stocks.get(one.id or 0, none), now_ms, may(who, "edit")) for one in pools]
        table(COLUMNS, lines, numbers=COLUMNS[1:5])


def _row(pool: CouponPool, stock: Stock, now_ms: int, editable: bool) -> list[Any]:
    def name() -> None:
        with ui.element("div"):
            ui.label(pool.title or pool.name).classes("sj-strong sj-break")
            rule = f"{pool.name}: one for {PER[pool.per]}; when empty {EMPTY[pool.when_empty]}"
            ui.label(rule).classes("sj-soft sj-break")

    def state() -> None:
        if pool.expires_at is not None and pool.expires_at <= now_ms:
            chip("out of time", "bad")
        elif not stock.left:
            chip("empty", "bad" if pool.when_empty == "wait" else "warn")
        else:
            chip("low", "warn") if stock.left < pool.low else chip("ready", "good")
        if pool.expires_at is not None:
            with ui.element("div").classes("sj-row sj-soft"):
                ui.label("until")
                moment(pool.expires_at)

    def acts() -> None:
        with ui.element("div").classes("sj-row is-deeds"):
            if not editable:
                button("Export", lambda: _export(pool), "download")
                return
            button("Add codes", lambda: _fill(pool.name), "add")
            row_menu(
                pool.title or pool.name,
                [
                    ("Change", "edit", lambda: _change(pool)),
                    ("Export", "download", lambda: _export(pool)),
                    ("Delete", "delete", lambda: _delete(pool, stock)),
                ],
            )

    return [name, *(words.number(one) for one in stock), state, acts]


@permitted("see")
async def _export(pool: CouponPool) -> None:
    found = await here().db.aread(lambda tx: rows.codes(tx, pool.id or 0, 0, SHOWN))
    state = [
        (code, "used" if used else "given" if given else "on its way" if kept else "left")
        for _, code, kept, given, used, _ in found
    ]
    lines = "".join(f'"{code.replace(chr(34), chr(34) * 2)}",{said}\r\n' for code, said in state)
    ui.download.content("code,state\r\n" + lines, f"{pool.name}.csv", "text/csv")


@permitted("edit")
async def _delete(pool: CouponPool, stock: Stock) -> None:
    question = f"Delete the pool {pool.name}?"
    what = f"Its {counted(sum(stock[:3]), 'code')} go with it; letters that ask for them are set aside."
    if not await sure(question, what, "Delete", kind="danger"):
        return
    await change(lambda tx, who, now_ms: house.delete(tx, pool, who, now_ms), "/coupons", house.CouponProblem)


@permitted("edit")
async def _change(pool: CouponPool | None) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, f"The pool {pool.name}" if pool else "New pool of codes")
        known = pool or CouponPool(name="", created_at=0)
        name = ui.input("Name in letters, such as spring-2027", value=known.name).props("autofocus maxlength=60")
        title = ui.input("Title", value=known.title).props("maxlength=200")
        per = ui.select(PER, value=known.per, label="A code for")
        empty_ = ui.select(EMPTY, value=known.when_empty, label="When the pool is empty")
        low = ui.number("Warn when so few are left", value=known.low, min=0)
        day = datetime.fromtimestamp(known.expires_at / 1000, UTC).date().isoformat() if known.expires_at else ""
        until = ui.input("Valid until (empty: no end)", value=day).props('type="date" stack-label')
        event = ui.input("A code comes back as used with the event", value=known.event)
        where = ui.input("Which says the code in its property", value=known.property)
        for field in (name, title, per, empty_, low, until, event, where):
            field.props("outlined dense").classes("sj-field")
        if pool:
            name.disable()

        @permitted("edit")
        async def save() -> None:
            who, _ = await visitor()
            now_ms = here().clock.now_ms()
            end = to_ms(datetime.fromisoformat(until.value).replace(tzinfo=UTC)) if until.value else None

            def job(tx: Any) -> None:
                kept = (rows.pool_named(tx, pool.name) if pool else None) or CouponPool(name="", created_at=now_ms)
                kept.title, kept.per, kept.when_empty = (title.value or "")[:200], per.value, empty_.value
                kept.low, kept.expires_at = int(low.value or 0), end
                kept.event, kept.property = (event.value or "")[:200], (where.value or "")[:200]
                if pool:
                    rows.keep(tx, house.check(kept))
                    users.note(tx, who.email, "coupons.change", kept.name, now_ms)
                else:
                    kept.name = (name.value or "").strip()
                    house.make(tx, kept, who.email, now_ms)

            try:
                await here().db.awrite(job)
            except house.CouponProblem as problem:
                ui.notify(str(problem), type="negative", multi_line=True)
                return
            ui.navigate.to("/coupons")

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save" if pool else "Make it", save, kind="main")


@permitted("edit")
async def _fill(pool: str) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", lambda: ui.navigate.to("/coupons"))
        headline(dialog, f"Codes for {pool}")
        pasted = ui.textarea("Codes, one a line").props("outlined dense").classes("sj-field")
        pattern = ui.input("Or a pattern", placeholder="SPRING-????-????").props("outlined dense").classes("sj-field")
        count = ui.number("So many", value=1_000, min=1, max=house.MOST).props("outlined dense").classes("sj-field")

        async def bring(make: Any) -> None:
            who, _ = await visitor()
            now_ms = here().clock.now_ms()
            try:
                codes = await asyncio.to_thread(make)
                added = await asyncio.to_thread(house.bring, here().db, pool, codes, who.email, now_ms)
            except house.CouponProblem as problem:
                ui.notify(str(problem), type="negative", multi_line=True)
                return
            ui.notify(f"{counted(added, 'code')} added, {len(codes) - added} known already.", type="positive")

        @permitted("edit")
        async def take(upload: events.UploadEventArguments) -> None:
            text = (await upload.file.read()).decode("utf-8", "replace")
            await bring(lambda: house.codes_of(text))

        @permitted("edit")
        async def add() -> None:
            form, many, text = (pattern.value or "").strip(), int(count.value or 0), pasted.value or ""
            await bring((lambda: list(house.made(form, many))) if form else (lambda: house.codes_of(text)))

        picker = ui.upload(on_upload=take, auto_upload=True, max_file_size=LARGEST, label="Or a file")
        picker.props('accept=".csv,.txt" flat bordered').classes("sj-field")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)
            button("Add", add, kind="main")
