"""A drawing is put in order by keys alone: seen as a whole, aligned, tidied up, noted; on a phone beside a panel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .still import still
from .test_drawing import ready

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
PLACES = """() => Object.fromEntries([...document.querySelectorAll('[data-node]')].map(each => {
    const { left, top } = each.closest('.vue-flow__node').getBoundingClientRect()
    return [each.dataset.node, [left, top]]
}))"""
HIDDEN = """() => {
    const stage = document.querySelector('[data-stage]').getBoundingClientRect()
    return [...document.querySelectorAll('[data-node]')].map(each => each.getBoundingClientRect()).filter(box =>
        box.left < stage.left || box.right > stage.right || box.top < stage.top || box.bottom > stage.bottom).length
}"""


def cart(page: Page) -> Page:
    page.goto("/journeys/abandoned-cart/edit")
    ready(page)
    expect(page.locator("[data-node]")).to_have_count(10)
    return page


def places(page: Page) -> dict[str, list[float]]:
    still(page)
    return {key: [round(part) for part in at] for key, at in page.evaluate(PLACES).items()}


def test_what_was_pushed_about_is_tidied_up_and_one_undo_brings_it_back(signed_in: Open) -> None:
    page = cart(signed_in())
    page.keyboard.press("1")
    expect(page.locator('[data-do="zoom-full"]')).not_to_have_text("100 %")
    still(page)
    assert page.evaluate(HIDDEN) == 0, "everything is seen"
    page.locator('[data-node="hour"]').click()
    page.keyboard.press("Control+a")
    page.keyboard.press("a")
    expect(page.get_by_role("menuitem", name="Align left")).to_be_focused()
    page.keyboard.press("Enter")
    aligned = places(page)
    assert len({left for left, _ in aligned.values()}) == 1, "all stand below each other"
    page.keyboard.press("t")
    expect(page.locator("[data-toast]")).to_have_count(0)
    tidy = places(page)
    assert tidy["start"][0] < tidy["hour"][0] < tidy["cap"][0] < tidy["split"][0] < tidy["reminder"][0]
    page.keyboard.press("Control+z")
    page.wait_for_function(f"new Set(Object.values(({PLACES})()).map(([left]) => Math.round(left))).size === 1")


def test_a_note_is_written_found_and_changed_by_keys(signed_in: Open) -> None:
    page = cart(signed_in())
    page.locator("[data-stage]").press("s")
    note = page.locator("[data-note]")
    expect(note.locator("textarea")).to_be_focused()
    page.keyboard.type("Legal wants one letter a week.")
    page.keyboard.press("Escape")
    expect(note).to_have_text("Legal wants one letter a week.")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(page.locator(".vue-flow__node-note.selected")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.type(" At most.")
    page.keyboard.press("Escape")
    expect(note).to_have_text("Legal wants one letter a week. At most.")
    page.keyboard.press("Delete")
    expect(note).to_have_count(0)


def test_on_a_phone_the_journey_stays_in_sight_above_a_panel(signed_in: Open) -> None:
    page = cart(signed_in(width=390))
    for panel in ("problems", "history"):
        page.locator(f'[data-mark="panel-{panel}"]').click()
        expect(page.locator(f'[data-panel="{panel}"]')).to_be_visible()
        card, drawer = page.locator('[data-node="start"]').bounding_box(), page.locator(".sj-drawer").bounding_box()
        assert card and drawer
        assert card["y"] > 56 and card["y"] + card["height"] < drawer["y"], panel
