"""A real Chromium before a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from ...app.stage import serve
from .entering import enter

Look = Literal["light", "dark"]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def stage_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the instance that runs at the stage."""
    return tmp_path_factory.mktemp("stage") / "home"


@pytest.fixture(scope="module")
def stage(stage_home: Path) -> Iterator[str]:
    """The address of a running instance with a small shop in it."""
    with serve(stage_home) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    found = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def signed_in(stage: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page as the owner; what its console calls an error fails the test."""
    complaints: list[str] = []
    contexts = []

    def fresh(width: int = 1280, look: Look = "light") -> Page:
        context = chromium.new_context(
            base_url=stage, viewport={"width": width, "height": 844}, color_scheme=look, reduced_motion="reduce"
        )
        contexts.append(context)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return enter(context)

    yield fresh
    for context in contexts:
        context.close()
    assert not complaints
