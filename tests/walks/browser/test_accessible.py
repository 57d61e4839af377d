"""Nothing one can open keeps anybody out: axe-core finds no serious fault, in light, in dark and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from sojourn.app.instance import Instance
from sojourn.runtime.governance import versions

from ...app.stage import CART, EDITOR, OWNER, PASSWORD, VIEWER, serve
from .axe import grave

pytestmark = pytest.mark.browser
Enter = Callable[[str], Page]
PANELS = ("problems", "letters", "try", "history", "review", "funnel")
PAGES = ("/journeys", "/journeys/abandoned-cart", "/people", "/approvals", "/contacts", "/settings")
STYLED = "() => [...document.querySelectorAll('link[rel=stylesheet]')].every(each => each.sheet)"
FORMS = ("start", "hour", "cap", "split", "reminder", "big")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A shop whose draft differs from what is live, with something to look at: a way out leads nowhere."""
    home = tmp_path_factory.mktemp("house") / "home"
    with serve(home) as address:
        instance = Instance.open(home)
        draft = {**CART, "nodes": {**CART["nodes"], "last": {**CART["nodes"]["last"], "next": {}}}}
        draft["nodes"]["cap"] = {**draft["nodes"]["cap"], "settings": {"max": 3, "amount": 7, "unit": "days"}}
        draft["notes"] = {"n1": {"text": "Ask sales first", "at": [40, -200], "size": [220, 120]}}
        instance.db.write(lambda tx: versions.save_draft(tx, draft, EDITOR, instance.clock.now_ms()))
        instance.close()
        yield address


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide-light", "phone-dark"])
def enter(request: pytest.FixtureRequest, house: str, chromium: Browser) -> Iterator[Enter]:
    """Opens a page of one width and one look, signed in."""
    width, look = request.param
    contexts = []

    def fresh(email: str) -> Page:
        context = chromium.new_context(
            base_url=house, viewport={"width": width, "height": 844}, color_scheme=look, reduced_motion="reduce"
        )
        contexts.append(context)
        context.request.post("/sign-in", form={"email": email, "password": PASSWORD}, headers={"origin": house})
        return context.new_page()

    yield fresh
    for context in contexts:
        context.close()


class Faults:
    """What was found, under the name of what was open."""

    def __init__(self, page: Page) -> None:
        self.page, self.found = page, {}

    def look(self, name: str) -> None:
        """Look at what is open now, once it stands still."""
        expect(self.page.locator(".q-notification")).to_have_count(0, timeout=10_000)
        self.page.wait_for_function(STYLED)
        self.page.wait_for_timeout(350)
        if faults := grave(self.page):
            self.found[name] = faults

    def __str__(self) -> str:
        return "\n".join(f"{name}: {fault}" for name, faults in self.found.items() for fault in faults)


def editor(page: Page) -> None:
    page.goto("/journeys/abandoned-cart/edit")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    expect(page.locator('[data-count="entered"]').first).to_be_visible(timeout=20_000)


def show(page: Page, key: str) -> None:
    page.locator(f'[data-mark="panel-{key}"]').click()
    expect(page.locator(f'[data-panel="{key}"]').first).to_be_visible(timeout=15_000)


def test_every_panel_and_every_form(enter: Enter) -> None:
    page = enter(OWNER)
    faults = Faults(page)
    editor(page)
    faults.look("editor")
    for key in PANELS:
        show(page, key)
        page.wait_for_timeout(500)
        faults.look(key)
    page.locator('[data-mark="panel-history"]').click()
    page.locator('[data-mark="history"]').get_by_role("button", name="Difference").first.click()
    expect(page.locator('[data-mark="difference"]')).to_be_visible(timeout=15_000)
    faults.look("difference")
    page.locator('.sj-drawer [data-mark="close"]').click()
    for node in FORMS:
        page.locator("[data-stage]").focus()
        page.evaluate("node => document.querySelector(`[data-node=${node}]`)"
                      ".dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))", node)  # fmt: skip
        expect(page.locator('[data-panel="inspector"] .sj-inspector')).to_be_visible(timeout=15_000)
        page.wait_for_timeout(500)
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
    expect(page.locator('[data-mark="letter-editor"]')).to_be_visible(timeout=15_000)
    page.wait_for_timeout(1500)
    faults.look("letter")
    page.get_by_role("button", name="Close the letter").click()
    show(page, "review")
    page.locator('[data-mark="publish"]').click()
    expect(page.locator('[data-mark="publish-dialog"]')).to_be_visible(timeout=15_000)
    faults.look("publish")
    assert not faults.found, str(faults)


def test_every_page_around_the_canvas(enter: Enter) -> None:
    page = enter(OWNER)
    faults = Faults(page)
    for address in PAGES:
        page.goto(address)
        expect(page.locator("main, .q-page").first).to_be_visible(timeout=20_000)
        page.wait_for_timeout(1000)
        faults.look(address)
    page.goto("/journeys/new")
    page.locator("[data-playbook]").first.wait_for(timeout=20_000)
    faults.look("gallery")
    page.locator("[data-playbook]").first.locator("button").first.click()
    page.wait_for_timeout(1500)
    faults.look("a playbook")
    page.goto("/people")
    page.locator('[data-mark="invite"]').click()
    faults.look("invite")
    looking = enter(VIEWER)
    faults.page = looking
    editor(looking)
    faults.look("editor of a viewer")
    assert not faults.found, str(faults)
