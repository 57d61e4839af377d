"""Letters as bytes ready for the wire: what never changes is encoded once, each value alone, nothing over the whole.

The HTML part is seven-bit text with numeric references; the text part is quoted-printable (RFC 2045 6.7). Both are
already as DKIM's relaxed algorithm wants them (RFC 6376 3.4.4): no tabs, no runs of blanks, none at the end of a line.
A line is broken only where a blank stood.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.utils import concat
from markupsafe import escape

from .jinja import OUTPUT, BrokenLetter, LetterEnvironment, Run, filling

WIDTH = 200  # characters after which the next blank of what never changes becomes a line break
LONG = 300  # bytes of a value from which on it gets line breaks of its own
KEPT = 50_000  # values whose bytes are remembered
SHORT = 256  # characters of a value that is worth remembering
LIMIT = 990  # bytes of a line; RFC 5322 2.1.1 allows 998

BLANKS = re.compile(r"[ \t\r\n\f]+")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")  # no mail and no page has a use for them
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
PLAIN = re.compile(r"[A-Za-z0-9.,:;/?#_@!*+%()$~=-]*(?: [A-Za-z0-9.,:;/?#_@!*+%()$~=-]+)*\Z").match
PLAIN_QP = re.compile(r"[!-<>-~]*(?: [!-<>-~]+)*\Z").match
EMPTY = re.compile(rb"\r\n(?<!=\r\n)\r\n\r\n(?:\r\n)*")  # behind "=" a line only goes on
STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.S | re.I)
KEEP = re.compile(r"<(pre|textarea)\b", re.I)

Encode = Callable[[Any], bytes]


class Unwireable(Exception):
    """This letter cannot be written line by line as it is: it goes out in the slower form."""


class _Bytes(CodeGenerator):
    """Jinja's own compiler, but what reaches the output is bytes. Inside a block that is filtered it stays text."""

    _buffered = False

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        before, self._buffered = self._buffered, frame.buffer is not None
        super().visit_Output(node, frame)
        self._buffered = before

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:
        inside = frame.inner()
        inside.symbols.analyze_node(node)
        self.enter_frame(inside)
        self.buffer(inside)
        self.blockvisit(node.body, inside)
        self.start_write(frame, node)
        self.write("environment.encode(" if frame.buffer is None else "(")
        self.visit_Filter(node.filter, inside)
        self.write(")")
        self.end_write(frame)
        self.leave_frame(inside)

    def _output_const_repr(self, group: Any) -> str:
        text = concat(group)
        return repr(text) if self._buffered else repr(self.environment.static(text))  # type: ignore[attr-defined]

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.buffer is None:
            self.write("environment.encode(")
        else:
            super()._output_child_pre(node, frame, finalize)


class WireEnvironment(LetterEnvironment):
    """The sandbox of letters, whose templates yield bytes."""

    code_generator_class = _Bytes

    def __init__(self, autoescape: bool, static: Callable[[str], bytes], encode: Encode) -> None:
        super().__init__(autoescape)
        self.static, self.encode = static, encode


def compile_html(page: str) -> Template:
    """The HTML of a letter, with its Jinja. Raises `Unwireable` for what depends on its blanks."""
    if KEEP.search(page):
        raise Unwireable(Unwireable.__doc__)
    page = STYLE.sub(lambda m: m[1] + _css_ascii(m[2]) + m[3], page)
    return HTML.from_string(broken(page))


def compile_text(text: str) -> Template:
    """The text part of a letter, with its Jinja."""
    return TEXT.from_string(text)


def fill_text(template: Template, data: Mapping[str, Any], state: Run) -> bytes:
    """The text part for one contact, with one empty line where several came together. Raises `BrokenLetter`."""
    return EMPTY.sub(b"\r\n\r\n", fill(template, data, state).lstrip(b"\r\n"))


def fill(template: Template, data: Mapping[str, Any], state: Run) -> bytes:
    """One part for one contact. Raises `BrokenLetter`."""
    with filling(state):
        pieces: list[bytes] = list(template.root_render_func(template.new_context(dict(data))))  # type: ignore[arg-type]
        part = b"".join(pieces)
    if len(part) > 2 * OUTPUT:
        raise BrokenLetter(f"The letter could not be filled: it is longer than {OUTPUT} characters.")
    return part


def longest_line(part: bytes) -> int:
    """The length of the longest line, its CR among it: by single bytes it is found in half the time."""
    return max(map(len, part.split(b"\n")))


# ── what never changes ────────────────────────────────────────────────────────────────────────────────


def broken(page: str, width: int = WIDTH) -> str:
    """The page with single blanks, some of them line breaks: only where a blank stood, never inside quotes or Jinja."""
    out: list[str] = []
    column, at, in_tag, quote = 0, 0, False, ""
    while at < len(page):
        char = page[at]
        if char == "{" and page[at + 1 : at + 2] in ("{", "%", "#") and (tag := JINJA.match(page, at)):
            out.append(tag[0])
            at, column = tag.end(), column + 40
            continue
        if char in " \t\r\n\f":
            blanks = BLANKS.match(page, at)
            assert blanks is not None
            at = blanks.end()
            if column >= width and not quote:
                out.append("\n")
                column = 0
            else:
                out.append(" ")
                column += 1
            continue
        if quote:
            quote = "" if char == quote else quote
        elif in_tag:
            if char in "\"'":
                quote = char
            elif char == ">":
                in_tag = False
        elif char == "<" and (page[at + 1 : at + 2].isalpha() or page[at + 1 : at + 2] == "/"):
            in_tag = True
        out.append(char)
        at, column = at + 1, column + 1
    return "".join(out)


def _css_ascii(css: str) -> str:
    """CSS knows no numeric references: letters beyond ASCII are written its way."""
    return "".join(char if char.isascii() else f"\\{ord(char):x} " for char in css)


def _static_html(text: str) -> bytes:
    lines = re.sub(r" *\n *", "\n", text.replace("\r\n", "\n"))
    return lines.encode("ascii", "xmlcharrefreplace").replace(b"\n", b"\r\n")


def _static_text(text: str) -> bytes:
    """A piece of the text part; what follows it begins wherever it ends, so it never ends far to the right."""
    encoded = b2a_qp(text.encode(), istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    encoded = _no_runs(encoded)
    tail = len(encoded) - (encoded.rfind(b"\n") + 1)
    return encoded + b"=\r\n" if tail > 30 else encoded


# ── values ────────────────────────────────────────────────────────────────────────────────────────────


class _Remembered(dict[Any, bytes]):
    """The bytes of values: most of them come again in the next letter."""

    def keep(self, value: str, encoded: bytes) -> bytes:
        if len(value) <= SHORT:
            if len(self) >= KEPT:
                self.clear()
            self[value] = encoded
        return encoded


def _html_values() -> Encode:
    safe, marked = _Remembered(), _Remembered()

    def encode(value: Any) -> bytes:
        if hasattr(value, "__html__"):
            text, known = str(value.__html__()), marked
        else:
            text, known = value if value.__class__ is str else str(value), safe
        found = known.get(text)
        if found is not None:
            return found
        written = text
        if not PLAIN(text):
            written = CONTROLS.sub("", text if known is marked else str(escape(text)))
            written = BLANKS.sub(" ", written)
            if known is safe and written[:1] == " ":
                written = "&#32;" + written[1:]
            if known is safe and written[-1:] == " ":
                written = written[:-1] + "&#32;"
        encoded = written.encode("ascii", "xmlcharrefreplace")
        return known.keep(text, _folded(encoded) if len(encoded) > LONG else encoded)

    return encode


def _folded(encoded: bytes) -> bytes:
    """With line breaks where blanks stood."""
    lines = []
    while len(encoded) > LONG:
        cut = encoded.rfind(b" ", 1, LONG)
        if cut < 0:
            cut = encoded.find(b" ", LONG)
        if cut < 0:
            break
        lines.append(encoded[:cut])
        encoded = encoded[cut + 1 :]
    return b"\r\n".join([*lines, encoded])


def _text_values() -> Encode:
    known = _Remembered()

    def encode(value: Any) -> bytes:
        text = value if value.__class__ is str else str(value)
        found = known.get(text)
        if found is not None:
            return found
        if len(text) <= 20 and PLAIN_QP(text):
            return known.keep(text, text.encode())
        if not text:
            return b""
        encoded = b2a_qp(text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace"), istext=True)
        encoded = _no_runs(encoded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        if encoded[-1:] == b" ":
            encoded = encoded[:-1] + b"=20"
        return known.keep(text, b"=\r\n" + encoded + b"=\r\n")

    return encode


def _no_runs(encoded: bytes) -> bytes:
    """Blanks beside each other, and tabs, written so that nothing on the way may fold them."""
    if b"\t" in encoded:
        encoded = encoded.replace(b"\t", b"=09")
    while b"  " in encoded:
        encoded = encoded.replace(b"  ", b" =20")
    return encoded.replace(b" \r\n", b"=20\r\n")


HTML = WireEnvironment(True, _static_html, _html_values())
TEXT = WireEnvironment(False, _static_text, _text_values())
