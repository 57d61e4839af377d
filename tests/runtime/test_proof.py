"""Letters that are still being written, as somebody would see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sojourn.runtime.content import mjml
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.checking.around import Around
from sojourn.runtime.content.checking.of_journey import Shelf
from sojourn.runtime.content.proof import NOWHERE, Proofs
from sojourn.storage.handover import Filling

MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>"
ADA = Filling({"first_name": "Ada <b>"}, {"total": 7}, {"title": "Carts"})


def test_a_draft_is_filled_for_one_contact() -> None:
    letter = {"subject": "For {{ contact.first_name }}", "mjml": MJML.format("{{ event.total }} {{ contact.plan }}")}
    found = Proofs().of(letter, ADA, Brand(), marketing=True)
    assert found.rendered is not None and found.issues == ()
    assert found.rendered.subject == "For Ada <b>" and ">7 </div>" in found.rendered.html
    assert found.rendered.missing == ("plan",) and NOWHERE in found.rendered.html


def test_what_is_wrong_is_said_by_its_place_and_again_the_second_time() -> None:
    proofs = Proofs()
    letter = {"subject": "", "mjml": "<mjml>\n<mj-body>\n<mj-nonsense/></mj-body></mjml>"}
    for _ in range(2):
        found = proofs.of({**letter, "subject": "Hello"}, None, Brand(), marketing=False)
        assert found.rendered is None and found.issues[0].line == 3
    assert "no subject" in proofs.of(letter, None, Brand(), marketing=False).issues[0].text


def test_a_letter_the_machine_had_no_time_for_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words = {"subject": "Autumn sale", "mjml": MJML.format("Boots for the rain")}
    shelf, proofs, around = Shelf(), Proofs(), Around()
    with monkeypatch.context() as patched:
        mjml._engine.stop()
        patched.setattr(mjml, "CHILD", tmp_path / "gone.py")
        assert "stopped" in proofs.of(words, None, Brand(), True).issues[0].text
        assert shelf.looked(words, around).findings[0].code == "broken"
    assert proofs.of(words, None, Brand(), True).rendered is not None
    assert all(one.code != "broken" for one in shelf.looked(words, around).findings)
