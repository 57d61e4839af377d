"""The preference centre on a small phone, by keyboard alone, in two languages, by light and by dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sojourn.app.instance import Instance
from sojourn.runtime.content.links import Links
from sojourn.storage import consents, topics, wishes
from sojourn.storage.topics import Topic

FAR = 2**45  # a moment no test reaches


@pytest.fixture
def shop(stage: str, stage_home: Path) -> Iterator[tuple[str, Instance]]:
    """The address of the stage, and its instance opened beside it."""
    instance = Instance.open(stage_home)
    words = {"en": {"title": "Tips"}, "cs": {"title": "Tipy", "description": "Jednou za měsíc rada, která se hodí."}}
    instance.db.write(lambda tx: topics.keep(tx, Topic(name="tips", words=words, channels=["email"], position=2)))
    yield stage, instance
    instance.close()


def phone(chromium: Browser, look: Any, locale: str) -> Page:
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=look, locale=locale, java_script_enabled=True
    )
    return context.new_page()


def tab_to(page: Page, what: str) -> None:
    """Press Tab until this is under the keyboard; whatever is passed can be seen to have the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        there = page.evaluate(
            "what => { const e = document.activeElement; const box = e.getBoundingClientRect();"
            " return {hit: e.matches(what), ring: getComputedStyle(e).outlineStyle, width: box.width,"
            " seen: box.bottom > 0 && box.top < innerHeight, tall: (e.closest('label') || e).offsetHeight} }",
            what,
        )
        assert there["ring"] != "none" and there["seen"]
        assert there["tall"] >= 44
        if there["hit"]:
            return
    raise AssertionError(f"the keyboard never comes to {what}")


@pytest.mark.parametrize(
    ("look", "locale", "contact", "saved", "paused", "left"),
    [
        ("light", "en-GB", 3, "Saved.", "On a break until", "unsubscribed from everything"),
        ("dark", "cs-CZ", 4, "Uloženo.", "Pauza do", "odhlášeni ze všeho"),
    ],
)
def test_by_keyboard_alone(
    shop: tuple[str, Instance],
    chromium: Browser,
    look: Any,
    locale: str,
    contact: int,
    saved: str,
    paused: str,
    left: str,
) -> None:
    address, instance = shop
    page = phone(chromium, look, locale)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(Links(instance.secrets.derive("links"), address).preferences(contact, 0, FAR))
    assert page.evaluate("document.documentElement.lang") == locale[:2]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    tab_to(page, '[value="email.tips"]')
    page.keyboard.press("Space")
    tab_to(page, "#per_week")
    page.keyboard.press("ArrowDown")
    tab_to(page, '[value="save"]')
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[role=status]:has-text("{saved}")')
    said = instance.db.look(lambda tx: consents.states(tx, contact))
    assert said["email", "tips"] == "granted"
    assert instance.db.look(lambda tx: wishes.of(tx, contact)).per_week == 1

    tab_to(page, '[value="pause"]')
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[role=status]:has-text("{paused}")')
    tab_to(page, '[value="leave"]')
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[role=status]:has-text("{left}")')
    assert set(instance.db.look(lambda tx: consents.states(tx, contact)).values()) == {"withdrawn"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert complaints == []
    page.context.close()
