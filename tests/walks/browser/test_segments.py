"""A segment from nothing by mouse: five conditions, the count while one writes, saved, changed, restored, exported."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from ...app.stage import OWNER, VIEWER
from .axe import grave
from .still import still

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
SOJOURN = Path(sys.executable).parent / "sojourn"


@pytest.fixture
def come_in(signed_in: Enter) -> Enter:
    """Opens a page high enough for a rule, signed in."""

    def fresh(email: str = OWNER, width: int = 1280, look: str = "light") -> Page:
        return signed_in(width, look, email=email, height=900)

    return fresh


def counted(home: Path, name: str) -> int:
    """What the command line says."""
    command = [str(SOJOURN), "segments", "count", name, "--home", str(home), "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)["count"]


def add(page: Page, kind: str) -> Locator:
    """One more test in the outermost group."""
    page.get_by_role("button", name="Add a test").last.click()
    page.locator(f'[data-add="{kind}"]:visible').click()
    expect(page.locator("[data-add]:visible")).to_have_count(0)  # the list takes the focus back when it is gone
    return page.locator(f'[data-test="{kind}"]').last


def name(test: Locator, label: str, typed: str) -> None:
    """Type a name and take it from what is offered."""
    field = test.get_by_role("combobox", name=label, exact=True)
    field.click()
    still(field.page)  # the list opens below it
    field.press_sequentially(typed[: min(len(typed) - 1, 4)])
    offer = field.page.locator(".sj-form-offer:visible", has_text=typed).first
    expect(offer).to_be_visible()
    still(field.page)  # and follows what is typed
    offer.click()
    expect(field).to_have_value(typed)


def choose(test: Locator, field: str, words: str) -> None:
    test.locator(f'[data-input="{field}"]').first.click()
    test.page.get_by_role("option", name=words, exact=True).click()


def live(page: Page, people: int) -> None:
    expect(page.locator(".sj-look-number:not(.is-stale)")).to_have_text(str(people))


def test_five_conditions_by_mouse(come_in: Enter, stage_home: Path) -> None:
    page = come_in()
    page.goto("/segments")
    expect(page.get_by_text("No segment yet")).to_be_visible()
    page.get_by_role("button", name="New segment").click()
    country = add(page, "property")
    name(country, "Property", "country")
    name(country, "Value", "CZ")
    live(page, 20)
    added = add(page, "event")
    name(added, "Event", "added_to_cart")
    choose(added, "when", "in the last … days")
    added.get_by_role("button", name="Add a condition").click()
    name(added, "Property", "total")
    added.locator('[data-row="0"] [data-input="op"]').click()
    page.get_by_role("option", name="is at least", exact=True).click()
    added.locator('[data-row="0"]').get_by_label("Number").fill("50")
    live(page, 10)
    never = add(page, "event")
    choose(never, "did", "did not do")
    never.get_by_role("combobox", name="Event", exact=True).fill("purchased")
    name(add(page, "consent"), "Consent to the topic", "marketing")
    stay = add(page, "journey")
    name(stay, "Journey", "abandoned-cart")
    live(page, 10)
    said = page.locator(".sj-form-said")
    expect(said).to_contain_text("country is CZ and did added_to_cart where total is at least 50 in the last 30 days")
    expect(said).to_contain_text("came into the journey abandoned-cart")
    sample = page.locator('[data-mark="sample"]')
    expect(sample.locator("a")).to_have_count(8)

    page.locator('[data-mark="save"]').click()
    expect(page.locator('[data-mark="problems"]')).to_contain_text("It needs a name first.")
    page.get_by_role("textbox", name="Name", exact=True).fill("Czech carts above 50")
    expect(page.locator('[data-mark="unsaved"]')).to_have_text("Unsaved changes")
    asked: list[str] = []

    def stay_here(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay_here)
    page.get_by_role("link", name="Contacts", exact=True).click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.locator('[data-mark="save"]').click()
    page.wait_for_url("**/segments/czech-carts-above-50")
    size = page.locator('[data-figure="size"] .sj-figure-number')
    expect(size).to_have_text("10")
    assert counted(stage_home, "czech-carts-above-50") == 10

    page.get_by_role("button", name="Edit").click()
    page.wait_for_url("**/edit")
    page.locator('[data-row="0"]').get_by_label("Number").fill("70")
    live(page, 3)
    page.locator('[data-mark="save"]').click()
    dialog = page.get_by_role("dialog", name="Save as version 2")
    expect(dialog).to_contain_text("Added: did added_to_cart where total is at least 70")
    dialog.get_by_label("Why").fill("Only large carts")
    dialog.locator('[data-mark="save-yes"]').click()
    page.wait_for_url(re.compile(r"/segments/czech-carts-above-50$"))
    expect(size).to_have_text("3")
    versions = page.locator('[data-mark="versions"]')
    expect(versions.locator('[data-version="2"]')).to_contain_text("“Only large carts”")
    versions.locator('[data-version="1"]').get_by_role("button", name="Restore").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(size).to_have_text("10")
    expect(versions.locator('[data-version="3"]')).to_contain_text("as in revision 1")
    assert counted(stage_home, "czech-carts-above-50") == 10

    with page.expect_download() as download:
        page.locator('[data-mark="export"]').click()
    rows = [*csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))]
    assert len(rows) == 10 and {row["country"] for row in rows} == {"CZ"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "@"))]


def test_a_preset_is_used_and_stays_while_something_asks_about_it(come_in: Enter) -> None:
    page = come_in()
    page.goto("/segments/presets")
    cart = page.locator('[data-preset="left-cart"]')
    expect(cart).to_contain_text("added_to_cart(seen here)")
    expect(cart).to_contain_text("purchased(not seen here yet")
    cart.get_by_role("button", name="Use this").click()
    page.wait_for_url("**/segments/left-cart")
    expect(page.locator('[data-figure="size"] .sj-figure-number')).to_have_text("60")

    page.goto("/segments/new")
    name(add(page, "segment"), "Segment", "left-cart")
    live(page, 60)
    page.get_by_role("textbox", name="Name", exact=True).fill("Who left a cart")
    page.locator('[data-mark="save"]').click()
    page.wait_for_url("**/segments/who-left-a-cart")
    expect(page.locator('[data-mark="rule"]')).to_have_text("Those who meet: is in the segment “Left a cart”.")

    page.goto("/segments/left-cart")
    expect(page.locator('[data-mark="used"]')).to_contain_text("Who left a cart")
    page.get_by_role("button", name="More", exact=True).click()
    page.locator(".sj-form-act:visible", has_text="Delete").click()
    expect(page.get_by_text("cannot be deleted: the segment “Who left a cart” asks about it")).to_be_visible()
    page.goto("/segments/who-left-a-cart")
    page.get_by_role("button", name="More", exact=True).click()
    page.locator(".sj-form-act:visible", has_text="Put away").click()
    page.get_by_role("button", name="Put it away").click()
    page.wait_for_url("**/segments")
    expect(page.locator('[data-segment="left-cart"]')).to_be_visible()
    expect(page.locator('[data-segment="who-left-a-cart"]')).to_have_count(0)


def test_the_trigger_of_a_journey_completes_segments(come_in: Enter) -> None:
    page = come_in()
    page.goto("/journeys/abandoned-cart/edit")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    page.locator('[data-palette="trigger_segment"]').first.dblclick()
    field = page.locator('.sj-inspector [data-input="segment"]')
    expect(field).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Saved").first).to_be_visible()
    offer = page.locator(".sj-form-offer", has_text="left-cart")
    for _ in range(3):  # a form that is drawn anew under the click shuts its list: people click again
        field.click()
        with suppress(AssertionError):
            expect(offer).to_be_visible(timeout=5_000)
            break
    expect(offer).to_contain_text("Left a cart")


@pytest.mark.parametrize(("width", "look"), [(1280, "light"), (390, "dark")])
def test_nobody_is_kept_out(come_in: Enter, width: int, look: str) -> None:
    page = come_in(width=width, look=look)
    faults: dict[str, list[str]] = {}
    for address in ("/segments", "/segments/presets", "/segments/left-cart", "/segments/new?preset=left-cart"):
        page.goto(address)
        still(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        faults |= {address: found} if (found := grave(page)) else {}
    assert not faults


def test_who_may_only_look_changes_nothing(come_in: Enter) -> None:
    page = come_in(VIEWER)
    page.goto("/segments/left-cart")
    expect(page.locator('[data-mark="rule"]')).to_be_visible()
    for words in ("Edit", "More", "Export CSV", "Restore"):
        expect(page.get_by_role("button", name=words, exact=True)).to_have_count(0)
    page.goto("/segments/new")
    expect(page.get_by_text("Your role may look at this but not change it")).to_be_visible()
    assert page.request.get("/in-and-out/export/contacts.csv?segment=left-cart").status == 403
