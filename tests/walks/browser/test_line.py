"""The line goes down while somebody draws: they see it, go on, and what they did is done once when it is back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ...app.stage import serve
from .line import Line
from .still import still
from .test_drawing import blank, card, drop, ready
from .windows import sign_in

pytestmark = pytest.mark.browser


class Ground:
    """A server that can be stopped and started again, and the line that leads to it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server = ExitStack()
        self.line = Line(self._server.enter_context(serve(home)))

    def stop(self) -> None:
        self.line.cut()
        self._server.close()

    def start(self) -> None:
        self.line.mend(self._server.enter_context(serve(self._home)))

    def close(self) -> None:
        self.line.close()
        self._server.close()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    ground = Ground(tmp_path_factory.mktemp("line") / "home")
    yield ground
    ground.close()


@pytest.fixture
def line(ground: Ground) -> Line:
    return ground.line


@pytest.fixture
def come_in(line: Line, chromium: Browser) -> Iterator[Callable[[], Page]]:
    with ExitStack() as contexts:

        def fresh() -> Page:
            context = chromium.new_context(base_url=line.address, viewport={"width": 1500, "height": 844})
            contexts.callback(context.close)
            sign_in(context, line.address)
            return context.new_page()

        yield fresh


@pytest.fixture
def page(come_in: Callable[[], Page]) -> Page:
    return come_in()


def saved(page: Page) -> None:
    expect(page.locator("[data-saved-state=saved][data-line=up]")).to_be_visible(timeout=30_000)
    expect(page.locator('.sj-bar [data-mark="saved"]')).to_have_text("Saved")


def kinds(page: Page) -> list[str]:
    still(page)
    return sorted(page.locator("[data-node]").evaluate_all("cards => cards.map(card => card.dataset.kind)"))


def drag(page: Page, kind: str, dx: int, dy: int) -> None:
    box = card(page, kind).locator(".jc-title").bounding_box()
    assert box
    x, y = box["x"] + 20, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()


def place(page: Page, kind: str) -> tuple[int, int]:
    """Where a step stands beside the first one, whatever the view."""
    at = page.evaluate(
        """kind => ['trigger_api', kind].map(each => document.querySelector(`.vue-flow__node:has([data-kind=${each}])`))
            .map(node => new DOMMatrix(getComputedStyle(node).transform)).map(at => [at.e, at.f])""",
        kind,
    )
    return round(at[1][0] - at[0][0]), round(at[1][1] - at[0][1])


def begin(page: Page) -> None:
    blank(page)
    drop(page, "trigger_api", 60, 120)
    drop(page, "wait", 420, 120)
    drop(page, "cap", 60, 420)
    saved(page)


def go_on_without_a_line(page: Page) -> tuple[int, int]:
    """Drag, add, delete, rename, and take one back; returns where the dragged step stands now."""
    expect(page.locator("[data-no-line]")).to_contain_text("kept here and sent when it is back")
    expect(page.locator('.sj-bar [data-mark="saved"]')).to_have_text("No connection")
    assert page.locator(".sj-drawer").evaluate("drawer => drawer.inert"), "nobody types into the void"
    drag(page, "wait", 40, 120)
    drop(page, "exit", 460, 560)
    expect(page.locator("[data-waiting]")).to_have_count(1)
    card(page, "cap").locator(".jc-title").click()
    page.keyboard.press("Delete")
    expect(card(page, "cap")).to_have_count(0)
    title = page.locator('[data-mark="title"]')
    title.fill("Drawn in a tunnel")
    title.press("Enter")
    drop(page, "goal", 60, 560)
    page.locator('[data-do="undo"]').click()
    expect(card(page, "goal")).to_have_count(0)
    expect(page.locator("[data-no-line]")).to_contain_text("4 so far")
    return place(page, "wait")


def each_is_done_once(page: Page, where: tuple[int, int]) -> None:
    saved(page)
    expect(page.locator("[data-no-line]")).to_have_count(0)
    expect(page.locator("[data-waiting]")).to_have_count(0)
    assert kinds(page) == ["exit", "trigger_api", "wait"]
    assert place(page, "wait") == where
    expect(page.locator('[data-mark="title"]')).to_have_value("Drawn in a tunnel")


def test_a_line_that_falls_silent_for_ten_seconds_costs_nothing(page: Page, line: Line) -> None:
    begin(page)
    card(page, "wait").locator(".jc-title").click()
    field = page.locator('.sj-inspector [data-input="amount"]').first
    expect(field).to_be_visible()
    line.fall_silent()
    field.fill("77")  # typed before anybody can know that the line is down
    where = go_on_without_a_line(page)
    page.wait_for_timeout(5_000)
    line.mend()
    each_is_done_once(page, where)
    assert not page.locator(".sj-drawer").evaluate("drawer => drawer.inert")
    card(page, "wait").locator(".jc-title").click()
    said = card(page, "wait").locator(".jc-sub")
    expect(said).to_have_text(
        re.compile("^(1 day|77 days)$")
    )  # what was under way came late or never; all say the same
    late = said.inner_text() == "77 days"
    expect(field).to_have_value("77" if late else "1")
    page.locator("[data-stage]").focus()
    for _ in range(3 if late else 2):
        page.keyboard.press("Control+z")
    expect(card(page, "cap")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(card(page, "exit")).to_have_count(0)
    saved(page)
    page.reload()
    ready(page)
    assert kinds(page) == ["cap", "trigger_api", "wait"]
    assert place(page, "wait") == where


def test_a_step_that_was_just_added_when_the_line_was_cut_is_there_once(page: Page, line: Line) -> None:
    begin(page)
    page.evaluate("document.querySelector('[data-palette=branch]').click()")
    line.cut()
    expect(page.locator("[data-no-line]")).to_be_visible()
    page.wait_for_timeout(2_000)
    line.mend()
    expect(card(page, "branch")).to_have_count(1)
    saved(page)
    assert kinds(page) == ["branch", "cap", "trigger_api", "wait"]


def test_what_was_drawn_while_the_server_was_away_is_done_once_by_the_next(page: Page, ground: Ground) -> None:
    begin(page)
    ground.stop()
    where = go_on_without_a_line(page)
    ground.start()
    each_is_done_once(page, where)
    page.reload()
    ready(page)
    assert kinds(page) == ["exit", "trigger_api", "wait"]


def test_what_is_not_possible_any_more_is_said(come_in: Callable[[], Page], ground: Ground) -> None:
    page, other = come_in(), come_in()
    begin(page)
    other.goto(page.url)
    ready(other)
    page.context.set_offline(True)
    expect(page.locator("[data-no-line]")).to_be_visible()
    drag(page, "wait", 40, 120)
    card(other, "wait").locator(".jc-title").click()
    other.keyboard.press("Delete")
    expect(card(other, "wait")).to_have_count(0)
    page.context.set_offline(False)
    expect(page.locator("[data-toast]")).to_contain_text("not possible any more. A step")
    expect(card(page, "wait")).to_have_count(0)
    saved(page)
