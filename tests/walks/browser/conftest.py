"""A real Chromium before a real server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ...app.stage import OWNER, serve
from .windows import Chromium, Look

HERE = Path(__file__).parent
# One port for all stages of a process, one after the other: what the browser has in its cache stays good. It lies
# below those that the system hands out, so that nobody else gets it in between.
PORT = 20_000 + os.getpid() % 10_000
the_chromium = Chromium()
expect.set_options(timeout=20_000)  # a machine with other things to do is slow, and what is there is there at once


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands in this folder needs a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Behind the last test here: as long as Playwright runs, no other loop can."""
    if nextitem is None or HERE not in nextitem.path.parents:
        the_chromium.stop()


@pytest.fixture(scope="module")
def stage_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the instance that runs at the stage."""
    return tmp_path_factory.mktemp("stage") / "home"


@pytest.fixture(scope="module")
def stage(stage_home: Path) -> Iterator[str]:
    """The address of a running instance with a small shop in it."""
    with serve(stage_home, port=PORT) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Browser:
    """The system's browser, for a test that opens windows of its own kind."""
    return the_chromium.browser


@pytest.fixture
def signed_in(stage: str) -> Iterator[Callable[..., Page]]:
    """Opens a blank page of somebody signed in; what its console calls an error fails the test."""

    def fresh(width: int = 1280, look: Look = "light", email: str = OWNER, height: int = 844) -> Page:
        return the_chromium.page(stage, email, width, height, look)

    yield fresh
    assert not the_chromium.clear()
