"""Jinja inside MJML: tags become opaque words the MJML engine leaves alone, and come back fitted to their place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape

from .issues import Issue, LetterProblem

DEPTH = 48
TAGS = 2_000
QUOTED = r'"(?:[^"\\]|\\.)*+"' + r"|'(?:[^'\\]|\\.)*+'"
OPENING = re.compile(r"\{[{%#]")
JINJA = re.compile(
    r"\{#(?P<note>.*?)#\}"
    r"|\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}"
    rf"|\{{\{{(?:{QUOTED}|[^\"'])*?\}}\}}"
    rf"|\{{%(?:{QUOTED}|[^\"'])*?%\}}",
    re.S,
)
MARKUP = re.compile(
    r"<!--.*?-->"
    r"|</(?P<close>[a-zA-Z][\w:-]*)\s*>"
    r"|<(?P<open>[a-zA-Z][\w:-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>"
    r"|(?P<word>jx\d{5}xj)",
    re.S,
)
WORD = re.compile(r"jx(\d{5})xj")
OURS = re.compile(r"[jl]x\d{5}xj")
ATTRIBUTE = re.compile(r"(?<![\w:-])([\w:-]++)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
VOID = set("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
# Elements that hold other MJML elements: Jinja there is structure. In the first group a tag may stand.
BODY = {"mj-body", "mj-section", "mj-column", "mj-wrapper", "mj-group", "mj-hero"}
STRUCTURE = BODY | {
    "mjml",
    "mj-head",
    "mj-attributes",
    "mj-navbar",
    "mj-social",
    "mj-accordion",
    "mj-accordion-element",
    "mj-carousel",
}
CONTENT = set(
    """
    mj-text mj-button mj-table mj-raw mj-navbar-link mj-social-element mj-accordion-title mj-accordion-text mj-title
    mj-preview mj-style mj-image mj-divider mj-spacer mj-font mj-breakpoint mj-all mj-class mj-carousel-image
    """.split()  # noqa: SIM905
)
REFUSED = {
    "mj-include": "Letters do not read other files: put the content here.",
    "script": "Mail clients run no scripts: take it out.",
    "iframe": "Mail clients show no frames: take it out.",
    "form": "Mail clients send no forms: link to a page instead.",
}
ROWS = {"mj-section": {"mj-column", "mj-group"}, "mj-group": {"mj-column"}}  # they share out the width by number
URLS = {"href", "src", "background", "action", "xlink:href"}


@dataclass(slots=True)
class _Open:
    """An element that is not closed yet. In a row of columns: whether a loop makes some, and where one has no width."""

    name: str
    at: int
    looped: bool = False
    bare: int | None = None


@dataclass(slots=True)
class Protected:
    """MJML without Jinja, and the tags that were taken out."""

    mjml: str
    tags: list[str] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)  # line and column of each tag


def protect(source: str) -> Protected:
    """Take the Jinja tags out. Raises `LetterProblem` with every structural fault, by line and column."""
    clash = OURS.search(source)
    if clash:
        raise LetterProblem(
            [Issue(*place(source, clash.start()), f"{clash[0]} is a word of ours: write it another way.")]
        )
    out = Protected("")
    pieces: list[str] = []
    starts, shifts = [0], [0]  # from positions in the protected text to positions in the source
    at = length = 0
    while opening := OPENING.search(source, at):
        tag = JINJA.match(source, opening.start())
        if tag is None:
            raise LetterProblem([Issue(*place(source, opening.start()), "This Jinja tag is never closed.")])
        before = source[at : tag.start()]
        word = ""
        if tag["note"] is None:
            word = f"jx{len(out.tags):05d}xj"
            out.tags.append(tag[0])
            out.places.append(place(source, tag.start()))
        pieces += (before, word)
        length += len(before) + len(word)
        at = tag.end()
        starts.append(length)
        shifts.append(at - length)
    pieces.append(source[at:])
    if len(out.tags) > TAGS:
        raise LetterProblem([Issue(0, 0, f"The letter has more than {TAGS} Jinja tags: make it simpler.")])

    if "<!--" in source[source.rfind("-->") + 1 :]:
        raise LetterProblem([Issue(*place(source, source.rfind("<!--")), "This comment is never closed.")])

    def where(position: int) -> tuple[int, int]:
        return place(source, position + shifts[bisect_right(starts, position) - 1])

    out.mjml = _walk("".join(pieces), out, where)
    return out


def _walk(text: str, out: Protected, where: Callable[[int], tuple[int, int]]) -> str:
    issues: list[Issue] = []
    stack: list[_Open] = []
    pieces: list[str] = []
    last = 0

    def wrong(position: int, sentence: str) -> None:
        issues.append(Issue(*where(position), sentence))

    def row_holds(row: _Open) -> None:
        if row.looped and row.bare is not None:
            wrong(row.bare, "A column in a loop, or beside one, needs a width: nobody knows how many there will be.")
            row.bare = None

    for match in MARKUP.finditer(text):
        pieces.append(text[last : match.start()])
        last = match.end()
        piece = match[0]
        if match["close"]:
            name = match["close"].lower()
            if name not in VOID:
                if not stack or stack[-1].name != name:
                    inside = f"<{stack[-1].name}> is open" if stack else "nothing is open"
                    wrong(match.start(), f"</{name}> closes nothing here: {inside}.")
                    break
                stack.pop()
        elif match["open"]:
            name = match["open"].lower()
            parent = stack[-1].name if stack else ""
            if name in REFUSED:
                wrong(match.start(), REFUSED[name])
            elif (name.startswith("mj") and name not in STRUCTURE | CONTENT) or (
                parent in STRUCTURE and name[:2] != "mj"
            ):
                wrong(match.start(), f"<{name}> is not an element that may stand here.")
            _attributes(name, match["attributes"], out, match.start(), wrong)
            named = {key for key, _, _ in ATTRIBUTE.findall(match["attributes"])}
            if name in ROWS.get(parent, ()) and "width" not in named:
                stack[-1].bare = match.start()
                row_holds(stack[-1])
            if not match["attributes"].rstrip().endswith("/") and name not in VOID:
                stack.append(_Open(name, match.start()))
            if len(stack) > DEPTH:
                wrong(match.start(), f"Elements are nested deeper than {DEPTH}: make the letter flatter.")
                break
            # a line break inside an attribute would be printed as \n by the engine, and the style lost
            piece = re.sub(r"[\r\n\t]+\s*", " ", piece)
        elif match["word"]:
            tag = out.tags[int(piece[2:7])]
            parent = stack[-1].name if stack else ""
            if parent in STRUCTURE or not stack:
                if tag.startswith("{{") or parent not in BODY:
                    inside = f"directly in <{parent}>" if parent else "outside of <mjml>"
                    wrong(
                        match.start(), f"A Jinja tag may not stand {inside}: put it in a text, or around the element."
                    )
                piece = f"<mj-raw>{piece}</mj-raw>"
                if parent in ROWS and re.match(r"\{%-?\s*for\b", tag):
                    stack[-1].looped = True
                    row_holds(stack[-1])
        pieces.append(piece)
    else:
        if stack:
            wrong(stack[-1].at, f"<{stack[-1].name}> is never closed.")
        if not issues and not re.match(r"\s*(<!--.*?-->\s*)*<mjml[\s>]", text, re.S):
            issues.append(Issue(1, 1, "A letter begins with <mjml>."))
    if issues:
        raise LetterProblem(issues)
    return "".join(pieces) + text[last:]


def _attributes(name: str, attributes: str, out: Protected, position: int, wrong: Callable[[int, str], None]) -> None:
    rest = ATTRIBUTE.sub("", attributes)
    if WORD.search(rest):
        wrong(position, f"A Jinja tag may stand inside the quotes of an attribute of <{name}>, not between attributes.")
    for word in WORD.finditer(attributes):
        if re.match(r"\{%-?\s*(for|set|macro|call|filter)\b", out.tags[int(word[1])]):
            wrong(position, f"Inside an attribute of <{name}> only values and if may stand.")


# ── back again ────────────────────────────────────────────────────────────────────────────────────────

STYLE_BLOCK = re.compile(r"(<style[^>]*>)(.*?)(</style>)", re.S | re.I)
TAG = re.compile(r"<[a-zA-Z][\w:-]*(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>")
CSS_URL = re.compile(r"(url\(\s*['\"]?|url\(&quot;|url\(&#39;)$", re.I)


def restore(page: str, protected: Protected) -> str:
    """Put the tags back: values in styles and addresses pass a filter that fits their place."""
    lost = set(range(len(protected.tags))) - {int(number) for number in WORD.findall(page)}
    if lost:
        raise LetterProblem(
            [
                Issue(*protected.places[number], "The value cannot stand here: the MJML engine takes no Jinja in it.")
                for number in sorted(lost)
            ]
        )
    page = STYLE_BLOCK.sub(lambda m: m[1] + _css(m[2], protected) + m[3], page)
    page = TAG.sub(lambda m: _fitted(m[0], protected), page)
    return WORD.sub(lambda m: protected.tags[int(m[1])], page)


def restore_text(text: str, protected: Protected) -> str:
    """Put the tags back into a text without markup."""
    return WORD.sub(lambda m: protected.tags[int(m[1])], text)


def restore_url(url: str, protected: Protected, fitted: str) -> str:
    """An address with its tags, through the filter that makes it safe where it stands."""
    return f"{{% filter {fitted} %}}{inside_url(restore_text(url, protected))}{{% endfilter %}}"


def inside_url(url: str) -> str:
    """An address with Jinja, each value in it quoted as a part of one."""
    return JINJA.sub(lambda m: _url_part(m[0], m.start()), url)


def marked(page: str) -> tuple[str, list[str]]:
    """The page with a word such as ``lx00001xj`` for the address of each link, by its place; and the addresses."""
    found: list[str] = []

    def mark(attribute: re.Match[str]) -> str:
        if attribute[1].lower() != "href":
            return attribute[0]
        found.append(unescape(attribute[3][1:-1]))
        return f'{attribute[1]}{attribute[2]}"lx{len(found):05d}xj"'

    return TAG.sub(lambda m: m[0] if _of_fonts(m[0]) else ATTRIBUTE.sub(mark, m[0]), page), found


def _fitted(tag: str, protected: Protected) -> str:
    if _of_fonts(tag):
        return tag
    return ATTRIBUTE.sub(lambda match: _attribute(match, protected), tag)


def _of_fonts(tag: str) -> bool:
    return tag[:5].lower() == "<link"  # the engine's own


def _attribute(match: re.Match[str], protected: Protected) -> str:
    name, equals, quoted = match[1].lower(), match[2], match[3]
    value = quoted[1:-1]
    if name in URLS and (name == "href" or WORD.search(value)):
        fitted = "_link" if name == "href" else "_source"
        return f'{match[1]}{equals}"{restore_url(value, protected, fitted)}"'
    if name == "style":
        return f"{match[1]}{equals}{quoted[0]}{_css(value, protected)}{quoted[0]}"
    return match[0]


def _url_part(tag: str, position: int) -> str:
    """A value behind the beginning of an address is one part of it, and is quoted as such."""
    return f"{{{{ ({_inner(tag)})|_url_part }}}}" if position and tag.startswith("{{") else tag


def _inner(tag: str) -> str:
    return tag[2:-2].strip().strip("-").strip()


def _css(value: str, protected: Protected) -> str:
    def put(match: re.Match[str]) -> str:
        tag = protected.tags[int(match[1])]
        if not tag.startswith("{{"):
            return tag
        fitted = "_css_url" if CSS_URL.search(value[: match.start()]) else "_css"
        return f"{{{{ ({_inner(tag)})|{fitted} }}}}"

    return WORD.sub(put, value)


def place(source: str, position: int) -> tuple[int, int]:
    """Line and column of a position, from 1."""
    return source.count("\n", 0, position) + 1, position - source.rfind("\n", 0, position)
