"""The letter on the studio's bench: what becomes of its blocks, the way back, and the picture of it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from sojourn.app.auth import Who
from sojourn.app.studio import blocks
from sojourn.app.studio.history import History
from sojourn.app.studio.picture import Shot, shot, shown
from sojourn.app.studio.template_document import TemplateDocument
from sojourn.app.studio.variables import written
from sojourn.runtime.clock import ManualClock
from sojourn.runtime.content.block_types import new_block
from sojourn.runtime.content.blocks import fresh_letter
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.proof import PROOFS
from sojourn.runtime.templates import library
from sojourn.storage import templates
from sojourn.storage.database import Database
from sojourn.storage.handover import Filling

ADA = Filling({"first_name": "Ada"}, {}, {})


def ids(source: dict[str, Any]) -> list[str]:
    return [each["id"] for each in blocks.blocks_of(source)]


def look(source: dict[str, Any], language: str = "") -> Shot:
    return shot(source, Brand("Acme"), lambda letter: PROOFS.of(letter, ADA, Brand("Acme"), True), language)


def test_blocks_change_in_a_letter_of_their_own() -> None:
    letter = fresh_letter("en")
    letter["languages"] = {"cs": {"blocks": {"b2": {"heading": "Boty"}}}}
    twice, fresh = blocks.duplicated(letter, "b2")
    assert ids(twice) == ["b1", "b2", fresh, "b3", "b4", "b5", "b6"]
    assert twice["languages"]["cs"]["blocks"][fresh] == {"heading": "Boty"}
    assert ids(blocks.moved(twice, "b6", 0))[0] == "b6" and ids(blocks.moved(twice, "b1", 99))[-1] == "b1"
    gone = blocks.removed(twice, "b2")
    assert "b2" not in ids(gone) and "b2" not in gone["languages"]["cs"]["blocks"]
    assert ids(letter) == ["b1", "b2", "b3", "b4", "b5", "b6"]  # the one before is as it was


def test_typing_in_one_field_is_one_step_back() -> None:
    history = History()
    history.add("Change heading", {"n": 0}, "b1", "b1.heading")
    history.add("Change heading", {"n": 1}, "b1", "b1.heading")
    history.add("Move a block", {"n": 2}, "b1")
    step = history.back({"n": 3}, "b1")
    assert step is not None and step.before == {"n": 2}
    step = history.back({"n": 2}, "b1")
    assert step is not None and step.before == {"n": 0}
    assert history.back({"n": 0}, "b1") is None
    step = history.forth({"n": 0}, "b1")
    assert step is not None and step.before == {"n": 2}


def test_the_picture_says_which_part_is_which_block() -> None:
    letter = fresh_letter("en")
    taken = look(letter)
    assert taken.rendered is not None and taken.rendered.subject == "(no subject yet)"
    there = [key for key in ids(letter) if f"sj-block-{key}" in taken.rendered.html]
    assert there == ["b1", "b2", "b3", "b4", "b6"]  # nothing stands in pages elsewhere yet
    assert "sj-block" not in taken.mjml and "sj-line" not in taken.rendered.html
    dark, light = shown(taken.rendered.html, True), shown(taken.rendered.html, False)
    assert "prefers-color-scheme" not in dark + light and dark != light


def test_a_picture_that_is_still_to_come_is_seen() -> None:
    letter, _ = blocks.added(fresh_letter("en"), new_block("image", [], "en"), None)
    taken = look(letter)
    assert taken.rendered is not None and "example.com/picture.jpg" in taken.rendered.html
    page = shown(taken.rendered.html, False)
    assert "example.com/picture.jpg" not in page and 'src="data:image/svg+xml' in page


def test_a_fault_names_its_block_and_a_language_says_its_own() -> None:
    letter = fresh_letter("en")
    letter["languages"] = {"cs": {"subject": "Nové boty", "blocks": {"b2": {"heading": "Boty, které vydrží"}}}}
    taken = look(letter, "cs")
    assert taken.rendered is not None and taken.rendered.subject == "Nové boty"
    assert "Boty, které vydrží" in taken.rendered.html and "Boty" not in str(look(letter).rendered)
    broken = look(blocks.with_setting(letter, "b3", "text", "<p>{{ contact.first_name</p>"))
    assert broken.rendered is None and {fault.block for fault in broken.faults} == {"b3"}


def test_a_variable_falls_back() -> None:
    assert written("contact.first_name") == '{{ contact.first_name|default("there") }}'
    assert written("contact.shoe size") == '{{ contact["shoe size"]|default("") }}'
    assert written("brand.name") == "{{ brand.name }}"


def test_two_windows_on_one_letter_lose_nothing(db: Database) -> None:
    parts: Any = SimpleNamespace(db=db, clock=ManualClock(1_790_000_000_000))
    made = db.write(lambda tx: library.create(tx, "Offer", {"subject": "One", "blocks": []}, "ada@example.com", 1))
    ada, bob = (
        TemplateDocument(parts, made, Who(n, f"{name}@example.com", name, "owner"))
        for n, name in ((1, "ada"), (2, "bob"))
    )
    unsaved = {ada: False, bob: False}
    for one in unsaved:
        one.on_change(lambda one=one: not unsaved[one])

    async def write() -> None:
        assert await ada.save({"subject": "Two", "blocks": []}) is None
        assert bob.source["subject"] == "Two", "the other window shows it at once"
        unsaved[bob] = True
        assert await ada.save({"subject": "Three", "blocks": []}) is None
        mine = {"subject": "Mine", "blocks": []}
        assert "ada@example.com changed this" in (await bob.save(mine) or "") and bob.conflict
        assert "Offer (as bob@example.com wrote it)" in await bob.settle(mine, theirs=True)
        assert (bob.conflict, bob.source["subject"]) == ("", "Three")
        unsaved[bob] = False
        assert await bob.save({"subject": "Four", "blocks": []}) is None
        unsaved[ada] = True
        assert await bob.save({"subject": "Five", "blocks": []}) is None
        await ada.save(mine)
        assert "Offer (as bob@example.com wrote it)" in await ada.settle(mine, theirs=False)

    asyncio.run(write())
    kept = {each.name: each.content["subject"] for each in db.look(templates.templates)}
    assert kept["offer"] == "Mine" and sorted(kept.values()) == ["Five", "Mine", "Mine"]
