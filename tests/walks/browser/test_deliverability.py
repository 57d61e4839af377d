"""A key is made, its record shown, turned on though DNS is silent, turned off and removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sojourn.app.instance import Instance
from sojourn.storage import dkim_keys
from sojourn.tests.walks.browser.axe import grave

pytestmark = pytest.mark.browser


def test_a_key_from_making_to_removing(signed_in: Callable[..., Page], stage_home: Path) -> None:
    page = signed_in()
    page.goto("/deliverability")
    expect(page.get_by_text("No key yet")).to_be_visible()
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Domain letters come from").fill("nowhere")
    dialog.get_by_role("button", name="Make it").click()
    expect(dialog.get_by_text("That is not a domain")).to_be_visible()
    dialog.get_by_role("textbox", name="Domain letters come from").fill("example.com")
    dialog.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("v=DKIM1; k=rsa")).to_be_visible()
    page.get_by_role("button", name="Done").click()

    expect(page.get_by_text("waits for DNS")).to_be_visible()
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("button", name="Turn it on").click(timeout=30_000)
    expect(page.get_by_text("signs", exact=True)).to_be_visible()
    instance = Instance.open(stage_home)
    try:
        assert [key.status for key in instance.db.look(dkim_keys.everyone)] == ["on"]
    finally:
        instance.close()
    page.get_by_role("button", name="Turn off").click()
    page.get_by_role("button", name="Turn it off").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No key yet")).to_be_visible()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_page_can_be_used_by_everybody(signed_in: Callable[..., Page], look: str) -> None:
    page = signed_in(390 if look == "dark" else 1280, look)
    page.goto("/deliverability")
    expect(page.get_by_role("button", name="Look again")).to_be_enabled(timeout=30_000)
    assert grave(page) == []
