"""Who may only look sees all of the canvas, live, and can change none of it: nothing is offered, nothing is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ...app.stage import REVIEWER, VIEWER

pytestmark = pytest.mark.browser
EDIT = "/journeys/abandoned-cart/edit"
OFFERS = "[data-palette], [data-do=undo], [data-do=tidy], [data-do=note], [data-wire-tools], .jc-grow"

PLACES = """() => Object.fromEntries(
    [...document.querySelectorAll('.vue-flow__node')].map(each => [each.dataset.id, each.style.transform]))"""


def places(page: Page) -> dict[str, str]:
    return page.evaluate(PLACES)


@pytest.mark.parametrize("email", [VIEWER, REVIEWER])
def test_a_look_changes_nothing(signed_in: Callable[..., Page], email: str) -> None:
    page, said = signed_in(email=email), []
    page.on("websocket", lambda line: line.on("framesent", lambda frame: said.append(str(frame))))
    page.goto(EDIT)
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    expect(page.locator('[data-count="entered"]').first).to_be_visible()
    expect(page.locator(OFFERS)).to_have_count(0)
    expect(page.locator('.sj-bar [data-mark="saved"]')).to_have_text("Read only")
    assert not page.locator('[data-mark="title"]').is_editable()

    before = places(page)
    card = page.locator('[data-node="hour"]')
    box = card.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 220, steps=6)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert places(page) == before
    card.locator(".jc-title").click()
    expect(page.locator('.vue-flow__node:has([data-node="hour"])')).to_contain_class("selected")
    for key in ("n", "c", "s", "t", "Delete", "Control+d", "Control+x", "Control+v", "Control+z", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_timeout(600)
    expect(page.locator("[data-picker], [data-note]")).to_have_count(0)
    assert places(page) == before
    page.keyboard.press("m")
    expect(page.locator("[data-menu] [data-do=delete]")).to_be_disabled()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("[data-help]")).to_contain_text("See everything")
    expect(page.locator("[data-help]")).not_to_contain_text("Delete")
    assert any(r"\"nodes\":[\"hour\"]" in frame for frame in said), "what is sent is heard here"
    assert not [frame for frame in said if r"\"op\":" in frame]


def test_a_look_is_live(signed_in: Callable[..., Page]) -> None:
    looking, drawing = signed_in(email=REVIEWER), signed_in()
    for page in (looking, drawing):
        page.goto(EDIT)
        expect(page.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    drawing.locator("[data-stage]").focus()
    drawing.keyboard.press("s")
    expect(looking.locator("[data-note]")).to_have_count(1)
    drawing.locator("[data-stage]").press("Control+z")
    expect(looking.locator("[data-note]")).to_have_count(0)
