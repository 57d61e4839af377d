"""The catalogue letters take their grids from: searched, brought in as a file, fetched from a feed."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import events, ui

from ...runtime import products as house
from ...runtime.content.filters import money
from ...runtime.numbers import counted
from ...storage import products as rows
from ...storage import users
from .. import words
from ..auth import may, permitted
from ..frame import button, card, chip, empty, headline, here, moment, opened, table, visitor

COLUMNS = ("Product", "Category", "Price", "Stock", "Margin", "")
PAGE = 50


@ui.page("/products", title="Products · Sojourn")
@permitted("see")
async def products() -> None:
    """The list in order of skus, the feed below."""
    who, known = await visitor()
    total, feed = await here().db.aread(lambda tx: (rows.count(tx), house.feed_of(tx)))
    lines: list[dict[str, Any]] = []
    more = False
    lead = f"{counted(total, 'product')} for the grids of letters." if total else "What the grids of letters show."
    with opened("Products", who, known, "Products", lead) as actions:
        with actions:
            search = ui.input(placeholder="Title, sku or category").classes("sj-search")
            search.props('outlined dense clearable debounce="300" aria-label="Search products"')
            if may(who, "edit"):
                button("Import", lambda: _bring(look), "upload_file", kind="main")

        @ui.refreshable
        def listing() -> None:
            if not lines and search.value:
                empty("search_off", "No such product", "Titles, skus and categories are searched for these letters.")
            elif not lines:
                empty(
                    "storefront",
                    "The catalogue is empty",
                    "Import a file, name the feed of your shop below, or let a program send products to /v1/products.",
                )
            else:
                table(COLUMNS, [_row(one) for one in lines], numbers=("Price", "Stock", "Margin"))
                if more:
                    with ui.element("div").classes("sj-row"):
                        button("Show more", further, "expand_more")

        async def read(after: str) -> list[dict[str, Any]]:
            asked = (search.value or "").strip()[:200]
            return await here().db.aread(lambda tx: rows.listed(tx, asked, after, PAGE))

        @permitted("see")
        async def look() -> None:
            nonlocal lines, more
            lines = await read("")
            more = len(lines) == PAGE
            listing.refresh()

        @permitted("see")
        async def further() -> None:
            nonlocal lines, more
            following = await read(lines[-1]["sku"])
            lines, more = lines + following, len(following) == PAGE
            listing.refresh()

        search.on_value_change(look)
        with ui.element("div").classes("sj-stack"):
            listing()
            _feed(feed, may(who, "settings"))
        await look()


def _row(one: dict[str, Any]) -> list[Any]:
    def name() -> None:
        ui.label(one["title"]).classes("sj-strong sj-break")
        ui.label(one["sku"]).classes("sj-soft sj-break")

    def state() -> None:
        with ui.element("div").classes("sj-row"):
            if not one["active"]:
                chip("no longer sold")
            elif one["stock"] == 0:
                chip("sold out", "warn")
            for tag in one["tags"][:3]:
                chip(tag)

    price = "–" if one["price"] is None else money(one["price"], one["currency"])
    stock = "–" if one["stock"] is None else words.number(one["stock"])
    margin = "–" if one["margin"] is None else f"{one['margin']:.0f} %"
    return [name, one["category"] or "–", price, stock, margin, state]


def _feed(feed: house.Feed, editable: bool) -> None:
    said = "fetched again and again, over the public internet: JSON or CSV"
    with card("Feed", said), ui.element("div").classes("sj-stack"):
        url = ui.input("Address of the feed", value=feed.url).props('outlined dense placeholder="https://"')
        every = ui.number("Every so many minutes", value=feed.minutes, min=5, max=10_080).props("outlined dense")
        for field in (url, every):
            field.classes("sj-field")
        whole = ui.switch("What the feed does not name is no longer sold", value=feed.whole)
        if feed.at_ms:
            with ui.element("div").classes("sj-row").props('role="status"'):
                chip("failed" if feed.failed else "fetched", "bad" if feed.failed else "good")
                ui.label(feed.said).classes("sj-break")
                moment(feed.at_ms)
        if not editable:
            return

        @permitted("settings")
        async def save(then_fetch: bool = False) -> None:
            who, _ = await visitor()
            instance, now_ms = here(), here().clock.now_ms()
            try:
                fresh = house.Feed(
                    url=str(url.value or "").strip(), minutes=int(every.value or 60), whole=bool(whole.value)
                )

                def job(tx: Any) -> None:
                    house.save_feed(tx, fresh)
                    users.note(tx, who.email, "product feed", fresh.url[:200], now_ms)

                await instance.db.awrite(job)
            except ValueError:
                ui.notify("Fetch it every 5 minutes at most, and once a week at least.", type="negative")
                return
            except house.ProductProblem as problem:
                ui.notify(str(problem), type="negative", multi_line=True)
                return
            if then_fetch:
                ui.notify("The feed is being fetched.")
                hosts = instance.config.private_hosts
                ui.notify(await asyncio.to_thread(house.fetch, instance.db, now_ms, hosts), multi_line=True)
            else:
                ui.notify("The feed is kept.", type="positive")

        with ui.element("div").classes("sj-row"):
            button("Save", save, kind="main")
            button("Save and fetch now", lambda: save(True), "sync")


async def _bring(again: Any) -> None:
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "Import products")
        ui.label(
            "A JSON list or a CSV file with a column sku, id or product_id. The usual names are understood: title, "
            "link, image link, price, sale price, category, quantity, cost. What a file does not say stays as it was."
        ).classes("sj-soft")
        whole = ui.switch("What the file does not name is no longer sold", value=False)
        said = ui.element("div").props('role="status"')

        @permitted("edit")
        async def take(upload: events.UploadEventArguments) -> None:
            content, now_ms = await upload.file.read(), here().clock.now_ms()
            said.clear()
            try:
                done = await asyncio.to_thread(house.bring_file, here().db, content, now_ms, bool(whole.value))
            except house.ProductProblem as problem:
                with said:
                    ui.label(str(problem))
                return
            with said:
                ui.label(done.words())
                if done.wrong:
                    table(("Row", "What is wrong"), [(str(row), why) for row, why in done.wrong])
            await again()

        picker = ui.upload(on_upload=take, auto_upload=True, max_file_size=house.LARGEST, label="Choose a file")
        picker.props('accept=".csv,.txt,.json,.tsv" flat bordered').classes("sj-field")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Close", dialog.close)
