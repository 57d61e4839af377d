"""Beginning a journey in the browser: from a playbook, a file, or a copy; and taking one away as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sojourn.runtime import journey_file
from sojourn.runtime.playbooks import playbook, playbooks

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

GOOD = """journey: from-a-file
title: From a file  # a comment may stand here
nodes:
  start: {kind: trigger_api, next: out}
  out: {kind: exit}
"""


def gallery(page: Page) -> Page:
    page.goto("/journeys")
    page.get_by_role("button", name="New journey").click()
    expect(page.locator("[data-playbook]").first).to_be_visible()
    return page


def test_the_gallery_shows_every_playbook_finds_one_and_makes_a_draft_of_it(signed_in: Open) -> None:
    page = gallery(signed_in())
    expect(page.locator("[data-playbook]")).to_have_count(len(playbooks()))
    assert page.locator("svg.sj-picture").count() == len(playbooks())
    page.get_by_label("Search playbooks").fill("cart three")
    expect(page.locator("[data-playbook]")).to_have_count(1)
    card = page.locator("[data-playbook=cart-abandon]")
    expect(card.locator(".sj-need.is-here")).to_contain_text(["added_to_cart"])
    card.get_by_role("button", name="Preview", exact=True).click()
    dialog = page.locator("[data-preview=cart-abandon]")
    expect(dialog.locator(".sj-step-title", has_text="Bought").first).to_be_visible()
    dialog.get_by_role("tab", name="The letters").click()
    letter = page.frame_locator("iframe.sj-preview-letter")
    expect(letter.get_by_text("You left something behind, Ada")).to_be_visible()
    dialog.get_by_text("Shall we put it back?").click()
    expect(letter.get_by_text("We keep your cart until tomorrow", exact=True)).to_be_visible()
    assert dialog.locator("iframe").get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    dialog.get_by_role("tab", name="What it needs").click()
    expect(dialog.locator(".sj-need-line", has_text="purchased").first).to_contain_text("not seen yet")
    dialog.get_by_role("button", name="Use this").click()
    page.wait_for_url("**/journeys/cart-abandon/edit")
    expect(page.get_by_text("Your cart is waiting").first).to_be_visible()
    page.goto("/journeys/cart-abandon")
    expect(page.locator(".sj-step")).to_have_count(len(playbook("cart-abandon").content["nodes"]))
    expect(page.locator(".sj-chip", has_text="draft")).to_be_visible()


def test_a_file_comes_in_with_its_problems_in_sentences_and_goes_out_again(signed_in: Open, tmp_path: Path) -> None:
    page = gallery(signed_in())
    page.get_by_role("button", name="Import a file").click()
    bad = tmp_path / "bad.yaml"
    bad.write_text("journey: x\nnodes:\n  a: {kind: email, colour: red}\n", "utf-8")
    page.set_input_files("input[type=file]", bad)
    expect(page.locator(".sj-refusal")).to_contain_text("Line 3")
    good = tmp_path / "journey.yaml"
    good.write_text(GOOD, "utf-8")
    page.set_input_files("input[type=file]", good)
    expect(page.get_by_text("2 steps, 0 letters.")).to_be_visible()
    page.get_by_role("button", name="Make it a draft").click()
    page.wait_for_url("**/journeys/from-a-file/edit")
    page.goto("/journeys/from-a-file")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "from-a-file.yaml"
    assert journey_file.read(download.value.path().read_text("utf-8")) == journey_file.read(GOOD)
    page.get_by_role("button", name="Duplicate").click()
    page.wait_for_url("**/journeys/from-a-file-2/edit")


def test_a_file_that_is_too_large_is_refused_by_the_server(signed_in: Open, tmp_path: Path) -> None:
    page = gallery(signed_in())
    page.get_by_role("button", name="Import a file").click()
    small = tmp_path / "small.yaml"
    small.write_text(GOOD, "utf-8")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.set_input_files("input[type=file]", small)
    expect(page.get_by_text("2 steps, 0 letters.")).to_be_visible()
    page.evaluate(  # as a browser would that knows no limit
        """address => {
             const form = new FormData();
             form.append('file', new Blob(['x'.repeat(2_100_000)]), 'large.yaml');
             return fetch(address, {method: 'POST', body: form}).then(answer => answer.status);
           }""",
        sent.value.url,
    )
    expect(page.locator(".sj-refusal")).to_contain_text("larger than 2 MB")
