"""A served instance with a small shop, once for all tests that only look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .stage import OWNER, PASSWORD, VIEWER, serve
from .visitor import Visitor


@pytest.fixture(scope="session")
def stage_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stage") / "home"


@pytest.fixture(scope="session")
def stage(stage_home: Path) -> Iterator[str]:
    """The address of a running instance."""
    with serve(stage_home) as address:
        yield address


@pytest.fixture
def visit() -> Iterator[Callable[[str], Visitor]]:
    """Opens a fresh browser for an address."""
    with ExitStack() as stack:

        def fresh(address: str) -> Visitor:
            visitor = Visitor(address)
            stack.enter_context(visitor.http)
            return visitor

        yield fresh


@pytest.fixture
def owner(stage: str, visit: Callable[[str], Visitor]) -> Visitor:
    """The owner's browser, signed in."""
    visitor = visit(stage)
    assert visitor.sign_in(OWNER, PASSWORD).status_code == 303
    return visitor


@pytest.fixture
def viewer(stage: str, visit: Callable[[str], Visitor]) -> Visitor:
    """The browser of somebody who may only look."""
    visitor = visit(stage)
    assert visitor.sign_in(VIEWER, PASSWORD).status_code == 303
    return visitor


@pytest.fixture
def stranger(stage: str, visit: Callable[[str], Visitor]) -> Visitor:
    """A browser that never signed in."""
    return visit(stage)
