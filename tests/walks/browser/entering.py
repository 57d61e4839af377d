"""The way in, for every walk: somebody signs in and stands before the journeys."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from ...app.stage import OWNER, PASSWORD


def enter(context: BrowserContext, email: str = OWNER) -> Page:
    """A page of this browser, signed in."""
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/journeys")
    return page
