"""What MJML does not know is said by line and column, as the official validator would."""

import pytest

from sojourn.runtime.content.block_types import block_types, new_block
from sojourn.runtime.content.blocks import assemble
from sojourn.runtime.content.checking.looking import check_letter
from sojourn.runtime.content.kit import Kit
from sojourn.runtime.content.mjml_rules import broken_rules
from sojourn.runtime.playbooks import playbooks


@pytest.mark.parametrize(
    "inner, sentence",
    [
        ('<mj-text colour="red">x</mj-text>', "<mj-text> has no “colour”: did you mean “color”?"),
        ('<mj-text font-size="big">x</mj-text>', "“font-size” of <mj-text> cannot be “big”: it is a length in px."),
        ('<mj-text padding="1px 2px 3px 4px 5px">x</mj-text>', "“padding” of <mj-text> cannot be"),
        ('<mj-text align="middle">x</mj-text>', "it is one of left, "),
        ('<mj-image fluid-on-mobile="yes" src="x" />', "it is true or false."),
        (
            "<mj-section></mj-section>",
            "<mj-section> means nothing in <mj-column>: it stands in <mj-body> or <mj-wrapper>.",
        ),
    ],
)
def test_a_fault_is_a_sentence_with_its_place(inner: str, sentence: str) -> None:
    source = f"<mjml><mj-body><mj-section><mj-column>\n  {inner}\n</mj-column></mj-section></mj-body></mjml>"
    (issue,) = broken_rules(source)
    assert (issue.line, issue.column) == (2, 3) and sentence in issue.text
    assert [(f.line, f.severity) for f in check_letter({"subject": "x", "mjml": source}) if f.code == "mjml"] == [
        (2, "warning")
    ]


def test_jinja_stands_for_any_value() -> None:
    inner = '<mj-text color="{{ brand.color|default("red") }}" font-size="{% if a %}1{% endif %}4px">x</mj-text>'
    source = f"<mjml lang='en'><mj-body><mj-section><mj-column>{inner}</mj-column></mj-section></mj-body></mjml>"
    assert broken_rules(source) == []


def test_what_we_ship_breaks_no_rule() -> None:
    letters = [
        letter["mjml"] for book in playbooks() for letter in book.content["letters"].values() if "mjml" in letter
    ]
    letters += [assemble({"blocks": [new_block(kind)]}, Kit()).mjml for kind in block_types()]
    assert [broken_rules(letter) for letter in letters] == [[]] * len(letters)
