"""The pictures of the docs: taken in light, in dark and on a phone, and checked for what they should show.

`make pictures` takes them anew into docs/pictures; without it they go to a folder of the test and are only checked.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sojourn.app.instance import Instance
from sojourn.runtime.governance import versions
from sojourn.runtime.templates import starting

from ...app.stage import CART, OWNER
from .still import still

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[3] / "docs" / "pictures"
LARGEST, ALL = 120_000, 1_500_000  # bytes
LOOKS = [("light", 1360), ("dark", 1360), ("phone", 390)]
TITLES = ".sj-page-title, .sj-card-title, .jc-title, [data-mark='title'], .sj-bar .sj-button, .sj-chip"
CUT = """titles => [...document.querySelectorAll(titles)]
    .filter(each => each.checkVisibility() && each.clientWidth && each.scrollWidth > each.clientWidth + 1)
    .map(each => each.value || each.textContent)"""
COVERED = """marks => marks.filter(mark => {
    const each = document.querySelector(mark), box = each.getBoundingClientRect()
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    return box.left < 0 || box.right > innerWidth + 1 || !top || !(each.contains(top) || top.contains(each))
})"""


@pytest.fixture(scope="module")
def stage(stage: str, stage_home: Path) -> str:
    """A shop whose draft differs from what is live."""
    instance = Instance.open(stage_home)
    nodes = {key: {**node, "next": dict(node["next"])} for key, node in CART["nodes"].items() if key != "last"}
    nodes["big"]["next"]["yes"] = "later"
    nodes["cap"]["settings"] = {"max": 3, "amount": 7, "unit": "days"}
    nodes["later"] = {
        "kind": "wait",
        "title": "Two quiet days",
        "settings": {"amount": 2, "unit": "days"},
        "next": {"next": "enough"},
    }
    letters = {"reminder": {**CART["letters"]["reminder"], "subject": "Still yours: your cart"}}
    draft = {**CART, "nodes": nodes, "letters": letters}
    now = instance.clock.now_ms()
    instance.db.write(lambda tx: versions.save_draft(tx, draft, OWNER, now))
    instance.db.write(lambda tx: starting.begin(tx, "sale", OWNER, now))
    instance.close()
    return stage


@pytest.fixture(params=LOOKS, ids=[look for look, _ in LOOKS])
def seat(request: pytest.FixtureRequest, signed_in: Callable[..., Page]) -> tuple[Page, str]:
    """A signed-in page of one look, and the name of the look."""
    look, width = request.param
    return signed_in(width, "dark" if look == "dark" else "light", height=844 if look == "phone" else 800), look


@pytest.fixture
def take(tmp_path: Path) -> Callable[[Page, str, str], None]:
    """Take a picture; nothing in it may be cut off or stick out."""
    keep = DOCS if os.environ.get("SOJOURN_PICTURES") == "1" else tmp_path

    def picture(page: Page, name: str, look: str) -> None:
        page.evaluate("document.fonts.ready")
        expect(page.locator(".q-notification")).to_have_count(0)
        page.mouse.move(0, 0)
        still(page)
        wanted = {"format": "webp", "quality": 70, "captureBeyondViewport": False}
        taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", wanted)
        data = base64.b64decode(taken["data"])
        assert 4_000 < len(data) <= LARGEST, len(data)
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{name}-{look}.webp").write_bytes(data)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate(CUT, TITLES) == []

    return picture


def editor(page: Page) -> None:
    page.goto("/journeys/abandoned-cart/edit")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    expect(page.locator('[data-count="entered"]').first).to_be_visible()


def test_the_editor_and_its_panels(seat: tuple[Page, str], take: Callable[[Page, str, str], None]) -> None:
    page, look = seat
    editor(page)
    if look != "phone":
        expect(page.locator(".sj-inspector")).to_be_visible()
        page.locator('.sj-drawer [data-mark="close"]').click()
    expect(page.locator('[data-node="start"]')).to_be_visible()
    bar = ["[data-mark='title']", "[data-mark='problems']", "[data-mark='open-review']", "[data-do='fit']"]
    assert page.evaluate(COVERED, bar) == []
    take(page, "editor", look)

    page.locator('[data-node="start"]').click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator('.sj-inspector [data-input="event"]')).to_be_visible()
    take(page, "inspector", look)

    page.locator('[data-mark="panel-history"]').click()
    page.locator('[data-mark="history"]').get_by_role("button", name="Difference").first.click()
    told = page.locator('[data-mark="difference"]')
    expect(told).to_contain_text("“Two quiet days” (Wait) was added.")
    told.get_by_text("“Two quiet days” (Wait) was added.").click()
    expect(page.locator('[data-node="later"]')).to_have_attribute("data-mark", "added")
    expect(page.locator('[data-node="later"]')).to_be_in_viewport()
    assert page.evaluate(COVERED, ["[data-node='later'] .jc-title"]) == []
    take(page, "difference", look)
    page.locator("[data-stage]").press("Escape")  # the next look should not find this one's pick
    expect(page.locator("[data-node].is-picked")).to_have_count(0)


def test_the_gallery(seat: tuple[Page, str], take: Callable[[Page, str, str], None]) -> None:
    page, look = seat
    page.goto("/journeys/new")
    expect(page.locator("[data-playbook] svg.sj-picture").first).to_be_visible()
    take(page, "gallery", look)


def test_the_studio(seat: tuple[Page, str], take: Callable[[Page, str, str], None]) -> None:
    page, look = seat
    page.goto("/templates/sale-with-a-coupon")
    hero = page.locator("[data-block]", has_text="Hero")
    expect(hero).to_be_visible(timeout=30_000)
    expect(page.locator('[data-mark="checks-count"]')).to_have_count(1)
    if look == "dark":
        page.get_by_role("button", name="Dark mode").click()
        page.get_by_role("button", name="Phone").click()
        page.locator('[data-mark="tab-checks"]').click()
        expect(page.locator(".sj-check").first).to_be_visible()
    else:
        expect(page.locator(".st-stage.is-list")).to_have_count(0)  # its picture has come, and nothing moves any more
        hero.click()
        expect(page.locator(".st-block.is-picked")).to_have_count(1)
    page.wait_for_timeout(1500)  # a picture of the letter loads behind the one that is seen
    take(page, "studio", look)


def test_the_kept_pictures_are_small_and_all_shown() -> None:
    words = "".join((DOCS.parent / page).read_text("utf-8") for page in ("canvas.md", "studio.md"))
    kept = {each.name: each.stat().st_size for each in DOCS.iterdir()}
    assert set(kept) == {f"{name}-{look}.webp" for name in ("editor", "inspector", "difference", "gallery", "studio")
                         for look, _ in LOOKS}  # fmt: skip
    assert all(f"pictures/{name}" in words for name in kept)
    assert max(kept.values()) <= LARGEST and sum(kept.values()) <= ALL
