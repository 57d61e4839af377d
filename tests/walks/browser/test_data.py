"""Data in the browser: a contract made strict, events from a file, a webhook with its secret; held to axe-core."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .axe import grave

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def test_a_strict_contract_leaves_a_bad_row_of_a_file_out(signed_in: Open, tmp_path: Path) -> None:
    page = signed_in()
    page.goto("/contracts")
    page.get_by_role("button", name="New contract").click()
    page.get_by_label("Name of the event").fill("booked_table")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="booked_table")).to_be_visible()
    page.get_by_label("Name of a property").fill("seats")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Type of seats").click()
    page.get_by_role("option", name="Whole number").click()
    page.get_by_label("seats is needed").click()
    expect(page.get_by_label("seats is needed")).to_be_checked()
    page.get_by_label("How strictly it is meant").click()
    page.get_by_role("option", name=re.compile("Strict")).click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It counts from the next event on.")).to_be_visible()
    assert grave(page) == []

    file = tmp_path / "tables.csv"
    file.write_text("user id,time,seats\nt1,2026-01-04T18:00:00Z,4\nt2,2026-01-04T19:00:00Z,\n")
    page.goto("/in-and-out")
    page.get_by_role("button", name="Import events").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Name of the event, where no column has it").fill("booked_table")
    assert grave(page) == []
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("booked_table needs the property “seats”.")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("tables.csv")).to_be_visible()


def test_a_webhook_shows_its_secret_once_and_refuses_what_is_no_address(signed_in: Open) -> None:
    page = signed_in()
    page.goto("/in-and-out?part=webhooks")
    page.get_by_role("button", name="New webhook").click()
    page.get_by_label("Name", exact=True).fill("CRM")
    page.get_by_label("Address").fill("ftp://example.com")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("This is no web address")).to_be_visible()
    page.get_by_label("Address").fill("https://example.com/hook")
    page.get_by_label("Told of these events").fill("refun")
    page.get_by_role("option", name="refunded").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Make it").click()
    secret = page.get_by_text(re.compile("^whsec_")).inner_text()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("https://example.com/hook")).to_be_visible()
    assert secret not in page.content()
    assert grave(page) == []


@pytest.mark.parametrize("path", ["/contracts", "/quality", "/in-and-out", "/in-and-out?part=connections"])
def test_everybody_can_use_these_pages(signed_in: Open, path: str) -> None:
    page = signed_in()
    page.goto(path)
    expect(page.locator(".sj-title")).to_be_visible()
    assert grave(page) == []
