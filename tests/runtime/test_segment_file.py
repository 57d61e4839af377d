"""The written form of segments: read, refused with the line, written, and described by its page and schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sojourn.runtime.segment_file import SegmentFileProblem, read, read_all, schema, write
from sojourn.runtime.segment_reference import with_reference

PAGE = (Path(__file__).parents[2] / "docs" / "segment-file.md").read_text("utf-8")
ONE = """
name: buyers
title: Buyers
rule: {event: purchased, days: 30}
"""


def test_one_segment_and_several_come_back_as_they_went() -> None:
    one = read(ONE)
    assert one == {"name": "buyers", "title": "Buyers", "rule": {"event": "purchased", "days": 30}}
    assert read(write([one])) == one
    example = read_all(PAGE.split("```yaml\n")[1].split("```")[0])
    assert [each["name"] for each in example] == ["loyal_but_quiet", "complained"]
    assert read_all(write(example)) == example


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: buyers", "rule"),
        ("name: Buyers!\nrule: {event: a}", "Line 1: name cannot be"),
        ("name: b\nrule:\n  all:\n    - {event: a, days: 0}", "Line 4: rule.all[0].days"),
        ("name: b\ncolour: red\nrule: {event: a}", "Line 2: colour"),
        ("segments:\n  - name: b\n    rule: {event: a, colour: 1}", "Line 3: segments[0].rule.colour"),
        ("- a", "begins with name:"),
        ("name: [", "Line 2: This is no YAML"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_line(text: str, sentence: str) -> None:
    with pytest.raises(SegmentFileProblem) as problem:
        read_all(text)
    assert sentence in problem.value.sentences[0]


def test_the_page_is_current() -> None:
    assert with_reference(PAGE) == PAGE, "run: python -m sojourn.runtime.segment_reference docs/segment-file.md"


def test_the_schema_knows_every_form_of_a_rule() -> None:
    whole = schema()
    assert json.loads(json.dumps(whole)) == whole
    assert {"EventTest", "FeatureTest", "SegmentTest", "ConsentTest", "JourneyTest"} <= whole["$defs"].keys()
    assert whole["$defs"]["SegmentPart"]["required"] == ["name", "rule"]
