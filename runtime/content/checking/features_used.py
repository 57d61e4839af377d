"""Which features of HTML and CSS a letter needs to look right, by the names that caniemail.com has for them.

Only those whose lack is seen: round corners, shadows and web fonts that a program leaves out do no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from .page import Page
from .tree import Element

TAGS = {
    "video": "html-video", "audio": "html-audio", "svg": "html-svg", "picture": "html-picture",
    "progress": "html-progress", "meter": "html-meter", "dialog": "html-dialog", "map": "html-image-maps",
    "object": "html-object", "input": "html-input-text", "select": "html-select", "ruby": "html-ruby",
}  # fmt: skip
PICTURES = {
    "svg": "image-svg", "webp": "image-webp", "avif": "image-avif", "heic": "image-heif", "heif": "image-heif",
    "tif": "image-tiff", "tiff": "image-tiff", "bmp": "image-bmp", "ico": "image-ico", "mp4": "image-mp4",
}  # fmt: skip
PROPERTIES = {
    "position": "css-position", "float": "css-float", "object-fit": "css-object-fit", "transform": "css-transform",
    "clip-path": "css-clip-path", "mask-image": "css-mask-image", "filter": "css-filter",
    "mix-blend-mode": "css-mix-blend-mode", "background-blend-mode": "css-background-blend-mode", "gap": "css-gap",
    "column-count": "css-column-count", "writing-mode": "css-writing-mode", "inset": "css-inset",
    "aspect-ratio": "css-aspect-ratio", "border-image": "css-border-image",
}  # fmt: skip
VALUES = (
    (re.compile(r"var\("), "css-variables"),
    (re.compile(r"\bcalc\("), "css-unit-calc"),
    (re.compile(r"\bclamp\("), "css-function-clamp"),
    (re.compile(r"\blight-dark\("), "css-function-light-dark"),
    (re.compile(r"linear-gradient\("), "css-linear-gradient"),
    (re.compile(r"radial-gradient\("), "css-radial-gradient"),
    (re.compile(r"conic-gradient\("), "css-conic-gradient"),
    (re.compile(r"\b(oklch|oklab|lch|lab|color|hwb)\("), "css-modern-color"),
    (re.compile(r"\d(vw)\b"), "css-unit-vw"),
    (re.compile(r"\d(vh)\b"), "css-unit-vh"),
)
LENGTHS = frozenset(("width", "height", "max-width", "min-width", "font-size", "padding", "margin", "line-height"))
HARMLESS = {"position": ("static", "relative"), "float": ("none",), "transform": ("none",), "filter": ("none",)}


def features_used(page: Page) -> Iterator[tuple[str, Element]]:
    """``(feature, where)``, each feature once."""
    said: set[str] = set()
    for element in page.body.walk():
        for feature in (*_of_tag(element), *_of_style(page, element)):
            if feature not in said:
                said.add(feature)
                yield feature, element


def _of_tag(element: Element) -> Iterator[str]:
    if element.tag in TAGS:
        yield TAGS[element.tag]
    source = element.attributes.get("src", "")
    if element.tag == "img":
        if source.startswith("data:"):
            yield "image-base64"
        elif (kind := urlsplit(source).path.rpartition(".")[2].lower()) in PICTURES:
            yield PICTURES[kind]
    if element.attributes.get("background"):
        yield "html-background"


def _of_style(page: Page, element: Element) -> Iterator[str]:
    own = page.styles.own(element)
    for name, value in own.items():
        if name in PROPERTIES and value not in HARMLESS.get(name, ()):
            yield PROPERTIES[name]
        if name in ("background", "background-image") and "url(" in value:
            yield "css-background-image"
        for pattern, feature in VALUES:
            if pattern.search(value) and (not feature.startswith("css-unit-v") or name in LENGTHS):
                yield feature
    display = own.get("display", "")
    if display.endswith("flex"):
        yield "css-display-flex"
    elif display.endswith("grid"):
        yield "css-display-grid"
    if any(name.startswith("margin") and re.search(r"(^|\s)-\d", value) for name, value in own.items()):
        yield "css-margin"
