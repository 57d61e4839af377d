"""Letters as PDF: the address where the window of an envelope is, every letter of Europe in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Frame, NextPageTemplate, PageBreak, PageTemplate, Spacer
from reportlab.platypus import Paragraph as Set
from reportlab.platypus.flowables import Flowable

from ...storage.mail_pieces import Piece
from .words import paragraphs

FONTS = Path(__file__).parent.parent.parent / "assets" / "fonts"
SANS, BOLD, OBLIQUE = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique"
SIDE, TOP, BOTTOM = 25 * mm, 25 * mm, 20 * mm
WINDOW_TOP, BELOW_WINDOW = 50 * mm, 100 * mm  # from the upper edge, as DIN 5008 B has them
WINDOW_X = {"left": 25 * mm, "right": 118 * mm}
WINDOW_WIDTH = 80 * mm
LINE = 5 * mm
SIZES = {"p": 10.5, "li": 10.5, "h1": 16.0, "h2": 13.5, "h3": 11.5}


def document(pieces: Sequence[Piece], settings: Mapping[str, Any]) -> bytes:
    """All these letters as one PDF, each beginning on a page of its own."""
    _fonts()
    target = io.BytesIO()
    size = LETTER if settings.get("paper") == "letter" else A4
    made = BaseDocTemplate(target, pagesize=size, title="Letters", author="", invariant=1)
    whole = Frame(SIDE, BOTTOM, size[0] - 2 * SIDE, size[1] - TOP - BOTTOM, 0, 0, 0, 0)
    first = Frame(SIDE, BOTTOM, size[0] - 2 * SIDE, size[1] - BELOW_WINDOW - BOTTOM, 0, 0, 0, 0)
    templates, story = [], []
    for number, piece in enumerate(pieces):
        templates.append(PageTemplate(f"first{number}", [first], onPage=_front(piece, settings, size)))
        if number:
            story += [NextPageTemplate(f"first{number}"), PageBreak()]
        story += [NextPageTemplate("later"), *_words(piece)]
    made.addPageTemplates([*templates, PageTemplate("later", [whole])])
    made.build(story)
    return target.getvalue()


def lines_of(address: Mapping[str, Any], home: str) -> list[str]:
    """An address as it is written on an envelope: the country last, in capitals, unless it is our own."""
    town = f"{address.get('postcode', '')} {address.get('city', '')}".strip()
    said = str(address.get("country") or "").strip()
    abroad = "" if not said or said.upper() == home.upper() else country(said).upper()
    lines = (address.get("name"), address.get("street"), address.get("street2"), town, abroad)
    return [str(line) for line in lines if line]


def country(said: str) -> str:
    """What a country is called, from its two letters; what is no such pair stays as it is."""
    return Locale("en").territories.get(said.upper(), said) if len(said) == 2 else said


def _front(piece: Piece, settings: Mapping[str, Any], size: tuple[float, float]) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, _document: Any) -> None:
        x, y = WINDOW_X[str(settings.get("window", "left"))], size[1] - WINDOW_TOP
        canvas.saveState()
        sender = " · ".join(line.strip() for line in str(settings.get("sender", "")).splitlines() if line.strip())
        _fitted(canvas, sender, SANS, 6.5, x, y + 3 * mm)
        for number, line in enumerate(lines_of(piece.address, str(settings.get("home_country", "")))):
            _fitted(canvas, line, SANS, 10.5, x, y - (number + 1) * LINE)
        canvas.restoreState()

    return draw


def _fitted(canvas: Any, text: str, font: str, size: float, x: float, y: float) -> None:
    """A line made smaller until it fits into the window, and cut where even that is not enough."""
    while size > 5 and pdfmetrics.stringWidth(text, font, size) > WINDOW_WIDTH:
        size -= 0.5
    while text and pdfmetrics.stringWidth(text, font, size) > WINDOW_WIDTH:
        text = text[:-1]
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


def _words(piece: Piece) -> list[Flowable]:
    heading = str(piece.content.get("heading") or "")
    found: list[Flowable] = []
    if heading:
        found += [Set(_plain(heading), _style("h2")), Spacer(0, 4 * mm)]
    for kind, text, bullet, depth in paragraphs(str(piece.content.get("letter") or "")):
        found.append(Set(text, _style(kind, depth), bulletText=bullet or None))
    return found


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@cache
def _style(kind: str, depth: int = 0) -> ParagraphStyle:
    size, indent, head = SIZES[kind], 6 * mm * depth, kind[0] == "h"
    return ParagraphStyle(
        f"{kind}{depth}", fontName=BOLD if head else SANS, fontSize=size, leading=size * 1.4, alignment=TA_LEFT,
        spaceBefore=4 * mm if head else 0, spaceAfter=1 * mm if kind == "li" else 3 * mm, leftIndent=indent,
        bulletIndent=max(indent - 5 * mm, 0), bulletFontName=SANS, bulletFontSize=size, splitLongWords=True,
    )  # fmt: skip


@cache
def _fonts() -> None:
    for name in (SANS, BOLD, OBLIQUE):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(SANS, normal=SANS, bold=BOLD, italic=OBLIQUE, boldItalic=BOLD)
    pdfmetrics.registerFontFamily(BOLD, normal=BOLD, bold=BOLD, italic=BOLD, boldItalic=BOLD)
