"""A letter: compiled once from MJML and Jinja, rendered for one contact at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError
from markupsafe import Markup

from . import wire
from .blocks import Assembled, assemble, kit_of
from .counted import AS_THE_OWNER, LINK, TRAP, Counted, last_place, numbered
from .issues import Issue, LetterProblem, NotCompiledNow
from .jinja import HTML, TEXT, BrokenLetter, Run, check, compile_template, run
from .kit import Kit
from .languages import chosen, of_contact, others, translated
from .links import Links
from .mjml import MjmlProblem, MjmlStopped, to_html
from .needs import NOTHING, Needs, needs_of
from .protect import Protected, place, protect, restore
from .rendered import Rendered
from .text_part import linked_text, text_of

SIZE = 1_000_000  # characters of MJML
LINKS = 500  # each with figures of its own
BODY = re.compile(r"<body[^>]*>", re.I)
SURROGATE = re.compile(r"[\ud800-\udfff]")
BLANKS = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")
PIXEL = Markup('<img src="{}" width="1" height="1" alt="" style="display:block">')
TRAPPED = Markup('<a href="{}" style="display:none" tabindex="-1" aria-hidden="true"></a>')
HIDDEN = Markup('<div style="display:none;max-height:0;overflow:hidden">{}</div>')
# Marketing must let people out (RFC 8058 is for programs; this line is for eyes) and say who writes.
FOOTER = (
    '<div style="text-align:center;font:12px Arial,sans-serif;color:#555;padding:16px">{{ brand.name|default("") }}'
    "{% if brand.address %} · {{ brand.address }}{% endif %}{% if unsubscribe_url %}<br>"
    '<a href="{% filter _link %}{{ unsubscribe_url }}{% endfilter %}" style="color:#555">'
    "Unsubscribe</a>{% endif %}{% if preferences_url %} · "
    '<a href="{% filter _link %}{{ preferences_url }}{% endfilter %}" style="color:#555">'
    "Choose what you get</a>{% endif %}</div>"
)
FOOTER_TEXT = (
    "\n\n--\n{{ brand.name }}{% if brand.address %} · {{ brand.address }}{% endif +%}\n"  # the plus keeps the line
    "{% if unsubscribe_url %}Unsubscribe: {{ unsubscribe_url }}\n{% endif %}"
    "{% if preferences_url %}Choose what you get: {{ preferences_url }}\n{% endif %}"
)

__all__ = ["BrokenLetter", "Issue", "Letter", "LetterProblem", "Rendered", "compile_letter", "render"]


@dataclass(frozen=True)
class Letter:
    """A compiled letter. ``languages`` are the same letter in other languages than its own."""

    subject: Template
    preheader: Template
    html: Template
    text: Template
    page: str = ""  # what ``html`` was made from
    words: str = ""  # what ``text`` was made from
    languages: Mapping[str, Letter] = field(default_factory=dict)
    counted: Counted = AS_THE_OWNER  # what it says of that itself
    needs: Needs = NOTHING  # what it asks for in any of its languages

    @cached_property
    def wire(self) -> tuple[Template, Template] | None:
        """Text and HTML for the wire, made when first sent; None where the letter has to go out the slower way."""
        try:
            return wire.compile_text(self.words), wire.compile_html(self.page)
        except (wire.Unwireable, TemplateError):
            return None

    def for_contact(self, contact: Any) -> Letter:
        """The letter in the language the contact reads, else in its own."""
        if not self.languages:
            return self
        return self.languages.get(chosen(self.languages, of_contact(contact)), self)


def compile_letter(source: Mapping[str, Any], marketing: bool = True, kit: Kit | None = None) -> Letter:
    """Compile a letter: ``subject``, ``preheader``, ``text``, and ``mjml`` or ``blocks``, in all its ``languages``.

    The text is made from the letter where none is given. Blocks look as the ``kit`` says that the letter carries, else
    as the one given. A marketing letter without ``unsubscribe_url`` gets a line with it at its end.
    Raises `LetterProblem` with everything that is wrong, by line and column of the MJML, by block and by language.
    """
    kit = kit_of(source, kit)
    issues: list[Issue] = []
    made: dict[str, Letter] = {}
    for language in ("", *others(source)):
        try:
            made[language] = _compiled(translated(source, language), marketing, kit)
        except NotCompiledNow:
            raise
        except LetterProblem as problem:
            known = {replace(issue, language="") for issue in issues}  # what is not translated is said once
            issues += [replace(issue, language=language) for issue in problem.issues if issue not in known]
    if issues:
        raise LetterProblem(issues)
    needs = reduce(or_, (letter.needs for letter in made.values()))
    return replace(made.pop(""), languages=made, counted=Counted.of(source), needs=needs)


def _compiled(source: Mapping[str, Any], marketing: bool, kit: Kit) -> Letter:
    """A letter in one language."""
    assembled = assemble(source, kit) if source.get("blocks") is not None else None
    parts = {name: str(source.get(name) or "") for name in ("subject", "preheader", "mjml", "text")}
    if assembled is not None:
        parts["mjml"] = assembled.mjml
    try:
        return _made(parts, marketing)
    except NotCompiledNow:
        raise
    except LetterProblem as problem:
        raise LetterProblem([_in_block(issue, assembled) for issue in problem.issues]) from problem


def _in_block(issue: Issue, assembled: Assembled | None) -> Issue:
    return issue if assembled is None else replace(issue, block=assembled.block_at(issue.line))


def _made(parts: Mapping[str, str], marketing: bool) -> Letter:
    issues: list[Issue] = []
    for name, source in parts.items():
        if len(source) > SIZE:
            raise LetterProblem([Issue(0, 0, f"The {name} is longer than {SIZE:,} characters.")])
        if broken := SURROGATE.search(source):
            raise LetterProblem(
                [Issue(*place(source, broken.start()), f"The {name} holds half a character: retype it.")]
            )
        for issue in check(source):
            issues.append(issue if name == "mjml" else Issue(0, 0, f"In the {name}: {issue.text}"))
    if not BLANKS.sub("", parts["subject"]):
        issues.append(Issue(0, 0, "The letter has no subject."))
    if issues:
        raise LetterProblem(issues)
    protected = protect(parts["mjml"])
    made = _mjml(parts["mjml"], protected)
    page = restore(made, protected)
    _few(page.count(LINK))
    if marketing and "unsubscribe_url" not in parts["mjml"]:
        cut = page.lower().rfind("</body>")
        page = page[:cut] + FOOTER + page[cut:]
    if written := parts["text"]:
        text = linked_text(written, made, protected, page.count(LINK))
        _few(last_place(text))
    else:
        text = text_of(made, protected)
    if marketing and "unsubscribe_url" not in text:
        text += FOOTER_TEXT
    page = numbered(page)
    page = BODY.sub(lambda m: m[0] + "{{ _preheader }}", page, count=1)
    cut = page.lower().rfind("</body>")
    page = page[:cut] + "{{ _pixel }}" + page[cut:]
    return Letter(
        compile_template(TEXT, parts["subject"]),
        compile_template(TEXT, parts["preheader"]),
        compile_template(HTML, page),
        compile_template(TEXT, text),
        page,
        text,
        needs=needs_of(HTML, parts.values()),
    )


def render(
    letter: Letter,
    data: Mapping[str, Any],
    links: Links | None = None,
    message_id: int = 0,
    for_the_wire: bool = False,
) -> Rendered:
    """Fill the letter. With ``links`` that have a base address, links and openings are counted.

    ``for_the_wire``: its parts as bytes, where the letter can be. Raises `BrokenLetter`.
    """
    letter = letter.for_contact(data.get("contact"))
    data = {"preferences_url": "", **data}
    counted = links if links is not None and links.base_url else None
    leave_alone = {str(data.get(name) or "") for name in ("unsubscribe_url", "preferences_url")}

    def link(url: str, place: int) -> str:
        if links is None or url in leave_alone or not url.lower().startswith(("http:", "https:")):
            return url
        return links.followed(message_id, url, place)

    state = Run(link=link)
    subject = BLANKS.sub(" ", run(letter.subject, data, state)).strip()
    preheader = BLANKS.sub(" ", run(letter.preheader, data, state)).strip()
    hidden = HIDDEN.format(preheader) if preheader else ""
    pixel = PIXEL.format(counted.pixel(message_id)) if counted is not None and counted.opens else ""
    if counted is not None and counted.trap:
        pixel = TRAPPED.format(counted.click(message_id, "", TRAP)) + pixel
    inside = {**data, "_preheader": hidden, "_pixel": pixel}
    if for_the_wire and letter.wire is not None:
        words, page = letter.wire
        parts = wire.fill_text(words, data, state), wire.fill(page, inside, state)
        return Rendered(subject, preheader=preheader, missing=tuple(state.missing), parts=parts)
    page = run(letter.html, inside, state)
    text = re.sub(r"\n{3,}", "\n\n", run(letter.text, data, state)).strip() + "\n"
    return Rendered(subject, page, text, preheader, tuple(state.missing))


def _few(links: int) -> None:
    if links > LINKS:
        raise LetterProblem([Issue(0, 0, f"The letter has more than {LINKS} links: keep those that people need.")])


def _mjml(source: str, protected: Protected) -> str:
    try:
        return to_html(protected.mjml)
    except MjmlStopped as problem:
        raise NotCompiledNow([Issue(0, 0, str(problem))]) from problem
    except MjmlProblem as problem:
        where = (0, 0) if problem.offset is None else place(protected.mjml, problem.offset)
        raise LetterProblem([Issue(*where, str(problem))]) from problem
