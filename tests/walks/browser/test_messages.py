"""Messages that are no letters: drawn, written, counted while they are typed, seen as their reader sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .axe import grave
from .test_forms import editor, field, pick

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def write_text(page: Page) -> None:
    """The e-mail's fallback: a text message, made and opened from the step's form."""
    pick(page, "reminder")
    page.locator('[data-input="instead.add"]').click()
    page.locator('[data-way="New: text message"]').click()
    expect(page.locator('[data-mark="message-editor"]')).to_be_visible()


def test_a_text_message_takes_over_from_an_email(signed_in: Open) -> None:
    page = editor(signed_in())
    write_text(page)
    desk = page.locator('[data-mark="message-editor"]')
    text = desk.locator('[data-input="text"]')
    text.fill("Your cart waits for you")
    cost = desk.locator('[data-mark="cost"]')
    expect(desk.locator(".sj-bubble")).to_have_text("Your cart waits for you")
    expect(cost).to_contain_text("1 part")
    text.fill("Žluťoučký kůň a košík na tebe čekají, přijď si pro ně ještě dnes večer a nezapomeň")
    expect(cost).to_contain_text("2 parts")
    expect(cost).to_contain_text("a part holds only 70 characters")
    text.fill("Dear ")
    desk.get_by_role("button", name="Insert a variable").click()
    page.locator(".sj-form-offer", has_text="contact.country").click()
    expect(text).to_have_value("Dear {{ contact.country }}")
    text.fill("Dear {{ contact.first_name")
    expect(desk.locator('[data-mark="issues"]')).to_contain_text("In text")
    text.fill("Dear {{ contact.first_name }}")
    expect(desk.locator('[data-mark="issues"]')).to_have_text("")
    assert grave(page) == []
    desk.get_by_role("button", name="Close the message").click()
    step = page.locator('.vue-flow__node[data-id="reminder"]')
    expect(step).to_have_attribute("aria-label", "E-mail: Cart reminder. reminder, else text message.")
    page.locator('[data-mark="panel-inspector"]').click()
    pick(page, "reminder")
    expect(page.locator(".sj-way")).to_contain_text("Dear {{ contact.first_name }}")
    expect(field(page, "causes")).to_have_count(0)
    page.locator('[data-mark="open-review"]').click()
    page.locator('[data-mark="publish"]').click()
    dialog = page.locator('[data-mark="publish-dialog"]')
    expect(dialog).to_contain_text("There is no account for text message yet")
    page.locator('[data-mark="publish-yes"]').click()
    expect(dialog).to_be_hidden()
