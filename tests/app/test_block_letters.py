"""Letters made of blocks on the canvas: they get past its door whole, and what is wrong is said by block."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.app.canvas import intents
from sojourn.nodes.graph import JourneyGraph
from sojourn.runtime.governance.problems import problems

BLOCKS = [
    {
        "id": "b1",
        "kind": "text",
        "settings": {"text": "<p>Hi {{ contact.first_name }}</p>"},
        "show_if": {"segment": "vip"},
    },
    {"id": "b2", "kind": "text", "settings": {"text": "<p>Bye {{ contact. }}</p>"}},
    {"id": "b3", "kind": "footer", "settings": {}, "shared": {"name": "ours", "version": 1}},
]
LETTER = {"subject": "Hi", "preheader": "", "blocks": BLOCKS, "template": {"name": "offer", "version": 2}}


def read(**letters: Any) -> dict[str, Any]:
    intent = intents.read({"op": "journey", "letters": letters})
    assert isinstance(intent, intents.AboutJourney)
    return {name: letter and letter.model_dump(exclude_none=True) for name, letter in intent.letters.items()}


def test_a_letter_of_blocks_gets_in_as_it_is_and_the_others_as_before() -> None:
    assert read(one=LETTER, two={"subject": "x"}, three={"medium": "sms", "text": "y"}, four=None) == {
        "one": LETTER,
        "two": {"subject": "x", "preheader": "", "mjml": ""},
        "three": {"medium": "sms", "text": "y"},
        "four": None,
    }


@pytest.mark.parametrize(
    "letter",
    [
        {**LETTER, "blocks": [BLOCKS[0], BLOCKS[0]]},
        {**LETTER, "blocks": [{"id": "b1"}]},
        {**LETTER, "blocks": [{**BLOCKS[0], "id": f"b{n}"} for n in range(201)]},
        {**LETTER, "mjml": "<mjml></mjml>"},
        {**LETTER, "script": "x"},
        {"subject": "x", "mjml": "x" * 1_000_001},
    ],
)
def test_what_is_no_such_letter_stays_outside(letter: dict[str, Any]) -> None:
    with pytest.raises(intents.Refused):
        read(one=letter)


def test_a_fault_is_said_by_its_block_and_the_footer_lets_people_out() -> None:
    said = [problem.text for problem in problems({"name": "j", "nodes": {}, "letters": {"one": LETTER}})]
    assert any(text.startswith("Letter “one”, block “Text 2”: ") for text in said), said
    assert not any("unsubscribe link" in text or "is empty" in text for text in said)
    bare = {**LETTER, "blocks": BLOCKS[:1]}
    told = [problem.text for problem in JourneyGraph({"nodes": {}, "letters": {"one": bare}}).problems()]
    assert any("no unsubscribe link" in text for text in told)
