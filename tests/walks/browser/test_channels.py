"""Accounts in the browser: opened with what is missing said in place, turned off, closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sojourn.app.instance import Instance
from sojourn.storage import accounts

from .axe import grave

pytestmark = pytest.mark.browser


def test_an_account_is_opened_tried_and_closed(signed_in: Callable[..., Page], stage_home: Path) -> None:
    page = signed_in()
    page.goto("/channels")
    expect(page.get_by_text("No account yet")).to_be_visible()
    page.get_by_role("button", name="New account").click()
    by_http = page.get_by_role("button").filter(has=page.get_by_text("HTTP", exact=True))
    expect(by_http).to_have_count(2)  # of tasks in a CRM, and of webhooks
    by_http.last.click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("see above")).to_be_visible()
    dialog.get_by_role("textbox", name="Name", exact=True).fill("crm")
    dialog.get_by_role("textbox", name="Address", exact=True).fill("https://crm.example.com/hooks")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="crm", exact=True)).to_be_visible()

    for act, state in (("Turn off", "off"), ("Turn on", "on"), ("Close", "on")):
        page.get_by_role("button", name="What to do with crm").click()
        page.get_by_text(act, exact=True).last.click()
        expect(page.get_by_role("cell", name=state, exact=True)).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_text("No account yet")).to_be_visible()
    instance = Instance.open(stage_home)
    try:
        assert instance.db.look(accounts.everyone) == []
    finally:
        instance.close()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_page_and_its_dialogs_can_be_used_by_everybody(signed_in: Callable[..., Page], look: str) -> None:
    page = signed_in(390 if look == "dark" else 1280, look)
    page.goto("/channels")
    expect(page.get_by_text("What there is")).to_be_visible()
    assert grave(page) == []
    page.get_by_role("button", name="New account").click()
    expect(page.get_by_role("button", name="Twilio")).to_be_visible()
    assert grave(page) == []
    page.get_by_role("button", name="Twilio").click()
    expect(page.get_by_text("The currency of the prices.")).to_be_visible()
    assert grave(page) == []
