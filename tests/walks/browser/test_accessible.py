"""Nothing one can open keeps anybody out: axe-core finds no serious fault, in light, in dark and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sojourn.app.instance import Instance
from sojourn.runtime.governance import versions

from ...app.stage import CART, EDITOR, OWNER, VIEWER
from .axe import grave

pytestmark = pytest.mark.browser
Enter = Callable[[str], Page]
PANELS = ("problems", "letters", "try", "history", "review", "funnel")
PAGES = ("/journeys", "/journeys/abandoned-cart", "/people", "/approvals", "/contacts", "/settings")
FORMS = ("start", "hour", "cap", "split", "reminder", "big")


@pytest.fixture(scope="module")
def stage(stage: str, stage_home: Path) -> str:
    """A shop whose draft differs from what is live, with something to look at: a way out leads nowhere."""
    instance = Instance.open(stage_home)
    draft = {**CART, "nodes": {**CART["nodes"], "last": {**CART["nodes"]["last"], "next": {}}}}
    draft["nodes"]["cap"] = {**draft["nodes"]["cap"], "settings": {"max": 3, "amount": 7, "unit": "days"}}
    draft["notes"] = {"n1": {"text": "Ask sales first", "at": [40, -200], "size": [220, 120]}}
    instance.db.write(lambda tx: versions.save_draft(tx, draft, EDITOR, instance.clock.now_ms()))
    instance.close()
    return stage


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide-light", "phone-dark"])
def enter(request: pytest.FixtureRequest, signed_in: Callable[..., Page]) -> Enter:
    """Opens a page of one width and one look, signed in."""
    return lambda email: signed_in(*request.param, email=email)


class Faults:
    """What was found, under the name of what was open."""

    def __init__(self, page: Page) -> None:
        self.page, self.found = page, {}

    def look(self, name: str) -> None:
        """Look at what is open now, once it stands still."""
        expect(self.page.locator(".q-notification")).to_have_count(0)
        if faults := grave(self.page):
            self.found[name] = faults

    def __str__(self) -> str:
        return "\n".join(f"{name}: {fault}" for name, faults in self.found.items() for fault in faults)


def editor(page: Page) -> None:
    page.goto("/journeys/abandoned-cart/edit")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    expect(page.locator('[data-count="entered"]').first).to_be_visible()


def show(page: Page, key: str) -> None:
    page.locator(f'[data-mark="panel-{key}"]').click()
    expect(page.locator(f'[data-panel="{key}"]').first).to_be_visible()


def test_every_panel_and_every_form(enter: Enter) -> None:
    page = enter(OWNER)
    faults = Faults(page)
    editor(page)
    faults.look("editor")
    for key in PANELS:
        show(page, key)
        faults.look(key)
    page.locator('[data-mark="panel-history"]').click()
    page.locator('[data-mark="history"]').get_by_role("button", name="Difference").first.click()
    expect(page.locator('[data-mark="difference"]')).to_be_visible()
    faults.look("difference")
    page.locator('.sj-drawer [data-mark="close"]').click()
    for node in FORMS:
        page.locator("[data-stage]").focus()
        page.evaluate("node => document.querySelector(`[data-node=${node}]`)"
                      ".dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))", node)  # fmt: skip
        expect(page.locator('[data-panel="inspector"] .sj-inspector')).to_be_visible()
        faults.look(f"form of {node}")
    assert not faults.found, str(faults)


def test_every_dialog(enter: Enter) -> None:
    page = enter(OWNER)
    faults = Faults(page)
    editor(page)
    stage = page.locator("[data-stage]")
    for name, key, opened in (("help", "?", "[data-help]"), ("picker", "n", "[data-picker]")):
        stage.focus()
        page.keyboard.press(key)
        expect(page.locator(opened)).to_be_visible()
        faults.look(name)
        page.keyboard.press("Escape")
        expect(page.locator(opened)).to_be_hidden()
    stage.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+F10")
    expect(page.locator("[data-menu]")).to_be_visible()
    faults.look("menu")
    page.keyboard.press("Escape")
    show(page, "letters")
    page.locator("[data-letter] .sj-form-letter").first.click()
    expect(page.locator('[data-mark="letter-editor"]')).to_be_visible()
    faults.look("letter")
    page.get_by_role("button", name="Close the letter").click()
    show(page, "review")
    page.locator('[data-mark="publish"]').click()
    expect(page.locator('[data-mark="publish-dialog"]')).to_be_visible()
    faults.look("publish")
    assert not faults.found, str(faults)


def test_every_page_around_the_canvas(enter: Enter) -> None:
    page = enter(OWNER)
    faults = Faults(page)
    for address in PAGES:
        page.goto(address)
        expect(page.locator("main, .q-page").first).to_be_visible()
        faults.look(address)
    page.goto("/journeys/new")
    page.locator("[data-playbook]").first.wait_for()
    faults.look("gallery")
    page.locator("[data-playbook]").first.locator("button").first.click()
    expect(page.locator("[data-preview]")).to_be_visible()
    faults.look("a playbook")
    page.goto("/people")
    page.locator('[data-mark="invite"]').click()
    faults.look("invite")
    looking = enter(VIEWER)
    faults.page = looking
    editor(looking)
    faults.look("editor of a viewer")
    assert not faults.found, str(faults)
