"""The examples of docs/dynamic-content.md do what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sojourn.runtime.content.jinja import HTML, check
from sojourn.runtime.content.needs import WORDS, needs_of
from sojourn.runtime.content.selections import ORDERS, Selection
from sojourn.runtime.content.showing import TESTS, in_words, problems
from sojourn.runtime.product_rows import product_of

PAGE = (Path(__file__).parents[2] / "docs" / "dynamic-content.md").read_text("utf-8")


def examples(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


def test_templates_compile_and_ask_for_what_they_name() -> None:
    found = examples("jinja")
    assert len(found) == 2 and all(check(one) == [] for one in found)
    assert needs_of(HTML, found).of("features") == {"orders"}
    assert len(needs_of(HTML, found).of("products")) == 2


def test_the_rule_shows_every_kind_of_condition() -> None:
    rule = json.loads(examples("json")[0])
    assert problems(rule) == [] and "temperature of weather is less than 5" in in_words(rule)
    assert {key for one in rule["all"] for key in one} & TESTS.keys() == TESTS.keys()


def test_every_word_is_named() -> None:
    for word in (*WORDS, "products(", "coupon("):
        assert f"`{word}" in PAGE or f"`{word}." in PAGE, word
    for word in (*(name for name in Selection.__slots__), *filter(None, ORDERS)):
        assert word in PAGE, word


def test_the_batch_of_products_can_be_read() -> None:
    body = re.search(r"PUT /v1/products\n(.*?)```", PAGE, re.S)
    assert body and product_of(json.loads(body[1])["products"][0])["price"] == 189
