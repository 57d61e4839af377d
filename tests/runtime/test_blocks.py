"""Letters made of blocks: what their settings may hold, what each contact gets, and where faults are said to be."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from sojourn.runtime import settings as known
from sojourn.runtime.content.block_types import FOLDER, GROUPS, block_types, new_block
from sojourn.runtime.content.blocks import assemble, fresh_letter
from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.checking.around import Around
from sojourn.runtime.content.checking.looking import check_letter
from sojourn.runtime.content.given import Codes
from sojourn.runtime.content.issues import Issue, LetterProblem
from sojourn.runtime.content.kit import Kit, KitProblem
from sojourn.runtime.content.languages import chosen, missing
from sojourn.runtime.content.letter import compile_letter, render
from sojourn.runtime.content.protect import protect
from sojourn.runtime.content.rendered import Rendered
from sojourn.runtime.content.rich import rich
from sojourn.runtime.governance import versions
from sojourn.runtime.settings import Settings
from sojourn.storage import journeys
from sojourn.storage.database import Database, Tx

DATA: dict[str, Any] = {
    "contact": {"first_name": "Ann"},
    "brand": {"name": "Lynx & Co", "address": "1 High Street"},
    "unsubscribe_url": "https://news.example.com/u/1",
    "preferences_url": "https://news.example.com/p/1",
}


def letter(*blocks: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    for kind, settings in blocks:
        block = new_block(kind, [one["id"] for one in made])
        block["settings"].update(settings)
        made.append(block)
    return {"subject": "Hello", "blocks": made, "language": "en", **more}


def shown(source: dict[str, Any], **data: Any) -> Rendered:
    return render(compile_letter(source), {**DATA, **data})


def issues(source: dict[str, Any]) -> list[Issue]:
    with pytest.raises(LetterProblem) as caught:
        compile_letter(source)
    return caught.value.issues


@pytest.mark.parametrize("kind", block_types())
def test_a_block_put_in_is_ready_to_leave(kind: str) -> None:
    type_ = block_types()[kind]
    assert type_.label and type_.icon and type_.help.endswith(".") and type_.group in GROUPS
    for language in ("en", "cs", "sk", "de"):
        source = {"subject": "x", "blocks": [new_block(kind, language=language)], "language": language}
        page = shown(source, _coupons=Codes(sample=True), _products={}).html
        assert f'lang="{language}"' in page and "[[" not in page and "[%" not in page
        assert page.count("<img") == page.count(' alt="')


def test_a_new_letter_leaves_nothing_to_be_wished_but_its_words() -> None:
    source = {**fresh_letter(), "subject": "Hello", "preheader": "What the first line does not say"}
    brand = Brand(name="Lynx", postal_address="1 High Street", sender_address="news@example.com")
    found = {finding.code for finding in check_letter(source, Around(brand=brand, kit=Kit()))}
    assert found <= {"links", "utm"}, "its links are examples, and it says so"


def test_what_a_contact_is_called_is_filled_in_later_and_all_else_is_text() -> None:
    heading = 'Hi {{ contact.first_name|default("there") }}, 5 < 6 & "so"'
    page = shown(letter(("heading", {"text": heading})))
    assert "Hi Ann, 5 &lt; 6 &amp; &#34;so&#34;" in page.html.replace("&quot;", "&#34;")
    assert 'Hi Ann, 5 < 6 & "so"' in page.text


@pytest.mark.parametrize(
    "attack",
    [
        '"/><mj-raw><script>alert(1)</script></mj-raw>',
        "</mj-text></mj-column></mj-section><mj-section>",
        "<img src=x onerror=alert(1)>",
        "[[ kit ]] [% include 'x' %]",
        '{{ "</mj-text><script>alert(1)</script>" }}',
        "\"' onmouseover='alert(1)",
        "<!-- ]]> --> <![endif]-->",
    ],
)
def test_no_setting_breaks_out_of_its_place(attack: str) -> None:
    """The same elements stand in the page whether the texts of all blocks are words or an attack."""
    pages = []
    for words in ("word", f"word {attack}"):
        blocks = [
            (type_.kind, {field.name: words for field in type_.settings if field.type == "text" and not field.literal})
            for type_ in block_types().values()
        ]
        pages.append(shown(letter(*blocks), _coupons=Codes(sample=True), _products={}).html)
    assert pages[0].count("<") == pages[1].count("<") and "<script" not in pages[1]
    texts = [
        (type_.kind, {field.name: f"word {attack}"})
        for type_ in block_types().values()
        for field in type_.settings
        if field.type == "rich"
    ]
    page = shown(letter(*texts)).html
    assert "<script" not in page and "src=x" not in page


@pytest.mark.parametrize("kind, name", [("product_grid", "category"), ("coupon", "pool")])
def test_names_in_what_is_asked_for_are_constants(kind: str, name: str) -> None:
    source = {"product_grid": "catalogue", "coupon": "pool"}[kind]
    (issue,) = issues(letter((kind, {"source": source, name: 'a"{{ 7 * 7 }}'})))
    assert "has to be a plain name" in issue.text
    text = assemble(letter((kind, {"source": source, name: 'a") %} or ("'})), Kit()).mjml
    assert 'a") %}' not in text and protect(text).tags


@pytest.mark.parametrize(
    "given, made",
    [
        ("<p>One <b>two</b></p>", "<p>One <strong>two</strong></p>"),
        ("<p onclick='x'>One<script>alert(1)</script>", "<p>One</p>"),
        ("<a href='javascript:alert(1)'>go</a>", "<a>go</a>"),
        (
            "<a href='https://www.example.com/?a=1&amp;b=2'>go</a>",
            '<a href="https://www.example.com/?a=1&amp;b=2">go</a>',
        ),
        ("<a href='{{ contact.url }}'>go</a>", '<a href="{{ contact.url }}">go</a>'),
        ("<div>One</div><div>Two</div>", "<p>One</p><p>Two</p>"),
        ("{% if contact.age &gt; 3 %}<i>x</i>{% endif %}", "{% if contact.age > 3 %}<em>x</em>{% endif %}"),
        ("<ul><li>One<li>Two</ul></p>", "<ul><li>One</li><li>Two</li></ul>"),
        ("<table><tr><td>One</td></tr></table> 1 < 2", "One 1 &lt; 2"),
    ],
)
def test_rich_text_keeps_what_is_safe(given: str, made: str) -> None:
    assert rich(given) == made


@pytest.mark.parametrize(
    "kind, settings, sentence",
    [
        ("button", {"url": "javascript:alert(1)"}, "Button: “Where it leads” has to be an address"),
        ("button", {"label": ""}, "Button: “Words on it” is empty."),
        ("button", {"align": "justify"}, "Button: “Alignment” has to be one of: Left, Centre."),
        ("spacer", {"height": 1000}, "Space: “Height” has to be between 4 and 160."),
        ("spacer", {"height": "10"}, "Space: “Height” has to be a number."),
        ("image", {"image": "mailto:a@example.com"}, "Image: “Picture” has to be an address"),
        ("heading", {"text": "{{ contact.first_name"}, "Heading: “Heading”: "),
        ("heading", {"text": "{% endif %}"}, "Heading: “Heading”: "),
        ("heading", {"text": "{% raw %}<b>{% endraw %}"}, "Heading: “Heading” may not hold a raw part."),
        ("heading", {"text": "{{ contact.__class__ }}"}, "Heading: “Heading”: Names that begin with _"),
        ("html", {"html": "</div><div>"}, "HTML: “HTML”: </div> closes nothing here."),
        ("html", {"html": "<form></form>"}, "HTML: “HTML”: Mail clients send no forms"),
        ("mjml", {"mjml": "</mj-wrapper><mj-wrapper>"}, "MJML: “MJML”: </mj-wrapper> closes nothing here."),
        ("mjml", {"mjml": "<mj-text>x</mj-text>"}, "MJML: “MJML”: Only <mj-section>"),
        ("faq", {"questions": [{"question": "Why?"}]}, "Questions and answers: “Answer” is empty."),
        ("text", {"colour": "red"}, "Text: This block has no setting “colour”"),
    ],
)
def test_faults_are_sentences_and_name_their_block(kind: str, settings: dict[str, Any], sentence: str) -> None:
    (issue,) = issues(letter(("header", {}), (kind, settings)))
    assert issue.block == "b2" and issue.text.startswith(sentence)


def test_a_fault_in_the_document_names_the_block_it_stands_in() -> None:
    broken = "<mj-section><mj-column><mj-text>{{ contacts.name }}</mj-text></mj-column></mj-section>"
    (issue,) = issues(letter(("header", {}), ("mjml", {"mjml": f"\n\n{broken}"}), ("footer", {})))
    assert issue.block == "b2" and "contact.contacts" in issue.text


def test_a_letter_of_blocks_nobody_knows_is_refused_in_words() -> None:
    assert "There is no block “poem” here" in issues({"subject": "x", "blocks": [{"id": "a", "kind": "poem"}]})[0].text
    assert "no blocks yet" in issues({"subject": "x", "blocks": []})[0].text
    twice = [{"id": "a", "kind": "spacer"}, {"id": "a", "kind": "spacer"}]
    assert "Two blocks have one name" in issues({"subject": "x", "blocks": twice})[0].text


def test_a_rule_decides_whether_a_block_is_shown_in_both_parts() -> None:
    source = letter(("heading", {"text": "For all"}), ("heading", {"text": "For Czechs"}), ("footer", {}))
    source["blocks"][1]["show_if"] = {"property": "country", "op": "equals", "value": "CZ"}
    compiled = compile_letter(source)
    for country, seen in (("CZ", True), ("DE", False)):
        page = render(compiled, {**DATA, "contact": {"country": country}})
        assert ("For Czechs" in page.html) == seen == ("For Czechs" in page.text)
        assert "Unsubscribe: https://news.example.com/u/1" in page.text
    source["blocks"][2]["show_if"] = source["blocks"][1]["show_if"]
    assert "Footer: everybody has to get it" in issues(source)[0].text


def test_products_come_from_the_event_row_by_row() -> None:
    cart = [{"title": f"Shoe {n}", "url": "https://www.example.com", "price": n, "currency": "EUR"} for n in range(5)]

    class Cart(dict[Any, Any]):
        def get(self, key: Any, default: Any = None) -> Any:
            return cart

    page = shown(letter(("product_grid", {"source": "event", "columns": "2", "most": 3})), _products=Cart())
    assert [f"Shoe {n}" in page.html and f"Shoe {n}" in page.text for n in range(5)] == [True] * 3 + [False] * 2
    assert page.html.count("margin:0px auto") - shown(letter(("spacer", {}))).html.count("margin:0px auto") == 3
    assert page.html.count('href="https://www.example.com"') == 6, "title and button of each"
    del cart[1]["url"], cart[0]["price"]
    cart[1]["image"] = "https://www.example.com/shoe.png"
    nowhere = shown(letter(("product_grid", {"source": "event", "columns": "1", "most": 3})), _products=Cart()).html
    assert 'href=""' not in nowhere and "Shoe 1" in nowhere and "shoe.png" in nowhere
    assert nowhere.count('href="https://www.example.com"') == 4, "a product that is nowhere leads nowhere"


def test_a_coupon_of_an_empty_pool_is_left_out() -> None:
    source = letter(("coupon", {"source": "pool", "pool": "spring"}), ("text", {}))
    assert "SPRING1" in shown(source, _coupons=Codes({"spring": "SPRING1"})).html
    assert "checkout" not in shown(source, _coupons=Codes({"spring": ""})).text


# ── languages ─────────────────────────────────────────────────────────────────────────────────────────

TWO = letter(
    ("heading", {"text": "Good morning"}),
    ("footer", {}),
    languages={"cs": {"subject": "Ahoj", "blocks": {"b1": {"text": "Dobré ráno"}}}},
)


@pytest.mark.parametrize(
    "contact, subject, words",
    [
        ({}, "Hello", "Good morning"),
        ({"language": "cs"}, "Ahoj", "Dobré ráno"),
        ({"locale": "cs_CZ.UTF-8"}, "Ahoj", "Dobré ráno"),
        ({"language": "de"}, "Hello", "Good morning"),
        ({"language": 7}, "Hello", "Good morning"),
    ],
)
def test_each_contact_gets_their_own_language(contact: dict[str, Any], subject: str, words: str) -> None:
    page = shown(TWO, contact=contact)
    assert page.subject == subject and words in page.html and words in page.text
    wired = render(compile_letter(TWO), {**DATA, "contact": contact}, for_the_wire=True)
    assert wired.parts is not None and (b"<html lang=3D" in wired.parts[1] or b'lang="' in wired.parts[1])


def test_the_text_part_is_in_the_language_of_the_letter() -> None:
    words = {"id": "b1", "kind": "text", "settings": {"text": "<p>Ahoj</p>"}}
    there = {"en": {"subject": "Hello", "blocks": {"b1": {"text": "<p>Good day</p>"}}}}
    source = {"subject": "Ahoj", "text": "Ahoj", "language": "cs", "blocks": [words], "languages": there}
    letter = compile_letter(source, marketing=False)
    for said, text in (("lang", "Good day"), ("language", "Good day"), ("nothing", "Ahoj")):
        assert render(letter, {"contact": {said: "en_GB.UTF-8"}}).text.strip() == text


def test_words_of_ours_are_in_the_language_of_the_letter() -> None:
    source = deepcopy(TWO)
    source["blocks"][1]["settings"] = {}
    assert "Odhlásit se" in shown(source, contact={"language": "cs"}).html


def test_what_is_not_translated_is_known_and_faults_name_the_language() -> None:
    assert chosen(["en", "pt", "pt-BR"], "pt-PT") == "pt" and chosen(["pt-BR"], "pt") == ""
    assert ("b2", "unsubscribe") in missing(TWO)["cs"] and ("b1", "text") not in missing(TWO)["cs"]
    added = deepcopy(TWO)
    added["blocks"] += [new_block("button", ["b1", "b2"]), new_block("coupon", ["b1", "b2", "b3"])]
    lacks = [name for block, name in missing(added)["cs"] if block in ("b3", "b4")]
    assert lacks == ["label", "title", "text"], (
        "an address is as good in any language, and words without a day are not seen"
    )
    broken = deepcopy(TWO)
    broken["languages"]["cs"]["blocks"]["b1"]["text"] = "{{ contact."
    (issue,) = issues(broken)
    assert (issue.language, issue.block) == ("cs", "b1")


# ── the brand kit ─────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_looks_as_the_kit_it_carries() -> None:
    source = letter(("button", {}), kit={"primary": "#ffcc00", "font": "georgia"})
    page = shown(source).html
    assert "#ffcc00" in page and "Georgia" in page and "#4f46e5" not in page
    assert "color:#14171f" in page, "dark words on a light button"
    assert "#123456" in render(compile_letter(letter(("button", {})), kit=Kit(primary="#123456")), DATA).html


def test_the_kit_in_force_is_the_settings_over_the_brand() -> None:
    settings = Settings(brand_color="#2f6b4f", brand_kit={"radius": 0, "social": [["x", "https://x.com/lynx"]]})
    kit = Kit.of(settings)
    assert (kit.primary, kit.radius, kit.social) == ("#2f6b4f", 0, (("x", "https://x.com/lynx"),))
    assert Kit.read(kit.as_dict()) == kit
    assert Brand.of(settings).words()["primary"] == "#2f6b4f"


@pytest.mark.parametrize(
    "given",
    [{"primary": "red"}, {"logo": "javascript:x"}, {"radius": 99}, {"font": "comic"}, {"social": [["x"]]}, {"x": 1}],
)
def test_a_kit_that_cannot_be_used_is_refused_in_words(given: dict[str, Any]) -> None:
    with pytest.raises(KitProblem) as caught:
        Kit.read(given)
    assert all(sentence.endswith(".") and "_" not in sentence for sentence in caught.value.sentences)
    with pytest.raises(ValidationError):
        Settings(brand_kit=given)


def test_the_blocks_are_in_the_docs() -> None:
    page = (FOLDER.parent.parent / "docs" / "blocks.md").read_text("utf-8")
    for type_ in block_types().values():
        assert f"| {type_.label} | `{type_.kind}` | {type_.help} |" in page


@pytest.mark.parametrize(
    "more",
    [
        {"languages": ["cs"]},
        {"languages": {"cs": "Ahoj"}},
        {"languages": {"cs": {"blocks": [1]}}},
        {"languages": {"no such": {}}},
        {"blocks": "x"},
        {"blocks": [7]},
        {"blocks": [{"id": [], "kind": {}}]},
        {"blocks": [{"id": "a", "kind": "text", "settings": "x"}]},
        {"blocks": [{"id": "a", "kind": "text", "show_if": "x"}]},
        {"blocks": [{"id": "a", "kind": "text", "settings": {"text": "half \ud83d"}}]},
        {"kit": "x"},
        {"kit": {"social": 7}},
    ],
)
def test_whatever_comes_out_of_a_file_is_refused_in_words(more: dict[str, Any]) -> None:
    assert all(issue.text.endswith(".") for issue in issues({**letter(("text", {})), **more}))


def test_a_letter_that_comes_into_a_journey_without_a_kit_gets_the_one_in_force(db: Database) -> None:
    def come(tx: Tx) -> dict[str, Any]:
        known.save(tx, "brand_color", "#2f6b4f")
        named = {"bare": letter(("text", {})), "own": letter(("text", {}), kit={"radius": 0}), "source": {"mjml": "x"}}
        content = {"name": "spring", "title": "Spring", "nodes": {}, "letters": named}
        versions.save_draft(tx, content, "ann", 1_790_000_000_000)
        journey = journeys.journey_named(tx, "spring")
        assert journey is not None
        return journey.draft["letters"]

    kept = db.write(come)
    assert kept["bare"]["kit"]["primary"] == "#2f6b4f" and kept["own"]["kit"] == {"radius": 0}
    assert "kit" not in kept["source"]
