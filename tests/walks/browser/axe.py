"""The rules of axe-core, laid over what a page shows once it stands still."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from .still import still

AXE = Path(__file__).parents[3] / ".venv" / "node-sdk" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = """async () => (await axe.run(document, { resultTypes: ['violations'], preload: false })).violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => [each.id, each.help, ...each.nodes.slice(0, 4).map(node => node.html.slice(0, 240) + ' ⟶ '
        + [...node.any, ...node.all, ...node.none].map(check => check.message).join(' ').slice(0, 200))]
        .join('\\n    '))"""


def grave(page: Page) -> list[str]:
    """What keeps somebody out: each rule broken, with the first elements that break it."""
    if not AXE.exists():
        pytest.skip("axe-core is not there; make setup fetches it")
    page.mouse.move(0, 0)  # a button is drawn paler as long as it is pointed at
    still(page)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8") + "\n;0")
    return page.evaluate(GRAVE)
