"""Four eyes in the browser: one asks, another sees what differs and approves; nobody approves their own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sojourn.app.instance import Instance
from sojourn.runtime import settings
from sojourn.runtime.governance import versions

from ...app.stage import CART, EDITOR, OWNER, PASSWORD, REVIEWER
from .still import still

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("SOJOURN_PICTURES")  # a folder to look at what was seen
SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def stage(stage: str, stage_home: Path) -> str:
    """A running instance that asks for four eyes, with a draft that differs from what is live."""
    instance = Instance.open(stage_home)
    draft = {
        **CART,
        "nodes": {
            key: {**node, "next": {port: to for port, to in node["next"].items() if to not in ("big", "last")}}
            for key, node in CART["nodes"].items()
            if key not in ("big", "last")
        },
        "letters": {"reminder": {**CART["letters"]["reminder"], "subject": "Still yours: your cart"}},
    }
    draft["nodes"]["cap"] = {**draft["nodes"]["cap"], "settings": {"max": 3, "amount": 7, "unit": "days"}}
    draft["nodes"]["later"] = {
        "kind": "wait",
        "title": "Two quiet days",
        "settings": {"amount": 2, "unit": "days"},
        "next": {"next": "enough"},
    }
    draft["nodes"]["day"]["next"] = {"next": "later"}
    instance.db.write(lambda tx: settings.save(tx, "four_eyes", True))
    instance.db.write(lambda tx: versions.save_draft(tx, draft, OWNER, instance.clock.now_ms()))
    instance.close()
    return stage


@pytest.fixture
def enter(signed_in: SignIn) -> SignIn:
    def fresh(email: str, width: int = 1360, look: Any = "light") -> Page:
        return signed_in(width, look, email=email, height=900)

    return fresh


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(1200)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def mark(page: Page, name: str):
    return page.locator(f"[data-mark={name}]")


def test_one_asks_another_approves_and_only_then_it_is_published(enter: SignIn) -> None:
    author = enter(OWNER)
    author.goto("/journeys/abandoned-cart/edit")
    mark(author, "open-review").click()
    expect(mark(author, "standing")).to_contain_text("has to approve it first")
    expect(mark(author, "publish")).to_have_count(0)
    author.get_by_label("What should they look at?").fill("One reminder fewer, and a softer cap.")
    author.get_by_label("What should they look at?").blur()
    mark(author, "ask-review").click()
    expect(mark(author, "standing")).to_contain_text("A review is open")
    picture(author, "review-panel")

    mark(author, "to-review").click()
    expect(mark(author, "decision")).to_contain_text("You had a hand in this draft")
    expect(mark(author, "approve")).to_be_disabled()

    reviewer = enter(REVIEWER)
    reviewer.goto("/journeys")
    expect(reviewer.locator(".sj-badge")).to_have_text("1")
    reviewer.goto("/approvals")
    picture(reviewer, "approvals")
    reviewer.get_by_role("button", name="Look").click()
    told = mark(reviewer, "difference")
    expect(told).to_contain_text("“Two quiet days” (Wait) was added.")
    expect(told).to_contain_text("“Last call” (E-mail) was removed.")
    expect(told.locator("[data-change='step:cap']")).to_contain_text("At most")
    expect(reviewer.locator("[data-canvas]")).to_be_visible()
    expect(mark(reviewer, "reach")).to_contain_text("people did “added_to_cart”")
    letter = reviewer.frame_locator("iframe.sj-letter").first
    expect(letter.get_by_text("your cart waits")).to_be_visible()
    picture(reviewer, "approval")
    mark(reviewer, "send-back").click()
    expect(reviewer.get_by_text("Say what has to change")).to_be_visible()
    reviewer.get_by_label("Comment").fill("Good. Calmer than before.")
    reviewer.get_by_label("Comment").blur()
    mark(reviewer, "approve").click()
    expect(reviewer.get_by_text(re.compile("reviewer@example.com approved it"))).to_be_visible()

    author.goto("/journeys/abandoned-cart/edit")
    mark(author, "open-review").click()
    expect(mark(author, "standing")).to_contain_text("approved exactly this draft")
    mark(author, "publish").click()
    dialog = mark(author, "publish-dialog")
    expect(dialog).to_contain_text("inside version 1 and will finish it there")
    picture(author, "publish")
    mark(author, "publish-yes").click()
    expect(mark(author, "standing")).to_contain_text("version 2")

    mark(author, "panel-history").click()
    history = mark(author, "history")
    expect(history.locator("[data-version='2']")).to_contain_text("live")
    history.locator("[data-version='1']").get_by_role("button", name="Difference").click()
    expect(mark(author, "difference")).to_contain_text("“Last call” (E-mail) was removed.")
    picture(author, "history")
    history.locator("[data-version='1']").get_by_role("button", name="Restore").click()
    author.locator(".sj-dialog").get_by_role("button", name="Restore").click()
    expect(mark(author, "saved")).to_have_text("Saved")
    mark(author, "panel-review").click()
    expect(mark(author, "standing")).to_contain_text("has to approve it first")


def test_what_was_changed_meanwhile_is_not_approved_but_sent_back(enter: SignIn) -> None:
    author = enter(OWNER)
    author.goto("/journeys/abandoned-cart/edit")
    mark(author, "open-review").click()
    expect(mark(author, "standing")).to_contain_text("has to approve it first")
    mark(author, "ask-review").click()
    expect(mark(author, "standing")).to_contain_text("A review is open")

    reviewer = enter(REVIEWER)
    reviewer.goto("/approvals")
    reviewer.get_by_role("button", name="Look").click()
    expect(mark(reviewer, "approve")).to_be_enabled()

    mark(author, "title").fill("Abandoned cart, once more")
    mark(author, "title").press("Enter")
    expect(mark(author, "saved")).to_have_text("Saved")
    expect(author.get_by_text("The draft was changed since: ask again")).to_be_visible()

    mark(reviewer, "approve").click()
    expect(reviewer.get_by_text("The draft is not what you were shown")).to_be_visible()
    reviewer.reload()
    expect(reviewer.get_by_text("The draft was changed after this was asked")).to_be_visible()
    expect(mark(reviewer, "approve")).to_be_disabled()
    reviewer.get_by_label("Comment").fill("Please ask again once the title is settled.")
    reviewer.get_by_label("Comment").blur()
    mark(reviewer, "send-back").click()
    expect(reviewer.get_by_text("reviewer@example.com sent it back")).to_be_visible()

    expect(mark(author, "comment")).to_contain_text("once the title is settled")
    expect(mark(author, "ask-review")).to_have_text(re.compile("Ask again"))
    expect(mark(author, "publish")).to_have_count(0)


def test_an_invited_person_sets_a_password_once(enter: SignIn, stage: str, chromium: Browser) -> None:
    owner = enter(OWNER)
    owner.goto("/people")
    mark(owner, "invite").click()
    owner.get_by_label("E-mail address").fill("nina@example.com")
    owner.get_by_label("Name").fill("Nina New")
    mark(owner, "invite-yes").click()
    link = mark(owner, "link").inner_text()
    picture(owner, "invite")
    owner.get_by_role("button", name="Done").click()
    expect(owner.locator(".sj-tr", has_text="Nina New")).to_contain_text("invited")
    picture(owner, "people")
    path = link[link.index("/set-password") :]
    context = chromium.new_context(base_url=stage)
    guest = context.new_page()
    guest.goto(path)
    expect(guest.get_by_text("nina@example.com")).to_be_visible()
    guest.fill("#password", PASSWORD)
    guest.click("button[type=submit]")
    guest.wait_for_url("**/sign-in")
    guest.fill("#email", "nina@example.com")
    guest.fill("#password", PASSWORD)
    guest.click("button[type=submit]")
    guest.wait_for_url("**/journeys")
    assert guest.goto(path).status == 410  # type: ignore[union-attr]
    assert guest.goto(path[:-3] + "abc").status == 410  # type: ignore[union-attr]
    context.close()


@pytest.mark.parametrize(("width", "look"), [(1280, "dark"), (390, "light")])
def test_nothing_sticks_out(enter: SignIn, width: int, look: str) -> None:
    page = enter(EDITOR if width == 390 else OWNER, width, look)
    for path in ("/approvals", "/approvals/1", "/account", *(["/people"] if width != 390 else [])):
        page.goto(path)
        expect(page.locator(".sj-main")).to_be_visible()
        still(page)
        picture(page, f"{path.strip('/').replace('/', '-')}-{width}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
