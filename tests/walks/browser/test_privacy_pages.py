"""The pages about what people are owed: left alone by hand, kept no longer, answered and taken along."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from sojourn.app.instance import Instance
from sojourn.runtime.content.links import Links
from sojourn.storage import erasing

from .axe import grave
from .still import still

PAGES = ("/suppressions", "/retention", "/requests", "/record", "/consent", "/sign-up-forms")
DIALOGS = (
    ("/suppressions", "Add an address"),
    ("/consent", "Add a topic"),
    ("/sign-up-forms", "New form"),
)
FAR = 2**45  # a moment no test reaches


pytestmark = pytest.mark.browser


@pytest.fixture
def instance(stage: str, stage_home: Path) -> Iterator[Instance]:
    """What runs at the stage, opened beside it."""
    opened = Instance.open(stage_home)
    yield opened
    opened.close()


def contact(instance: Instance, email: str) -> int:
    return instance.db.look(lambda tx: tx.value("SELECT id FROM contacts WHERE email = ?", (email,)))


def test_from_a_wish_to_nothing_left(stage: str, signed_in: Callable[..., Page], instance: Instance) -> None:
    links = Links(instance.secrets.derive("links"), stage)
    for email, wish in (("c3@example.com", "erasure"), ("c4@example.com", "export"), ("c5@example.com", "erasure")):
        httpx.post(links.preferences(contact(instance, email), 0, FAR), data={"do": wish})
    page = signed_in()

    page.goto("/suppressions")
    page.get_by_role("button", name="Add an address").click()
    page.get_by_label("E-mail address or phone number").fill("nobody")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="neither")).to_be_visible()
    page.get_by_label("E-mail address or phone number").fill("C7@Example.com")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("cell", name="c7@example.com")).to_be_visible()
    with page.expect_download() as listed:
        page.get_by_role("button", name="Export").click()
    assert "c7@example.com,,asked to be left alone" in Path(listed.value.path()).read_text("utf-8")
    page.get_by_role("row", name="c7@example.com").get_by_role("button", name="Take off").click()
    page.get_by_role("button", name="Take it off the list").click()
    expect(page.get_by_text("The list is empty")).to_be_visible()

    page.goto("/retention")
    page.get_by_label("Days: What people did").fill("30")
    page.get_by_role("button", name="What would go today?").click()
    expect(page.get_by_text("0 rows would be deleted today.").first).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Days: What people did")).to_have_value("30")

    page.goto("/requests")
    row = page.get_by_role("row", name="a file of what we keep")
    with page.expect_download(lambda got: got.suggested_filename.endswith(".json")) as made:
        row.get_by_role("button", name="Make the file").click()
    told = json.loads(Path(made.value.path()).read_text("utf-8"))
    assert "c4@example.com" in json.dumps(told)
    row.get_by_role("button", name="It was sent").click()
    expect(page.get_by_text("Answered (1 request)")).to_be_visible()

    wishes = page.get_by_role("row", name="to be erased")
    wishes.nth(1).get_by_role("button", name="Refuse").click()
    page.get_by_role("dialog").get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("alert").filter(has_text="Write the reason down first")).to_be_visible()
    page.get_by_label("Reason").fill("We have to keep the invoice.")
    page.get_by_role("dialog").get_by_role("button", name="Refuse").click()
    expect(page.get_by_text("refused: We have to keep the invoice.")).to_be_visible()
    page.get_by_role("button", name="Erase").click()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("nothing of them is left")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Nobody waits for an answer")).to_be_visible()
    assert instance.db.look(lambda tx: list(erasing.mentioned(tx, "c3@example.com"))) == []

    page.goto("/record")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download").click()
    assert "Record of processing" in Path(taken.value.path()).read_text("utf-8")


@pytest.mark.parametrize("widths", [(1280,), (360, 390)], ids=["desk", "phones"])
def test_everybody_can_use_them(signed_in: Callable[..., Page], widths: tuple[int, ...]) -> None:
    page = signed_in(widths[0])
    faults = {}
    for address in PAGES:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for width in widths:
            page.set_viewport_size({"width": width, "height": 844})
            still(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        faults[address] = grave(page)
    for address, name in DIALOGS:
        page.goto(address)
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        faults[name] = grave(page)
    assert not any(faults.values()), faults
