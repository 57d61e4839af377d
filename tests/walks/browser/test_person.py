"""A likely duplicate is confirmed and taken back; a contact is changed by hand, their story narrowed, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .passing import pass_time
from .test_face import settled

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def bring_in(page: Page, tmp_path: Path) -> None:
    table = tmp_path / "twice.csv"
    rows = ["lena.dry@example.com;Lena;Dry;+420601123456;Brno", "ldry@example.org;Lena;Dry;+420601123456;"]
    table.write_text("email;first_name;last_name;phone;city\n" + "\n".join(rows) + "\n", "utf-8")
    settled(page, "/contacts")
    page.get_by_role("button", name="Import CSV").click()
    page.set_input_files("input[type=file]", table)
    expect(page.get_by_text("what each becomes")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Done").click()
    pass_time(page, "+1 day")  # what is done beside the engine is done


def test_two_contacts_become_one_and_two_again(signed_in: Open, tmp_path: Path) -> None:
    page = signed_in()
    bring_in(page, tmp_path)
    settled(page, "/duplicates")
    pair = page.locator("[data-pair]", has_text="lena.dry@example.com")
    expect(pair).to_contain_text("The same phone number.")
    expect(pair).to_contain_text("ldry@example.org")
    pair.get_by_role("button", name="One person").click()
    page.locator(".sj-dialog").get_by_role("button", name="One person").click()
    expect(page.get_by_text("They are one contact now.")).to_be_visible()
    expect(pair).to_have_count(0)

    page.locator('[data-mark="merge"] a').first.click()
    expect(page.get_by_role("heading", name="Lena Dry")).to_be_visible()
    names = page.locator('[data-mark="name"]')
    expect(names).to_have_count(2)
    expect(names.first).to_contain_text("E-mail")
    expect(page.locator('[data-happened="merges"]')).to_contain_text("confirmed by")

    page.locator('[data-mark="undo-merge"]').click()
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_text("They are two contacts again.")).to_be_visible()
    expect(names).to_have_count(1)


def test_a_property_is_changed_by_hand_and_the_story_narrowed_on_a_phone(signed_in: Open) -> None:
    page = signed_in(390)
    settled(page, "/contacts/3")
    page.locator('[data-mark="change-contact"]').click()
    page.get_by_label("Another property").fill("shoe size")
    page.get_by_label("Its value").fill("43")
    page.locator('[data-mark="save-contact"]').click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(".sj-pairs").first).to_contain_text("Shoe size")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("What to see").click()
    page.get_by_role("option", name="Journeys").click()
    expect(page.locator('[data-happened="events"]')).to_have_count(0)


def test_an_address_that_is_none_is_refused_in_words(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/contacts/4")
    page.locator('[data-mark="change-contact"]').click()
    page.locator(".sj-dialog").get_by_label("E-mail").fill("nobody at all")
    page.locator('[data-mark="save-contact"]').click()
    expect(page.get_by_text("The e-mail address was left out")).to_be_visible()
