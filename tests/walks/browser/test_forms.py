"""Forms filled in by hand: completed, counted, checked, shared between two windows; and a letter written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def editor(page: Page, journey: str = "abandoned-cart") -> Page:
    page.goto(f"/journeys/{journey}/edit")
    expect(page.locator(".vue-flow__node").first).to_be_visible(timeout=30_000)
    expect(page.locator(".sj-inspector")).to_be_visible(timeout=30_000)
    return page


def pick(page: Page, step: str) -> None:
    """Bring a step into sight and pick it."""
    page.keyboard.press("1")
    node = page.locator(f'.vue-flow__node[data-id="{step}"]')
    expect(node).to_be_visible()
    node.click()
    expect(page.locator('.sj-inspector [data-input="title"]')).to_be_visible()


def field(page: Page, name: str):
    return page.locator(f'.sj-inspector [data-input="{name}"]')


def test_a_rule_is_built_completed_and_counted(signed_in: Open) -> None:
    page = editor(signed_in())
    pick(page, "big")
    count = page.locator('[data-count="rule"]')
    expect(count).to_have_text("20 of 60 contacts")
    page.get_by_role("button", name="Add a test").click()
    page.locator('[data-add="event"]').click()
    test = page.locator('[data-test="event"]')
    expect(test).not_to_contain_text("Say which event.")  # nobody has left it yet
    name = test.get_by_role("combobox", name="Event")
    name.click()
    name.press_sequentially("added", delay=40)
    offer = page.locator(".sj-form-offer", has_text="added_to_cart")
    expect(offer).to_contain_text("60")
    expect(name).to_be_focused()
    name.press("ArrowDown")
    name.press("Enter")
    expect(name).to_have_value("added_to_cart")
    expect(count).to_have_text("20 of 60 contacts")
    expect(page.locator(".sj-form-said")).to_contain_text("country is CZ and did added_to_cart")
    test.get_by_role("button", name="Add a condition").click()
    name = test.get_by_role("combobox", name="Property")
    name.click()
    expect(page.locator(".sj-form-offer").get_by_text("total", exact=True)).to_be_visible()
    name.press_sequentially("total")
    name.press("Escape")
    test.get_by_label("How to compare", exact=True).click()
    page.get_by_role("option", name="is more than").click()
    test.get_by_label("Number").fill("69")
    expect(count).to_have_text("3 of 60 contacts")
    expect(page.locator('.vue-flow__node[data-id="big"]')).to_contain_text("total is more than 69")


def test_a_mistake_is_said_where_it_is_made(signed_in: Open) -> None:
    page = editor(signed_in())
    pick(page, "split")
    weights = page.locator(".sj-inspector").get_by_label("%")
    weights.first.fill("70")
    expect(page.locator(".sj-inspector")).to_contain_text("Ways add up to 80 instead of 100.")
    page.get_by_role("button", name="Even shares").click()
    expect(weights.first).to_have_value("50")
    expect(page.locator(".sj-form-sum")).to_have_text("100 %")
    expect(page.locator('.vue-flow__node[data-id="split"]')).to_contain_text("50 %")


def test_two_windows_show_one_form_and_the_cursor_stays(signed_in: Open) -> None:
    one, two = editor(signed_in()), editor(signed_in())
    pick(one, "hour")
    pick(two, "hour")
    event = two.get_by_role("combobox", name="Event")
    event.click()
    event.press("End")
    field(one, "amount").fill("3")
    expect(field(two, "amount")).to_have_value("3")
    expect(event).to_be_focused()
    event.press_sequentially("_again")
    expect(one.get_by_role("combobox", name="Event")).to_have_value("purchased_again")
    expect(field(one, "amount")).to_have_value("3")
    one.locator(".sj-inspector").get_by_role("button", name="Delete").click()
    expect(two.locator(".sj-inspector")).to_contain_text("No longer there")


def test_a_letter_is_written_and_seen(signed_in: Open) -> None:
    page = editor(signed_in())
    page.locator('[data-mark="panel-letters"]').click()
    page.locator('[data-mark="new-message"]').click()
    page.locator('[data-medium="mjml"]').click()
    desk = page.locator('[data-mark="letter-editor"]')
    sheet = page.frame_locator('[data-mark="letter-preview"]')
    expect(sheet.get_by_text("One thought, one button.")).to_be_visible()
    desk.get_by_label("Subject").fill("For {{ contact.first_name }}")
    who = desk.get_by_role("combobox", name="As seen by")
    who.click()
    who.press_sequentially("c1@")
    page.locator(".sj-form-offer", has_text="c1@example.com").click()
    expect(desk.locator(".sj-proof-inbox")).to_contain_text("For Bořek")
    code = desk.locator(".cm-content")
    page.get_by_role("button", name="Insert a variable").click()
    page.locator(".sj-form-offer", has_text="contact.country").click()
    expect(code).to_contain_text("{{ contact.country }}")
    code.click()
    page.keyboard.press("Control+z")
    expect(code).not_to_contain_text("{{ contact.country }}")
    code.click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("<mj-nonsense>")
    expect(desk.locator('[data-mark="issues"]')).to_contain_text("Line 1")
    expect(desk.locator('[data-mark="stale"]')).to_contain_text("The last version that worked")
    for _ in range(len("<mj-nonsense>")):
        page.keyboard.press("Backspace")
    expect(desk.locator('[data-mark="issues"]')).to_be_empty()
    assert "allow-scripts" not in (page.locator('[data-mark="letter-preview"]').get_attribute("sandbox") or "")
    page.get_by_role("button", name="Close the letter").click()
    expect(page.locator('[data-letter="letter-1"]')).to_contain_text("For {{ contact.first_name }}")
    page.get_by_role("button", name="What to do with letter-1").click()
    page.get_by_text("Rename", exact=True).click()
    page.locator(".sj-dialog").get_by_label("Name").fill("thanks")
    page.locator(".sj-dialog").get_by_role("button", name="Rename").click()
    expect(page.locator('[data-letter="thanks"]')).to_be_visible()
    page.get_by_label("Undo (Ctrl+Z)").first.click()
    expect(page.locator('[data-letter="letter-1"]')).to_be_visible()
    expect(page.locator('[data-letter="thanks"]')).to_have_count(0)
    page.get_by_role("button", name="What to do with reminder").click()
    page.get_by_text("Delete", exact=True).last.click()
    expect(page.get_by_text("Choose another letter there first.")).to_be_visible()


def test_a_preview_is_for_those_who_are_signed_in(signed_in: Open) -> None:
    page = signed_in()
    answer = page.request.get("/journeys/abandoned-cart/letters/reminder/preview")
    policy = answer.headers["content-security-policy"]
    assert answer.ok and policy.startswith("default-src 'none'") and "sandbox" in policy and "script" not in policy
    assert page.request.get("/journeys/abandoned-cart/letters/nothing/preview").status == 404
    page.context.clear_cookies()
    assert page.request.get("/journeys/abandoned-cart/letters/reminder/preview").status == 401
