"""From a letter's source to pages that can be looked at: each language compiled once, and filled for every sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from ....storage.handover import Filling
from ..blocks import Assembled, assemble, kit_of
from ..issues import Issue, NotCompiledNow
from ..languages import chosen, of_contact, translated
from ..letter import BrokenLetter, Letter, LetterProblem, compile_letter, render
from ..links import Links
from .around import Around
from .marking import marked, unmarked
from .page import Page, Sample

WAY_OUT = "https://sojourn.invalid/unsubscribe"  # nobody's: only so that it can be told from all other links
CENTRE = "https://sojourn.invalid/preferences"
MOST = 50  # samples a letter is filled for
MADE_UP = Filling({"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}, {}, {})
NOBODY = Filling({}, {}, {})
NO_SUBJECT = "{##}"  # all else of a letter is looked at before somebody has thought of one
SEALED = Links(b"only for measuring", "https://news.example.com")
ADDRESS = re.compile(r"\{% filter _link(?:\(\d+\))? %\}(.*?)\{% endfilter %\}", re.S)
OF_ALL = re.compile(r"\{\{\s*\(?\s*brand\.\w+\s*\)?\s*(\|\s*_\w+\s*)?\}\}")


@dataclass
class Prepared:
    """The pages of a letter by language, "" being its own; ``issues`` are what keeps pages from being made.

    ``for_now``: the machine had too much to do for some of it, so another look may find something else.
    """

    source: Mapping[str, Any]
    pages: dict[str, Page]
    issues: list[Issue]
    for_now: bool = False


def prepare(source: Mapping[str, Any], around: Around) -> Prepared:
    """Compile and fill the letter in each of its languages."""
    made = Prepared(source, {}, [])
    languages = [str(one) for one in source.get("languages") or {}]
    for language in ("", *languages):
        try:
            made.pages[language] = _page(source, language, languages, around)
        except LetterProblem as problem:
            made.for_now = made.for_now or isinstance(problem, NotCompiledNow)
            known = {(issue.line, issue.text) for issue in made.issues}
            made.issues += [
                replace(issue, language=language) for issue in problem.issues if (issue.line, issue.text) not in known
            ]
    return made


def _page(source: Mapping[str, Any], language: str, languages: list[str], around: Around) -> Page:
    flat, assembled = _flat(source, language, around)
    subject = str(flat.get("subject") or "")
    written = {
        **flat,
        "mjml": marked(str(flat.get("mjml") or "")),
        "subject": subject if subject.strip() else NO_SUBJECT,
    }
    letter = compile_letter(written, around.marketing, around.kit)
    fillings = [one for one in around.fillings[:MOST] if chosen(languages, of_contact(one.contact)) == language]
    tried = fillings or list(around.fillings[:1]) or [MADE_UP]
    samples = tuple(_sample(letter, one, around) for one in tried)
    if not around.fillings:  # shown as somebody of whom all is known, lacking what somebody lacks of whom nothing is
        samples = (replace(samples[0], missing=_sample(letter, NOBODY, around).missing),)
    return Page(
        flat, _language(source, language, around), language, assembled, samples, bool(fillings),
        _fixed(letter, samples), WAY_OUT, CENTRE, around.brand.postal_address,
        _size(letter, tried, samples, around),
    )  # fmt: skip


def _flat(source: Mapping[str, Any], language: str, around: Around) -> tuple[dict[str, Any], Assembled | None]:
    """The letter in one language with its blocks as MJML, and where in it each block stands."""
    plain = translated(source, language)
    if not source.get("blocks"):
        return plain, None
    assembled = assemble(source, kit_of(source, around.kit), language)
    return {**plain, "mjml": assembled.mjml, "blocks": None}, assembled


def _sample(letter: Letter, filling: Filling, around: Around) -> Sample:
    try:
        shown = render(letter, _data(filling, around))
    except BrokenLetter as broken:
        return Sample(broken=str(broken))
    return Sample(shown.subject, shown.preheader, shown.html, shown.text, shown.missing)


def _size(letter: Letter, tried: Sequence[Filling], samples: Sequence[Sample], around: Around) -> int:
    """Bytes of the longest letter, with the links it leaves with."""
    longest = max(range(len(samples)), key=lambda at: len(samples[at].html))
    if samples[longest].broken:
        return 0
    return len(unmarked(render(letter, _data(tried[longest], around), SEALED, 1 << 30).html).encode())


def _data(filling: Filling, around: Around) -> dict[str, Any]:
    return {
        **filling.words(),
        "brand": around.brand.words(),
        "unsubscribe_url": WAY_OUT if around.marketing else "",
        "preferences_url": CENTRE,
    }


def _language(source: Mapping[str, Any], language: str, around: Around) -> str:
    return (language or str(source.get("language") or "") or around.language).partition("-")[0].lower()


def _fixed(letter: Letter, samples: tuple[Sample, ...]) -> frozenset[str]:
    """Addresses that do not depend on who reads: they may be asked without telling anything of anybody."""
    written = [found for found in ADDRESS.findall(letter.page) if "{" not in OF_ALL.sub("", found)]
    plain = {unescape(found) for found in written if "{" not in found}
    if len(plain) < len(set(written)):  # some begin with the address of the brand
        tails = {unescape(OF_ALL.sub("", found)) for found in written if "{" in found}
        shown = {unescape(href) for sample in samples[:1] for href in re.findall(r'href="([^"]+)"', sample.html)}
        plain |= {href for href in shown for tail in tails if tail and href.endswith(tail)}
    return frozenset(href for href in plain if href.startswith(("http://", "https://")))
