"""With a finger: steps are moved, carried in from the palette and wired, and the view is pushed along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .still import still
from .test_drawing import blank, card
from .windows import sign_in

pytestmark = pytest.mark.browser


class Finger:
    """One finger on the glass."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._line = page.context.new_cdp_session(page)

    def _say(self, what: str, *points: dict[str, Any]) -> None:
        self._line.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": list(points)})

    def drag(self, start: tuple[float, float], end: tuple[float, float], hold_ms: int = 0) -> None:
        self._say("touchStart", {"x": start[0], "y": start[1]})
        self._page.wait_for_timeout(hold_ms)
        for part in range(1, 9):
            x, y = (a + (b - a) * part / 8 for a, b in zip(start, end, strict=True))
            self._say("touchMove", {"x": x, "y": y})
            self._page.wait_for_timeout(20)
        self._say("touchEnd")


@pytest.fixture(params=[1180, 390], ids=["tablet", "phone"])
def page(stage: str, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=stage, viewport={"width": request.param, "height": 844}, has_touch=True, reduced_motion="reduce"
    )
    sign_in(context, stage)
    yield context.new_page()
    context.close()


def middle(page: Page, wanted: str) -> tuple[float, float]:
    box = page.locator(wanted).first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def carry(page: Page, finger: Finger, kind: str, x: int, y: int) -> None:
    sheet = page.locator('[data-do="palette"]')
    if sheet.is_visible():
        sheet.tap()
        still(page)
    entry = page.locator(f'[data-palette="{kind}"]')
    entry.scroll_into_view_if_needed()
    box = page.locator("[data-stage]").bounding_box()
    assert box
    finger.drag(middle(page, f'[data-palette="{kind}"]'), (box["x"] + x, box["y"] + y), hold_ms=400)
    expect(card(page, kind)).to_have_count(1)
    still(page)


def test_a_finger_is_enough(page: Page) -> None:
    blank(page)
    finger = Finger(page)
    carry(page, finger, "trigger_api", 160, 120)
    page.locator('[data-do="zoom-full"]').tap()
    carry(page, finger, "wait", 180, 420)

    before = middle(page, '[data-kind="wait"]')
    finger.drag(before, (before[0] + 24, before[1] + 80))
    still(page)
    after = middle(page, '[data-kind="wait"]')
    assert 50 <= after[1] - before[1] <= 90, "the step was moved, less what a browser takes for an unsteady finger"

    start = middle(page, '[data-kind="trigger_api"] [data-port="next"]')
    finger.drag(start, middle(page, '[data-kind="wait"] [data-input]'))
    expect(page.locator(".vue-flow__edge")).to_have_count(1)

    before = middle(page, '[data-kind="trigger_api"]')
    box = page.locator("[data-stage]").bounding_box()
    assert box
    ground = (box["x"] + 60, box["y"] + 320)
    finger.drag(ground, (ground[0] + 60, ground[1] - 90))
    after = middle(page, '[data-kind="trigger_api"]')
    assert after[0] - before[0] >= 40 and after[1] - before[1] <= -60, "the view was pushed"
    expect(page.locator("[data-node]")).to_have_count(2)
