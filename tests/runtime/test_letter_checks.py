"""Each look at a letter: one that it speaks up at, and one that it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sojourn.runtime.content.brand import Brand
from sojourn.runtime.content.checking import Around, Finding, check_letter
from sojourn.runtime.content.checking.around import Asked
from sojourn.runtime.content.checking.colours import contrast, forced_dark, read_colour
from sojourn.runtime.content.checking.look import looks
from sojourn.runtime.content.checking.reading import reading, syllables
from sojourn.runtime.content.counted import Owner
from sojourn.runtime.playbooks import playbooks, sample_event
from sojourn.runtime.templates.starting import starts
from sojourn.storage.handover import Filling

BRAND = Brand(
    name="Cedar",
    postal_address="Cedar, Oak Street 1, Prague",
    sender_address="hello@cedar-shop.com",
    base_url="https://news.cedar-shop.com",
)
NOW_MS = 1_790_000_000_000  # September 2026
DARK = "<mj-style>@media (prefers-color-scheme: dark) {{ .sheet {{ background: #111111 !important; }} {} }}</mj-style>"
META = '<mj-raw><meta name="color-scheme" content="light dark" /></mj-raw>'
WORDS = "Good shoes carry you through rain and snow, and ours are made by hand in a small town near the hills. "
BUTTON = '<mj-button href="https://www.cedar-shop.com/sale" background-color="#1f5c3f" color="#ffffff" font-size="16px">See the shoes</mj-button>'  # noqa: E501
FOOT = '<mj-text font-size="12px">{{ brand.name }}, {{ brand.address }} <a href="{{ unsubscribe_url }}" style="color:#333333">Unsubscribe</a></mj-text>'  # noqa: E501


def letter(inside: str = "", head: str = "", foot: str = FOOT, **more: Any) -> dict[str, Any]:
    """A good letter with something put in."""
    mjml = (
        f'<mjml><mj-head><mj-attributes><mj-all font-size="16px" color="#222222" /></mj-attributes>{head}</mj-head>'
        f'<mj-body width="600px"><mj-section><mj-column><mj-text>{WORDS}</mj-text>{BUTTON}{inside}{foot}</mj-column>'
        "</mj-section></mj-body></mjml>"
    )
    return {
        "subject": "New shoes for the autumn",
        "preheader": "Made by hand, ready for the rain",
        "mjml": mjml,
        **more,
    }


def found(source: dict[str, Any], code: str, around: Around | None = None) -> list[Finding]:
    return [one for one in check_letter(source, around or Around(brand=BRAND, now_ms=NOW_MS)) if one.code == code]


def people(*contacts: dict[str, Any], **event: Any) -> Around:
    return Around(brand=BRAND, now_ms=NOW_MS, fillings=tuple(Filling(one, event, {}) for one in contacts))


RED: list[tuple[str, str, dict[str, Any], str]] = [  # code, severity, the letter, words of the sentence
    ("subject", "warning", letter(subject="A" + " very" * 12 + " long subject"), "characters"),
    ("subject", "error", letter(subject=" "), "no subject"),
    ("subject", "warning", letter(subject="RE: your order of shoes"), "answer"),
    ("subject", "warning", letter(subject="BUY SHOES TODAY"), "shouts"),
    ("subject", "warning", letter(subject="Shoes!! Now!"), "calls out"),
    ("preheader", "warning", letter(preheader=""), "no preheader"),
    ("preheader", "warning", letter(preheader="New shoes for the autumn."), "again"),
    ("alt-text", "warning", letter('<mj-image src="https://www.cedar-shop.com/a.jpg" href="https://www.cedar-shop.com" />'), "alternative text"),  # noqa: E501
    ("alt-text", "warning", letter('<mj-image src="https://www.cedar-shop.com/a.jpg" alt="IMG_1234.jpg" />'), "file"),
    ("links", "warning", letter('<mj-text><a href="#">Shop</a></mj-text>'), "nowhere"),
    ("links", "warning", letter('<mj-text><a href="http://www.cedar-shop.com/x">Shop</a></mj-text>'), "lock"),
    ("links", "warning", letter('<mj-text><a href="https://localhost/x">Shop</a></mj-text>'), "drafts"),
    ("links", "warning", letter('<mj-image alt="Boots" src="https://www.example.com/picture.jpg" />'), "A picture"),
    ("links", "warning", letter('<mj-text><a href="https://bit.ly/x">Shop</a></mj-text>'), "bit.ly"),
    ("links", "hint", letter('<mj-text><a href="https://www.cedar-shop.com/x">Click here</a></mj-text>'), "where it leads"),  # noqa: E501
    ("links", "warning", letter('<mj-text><a href="javascript:alert(1)">Shop</a></mj-text>'), "nowhere"),
    ("utm", "warning", letter('<mj-text><a href="https://www.cedar-shop.com/?utm_campaign=a">One</a></mj-text>'), "carry UTM"),  # noqa: E501
    ("contrast", "warning", letter('<mj-text color="#bbbbbb">Too pale to be read by anybody</mj-text>'), "1.9"),
    ("contrast", "warning", letter('<mj-text css-class="x">Night</mj-text>', DARK.format(".x div { color: #222 !important; } body { background: #111 !important; }")), "dark mode"),  # noqa: E501
    ("font-size", "warning", letter('<mj-text font-size="11px">Very small words</mj-text>'), "11 pixels"),
    ("call-to-action", "warning", {**letter(), "mjml": letter()["mjml"].replace("<mj-text>", '<mj-image src="https://www.cedar-shop.com/a.jpg" alt="Shoes in the rain" height="900px" /><mj-text>', 1)}, "without scrolling"),  # noqa: E501
    ("dark-mode", "hint", letter(), "no colours for dark mode"),
    ("images-off", "warning", {**letter(), "mjml": letter()["mjml"].replace(WORDS, "Hi").replace(BUTTON, '<mj-image src="https://www.cedar-shop.com/a.jpg" alt="Shoes" href="https://www.cedar-shop.com" />')}, "Without its pictures"),  # noqa: E501
    ("size", "warning", letter(f"<mj-text>{WORDS * 1100}</mj-text>"), "102 kB"),
    ("width", "warning", {**letter(), "mjml": letter()["mjml"].replace("600px", "900px")}, "900"),
    ("readability", "warning", letter("<mj-text>" + "Notwithstanding organizational considerations, interdepartmental communication necessitates comprehensive administrative documentation procedures establishing accountability, transparency, sustainability and interoperability throughout multidimensional infrastructural environments. " * 4 + "</mj-text>"), "Flesch"),  # noqa: E501
    ("mail-clients", "warning", letter('<mj-text><div style="display:flex">One</div></mj-text>'), "Outlook"),
    ("mail-clients", "warning", letter('<mj-image src="https://www.cedar-shop.com/a.svg" alt="Shoes" />'), "Gmail"),
    ("spam", "warning", letter("<mj-text>Act now!!! Dear friend, make money and double your extra income. You won!</mj-text>"), "points"),  # noqa: E501
    ("languages", "warning", letter(languages={"cs": {"subject": "Nové boty"}}), "not translated"),
    ("languages", "warning", letter("<mj-text>" + "Die Schuhe sind nicht nur für den Regen, und wir haben sie mit der Hand gemacht, aber auch für Sie. " * 8 + "</mj-text>", language="en"), "German"),  # noqa: E501
    ("markup", "warning", letter("<mj-text>Hello *|FNAME|*, good to see you</mj-text>"), "filled by nobody"),
    ("text-part", "warning", letter(text="Something quite different from long ago, with no address in it"), "no link"),
    ("offers", "warning", letter("<mj-text>The offer is valid until 31 January 2026.</mj-text>"), "over"),
    ("offers", "warning", letter(review_by="2026-01-31"), "looked at again"),
    ("way-out", "error", letter(foot="<mj-text>{% if false %}{{ unsubscribe_url }}{% endif %}</mj-text>"), "unsubscribe"),  # noqa: E501
    ("way-out", "warning", letter(foot='<mj-text><a href="{{ unsubscribe_url }}">Leave</a></mj-text>'), "postal address"),  # noqa: E501
    ("broken", "error", {"subject": "x", "mjml": "<mjml><mj-body><mj-section></mj-body></mjml>"}, "closes nothing"),
    ("fallbacks", "warning", letter("<mj-text>Hello {{ contact.city }}, good to see you</mj-text>"), "contact.city"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "severity", "source", "words"), RED, ids=lambda one: one if isinstance(one, str) else ""
)
def test_it_is_said(code: str, severity: str, source: dict[str, Any], words: str) -> None:
    said = found(source, code)
    assert any(one.severity == severity and words in one.sentence for one in said), said
    assert all(one.fix and one.sentence[-1] in ".?:”" for one in said)


def test_a_good_letter_is_left_alone() -> None:
    light = letter(
        head=META + DARK.format("div, a { color: #eeeeee !important; } body { background: #111 !important; }")
    )
    assert [(one.code, one.sentence) for one in check_letter(light, Around(brand=BRAND, now_ms=NOW_MS))] == []


def test_every_look_speaks_up_somewhere() -> None:
    asked = {"links-dead", "brand-words", "block-ids", "coupons"}  # which need more around them: below
    of_blocks = {"mjml"}  # tried where MJML is compared with the official renderer
    assert {look.code for look in looks()} - of_blocks == ({code for code, *_ in RED} - {"broken"}) | asked


def test_pools_of_coupons_are_there_and_hold_codes() -> None:
    source = letter("<mj-text>{{ coupon('spring') }}</mj-text>")
    around = Around(brand=BRAND, now_ms=NOW_MS)
    said = [found(source, "coupons", replace(around, pools=pools)) for pools in ({}, {"spring": 0}, {"spring": 1})]
    assert [[one.severity for one in some] for some in said] == [["error"], ["warning"], []]


def test_marks_the_owner_adds_to_bare_links_count() -> None:
    marks = Owner(utm=(("source", "cedar"), ("medium", ""), ("campaign", "")), domains=("cedar-shop.com",))
    around = replace(people({}), brand=replace(BRAND, counted=marks))
    link = '<mj-text><a href="https://www.cedar-shop.com/?utm_source={}&amp;utm_medium=email">Boots</a></mj-text>'
    assert not found(letter(link.format("cedar")), "utm", around), "the button gets the same when the letter leaves"
    (said,) = found(letter(link.format("newsletter")), "utm", around)
    assert "utm_source=newsletter, the letter cedar" in said.sentence


def test_who_would_get_it_is_tried() -> None:
    source = letter("<mj-text>Hello {{ contact.first_name }}, here is {{ event.title }}</mj-text>")
    around = people({"first_name": "Ada"}, {"first_name": None}, {}, title="Boots")
    (said,) = found(source, "fallbacks", around)[-1:]
    assert "contact.first_name" in said.sentence and "2 of 3 people tried (67%)" in said.sentence
    assert not found(letter("<mj-text>Hi {{ contact.nick|default('you') }}</mj-text>"), "fallbacks", around)
    guarded = "<p>Hi {{ contact.first_name|default('you') }}{% if contact.first_name %}!{% endif %}</p>"
    blocks = [{"id": "b1", "kind": "text", "settings": {"text": guarded}}, {"id": "b2", "kind": "footer"}]
    for part in ("subject", "preheader"):
        bare = {"subject": "Boots", part: "For {{ contact.first_name }}", "blocks": blocks}
        (said,) = found(bare, "fallbacks", around)
        assert said.sentence.endswith(f"nothing stands there in the {part}.") and not said.block
    blocks[0]["settings"] = {"text": guarded + "<p>Bye {{ contact.first_name }}</p>"}
    (said,) = found({"subject": "Boots", "blocks": blocks}, "fallbacks", around)
    assert said.sentence.endswith("nothing stands there.") and said.block == "b1"
    long = letter(subject="{{ contact.first_name }}, new shoes for the autumn")
    assert found(long, "subject", people({"first_name": "Maximiliana Konstantina Antonia"}))
    assert not found(long, "subject", people({"first_name": "Ada"}))
    breaks = letter("<mj-text>{{ event.n / event.m }}</mj-text>")
    assert [one.severity for one in found(breaks, "fallbacks", people({}, {}, n=1, m=0))] == ["error"]
    unseen = replace(people({}, {}), with_event=False)
    assert [one.severity for one in found(breaks, "fallbacks", unseen)] == ["hint"], "the event never came so far"
    assert [one.severity for one in found(letter("<mj-text>{{ contact.a / 2 }}</mj-text>"), "fallbacks", unseen)] == [
        "error"
    ]


def test_the_way_out_is_wanted_of_marketing_alone_and_for_everybody() -> None:
    hidden = letter(
        foot='<mj-text>{{ brand.address }}{% if contact.city %}<a href="{{ unsubscribe_url }}">Leave</a>{% endif %}</mj-text>'  # noqa: E501
    )
    (said,) = [one for one in found(hidden, "way-out", people({"city": "Brno"}, {})) if one.severity == "error"]
    assert "for 1 of 2 people" in said.sentence
    owed = letter(foot="<mj-text>Your order</mj-text>")
    assert not found(owed, "way-out", Around(brand=BRAND, marketing=False))


def test_links_that_were_asked() -> None:
    source = letter('<mj-text><a href="https://www.cedar-shop.com/old">Old</a></mj-text>')
    answers = {"https://www.cedar-shop.com/old": Asked(NOW_MS, 404, "the page is gone (404).")}
    (said,) = found(source, "links-dead", Around(brand=BRAND, links=answers))
    assert said.severity == "error" and "Old" in said.sentence and said.line == 1
    slow = {"https://www.cedar-shop.com/old": Asked(NOW_MS, 0, "the other side did not answer in time.")}
    assert [one.severity for one in found(source, "links-dead", Around(brand=BRAND, links=slow))] == ["warning"]


def test_words_of_the_brand() -> None:
    around = Around(brand=BRAND, words_wanted=("shoes", "hand*", "velvet"), words_banned=("rain", "chea*", "sho"))
    said = [(one.severity, one.sentence[:12]) for one in found(letter(), "brand-words", around)]
    assert [severity for severity, _ in said] == ["warning", "hint"]  # “rain” is there, “velvet” is not
    assert "velvet" in said[1][1]


def test_a_letter_of_blocks_names_its_block() -> None:
    block = {"kind": "text", "settings": {"text": '<p>A <a href="http://www.cedar-shop.com/x">link</a></p>'}}
    source = {"subject": "Hello", "preheader": "Something for everybody", "blocks": [{"id": "b7", **block}]}
    assert [one.block for one in found(source, "links")] == ["b7"]
    twice = {**source, "blocks": [{"id": "b7", **block}, {"id": "b7", **block}]}
    assert found(twice, "block-ids")[0].block == "b7"


def test_findings_know_their_line() -> None:
    source = letter()
    source["mjml"] = (
        source["mjml"]
        .replace("<mj-text>", "\n\n<mj-text>", 1)
        .replace(BUTTON, f"\n{BUTTON}\n<mj-text color='#cccccc'>Pale words to read</mj-text>")
    )
    assert [one.line for one in found(source, "contrast")] == [5]


def test_colours_as_css_writes_them() -> None:
    assert read_colour("#0f08") == (0, 255, 0, 136 / 255)
    assert read_colour("rgba(10, 20, 30, .5)") == (10, 20, 30, 0.5)
    assert read_colour("White url(x)") == (255, 255, 255, 1)
    black, white = (0, 0, 0, 1), (255, 255, 255, 1)
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(forced_dark(white, True), forced_dark(black, False)) > 12
    assert forced_dark(black, True) == black


def test_readability_by_its_language() -> None:
    """Flesch's own scale: a plain text is above 80, a hard one below 30; syllables by hand."""
    easy = reading(["The cat sat on the mat. The dog ran to the cat. They were glad to be at home again."], "en")
    assert easy is not None and easy.score > 90 and not easy.hard
    assert [syllables(word, "en") for word in ("the", "table", "walked", "houses", "readability")] == [1, 2, 1, 2, 5]
    assert [syllables(word, "cs") for word in ("vlk", "autobus", "prst", "moucha", "čtyři")] == [1, 3, 1, 2, 2]
    assert [syllables(word, "de") for word in ("bäume", "freundlich", "straße")] == [2, 2, 2]
    hard = reading(
        ["Implementace organizačních opatření předpokládá vyhodnocení interdisciplinárních souvislostí."], "cs"
    )
    assert hard is not None and hard.very_hard


def test_dark_grounds_of_a_width() -> None:
    """A rule for phones does not count on a desk."""
    small = letter(
        '<mj-text css-class="x">Some words to read here</mj-text>',
        "<mj-style>@media (max-width: 480px) { .x div { font-size: 9px !important; } }</mj-style>",
    )
    assert "9 pixels" in found(small, "font-size")[0].sentence


@pytest.mark.parametrize("book", playbooks(), ids=lambda book: book.name)
def test_the_letters_of_playbooks_are_fit_to_leave(book: Any) -> None:
    """But for their links, which wait for the address of the shop, there is nothing to correct."""
    for name, source in book.content["letters"].items():
        filling = Filling({"first_name": "Ada", "email": "ada@example.com"}, dict(sample_event(book, name)), {})
        marketing = book.content.get("message_type") != "transactional"
        around = replace(people(), marketing=marketing, fillings=(filling,))
        wrong = [one for one in check_letter(source, around) if one.severity != "hint" and "drafts" not in one.sentence]
        assert [one for one in wrong if one.code != "links" or "more" not in one.sentence] == []


@pytest.mark.parametrize("start", starts(), ids=lambda start: start.name)
def test_the_letters_to_start_from_are_fit_to_leave(start: Any) -> None:
    wrong = [one for one in check_letter(start.source, Around(brand=BRAND)) if one.severity != "hint"]
    assert [one for one in wrong if "drafts" not in one.sentence] == []


@pytest.mark.parametrize("look", looks(), ids=lambda look: look.code)
def test_the_page_names_every_look_with_its_reason(look: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text("utf-8")
    why = look.why.replace("|", "\\|")
    assert f"| `{look.code}` | {look.title} | {look.worst} | {why} |" in page
