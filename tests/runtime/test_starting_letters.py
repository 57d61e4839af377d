"""The letters to start from and those of the demo: each compiles, and the checks find no error in it."""

from __future__ import annotations

import pytest

from sojourn.app import demo_letters
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.checking import Around, check_letter
from sojourn.runtime.templates import rendering, starting
from sojourn.runtime.templates.starting import NoSuchStart
from sojourn.storage import templates
from sojourn.storage.database import Database

NOW = 1_790_000_000_000
AROUND = Around(brand=Brand(name="Acme", postal_address="1 Main St", sender_address="news@example.com"))


@pytest.mark.parametrize("start", starting.starts(), ids=lambda each: each.name)
def test_a_letter_to_start_from_is_without_errors(start: starting.Start) -> None:
    found = [each.sentence for each in check_letter(start.source, AROUND) if each.severity == "error"]
    assert (found, bool(start.about), start.source["preheader"] != "") == ([], True, True)


def test_one_begins_with_a_copy_of_its_own(db: Database) -> None:
    assert [each.name for each in starting.starts()][:2] == ["welcome", "newsletter"]
    names = [db.write(lambda tx, name=name: starting.begin(tx, name, "ann", NOW).name) for name in ("sale", "sale", "")]
    assert names == ["sale-with-a-coupon", "sale-with-a-coupon-2", "new-letter"]
    with pytest.raises(NoSuchStart):
        db.write(lambda tx: starting.begin(tx, "none", "ann", NOW))


def test_the_demo_has_templates_that_share_a_block(db: Database) -> None:
    db.write(lambda tx: demo_letters.fill(tx, "ann", NOW))
    with db.read() as tx:
        for template in templates.templates(tx):
            source = rendering.ready(tx, template.content).source
            assert [each.sentence for each in check_letter(source, AROUND) if each.severity == "error"] == []
            assert any("repairs for ten years" in str(block["settings"]) for block in source["blocks"])
