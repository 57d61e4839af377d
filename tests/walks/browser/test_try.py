"""A person tries a draft with a real contact, sees the path lit, and reads the numbers of a step."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LIT, DIM = re.compile(r"\bis-lit\b"), re.compile(r"\bis-dim\b")
CARD = '[data-node="{}"]'


def open_editor(page: Page) -> None:
    page.goto("/journeys/abandoned-cart/edit")
    page.wait_for_selector(CARD.format("reminder"))


def try_it(page: Page) -> None:
    page.click('[data-mark="panel-try"]')
    page.fill('[data-mark="try-search"]', "c3@example.com")
    person = page.locator('[data-mark="try-contact"]')
    expect(person).to_have_count(1)
    person.click()
    expect(page.locator('textarea[data-mark="try-properties"]')).to_have_value('{\n  "total": 23\n}')
    page.click('[data-mark="try-go"]')
    page.wait_for_selector('[data-mark="try-step"]')


def test_the_path_is_lit_and_every_step_says_why(signed_in: Callable[..., Page]) -> None:
    page = signed_in(1440)
    open_editor(page)
    try_it(page)
    steps = page.locator('[data-mark="try-step"]')
    expect(steps.filter(has_text="of 2 in 7 days")).to_have_count(1)
    expect(page.locator(CARD.format("cap"))).to_have_class(LIT)
    expect(page.locator(CARD.format("bought"))).to_have_class(DIM)
    expect(page.get_by_text("Nothing was sent, and nothing was kept.")).to_be_visible()


def test_another_choice_takes_another_path(signed_in: Callable[..., Page]) -> None:
    page = signed_in(1440)
    open_editor(page)
    try_it(page)
    page.locator(".sj-try-choice").first.click()
    page.get_by_role("option", name="It happens").click()
    expect(page.locator(CARD.format("bought"))).to_have_class(LIT)
    expect(page.locator(CARD.format("cap"))).to_have_class(DIM)
    page.get_by_role("button", name="Clear the path").click()
    expect(page.locator(".jc-card.is-lit, .jc-card.is-dim")).to_have_count(0)


def test_the_letter_is_shown_and_nothing_in_it_runs(signed_in: Callable[..., Page]) -> None:
    page = signed_in(1440)
    open_editor(page)
    try_it(page)
    letter = page.locator('[data-mark="try-letter"]').first
    if letter.count():
        letter.locator("summary").click()
        expect(letter.frame_locator("iframe").get_by_text("your cart waits").first).to_be_visible()
        assert letter.locator("iframe").get_attribute("sandbox") == ""
    assert page.evaluate("window.__pwn") is None


def test_what_is_no_json_is_said_in_words(signed_in: Callable[..., Page]) -> None:
    page = signed_in(390, "dark")
    open_editor(page)
    try_it(page)
    page.fill('textarea[data-mark="try-properties"]', "{")
    page.click('[data-mark="try-go"]')
    expect(page.get_by_text("The properties are no JSON")).to_be_visible()


def test_the_funnel_follows_what_is_picked(signed_in: Callable[..., Page]) -> None:
    page = signed_in(1440)
    open_editor(page)
    page.click('[data-mark="panel-funnel"]')
    place = page.locator('[data-panel="funnel"]')
    expect(place.locator('[data-mark="funnel-of"]')).to_have_text("The whole journey")
    expect(place.get_by_text("On the way")).to_be_visible()
    assert place.locator(".sj-tally", has_text="Came in").locator(".sj-strong").inner_text() == "60"
    page.locator(CARD.format("hour")).click()
    expect(place.get_by_text("On the way")).to_have_count(0)
    expect(place.locator('[data-mark="funnel-of"]')).to_have_text("Wait until")
    expect(place.locator(".sj-tally", has_text="Here now")).to_be_visible()


def test_the_journey_page_has_its_funnel_with_a_table_beside_it(signed_in: Callable[..., Page]) -> None:
    page = signed_in(390)
    page.goto("/journeys/abandoned-cart")
    chart = page.locator(".sj-chart", has_text="On the way")
    expect(chart.locator(".barlayer .point path").first).to_be_visible()
    expect(chart.locator(".annotation")).to_have_count(4)
    chart.locator("summary").click()
    expect(chart.get_by_role("cell", name="60 · 100 %")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("script[src^='http'], link[href^='http']").count() == 0
