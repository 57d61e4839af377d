"""Letters: what MJML and Jinja become, what is refused with its place, and what no letter can do."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

import sojourn
from sojourn.runtime.content import mjml
from sojourn.runtime.content.jinja import HTML, check
from sojourn.runtime.content.letter import BrokenLetter, LetterProblem, Rendered, compile_letter, render
from sojourn.runtime.content.links import Links

UNSUBSCRIBE = "{{ unsubscribe_url }}"
LINKS = Links(b"secret", "https://go.example.com")


def page(body: str) -> str:
    return f"<mjml><mj-body><mj-section><mj-column>\n{body}\n</mj-column></mj-section></mj-body></mjml>"


def letter(body: str, links: Links | None = None, subject: str = "Hi", **data: object) -> Rendered:
    return render(compile_letter({"subject": subject, "mjml": page(body)}), data, links, 7)


def problems(mjml: str) -> list[tuple[int, str]]:
    with pytest.raises(LetterProblem) as caught:
        compile_letter({"subject": "x", "mjml": mjml})
    return [(issue.line, issue.text) for issue in caught.value.issues]


def test_values_loops_and_conditions_between_elements() -> None:
    body = """
    {% for item in event.items %}
    <mj-text>{{ item.name }}: {{ item.price|money("EUR") }}{% if item.price < 3 %} (cheap){% endif %}</mj-text>
    {% else %}<mj-text>Nothing</mj-text>
    {% endfor %}"""
    made = letter(body, event={"items": [{"name": "Hat & cap", "price": 2}, {"name": "Tie", "price": 1234.5}]})
    assert "Hat &amp; cap: €2.00 (cheap)" in made.html
    assert "Tie: €1,234.50<" in made.html
    assert "Hat & cap: €2.00 (cheap)" in made.text
    assert "Nothing" in letter(body, event={"items": []}).html


def test_what_nobody_knows_is_empty_and_listed() -> None:
    made = letter("<mj-text>[{{ contact.name.deep }}][{{ contact.city|default('here') }}]</mj-text>", contact={})
    assert "[][here]" in made.html
    assert "name.deep" in made.missing


def test_values_are_harmless_where_they_stand() -> None:
    made = letter(
        '<mj-button href="{{ event.url }}" color="{{ event.color }}">{{ event.word }}</mj-button>'
        '<mj-image src="{{ event.url }}" alt="{{ event.word }}" />'
        '<mj-text><a href="https://a.example.com/?q={{ event.word }}" style="color:{{ event.color }}">x</a></mj-text>',
        event={"url": "javascript:alert(1)", "color": "red;background:url(//evil)", "word": '"><script>x&y'},
        subject="For {{ event.word }}\r\nBcc: all",
    )
    assert "javascript" not in made.html
    assert "<script" not in made.html
    assert "evil" not in made.html
    assert "q=%22%3E%3Cscript%3Ex%26y" in made.html
    assert "\n" not in made.subject
    assert "javascript" not in made.text


@pytest.mark.parametrize(
    "url", ["javascript:1", " JaVaScript:1", "java\nscript:1", "data:text/html,x", "//evil.test", "vbscript:x"]
)
def test_links_lead_to_the_web_mail_or_phone_only(url: str) -> None:
    made = letter('<mj-text><a href="{{ event.u }}">x</a></mj-text>', event={"u": url})
    assert '<a href="#">' in made.html


def test_links_are_counted_but_not_mail_phone_and_unsubscribe() -> None:
    body = "".join(
        f'<mj-text><a href="{url}">x</a></mj-text>'
        for url in (
            "https://shop.example.com/?a=1&amp;b={{ event.n }}",
            "mailto:a@example.com",
            "tel:+420",
            "{{ unsubscribe_url }}",
        )
    )
    made = letter(body, LINKS, event={"n": "2 3"}, unsubscribe_url="https://go.example.com/u/token")
    hrefs = re.findall(r'<a href="([^"]*)"', made.html)
    assert hrefs[1:] == ["mailto:a@example.com", "tel:+420", "https://go.example.com/u/token"]
    assert LINKS.read_click(hrefs[0].rpartition("/")[2])[:2] == (7, "https://shop.example.com/?a=1&b=2%203")
    pixel = re.search(r'<img src="https://go.example.com/o/([^".]*)\.gif"', made.html)
    assert pixel and LINKS.read_open(pixel[1]) == 7
    assert "fonts.googleapis" not in "".join(LINKS.read_click(href.rpartition("/")[2])[1] for href in hrefs[:1])


def test_a_marketing_letter_always_lets_people_out() -> None:
    data = {"unsubscribe_url": "https://go.example.com/u/t", "brand": {"name": "Acme", "address": "1 Main St"}}
    made = render(compile_letter({"subject": "x", "mjml": page("<mj-text>Buy</mj-text>")}), data)
    assert 'href="https://go.example.com/u/t"' in made.html
    assert "https://go.example.com/u/t" in made.text
    assert "1 Main St" in made.html
    owed = render(compile_letter({"subject": "x", "mjml": page("<mj-text>Buy</mj-text>")}, marketing=False), data)
    assert "Unsubscribe" not in owed.html


def test_line_breaks_inside_attributes_do_not_cost_the_style() -> None:
    made = letter('<mj-text><p style="color:red;\n     margin:0">x</p></mj-text>')
    assert '<p style="color:red; margin:0">' in made.html


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        (page("<mj-tetx>x</mj-tetx>"), 2, "mj-tetx"),
        (page("<mj-text>x</mj-button>"), 2, "closes nothing"),
        (page("<mj-text>{{ x }</mj-text>"), 2, "“}” does not belong here"),
        (page("<mj-text>\n\n{{ x| }}</mj-text>"), 4, "“}}” does not fit here"),
        (page("<mj-text>x</mj-text>\n{{ brand.name }}"), 3, "Jinja tag"),
        (page('<mj-include path="/etc/passwd" />'), 2, "other files"),
        (page("<mj-raw><script>x</script></mj-raw>"), 2, "no scripts"),
        (page("<mj-text>{{ event.x|nope }}</mj-text>"), 2, "no filter"),
        (page("<mj-text><p>x</mj-text>"), 2, "closes nothing"),
        (page("<mj-text>\n{{ first_name }}</mj-text>"), 3, "contact.first_name"),
        ("hello", 1, "<mjml>"),
        (
            "<mjml><mj-body>\n<mj-section>\n{% for a in event.b %}\n<mj-column></mj-column>\n{% endfor %}"
            "</mj-section></mj-body></mjml>",
            4,
            "width",
        ),
        (page("<mj-text>" + "<div>" * 3000 + "</div>" * 3000 + "</mj-text>"), 2, "deeper"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(source: str, line: int, words: str) -> None:
    found = problems(source)
    assert found[0][0] == line
    assert words in found[0][1]


ESCAPES = [
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ contact.__class__ }}",
    "{{ contact['__class__'] }}",
    "{{ contact|attr('__class__') }}",
    "{{ contact|map('attr', '__class__')|list }}",
    "{{ lipsum.__globals__ }}",
    "{{ request.application.__globals__ }}",
    "{{ config.items() }}",
    "{{ namespace.__init__ }}",
    "{{ '%c'|format(97) }}",
    "{{ joiner() }}",
    "{{ contact.pop('name') }}",
    "{% set x = contact.update({'name': 'x'}) %}{{ x }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% macro x() %}{% endmacro %}",
    "{{ ().__class__.__base__ }}",
    "{{ '{0.__class__}'.format(contact) }}",
]
BOMBS = [
    "{{ 'a' * 10**9 }}",
    "{{ 'a' * 1000000000 }}",
    "{{ [0] * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ range(1000000000)|list }}",
    "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x" + "{% endfor %}" * 3,
    "{% set a = 'x' * 2 %}",
    "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
    "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a + a %}" * 40 + "{{ a }}",
    "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a|replace('x', 'xxxxxxxxxx') %}" * 12 + "{{ a }}",
    "{% set a = ['x', 'x', 'x', 'x'] %}" + "{% set a = [a|join('xxxxxxxx'), a|join('xxxxxxx')] %}" * 40 + "{{ a }}",
    "{{ 1|round(1000000000) }}",
    "{{ event.x|date('%1000000000d') }}",
    "{% for a in range(1000) %}{{ event.big }}{% endfor %}" * 5,
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{% if 1 %}" * 200 + "x" + "{% endif %}" * 200,
    "{% for a in 'xx' %}" * 40 + "x" + "{% endfor %}" * 40,
]


@pytest.mark.parametrize("attack", ESCAPES)
def test_no_way_out(attack: str) -> None:
    contact = {"name": "Ann"}
    try:
        made = letter(f"<mj-text>[{attack}]</mj-text>", contact=contact)
    except (LetterProblem, BrokenLetter):
        pass
    else:
        assert "[]" in made.html, made.html
    assert contact == {"name": "Ann"}


@pytest.mark.parametrize("attack", BOMBS)
def test_bombs_fizzle(attack: str) -> None:
    begun = time.process_time()
    try:
        made = letter(f"<mj-text>{attack}</mj-text>", event={"big": "b" * 10_000, "x": "2026-01-01"})
        assert len(made.html) < 1_100_000
    except (LetterProblem, BrokenLetter):
        pass
    assert time.process_time() - begun < 3


def test_the_engine_is_started_again_when_it_dies() -> None:
    assert "<p>one" in letter("<mj-text><p>one</p></mj-text>").html
    child = mjml._engine._child
    assert child is not None
    os.kill(child.pid, signal.SIGSEGV)
    child.wait()
    assert "<p>two" in letter("<mj-text><p>two</p></mj-text>").html


def test_a_crash_inside_the_engine_is_a_sentence() -> None:
    deep = 20_000
    with pytest.raises(mjml.MjmlProblem, match="stopped"):
        mjml.to_html(page("<mj-text>" + "<div>" * deep + "</div>" * deep + "</mj-text>"))
    assert mjml.to_html(page("<mj-text>x</mj-text>"))


def test_every_filter_is_in_the_docs() -> None:
    docs = (Path(sojourn.__file__).parent / "docs" / "letters.md").read_text()
    named = set(re.findall(r"[a-z0-9]+", docs))
    assert [name for name in HTML.filters if name[:1] != "_" and name not in named] == []


def test_opening_a_letter_tells_no_font_server() -> None:
    html = letter("<mj-text>Hello</mj-text><mj-text font-family='Roboto, Arial'>Hi</mj-text>").html
    assert "googleapis" not in html and "@import" not in html and "Ubuntu" not in html
    assert "font-family:Helvetica, Arial, sans-serif" in html


def test_a_font_the_author_declares_is_kept() -> None:
    head = "<mj-head><mj-font name='Ubuntu' href='https://fonts.example.com/ubuntu.css'/></mj-head>"
    html = compile_letter({"subject": "x", "mjml": page("<mj-text>Hi</mj-text>").replace("<mjml>", "<mjml>" + head)})
    html = render(html, {}).html
    assert "https://fonts.example.com/ubuntu.css" in html and "Ubuntu, Helvetica" in html


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("{{ contact./x }}", "A name has to stand behind the dot."),
        ("{{ }}", "Something is missing before “}}”"),
        ("{{ contact.first name }}", "“name” does not fit here; “}}” would."),
        ("{% if contact.x %}", "“if” is never closed: put {% endif %} where it ends."),
        ("{% if contact.x %}{% endfor %}", "“if” is still open and ends with {% endif %}."),
        ("{% shout %}", "Letters know no “shout”"),
        ("{{ contact.x", "ends in the middle of {{ … }}"),
        ("{{ 'a }}", "A text begins here and never ends"),
        ("{{ contact.x|upper( }}", "“}” does not fit here; “)” would."),
        ("{# never ends", "has to end with #}"),
    ],
)
def test_jinja_is_answered_in_words(written: str, sentence: str) -> None:
    [issue] = check(written)
    assert sentence in issue.text


def test_what_is_null_is_not_known() -> None:
    asked = ["contact.phone", "contact['phone']|default('none yet')", "contact.phone is none", "contact.phone == none"]
    asked += ["contact.n|default(7)", "[contact.n, 1]|join(', ')", "event.items|map('name')|join('+')"]
    words = "|".join(f"{{{{ {one} }}}}" for one in asked)
    data = {"contact": {"phone": None, "n": None}, "event": {"items": [{"name": "a"}, {"name": None}]}}
    assert letter("<mj-text>Hi</mj-text>", subject=words, **data).subject == "|none yet|True|True|7|, 1|a+"
