"""The owner's side of consent: a topic is set up, a form is made and opened to the world."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect


def test_a_topic_and_a_form_are_made_in_the_browser(stage: str, signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.goto("/consent")
    marketing = page.locator("[data-topic=marketing]")
    expect(marketing).to_contain_text("News and offers")
    expect(marketing.get_by_role("row").nth(1)).to_contain_text("60")  # everybody in the stage's shop agreed

    page.get_by_role("button", name="Add a topic").click()
    page.get_by_label("Short name, as journeys name it").fill("Tips!")
    page.get_by_label("Title · English").fill("Tips of the month")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="small letters")).to_be_visible()
    page.get_by_label("Short name, as journeys name it").fill("tips")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-topic=tips]")).to_contain_text("no words in cs, de, sk")

    page.get_by_role("button", name="Check the ledger").click()
    expect(page.get_by_text("nothing was changed")).to_be_visible()

    page.goto("/sign-up-forms")
    page.get_by_role("button", name="New form").click()
    page.get_by_label("Short name, as in its address").fill("footer")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="footer")).to_be_visible()
    sent = {"email": "new@example.com", "agree": "yes"}
    assert httpx.post(f"{stage}/sign-up/footer", data=sent).status_code == 503  # nobody would ask them to confirm

    page.get_by_role("button", name="Put Double opt-in live").click()
    expect(page.get_by_text("Nobody can sign up yet")).to_be_hidden()
    assert "mailbox" in httpx.post(f"{stage}/sign-up/footer", data=sent).text
    page.get_by_role("button", name="Code").click()
    expect(page.get_by_label("HTML")).to_have_value(re.compile(r'action="http.*/sign-up/footer" method="post"'))
