"""The pages of templates, shared blocks and the brand, and the doors their pictures come by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from sojourn.app.instance import Instance
from sojourn.runtime import pictures
from sojourn.runtime.templates import library, shared
from sojourn.storage.columns import dump
from sojourn.storage.database import Tx

from .visitor import Visitor

LETTER = {"subject": "x", "blocks": [{"id": "b1", "kind": "text", "settings": {"text": "<p>Words of ours</p>"}}]}


@pytest.fixture
def kept(stage_home: Path, stage: str) -> Iterator[Instance]:
    """The stage's instance with a template that holds a shared block."""
    instance = Instance.open(stage_home)

    def make(tx: Tx) -> None:
        block = shared.share(tx, "Our promise", LETTER["blocks"][0], "ann", 1)
        library.keep(tx, "offer", "The offer", {**LETTER, "blocks": [block]}, "ann", 1)

    if instance.db.look(lambda tx: tx.value("SELECT count(*) FROM templates")) == 0:
        instance.db.write(make)
    yield instance
    instance.close()


def test_pages_show_what_there_is_and_only_editors_may_begin(kept: Instance, owner: Visitor, viewer: Visitor) -> None:
    page = owner.open("/templates")
    assert "The offer" in page.text and "/template-pictures/offer?" in page.text and "Abandoned cart" in page.text
    assert [page.listener(label)[0] for label in ("New letter", "Import")]
    blocks = owner.open("/shared-blocks")
    assert "Our promise" in blocks.text and "Used in 1 place" in blocks.text
    assert "New letter" not in viewer.open("/templates").text
    assert "Postal address" in owner.open("/brand").text
    assert "Save" not in viewer.open("/brand").text


def test_pictures_are_for_those_who_sign_in_and_nothing_runs_in_them(
    kept: Instance, owner: Visitor, stranger: Visitor
) -> None:
    kit = quote(dump({"primary": "#00aa55"}))
    for path in ("/template-pictures/offer", "/starting-letters/welcome", f"/brand-sample?kit={kit}"):
        assert stranger.http.get(path).status_code == 401
        answer = owner.http.get(path)
        assert answer.status_code == 200 and "sandbox" in answer.headers["content-security-policy"]
    assert "Words of ours" in owner.http.get("/template-pictures/offer").text
    assert "#00aa55" in owner.http.get(f"/brand-sample?kit={kit}").text
    for bad in ("", "[]", '{"primary":"red"}', '{"x":1}', "{" * 3_000):
        assert owner.http.get("/brand-sample", params={"kit": bad}).status_code == 400
    assert owner.http.get("/template-pictures/none").status_code == 404
    assert owner.http.get("/starting-letters/..%2Fx").status_code == 404


def test_a_picture_is_for_everybody_who_gets_the_letter(kept: Instance, stranger: Visitor) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"a picture"
    name = kept.db.write(lambda tx: pictures.keep(tx, png, "a.png", "ada@example.com", 1))
    assert kept.db.write(lambda tx: pictures.keep(tx, png, "again.png", "bob@example.com", 2)) == name
    answer = stranger.http.get(pictures.address(stranger.address, name))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, png, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff" and "immutable" in answer.headers["cache-control"]
    assert stranger.http.get("/public/pictures/none.png").status_code == 404
    for bad in (b"<svg onload='a()'/>", b"GIF8" + bytes(pictures.LARGEST), b""):
        with pytest.raises(pictures.PictureProblem):
            pictures.named(bad)
