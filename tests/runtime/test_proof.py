"""Letters that are still being written, as somebody would see them."""

from __future__ import annotations

from sojourn.runtime.content.brand import Brand
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
