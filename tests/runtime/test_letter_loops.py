"""Filling a letter and then compiling it gives what compiling it and then filling it gives, wherever a loop stands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn.runtime.content.issues import LetterProblem
from sojourn.runtime.content.jinja import HTML, Run, compile_template, run
from sojourn.runtime.content.mjml import to_html
from sojourn.runtime.content.protect import protect, restore

ITEM = (
    '<mj-text css-class="{{ x.kind }}">{{ x.name }} &amp; {% if x.number < 2 %}few{% else %}many{% endif %}</mj-text>'
    '<mj-button href="{{ x.url }}">Buy "{{ x.name }}"</mj-button>'
)
WORDS = "<mj-text>Words</mj-text>"
COLUMN = f'<mj-column width="30%">{ITEM}</mj-column>'
PLAIN = f'<mj-column width="40%">{WORDS}</mj-column>'
GROUP = f'<mj-group width="50%">{COLUMN}{COLUMN}</mj-group>'
LINE = '<tr><td style="color:{{ x.colour }}">{{ x.name }}</td></tr>'
SECTION = f'<mj-section background-color="#eeeeee">{COLUMN}</mj-section>'


def each(inner: str, name: str = "x") -> str:
    return f"{{% for {name} in items %}}{inner}{{% endfor %}}"


def row(inner: str) -> str:
    return f"<mj-section><mj-column>{inner}</mj-column></mj-section>"


PLACES = {
    "body": each(SECTION),
    "body, a column without a width": each(row(ITEM)),
    "body, full width": each(SECTION.replace("<mj-section", '<mj-section full-width="full-width"')),
    "body, background": each(f'<mj-section background-url="{{{{ x.url }}}}">{COLUMN}</mj-section>'),
    "body, wrappers": each(f"<mj-wrapper>{SECTION}{SECTION}</mj-wrapper>"),
    "body, heroes": each(f'<mj-hero background-color="#222222">{ITEM}</mj-hero>'),
    "section": f"<mj-section>{each(COLUMN)}</mj-section>",
    "section, beside others": f"<mj-section>{PLAIN}{each(COLUMN)}{PLAIN}</mj-section>",
    "section, from the right": f'<mj-section direction="rtl">{each(COLUMN)}</mj-section>',
    "section, groups": f"<mj-section>{each(GROUP)}</mj-section>",
    "wrapper": f"<mj-wrapper>{each(SECTION)}</mj-wrapper>",
    "wrapper, beside others": f"<mj-wrapper>{row(WORDS)}{each(SECTION)}{row(WORDS)}</mj-wrapper>",
    "group": f"<mj-section><mj-group>{each(COLUMN)}</mj-group></mj-section>",
    "column": row(each(ITEM)),
    "column with a padding": row(each(ITEM)).replace("<mj-column", '<mj-column padding="5px"'),
    "column, pictures": row(each('<mj-image src="{{ x.url }}" alt="{{ x.name }}" />')),
    "column, navigation": row(
        each('<mj-navbar><mj-navbar-link href="{{ x.url }}">{{ x.name }}</mj-navbar-link></mj-navbar>')
    ),
    "column, questions": row(
        each(
            "<mj-accordion><mj-accordion-element><mj-accordion-title>{{ x.name }}</mj-accordion-title>"
            "<mj-accordion-text>{{ x.name }}</mj-accordion-text></mj-accordion-element></mj-accordion>"
        )
    ),
    "hero": f'<mj-hero background-color="#222222">{each(ITEM)}</mj-hero>',
    "table": row(f"<mj-table>{each(LINE)}</mj-table>"),
    "text": row(f"<mj-text><ul>{each('<li>{{ x.name }}</li>')}</ul></mj-text>"),
    "raw": f"<mj-raw>{each('<p>{{ x.name }}</p>')}</mj-raw>",
    "around raw": each("<mj-raw><p>{{ x.name }}</p></mj-raw>"),
    "raw in a column": row(f"<mj-raw>{each('<tr><td>{{ x.name }}</td></tr>')}</mj-raw>"),
    "a loop in a loop": each(f"<mj-section>{each(COLUMN, 'y')}</mj-section>"),
}


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("place", PLACES)
def test_a_loop_may_be_filled_before_or_after(place: str, number: int) -> None:
    assert_same(PLACES[place], number)


def columns() -> st.SearchStrategy[str]:
    content = st.sampled_from([WORDS, each(ITEM), '<mj-spacer height="8px" />', each(WORDS, "y")])
    column = st.lists(content, min_size=1, max_size=3).map(lambda c: f'<mj-column width="25%">{"".join(c)}</mj-column>')
    return st.lists(st.one_of(column, column.map(each)), min_size=1, max_size=3).map("".join)


SECTIONS = columns().map(lambda inner: f"<mj-section>{inner}</mj-section>")
LOOPED = st.one_of(SECTIONS, SECTIONS.map(each))
BODIES = st.lists(
    st.one_of(
        LOOPED,
        st.lists(LOOPED, min_size=1, max_size=3).map(lambda inner: f"<mj-wrapper>{''.join(inner)}</mj-wrapper>"),
        st.sampled_from([f"<mj-hero>{each(ITEM)}</mj-hero>", "{% if items %}" + row(WORDS) + "{% endif %}"]),
    ),
    min_size=1,
    max_size=4,
).map("".join)


@settings(max_examples=60)
@given(BODIES, st.integers(0, 3))
def test_so_may_any_letter(body: str, number: int) -> None:
    assert_same(body, number)


@pytest.mark.parametrize(
    "row_of_columns",
    [
        each(f"<mj-column>{WORDS}</mj-column>"),
        f"<mj-column>{WORDS}</mj-column>{each(COLUMN)}",
        f"{each(COLUMN)}<mj-column>{WORDS}</mj-column>",
        each(f"<mj-group>{COLUMN}</mj-group>"),
    ],
)
def test_columns_whose_number_nobody_knows_need_widths(row_of_columns: str) -> None:
    with pytest.raises(LetterProblem) as caught:
        protect(f"<mjml><mj-body>\n<mj-section>{row_of_columns}</mj-section></mj-body></mjml>")
    (issue,) = caught.value.issues
    assert issue.line == 2 and "needs a width" in issue.text


@pytest.mark.parametrize("parent", ["mj-accordion", "mj-social", "mj-navbar"])
def test_no_loop_stands_where_the_engine_takes_none(parent: str) -> None:
    with pytest.raises(LetterProblem) as caught:
        protect("<mjml><mj-body>" + row(f"<{parent}>\n" + each("") + f"</{parent}>") + "</mj-body></mjml>")
    assert caught.value.issues[0].line == 2 and "around the element" in caught.value.issues[0].text


def assert_same(body: str, number: int) -> None:
    source = f"<mjml><mj-body>{body}</mj-body></mjml>"
    items = [
        {"name": f'N{n} <&"', "url": f"https://x.example.com/{n}?a=1&b={n}", "number": n, "colour": "red", "kind": "k"}
        for n in range(number)
    ]
    data = {"items": items}
    filled_first = run(compile_template(HTML, source), data, Run(link=_as_it_is))
    assert _essence(_compiled_and_filled(source, data)) == _essence(_compiled_and_filled(filled_first, {}))


def _compiled_and_filled(source: str, data: dict[str, Any]) -> str:
    protected = protect(source)
    page = restore(to_html(protected.mjml), protected)
    return run(compile_template(HTML, page), data, Run(link=_as_it_is))


def _essence(page: str) -> list[str]:
    """The page's pieces, without blanks, style sheets of columns that no contact gets, and seams between comments."""
    page = re.sub(r"<style.*?</style>", "", page, flags=re.S)
    page = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", page))
    page = page.replace("<![endif]--><!--[if mso | IE]>", "").replace("<!--[if mso | IE]><![endif]-->", "")
    return re.split(r"(?<=>) ?", page)


def _as_it_is(url: str, _place: int) -> str:
    return url
