"""The studio: a letter is built out of blocks, ordered, taken back, looked at in every light, checked, and sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from sojourn.app.instance import Instance
from sojourn.runtime.channels import inbox
from sojourn.runtime.content.blocks import fresh_letter
from sojourn.runtime.governance import versions
from sojourn.runtime.templates import library
from sojourn.storage import journeys
from sojourn.storage.database import Tx

from ...app.stage import CART, OWNER
from .axe import grave

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


@pytest.fixture
def kept(stage: str, stage_home: Path) -> Callable[[str], dict[str, object]]:
    """What the store holds of a template."""

    def read(name: str) -> dict[str, object]:
        instance = Instance.open(stage_home)
        try:
            return instance.db.look(lambda tx: library.named(tx, name)).content
        finally:
            instance.close()

    return read


@pytest.fixture
def letter_of_blocks(stage: str, stage_home: Path) -> None:
    """A letter made of blocks in a journey's draft."""
    instance = Instance.open(stage_home)

    def job(tx: Tx) -> None:
        journey = journeys.journey_named(tx, "abandoned-cart")
        draft = journey.draft if journey else CART
        letters = {**draft["letters"], "blocks": {**fresh_letter("en"), "subject": "Your cart waits"}}
        versions.save_draft(tx, {**draft, "letters": letters}, OWNER, instance.clock.now_ms())

    instance.db.write(job)
    instance.close()


def blocks(page: Page) -> Locator:
    return page.locator("[data-block]")


def order(page: Page) -> list[str]:
    return [each.split(",")[0] for each in blocks(page).evaluate_all("all => all.map(each => each.ariaLabel)")]


def letter(page: Page) -> Locator:
    """The body of the letter, as it looks."""
    return page.frame_locator(".st-frames iframe.is-front").locator("body")


def test_a_letter_is_made_of_blocks(
    signed_in: Open, stage_home: Path, kept: Callable[[str], dict[str, object]]
) -> None:
    page = signed_in()
    page.goto("/templates")
    page.get_by_role("button", name="New letter").click()
    page.wait_for_url("**/templates/*")
    expect(blocks(page)).to_have_count(6)
    page.locator('[data-block="b5"]').click()
    page.keyboard.press("Delete")
    expect(blocks(page)).to_have_count(5)
    page.locator('[data-block="b4"]').click()
    page.locator('[data-put="faq"]').click()  # behind the picked one
    expect(blocks(page)).to_have_count(6)
    assert order(page) == ["Header", "Hero", "Text", "Button", "Questions and answers", "Footer"]
    assert grave(page) == []

    # words are written in the form and seen in the letter at once
    page.locator('[data-block="b2"]').click()
    form = page.locator('[data-mark="block-form"]', has_text="Line above the heading")
    form.get_by_label("Heading", exact=True).fill("Boots that last")
    expect(letter(page)).to_contain_text("Boots that last")
    page.locator('[data-mark="tab-letter"]').click()
    page.locator('[data-letter="subject"]').fill('{{ contact.city|default("Your") }} new boots are in')
    expect(page.locator('[data-mark="inbox-subject"]')).to_have_text("Your new boots are in")

    # products are dragged in between, a block is dragged elsewhere, and both ways back are there
    before = page.locator('[data-block="b4"]')
    page.locator('[data-put="product_grid"]').drag_to(before, target_position={"x": 80, "y": 4})
    expect(blocks(page)).to_have_count(7)
    assert order(page) == ["Header", "Hero", "Text", "Products", "Button", "Questions and answers", "Footer"]
    page.locator('[data-block="b3"]').drag_to(page.locator('[data-block="b2"]'), target_position={"x": 80, "y": 4})
    expect(blocks(page).nth(1)).to_have_attribute("data-block", "b3")
    expect(page.locator(".st-said")).to_have_text("Text is now in place 2 of 7.")
    page.locator('[data-block="b3"]').press("Alt+ArrowUp")
    expect(blocks(page).first).to_have_attribute("data-block", "b3")
    page.keyboard.press("Control+z")
    expect(blocks(page).nth(1)).to_have_attribute("data-block", "b3")
    page.keyboard.press("Control+z")
    expect(blocks(page).nth(1)).to_have_attribute("data-block", "b2")
    page.keyboard.press("Control+Shift+z")
    expect(blocks(page).nth(1)).to_have_attribute("data-block", "b3")

    # a block for some only
    page.get_by_role("button", name="Only if …").click()
    page.get_by_role("button", name="Add a test").click()
    page.locator('[data-add="language"]').click()
    page.locator('[data-input="language"]').click()
    page.get_by_role("option", name="Slovak").click()
    page.keyboard.press("Escape")
    expect(page.locator(".st-showing")).to_contain_text("Shown if their language is sk.")
    expect(page.locator('[data-block="b3"]')).to_contain_text("not shown here")

    # a language that is written in may be taken back
    page.locator('[data-mark="tab-letter"]').click()
    page.get_by_label("Add a language").fill("Czech")
    page.get_by_role("option", name="Czech").click()
    expect(page.locator('[data-language="cs"]')).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    expect(page.locator('[data-language="cs"]')).to_have_count(0)
    expect(page.locator('[data-letter="subject"]')).to_have_value('{{ contact.city|default("Your") }} new boots are in')

    # seen in the dark, on a phone, as text and as source
    page.get_by_role("button", name="Dark mode").click()
    expect(letter(page)).to_have_css("background-color", "rgb(15, 17, 22)")
    page.get_by_role("button", name="Phone").click()
    expect(page.locator(".st-paper")).to_have_css("width", "375px")
    page.locator('[data-mark="mode-text"]').click()
    expect(page.locator('[data-mark="text-part"]')).to_contain_text("Boots that last")
    page.locator('[data-mark="mode-source"]').click()
    expect(page.locator('[data-mark="source"] .cm-content')).to_contain_text("mj-head")
    assert grave(page) == []

    # checked, and a check leads to its block
    page.locator('[data-mark="tab-checks"]').click()
    check = page.locator(".sj-check", has_text="“Find out more” leads to www.example.com").first
    check.click()
    expect(page.locator('[data-block="b4"]')).to_have_attribute("aria-selected", "true")

    # sent to oneself by a real mail server
    page.locator('[data-mark="send-test"]').click()
    page.locator('[data-mark="send-test-yes"]').click()
    expect(page.locator(".q-notification")).to_contain_text(f"Sent to {OWNER}")
    assert [(each.to, each.subject) for each in inbox.letters(stage_home / "inbox")] == [
        (OWNER, "[Test] Your new boots are in")
    ]
    there = kept(page.url.rpartition("/")[2])["blocks"]
    assert isinstance(there, list)
    assert [each["kind"] for each in there] == ["header", "text", "hero", "product_grid", "button", "faq", "footer"]
    assert there[1]["show_if"] == {"language": "sk"}


def test_a_letter_of_a_journey_opens_in_the_same_studio(signed_in: Open, letter_of_blocks: None) -> None:
    page = signed_in()
    page.goto("/journeys/abandoned-cart/edit")
    expect(page.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    page.locator('[data-mark="panel-letters"]').click()
    page.locator('[data-letter="blocks"] .sj-form-letter').click()
    window = page.locator('[data-mark="letter-studio"]')
    expect(window).to_be_visible()
    page.locator('[data-block="b2"]').click()
    form = window.locator('[data-mark="block-form"]', has_text="Line above the heading")
    form.get_by_label("Heading", exact=True).fill("Still in your cart")
    page.get_by_role("button", name="Close the letter").click()  # at once: what is typed is kept in closing
    expect(window).to_have_count(0)
    page.locator('[data-letter="blocks"] .sj-form-letter').click()
    expect(letter(page)).to_contain_text("Still in your cart")
