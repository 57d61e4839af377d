"""One product as shops write it down, in any of their usual words, as the catalogue keeps it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..nodes.operators import moment_ms, number

SAME: dict[str, tuple[str, ...]] = {  # our name, and what else it is called in feeds and exports
    "sku": ("product_id", "id", "item_id", "code", "variant_sku"),
    "title": ("name", "product_name", "item_name"),
    "url": ("link", "product_url", "permalink"),
    "image": ("image_link", "image_url", "picture", "img", "imgurl", "image_src"),
    "price": ("regular_price", "price_vat"),
    "old_price": ("compare_at_price", "list_price", "original_price", "variant_compare_at_price"),
    "currency": ("price_currency",),
    "category": ("product_type", "google_product_category", "categorytext", "type"),
    "tags": ("labels", "keywords"),
    "stock": ("quantity", "inventory", "inventory_quantity", "stock_quantity", "qty"),
    "margin": ("margin_percent",),
    "language": ("lang", "locale"),
    "published_at": ("published", "created_at", "date_created", "added_at"),
    "active": ("enabled", "status", "visible"),
}
OURS = {other: name for name, others in SAME.items() for other in (name, *others)}
TEXTS = {"sku": 200, "title": 500, "url": 2_000, "image": 2_000, "currency": 10, "category": 200, "language": 20}
NO = ("", "0", "no", "false", "off", "draft", "archived", "disabled", "inactive")
EXTRA = 40  # further columns that are kept
WEB = re.compile(r"https?://[^\s<>\"]+\Z", re.I)
MONEY = re.compile(r"[^\d,.\-]")
LETTERS = re.compile(r"[A-Za-z]{3}")


class ProductProblem(Exception):
    """A product, or a file of them, cannot be read; the message says why."""


def rows_of(content: bytes) -> Iterator[Mapping[str, Any]]:
    """The rows of a JSON list (or what stands under products, items or data), of JSON lines, or of a CSV table.

    Raises `ProductProblem`.
    """
    text = content.decode("utf-8-sig", "replace").strip()
    if not text:
        raise ProductProblem("There is nothing in it.")
    if text[0] in "[{":
        yield from _json(text)
        return
    if text[0] == "<":
        raise ProductProblem("This is XML or a web page; products come as JSON or as CSV.")
    try:
        dialect = csv.Sniffer().sniff(text[:20_000].partition("\n")[0], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    dialect.doublequote = True  # a head of plain words says nothing of quotes within quotes
    table = csv.DictReader(io.StringIO(text), dialect=dialect)
    if not any(OURS.get(_plain(name)) == "sku" for name in table.fieldnames or ()):
        raise ProductProblem("The table has no column called sku, id or product_id.")
    yield from table


def product_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as the catalogue keeps it; what it does not say is not in it. Raises `ProductProblem`."""
    one: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in row.items():
        key = OURS.get(_plain(name)) if isinstance(name, str) else None
        if key is None or key in one:
            if isinstance(name, str) and isinstance(value, str | int | float) and len(extra) < EXTRA:
                extra[_plain(name)[:60]] = value[:1_000] if isinstance(value, str) else value
        elif value is not None:
            one[key] = value
    if isinstance(row.get("extra"), Mapping):
        extra = {str(name)[:60]: value for name, value in row["extra"].items() if isinstance(value, str | int | float)}
    known = {name: read(name, one[name]) for name in one for read in (_READERS.get(name, _text),)}
    if not known.get("sku"):
        raise ProductProblem("It has no sku.")
    sale, cost = _amount("sale price", extra.get("sale_price")), _amount("cost", extra.pop("cost", None))
    if sale is not None and known.get("price") and sale < known["price"]:
        known["old_price"], known["price"] = known["price"], sale
    if cost is not None and known.get("price") and "margin" not in known:
        known["margin"] = round(100 * (known["price"] - cost) / known["price"], 2)
    if "price" in one and "currency" not in known and (named := LETTERS.search(str(one["price"]))):
        known["currency"] = named[0].upper()
    available = str(extra.pop("availability", "")).lower().replace("_", " ")
    if "stock" not in known and available.startswith("out of"):
        known["stock"] = 0
    if extra:
        known["extra"] = extra
    return known


def _json(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        document = orjson.loads(text)
    except ValueError:
        try:
            document = [orjson.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise ProductProblem(f"This is no JSON: {str(error)[:100]}.") from None
    if isinstance(document, Mapping):
        document = next((document[name] for name in ("products", "items", "data") if name in document), [document])
    if not isinstance(document, list) or not all(isinstance(one, Mapping) for one in document):
        raise ProductProblem("The JSON has to be a list of products.")
    yield from document


def _plain(name: str) -> str:
    return name.strip().lower().removeprefix("g:").replace(" ", "_").replace("-", "_")


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool | dict | list):
        raise ProductProblem(f"The {name} is no text.")
    text = str(value).replace("\0", "").strip()
    if len(text) > TEXTS[name]:
        raise ProductProblem(f"The {name} has more than {TEXTS[name]} characters.")
    return text.encode("utf-8", "replace").decode()


def _address(name: str, value: Any) -> str:
    text = _text(name, value)
    if text and not WEB.match(text):
        raise ProductProblem(f"The {name} is no web address: it has to begin with https://.")
    return text


def _amount(name: str, value: Any) -> float | None:
    if value in (None, ""):
        return None
    text = MONEY.sub("", str(value)) if isinstance(value, str) else value
    if isinstance(text, str) and "," in text:
        text = text.replace(",", "." if text.rfind(",") >= len(text) - 3 and "." not in text else "")
    read = None if isinstance(value, bool) else number(text)
    if read is None:
        raise ProductProblem(f"The {name.replace('_', ' ')} is no number: {str(value)[:40]!r}.")
    return float(read)


def _count(name: str, value: Any) -> int | None:
    amount = _amount(name, value)
    return None if amount is None else max(min(int(amount), 2**53), -(2**53))


def _tags(name: str, value: Any) -> list[str]:
    parts = value if isinstance(value, list) else str(value).split(",")
    return [str(part).replace("\0", "").strip()[:200] for part in parts if str(part).strip()][:50]


def _moment(name: str, value: Any) -> int | None:
    return moment_ms(value) if value not in (None, "") else None


def _yes(name: str, value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).strip().lower() not in NO


_READERS: dict[str, Any] = {
    "url": _address, "image": _address, "price": _amount, "old_price": _amount, "margin": _amount, "stock": _count,
    "tags": _tags, "published_at": _moment, "active": _yes,
}  # fmt: skip
