"""The official MJML renderer as the judge: what we ship looks the same through its engine and through ours."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, Route

from sojourn.runtime import playbooks
from sojourn.runtime.content.block_types import BlockType, Field, block_types
from sojourn.runtime.content.blocks import assemble, fresh_letter
from sojourn.runtime.content.given import Codes
from sojourn.runtime.content.issues import LetterProblem
from sojourn.runtime.content.jinja import HTML, Run, compile_template, run
from sojourn.runtime.content.kit import Kit
from sojourn.runtime.content.letter import compile_letter, render
from sojourn.runtime.content.mjml import to_html
from sojourn.runtime.content.mjml_rules import elements
from sojourn.runtime.content.protect import protect
from sojourn.runtime.templates import starting

pytestmark = pytest.mark.browser
WIDTHS = (700, 375)
DIFFERENT = 0.01  # of the pixels may be
NOTICED = [0] * 9 + [255] * 247  # a pixel has to differ by more than 8 steps of 255 to count
PRODUCT = {
    "title": "Rain jacket Alder",
    "url": "https://www.example.com/alder",
    "image": "https://www.example.com/alder.png",
    "price": 189,
    "old_price": 219,
    "currency": "EUR",
}
# Shows four pages beside each other, each in a frame of its own width and as high as it is.
FRAMES = """async (frames) => {
  document.body.innerHTML = "";
  document.body.style.cssText = "margin:0;white-space:nowrap;font-size:0";
  for (const { html, width } of frames) {
    const frame = document.createElement("iframe");
    frame.style.cssText = `border:0;vertical-align:top;width:${width}px;height:100px`;
    const loaded = new Promise((done) => { frame.onload = done; });
    frame.srcdoc = html;
    document.body.append(frame);
    await loaded;
    frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px`;
  }
}"""


class Shop(dict[Any, Any]):
    """Has products whatever is asked for."""

    def get(self, key: Any, default: Any = None) -> Any:
        return [PRODUCT, {**PRODUCT, "title": "Wool socks", "old_price": None}, PRODUCT]


DATA = {
    "contact": {"first_name": "Ann"},
    "event": {},
    "brand": {"name": "Lynx & Co", "address": "1 High Street, London", "color": "#2f6b4f"},
    "unsubscribe_url": "https://news.example.com/u/1",
    "preferences_url": "https://news.example.com/p/1",
    "_products": Shop(),
    "_coupons": Codes(sample=True),
}
ROOT = Path(__file__).parents[3]
DOCUMENTED = {
    f"difference {number}": mjml
    for number, mjml in enumerate(
        re.findall(r"^```mjml\n(.*?)^```", (ROOT / "docs" / "mjml.md").read_text("utf-8"), re.S | re.M), 1
    )
}
STARTS = {f"start/{start.name}": start for start in starting.starts()}
PLAYBOOKS = {f"{book.name}/{name}": (book, name) for book in playbooks.playbooks() for name in book.content["letters"]}


@pytest.fixture(scope="module")
def node() -> Callable[..., Any]:
    """Runs a script beside the official renderer, and reads what it writes."""
    folder = os.environ.get("SOJOURN_NODE_SDK")
    if not folder or not Path(folder, "node_modules", "mjml").exists():
        pytest.skip("SOJOURN_NODE_SDK names no folder with mjml; `make test` prepares it")
    command = shutil.which("node")
    if command is None:
        pytest.skip("There is no node here; `make test` installs it")

    def ask(script: Path, said: str = "") -> Any:
        made = subprocess.run([command, script, folder], input=said, capture_output=True, text=True, check=True)
        return json.loads(made.stdout)

    return ask


@pytest.fixture(scope="module")
def official(node: Callable[..., Any]) -> dict[str, str]:
    """What the official renderer makes of each document, by its name; one process for all of them."""
    filled = DOCUMENTED | {
        name: run(compile_template(HTML, source["mjml"]), data, Run(link=lambda url, _place: url))
        for name, (source, data) in _all().items()
    }
    asked = json.dumps(list(filled.values()))
    pages = dict(zip(filled, node(Path(__file__).with_name("mjml_official.mjs"), asked), strict=True))
    faults = {name: page["faults"] for name, page in pages.items() if page["faults"]}
    assert faults == {}, "what its validator says"
    return {name: page["html"] for name, page in pages.items()}


@pytest.fixture(scope="module")
def paper(chromium: Browser) -> Iterator[Page]:
    """A page to show letters on; every picture in them is the same grey one."""
    picture = io.BytesIO()
    Image.new("RGB", (600, 320), (120, 130, 140)).save(picture, "PNG")

    def picture_for(route: Route) -> None:
        route.fulfill(body=picture.getvalue(), content_type="image/png")

    page = chromium.new_page(viewport={"width": 2 * sum(WIDTHS), "height": 400})
    page.route("http*://**", picture_for)
    yield page
    page.close()


@pytest.mark.parametrize("name", [*block_types(), "fresh", *STARTS, *PLAYBOOKS])
def test_it_looks_as_the_official_renderer_has_it(name: str, official: Mapping[str, str], paper: Page) -> None:
    source, data = _all()[name]
    ours = render(compile_letter(source, marketing=False), data).html
    assert max(_apart(paper, official[name], ours)) < DIFFERENT


@pytest.mark.parametrize("name", DOCUMENTED)
def test_what_the_docs_say_differs_still_does(name: str, official: Mapping[str, str], paper: Page) -> None:
    try:
        ours = to_html(protect(DOCUMENTED[name]).mjml)
    except LetterProblem:
        return
    assert max(_apart(paper, official[name], ours)) > 0


def test_our_tables_of_elements_are_the_official_ones(node: Callable[..., Any]) -> None:
    assert node(ROOT / "scripts" / "mjml_elements.mjs") == elements()


def _apart(paper: Page, official: str, ours: str) -> list[float]:
    """The share of pixels in which two pages differ, at each width."""
    frames = [{"html": html, "width": width} for width in WIDTHS for html in (official, ours)]
    paper.evaluate(FRAMES, frames)
    shot = Image.open(io.BytesIO(paper.screenshot(full_page=True))).convert("RGB")
    at, shares = 0, []
    for width in WIDTHS:
        theirs, own = (shot.crop((left, 0, left + width, shot.height)) for left in (at, at + width))
        at += 2 * width
        apart = ImageChops.difference(theirs, own).convert("L").point(NOTICED)
        shares.append(apart.histogram()[255] / (apart.width * apart.height))
    return shares


@cache
def _all() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Every document as source, and what it is filled with."""
    found = {kind: (_source(_every_look(type_)), DATA) for kind, type_ in block_types().items()}
    found["fresh"] = (_source(fresh_letter()["blocks"]), DATA)
    found |= {key: (_source(start.source["blocks"]), DATA) for key, start in STARTS.items()}
    for key, (book, name) in PLAYBOOKS.items():
        source = book.content["letters"][name]
        data = {**DATA, "contact": book.sample_contact, "event": playbooks.sample_event(book, name)}
        if source.get("mjml"):
            found[key] = ({**source, "subject": "x", "preheader": ""}, data)
    return found


def _source(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    letter = {"subject": "x", "blocks": blocks, "language": "en"}
    return {"subject": "x", "mjml": assemble(letter, Kit()).mjml}


def _every_look(type_: BlockType) -> list[dict[str, Any]]:
    """The block as it comes, and once for each of its choices, with everything in it that may be."""
    full = {field.name: _something(field) for field in type_.settings}
    looks = [type_.defaults(), full]
    for field in type_.settings:
        others = [value for value, _ in field.choices] if field.type == "choice" else [True, False]
        if field.type in ("choice", "bool"):
            looks += [{**full, field.name: value} for value in others if value != full[field.name]]
    return [{"id": f"b{number}", "kind": type_.kind, "settings": look} for number, look in enumerate(looks)]


def _something(field: Field) -> Any:
    if field.type == "list":
        return [{inner.name: _something(inner) for inner in field.fields} for _ in range(3)]
    if field.literal:
        return "spring"
    words = {"image": "https://www.example.com/p.png", "url": "https://www.example.com"}
    return field.default or words.get(field.type, "Words & more" if field.type in ("text", "rich") else field.default)
