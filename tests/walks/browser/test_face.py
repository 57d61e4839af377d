"""What a person does in the browser: looks, lets time pass, reads a letter, pauses, brings contacts in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .passing import pass_time
from .still import still

pytestmark = pytest.mark.browser

PAGES = (
    "/journeys", "/journeys/abandoned-cart", "/journeys/hostile", "/contacts", "/contacts/60", "/mailbox", "/events",
    "/health", "/settings", "/contracts", "/contracts/event?name=purchased", "/quality",
    "/in-and-out", "/in-and-out?part=connections", "/in-and-out?part=webhooks", "/overlap",
)  # fmt: skip
BROKEN_OUT = """[...document.querySelectorAll('.sj-tr .q-btn')].filter(button => {
  const [inner, outer] = [button, button.closest('.sj-tr')].map(one => one.getBoundingClientRect())
  return inner.left < outer.left || inner.right > outer.right || button.scrollWidth > button.clientWidth
}).map(button => button.innerText)"""
Open = Callable[..., Page]


def settled(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator(".sj-main")).to_be_visible(timeout=30_000)
    still(page)


def test_an_hour_passes_and_letters_arrive(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/journeys")
    for _ in range(2):
        pass_time(page, "+1 hour")
    settled(page, "/journeys/abandoned-cart")
    expect(page.locator(".sj-step", has_text="Cart reminder")).to_contain_text("sent")
    expect(page.locator(".sj-step", has=page.locator(".sj-step-title:text-is('Wait')"))).to_contain_text("here now")
    settled(page, "/mailbox")
    page.locator(".sj-mail-item").nth(1).click()
    expect(page.locator(".sj-mail-item").nth(1)).to_have_class("sj-mail-item is-open")
    letter = page.frame_locator("iframe.sj-letter")
    expect(letter.get_by_text("your cart waits.")).to_be_visible()
    page.get_by_role("tab", name="Headers").click()
    expect(page.get_by_text("X-Sojourn-Message")).to_be_visible()


@pytest.mark.parametrize(("width", "look"), [(1280, "light"), (390, "dark")])
def test_names_are_text_and_nothing_sticks_out(signed_in: Open, width: int, look: str) -> None:
    page = signed_in(width, look)
    for path in PAGES:
        settled(page, path)
        assert page.evaluate("window.__pwn") is None, path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate("document.querySelectorAll('main').length") == 1, path
        assert page.evaluate(BROKEN_OUT) == [], path
    assert f"body--{look}" in (page.locator("body").get_attribute("class") or "")


def test_a_wide_journey_is_fitted_and_can_be_fitted_again(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/journeys/abandoned-cart")
    board = page.locator(".sj-board")
    expect(board).to_have_css("zoom", "0.5")
    page.get_by_role("button", name="Larger").click()
    expect(board).to_have_css("zoom", "0.65")
    page.get_by_role("button", name="Show all").click()
    expect(board).to_have_css("zoom", "0.5")
    title = board.locator(".sj-step-title").first
    assert title.evaluate("it => it.scrollWidth <= it.clientWidth")


def test_a_letter_cannot_run_anything(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/mailbox")
    sheet = page.locator("iframe.sj-letter")
    assert "allow-scripts" not in (sheet.get_attribute("sandbox") or "")
    answer = page.request.get(sheet.get_attribute("src") or "")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "sandbox" in policy and "script" not in policy


def test_pausing_asks_first_and_stays(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/journeys")
    row = page.locator(".sj-tr", has_text="Abandoned cart")
    row.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Pause this journey?")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("live")
    row.get_by_role("button", name="Pause").click()
    page.locator(".sj-dialog").get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("paused")
    page.reload()
    expect(row).to_contain_text("paused")
    row.get_by_role("button", name="Resume").click()
    page.locator(".sj-dialog").get_by_role("button", name="Resume").click()
    expect(row).to_contain_text("live")


def test_a_question_stands_while_the_rows_below_it_are_redrawn(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/journeys")
    row = page.locator(".sj-tr", has_text="Abandoned cart")
    before = row.inner_text()
    row.get_by_role("button", name="Pause").click()
    question = page.get_by_text("Pause this journey?")
    expect(question).to_be_visible()
    other = page.context.new_page()
    settled(other, "/events")
    pass_time(other, "+1 week")
    expect(row).not_to_have_text(before, use_inner_text=True)
    page.wait_for_timeout(6_000)
    expect(question).to_be_visible()
    page.locator(".sj-dialog").get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused.")).to_be_visible()
    expect(row).to_contain_text("paused")
    row.get_by_role("button", name="Resume").click()
    page.locator(".sj-dialog").get_by_role("button", name="Resume").click()
    expect(row).to_contain_text("live")


def test_contacts_come_from_a_file_and_bad_lines_are_listed(signed_in: Open, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("email;first_name;plan\nzoe@example.com;Zoë;pro\nnot-an-address;Nobody;free\n", "utf-8")
    page = signed_in()
    settled(page, "/contacts")
    page.get_by_role("button", name="Import CSV").click()
    page.set_input_files("input[type=file]", table)
    expect(page.get_by_text("what each becomes")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    dialog = page.locator(".sj-dialog")
    expect(dialog.get_by_text("Lines to look at")).to_be_visible()
    expect(dialog).to_contain_text("not-an-address")
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".sj-tr", has_text="zoe@example.com")).to_be_visible()
    page.get_by_label("Search contacts").fill("zoe@example")
    expect(page.locator(".sj-tr", has_text="zoe@example.com")).to_contain_text("Zoë")


def test_a_key_is_shown_once_and_can_be_revoked(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/settings")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("What it is for").fill("the shop")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("Copy it now")).to_be_visible()
    key = page.locator(".sj-dialog .sj-source").inner_text()
    assert key.startswith("wk_") and len(key) > 30
    page.get_by_role("button", name="Done").click()
    page.reload()
    row = page.locator(".sj-key", has_text="the shop")
    expect(row).to_be_visible()
    assert key not in page.content()
    row.get_by_role("button", name="Revoke").click()
    page.locator(".sj-dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("revoked")


def test_signing_out_in_one_tab_ends_the_other(signed_in: Open) -> None:
    page = signed_in()
    settled(page, "/journeys")
    other = page.context.new_page()
    settled(other, "/journeys")
    page.get_by_role("button", name="Your account").click()
    page.get_by_text("Sign out").click()
    page.wait_for_url("**/sign-in")
    other.wait_for_url("**/sign-in**")
