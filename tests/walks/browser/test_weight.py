"""What a browser that has never been here fetches before one can draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ...app.stage import EDITOR
from .windows import sign_in

pytestmark = pytest.mark.browser
MOST = 700_000  # bytes on the wire, everything together
PACKED = ("text/", "application/javascript", "application/json", "image/svg")


@pytest.fixture
def stranger(stage: str, chromium: Browser) -> Iterator[Page]:
    """A signed-in page whose cache is empty: the session came in by a request, not by a page."""
    context = chromium.new_context(base_url=stage, viewport={"width": 1280, "height": 844})
    sign_in(context, stage, EDITOR)
    yield context.new_page()
    context.close()


@pytest.fixture
def fetched(stranger: Page) -> Callable[[], list[dict[str, Any]]]:
    """Everything fetched so far: address, type, packing, and bytes on the wire with heads."""
    files: dict[str, dict[str, Any]] = {}

    def came(event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer["url"].startswith("data:"):
            return  # came with its sheet
        packing = {name.lower(): value for name, value in answer["headers"].items()}.get("content-encoding", "")
        files[event["requestId"]] = {"url": answer["url"], "type": answer["mimeType"], "packing": packing, "bytes": 0}

    def ended(event: dict[str, Any]) -> None:
        if event["requestId"] in files:
            files[event["requestId"]]["bytes"] = int(event["encodedDataLength"])

    session = stranger.context.new_cdp_session(stranger)
    session.send("Network.enable")
    session.on("Network.responseReceived", came)
    session.on("Network.loadingFinished", ended)
    return lambda: list(files.values())


def test_the_editor_is_light_and_packed(stranger: Page, fetched: Callable[[], list[dict[str, Any]]]) -> None:
    stranger.goto("/journeys/abandoned-cart/edit")
    expect(stranger.locator("[data-canvas][data-ready]")).to_be_visible(timeout=30_000)
    expect(stranger.locator(".sj-inspector")).to_be_visible()
    expect(stranger.locator('[data-count="entered"]').first).to_be_visible()
    stranger.wait_for_load_state("networkidle")
    files = fetched()
    assert any("journey_canvas" in file["url"] for file in files)
    assert [file for file in files if not file["bytes"]] == []
    heaviest = sorted(files, key=lambda file: -file["bytes"])[:6]
    assert sum(file["bytes"] for file in files) < MOST, heaviest
    loose = [file for file in files if file["type"].startswith(PACKED) and file["bytes"] > 1500 and not file["packing"]]
    assert not loose
    assert not [file for file in files if "plotly" in file["url"]], "charts come when a panel with one is opened"
