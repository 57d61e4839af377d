"""Time that passes by a click on the clock of the frame."""

from __future__ import annotations

from playwright.sync_api import Page, expect

SLOWEST_MS = 60_000  # a week of a whole shop, on a machine that has other things to do


def pass_time(page: Page, button: str) -> None:
    """Click, and wait until the clock was moved and what was due is done."""
    face = page.locator(".sj-clock-face")
    before = face.inner_text()
    page.get_by_role("button", name=button).click()
    expect(face).not_to_have_text(before, timeout=SLOWEST_MS)
    expect(page.get_by_role("button", name=button)).to_be_enabled(timeout=SLOWEST_MS)
