"""The policy in the browser: a preset put in force, a cap changed, one person asked about, a file in and out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sojourn.app.instance import Instance
from sojourn.runtime import settings

from ...app.stage import REVIEWER, serve
from .axe import grave
from .entering import enter

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def test_a_preset_is_put_in_force_changed_and_asked_about_one_person(signed_in: Open, tmp_path: Path) -> None:
    page = signed_in()
    page.goto("/policy")
    expect(page.get_by_text("There is no cap on how many messages people get", exact=False)).to_be_visible()
    page.get_by_role("button", name="Look at it").first.click()
    expect(page.locator("[data-mark=effect]")).to_have_text(
        "Nothing went out in the last 7 days, so there is nothing to hold these rules against."
    )
    assert grave(page) == []
    page.get_by_label("Why (kept with the version)").fill("To begin with")
    page.locator("[data-mark=save-policy]").click()
    expect(page.get_by_text("No text messages or push messages from 20:00 to 08:00", exact=False)).to_be_visible()
    expect(page.get_by_text("To begin with")).to_have_count(1)
    assert grave(page) == []

    page.get_by_role("button", name="Change: At most 2 messages in any 7 days", exact=False).click()
    page.locator("[data-input=max]").fill("5")
    expect(page.get_by_text("New: At most 5 messages in any 7 days (promotion only)", exact=False)).to_be_visible()
    page.locator("[data-mark=save-policy]").click()
    section = page.locator("[data-section=caps]")
    expect(section.get_by_text("At most 5 messages in any 7 days", exact=False)).to_be_visible()

    page.get_by_role("button", name="Add quiet hours").click()
    page.locator("[data-input=from]").fill("midnight")
    expect(page.get_by_text("has to be a time of day such as 20:00", exact=False)).to_be_visible()
    page.get_by_role("button", name="Cancel").click()

    page.get_by_label("Who").fill("c1@example.com")
    page.get_by_role("button", name="· c1@example.com", exact=False).click()
    page.get_by_label("Channel", exact=True).click()
    page.get_by_role("option", name="Text message").click()
    page.get_by_role("button", name="Ask the gate").click()
    answer = page.locator("[data-mark=policy-answer]")
    expect(answer.get_by_text("It does not go")).to_be_visible()
    expect(answer.get_by_text("The contact has no address for this channel.").first).to_be_visible()
    expect(answer.locator("li").first).to_contain_text("Are they still with us?")
    assert grave(page) == []

    with page.expect_download() as coming:
        page.get_by_role("button", name="Write to a file").click()
    file = tmp_path / "policy.yaml"
    coming.value.save_as(file)
    file.write_text(file.read_text("utf-8").replace("max: 5", "maxx: 5"), "utf-8")
    page.get_by_role("button", name="Read from a file").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("caps[0].maxx is not known here: did you mean max?", exact=False)).to_be_visible()


@pytest.mark.parametrize(("width", "look"), [(390, "dark"), (1280, "dark")])
def test_everybody_can_use_the_page(signed_in: Open, width: int, look: str) -> None:
    page = signed_in(width, look)
    page.goto("/policy")
    expect(page.locator(".sj-title")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert grave(page) == []
    page.get_by_role("button", name="Add a cap").click()
    expect(page.locator("[data-input=name]")).to_be_visible()
    page.get_by_role("switch", name="In use").click()
    page.get_by_role("combobox", name="The figure").click()
    page.get_by_role("option", name="Engagement").click()
    page.get_by_role("button", name="Add a line").click()
    expect(page.get_by_text("By engagement (1 to begin with, 2 from 20) so many messages", exact=False)).to_be_visible()
    assert grave(page) == []


def test_with_four_eyes_a_reviewer_is_shown_the_change_and_agrees(chromium: Browser, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serve(home) as address:
        instance = Instance.open(home)
        instance.db.write(lambda tx: settings.save(tx, "four_eyes", True))
        instance.close()
        contexts = [chromium.new_context(base_url=address, reduced_motion="reduce") for _ in range(2)]
        page = enter(contexts[0])
        page.goto("/policy")
        page.get_by_role("button", name="Add a cap").click()
        page.locator("[data-input=max]").fill("1")
        page.get_by_label("Why (kept with the version)").fill("People complain")
        page.locator("[data-mark=save-policy]").click()
        waiting = page.locator("[data-mark=waiting]")
        expect(
            waiting.get_by_text("You proposed this change, so somebody else has to agree", exact=False)
        ).to_be_visible()
        expect(page.locator("[data-section=caps]")).to_contain_text("There is no cap on how many")
        assert grave(page) == []

        other = enter(contexts[1], REVIEWER)
        other.goto("/approvals")
        expect(other.get_by_text("People complain")).to_be_visible()
        other.get_by_role("button", name="Look").click()
        expect(other.get_by_text("New: At most 1 message in any 7 days", exact=False).first).to_be_visible()
        assert grave(other) == []
        other.get_by_role("button", name="Agree").click()
        section = other.locator("[data-section=caps]")
        expect(section.get_by_text("At most 1 message in any 7 days", exact=False)).to_be_visible()
        for context in contexts:
            context.close()
