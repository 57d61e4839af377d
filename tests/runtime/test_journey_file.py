"""The journey file: read and written without loss, with sentences and lines for what is wrong."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.registry import node_types
from sojourn.runtime.journey_file import JourneyFileProblem, read, schema, write
from sojourn.runtime.journey_reference import with_reference

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "journey-file.md").read_text(encoding="utf-8")
SAVED = sorted((HERE.parent / "old_journeys").glob("*/*.yaml"))

SMALL = """
journey: hello
nodes:
  in: {kind: trigger_api, next: vip}
  vip: {kind: branch, settings: {rule: {property: country, value: NO}}, next: {yes: win, no: win}}
  win: {kind: send_window, settings: {from: 22:00, to: 06:00}}
"""


def test_the_words_that_yaml_bends_stay_words():
    nodes = read(SMALL)["nodes"]
    assert nodes["vip"]["next"] == {"yes": "win", "no": "win"}
    assert nodes["vip"]["settings"]["rule"]["value"] == "NO"
    assert nodes["win"]["settings"] == {"from": "22:00", "to": "06:00"}


def test_a_single_next_is_the_first_way_out():
    cap = "journey: x\nnodes:\n  in: {kind: trigger_api, next: c}\n  c: {kind: cap, next: out}\n  out: {kind: exit}"
    assert read(cap)["nodes"]["c"]["next"] == {"ok": "out"}
    split = read(SMALL.replace("{yes: win, no: win}", "win"))
    assert split["nodes"]["vip"]["next"] == {"yes": "win"}


def test_the_same_journey_as_json():
    content = read(SMALL)
    document = {"journey": "hello", "nodes": content["nodes"]}
    assert read(json.dumps(document)) == content
    assert read(json.dumps(document, indent="\t")) == content


def test_a_priority_is_read_and_written():
    content = read("priority: {class: promo, weight: 70}\n" + SMALL)
    assert content["priority"] == {"class": "promo", "weight": 70}
    assert read(write(content)) == content
    with pytest.raises(JourneyFileProblem, match="weight can be 100 at most"):
        read("priority: {weight: 101}\n" + SMALL)


@pytest.mark.parametrize("saved", SAVED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_journeys_saved_by_earlier_versions_load_and_are_written_without_loss(saved):
    content = read(saved.read_text(encoding="utf-8"), saved.parent)
    assert JourneyGraph(content).errors() == []
    written = write(content)
    assert read(written) == content
    assert write(read(written)) == written


def test_steps_are_written_in_the_order_people_meet_them():
    written = write(read(SMALL))
    assert [written.index(f"\n  {name}:") for name in ("in", "vip", "win")] == sorted(
        written.index(f"\n  {name}:") for name in ("in", "vip", "win")
    )
    shuffled = read(SMALL)
    shuffled["nodes"] = dict(sorted(shuffled["nodes"].items(), reverse=True))
    assert write(shuffled) == written


def test_a_journey_going_round_in_circles_can_still_be_saved():
    content = read("journey: x\nnodes: {a: {kind: wait, next: b}, b: {kind: wait, next: a}}")
    assert read(write(content)) == content


words = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    st.sampled_from(
        ["no", "yes", "on", "22:00", "1_000", "0x1f", "1e3", "1.5e3", "007", "2026-05-01", "~", "null", "=", "<<"]
    ),
    st.sampled_from([" x", "x ", "a\nb", "a\n\n", "\n", "a\n b\n", "- x", "#", "é\u2028x", "\ufeff", "\x85", "\t"]),
)
plain = st.one_of(
    words, st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), st.none()
)
trees = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(words, trees, max_size=3), words, words)
def test_whatever_stands_in_settings_and_letters_comes_back(chosen, subject, mjml):
    content = {
        "name": "x",
        "title": "A title",
        "message_type": "marketing",
        "nodes": {"a": {"kind": "unknown_kind", "settings": chosen, "next": {"next": "b", "no": "c"}, "at": [1, 2.5]}},
        "letters": {"l": {"subject": subject, "preheader": "", "mjml": mjml}},
    }
    assert read(write(content)) == content


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A journey file is a mapping"),
        ("- a", "A journey file is a mapping"),
        ("nodes: {}", "journey is missing."),
        ("journey: x\ncolour: 1", "Line 2: colour is not known here; check the spelling."),
        ("journey: x\nnodes:\n  a:\n    kind: wait\n    next: 3", "Line 5: nodes.a.next has to be the id of a step"),
        ("journey: x\nnodes:\n  a: {next: b}", "Line 3: nodes.a.kind is missing."),
        ("journey: x\nnodes:\n  a: {kind: wait, at: [1]}", "Line 3: nodes.a.at has to be two numbers"),
        (
            "journey: x\nmessage_type: spam",
            "Line 2: message_type has to be “marketing”, “reengagement” or “transactional”, not “spam”.",
        ),
        ("journey: x\nnodes:\n  a: {kind: wait}\n  a: {kind: wait}", "Line 4: a stands here for the second time"),
        ("journey: x\ntitle: <img src=x>", "Line 2: title holds what looks like HTML (“<img src=x>”); write it"),
        ('{"journey": "x", "notes": {"n": {"text": "a\\u202eb"}}}', "text holds characters that cannot be seen"),
        ("journey: x\nletters:\n  l: {mjml: a, mjml_file: b}", "Line 3: letters.l has both mjml and mjml_file"),
        ("journey: x\nletters:\n  l: {mjml_file: l.mjml}", "Line 3: mjml_file works only for a file on disk"),
        ("journey: &a x\ntitle: *a", "Line 2: References (*name) are not read"),
        ("journey: !!python/object/apply:os.system [ls]", "Line 1: Tags (!name) are not read"),
        ("journey: x\n---\njourney: y", "Line 2: One file holds one document"),
        ("journey: [x]]", "Line 1: This is no YAML"),
        ("journey: x\nnodes: {? [a] : b}", "Line 2: A list or a mapping cannot be a name."),
        ("[" * 100_000, "Line 1: This is nested deeper than 40 levels."),
        ('{"a":' * 100_000, "nested deeper than 40 levels"),
        ('{"journey": "x", "journey": "y"}', "journey stands twice"),
        ('{"journey": "x", "nodes": {"a": {"kind": "wait", "settings": {"amount": NaN}}}}', "NaN is no number"),
        ('{"journey": "x", "nodes": {"a": {"kind": "wait", "settings": {"amount": 1e999}}}}', "1e999 is no number"),
        ('{"journey": "\\ud800"}', "cannot be kept as JSON"),
        ("journey: \ud800", "half a character"),
        ("journey: x\0", "a character that YAML does not allow"),
        ("journey: " + "x" * 2_000_001, "larger than 2 MB"),
    ],
)
def test_what_cannot_be_read_is_answered_with_sentences(text, sentence):
    with pytest.raises(JourneyFileProblem) as problem:
        read(text)
    assert [each for each in problem.value.sentences if sentence in each], problem.value.sentences


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(JourneyFileProblem) as problem:
        read("journey: x\ncolour: 1\nnodes:\n  a: {kind: wait, next: [b]}\n  b: {}")
    assert len(problem.value.sentences) == 3


def test_letters_in_files_of_their_own(tmp_path):
    (tmp_path / "home" / "letters").mkdir(parents=True)
    (tmp_path / "home" / "letters" / "hello.mjml").write_text("<mjml>ahoj</mjml>", encoding="utf-8")
    (tmp_path / "secret.mjml").write_text("<mjml>secret</mjml>")
    (tmp_path / "home" / "link.mjml").symlink_to(tmp_path / "secret.mjml")
    (tmp_path / "home" / "large.mjml").write_text("x" * 1_000_001)
    (tmp_path / "home" / "binary.mjml").write_bytes(b"\xff\xfe")

    def letter(name):
        return read(json.dumps({"journey": "x", "letters": {"l": {"mjml_file": name}}}), tmp_path / "home")

    assert letter("letters/hello.mjml")["letters"]["l"]["mjml"] == "<mjml>ahoj</mjml>"
    for name in (
        "../secret.mjml",
        "link.mjml",
        str(tmp_path / "secret.mjml"),
        "letters",
        "none.mjml",
        "binary.mjml",
        "a\0b",
    ):
        with pytest.raises(JourneyFileProblem, match="in the folder of the journey file"):
            letter(name)
    with pytest.raises(JourneyFileProblem, match="larger than 1 MB"):
        letter("large.mjml")


def test_the_schema_knows_the_settings_of_every_kind():
    whole = schema()
    node = whole["$defs"]["NodePart"]
    assert node["properties"]["kind"]["enum"] == [*node_types()]
    for rule in node["allOf"]:
        settings = rule["then"]["properties"]["settings"]["$ref"].rpartition("/")[2]
        type_ = node_types()[rule["if"]["properties"]["kind"]["const"]]
        declared = {field.alias or name for name, field in type_.Settings.model_fields.items()}
        assert set(whole["$defs"][settings].get("properties", {})) == declared
    assert json.loads(json.dumps(whole)) == whole


# ── the page about it ─────────────────────────────────────────────────────────────────────────────────


def test_a_letter_of_blocks_comes_back_as_it_went():
    hero = {"id": "b1", "kind": "hero", "settings": {"title": "Hello {{ contact.first_name }}", "picture": None}}
    footer = {"id": "b2", "kind": "footer", "settings": {}, "shared": {"name": "our-footer", "version": 3}}
    letter = {
        "subject": "Hello",
        "preheader": "",
        "blocks": [hero | {"show_if": {"segment": "vip"}, "group": "offer"}, footer],
        "kit": {"primary": "#112233", "dark": None},
        "language": "en",
        "languages": {"cs": {"subject": "Ahoj", "blocks": {"b1": {"title": "Ahoj"}}}},
        "utm": {"source": "news"},
        "tracking": {"opens": False},
        "conversion_days": 7,
        "template": {"name": "welcome", "version": 2},
    }
    content = {"name": "j", "message_type": "marketing", "nodes": {}, "letters": {"one": letter}}
    assert read(write(content))["letters"] == {"one": letter}


def test_the_example_on_the_page_is_a_journey_without_problems():
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    content = read(example)
    assert JourneyGraph(content).problems() == []
    assert read(write(content)) == content


def test_the_page_is_current():
    assert with_reference(PAGE) == PAGE, "run: python -m sojourn.runtime.journey_reference docs/journey-file.md"


@pytest.mark.parametrize("kind", sorted(node_types()))
def test_the_page_names_every_kind_and_every_setting(kind):
    section = PAGE.partition(f"### `{kind}`")[2].partition("\n### `")[0]
    for name, field in node_types()[kind].Settings.model_fields.items():
        assert f"| `{field.alias or name}` |" in section


def test_topic_and_notes_come_back_as_they_went():
    content = {
        "name": "with-notes",
        "message_type": "marketing",
        "topic": "news",
        "nodes": {"start": {"kind": "trigger_api", "settings": {}, "next": {}, "at": [4, 8]}},
        "letters": {},
        "notes": {"n1": {"text": "Ask legal: first?", "at": [1.5, 2], "size": [200, 90]}},
    }
    assert read(write(content)) == content


def test_the_schema_refuses_what_could_not_be_published():
    keys = schema()["$defs"]["JourneyPart"]["properties"]
    assert keys["nodes"]["minProperties"] == 1
    for pattern in (keys["journey"]["pattern"], keys["nodes"]["propertyNames"]["pattern"]):
        assert re.search(pattern, "abandoned-cart_2")
        assert not re.search(pattern, "X Y") and not re.search(pattern, "") and not re.search(pattern, "a" * 65)
