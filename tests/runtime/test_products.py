"""The catalogue filled from files and feeds as shops write them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sojourn.runtime import notices
from sojourn.runtime.product_rows import ProductProblem, product_of, rows_of
from sojourn.runtime.products import Feed, bring_file, feed_of, fetch, is_due, save_feed
from sojourn.storage import products
from sojourn.storage.database import Database
from sojourn.tests.runtime.post import NOW

MERCHANT = (
    "id;g:title;link;image_link;price;sale_price;availability;product_type;colour\n"
    "p1;Boot;https://shop.example.com/p1;https://shop.example.com/p1.png;129,90 EUR;99,90 EUR;in stock;Shoes;red\n"
    "p2;Sock;https://shop.example.com/p2;;1 200.50;;out_of_stock;Small;\n"
    ";Nameless;;;1;;;;\n"
    "p3;Bad;javascript:alert(1);;1;;;;\n"
)


def test_a_merchant_feed_with_its_own_words(db: Database) -> None:
    done = bring_file(db, MERCHANT.encode("utf-8-sig"), NOW)
    assert (done.written, done.left_out) == (2, 2)
    assert done.wrong == [(3, "It has no sku."), (4, "The url is no web address: it has to begin with https://.")]
    boot, sock = db.look(lambda tx: products.listed(tx, "", "", 10))
    assert (boot["price"], boot["old_price"], boot["currency"], boot["category"]) == (99.9, 129.9, "EUR", "Shoes")
    assert boot["extra"]["colour"] == "red" and boot["stock"] is None
    assert (sock["price"], sock["stock"]) == (1200.5, 0)


def test_quotes_within_quotes_are_words() -> None:
    (row,) = rows_of(b'id,title,price\np1,"The ""Fox"", red",9\n')
    assert (row["title"], row["price"]) == ('The "Fox", red', "9")


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({"sku": 7, "name": "X", "price": 10, "cost": 6}, {"sku": "7", "title": "X", "price": 10.0, "margin": 40.0}),
        ({"sku": "a", "tags": "new, sale"}, {"sku": "a", "tags": ["new", "sale"]}),
        ({"sku": "a", "status": "draft", "stock": "3"}, {"sku": "a", "active": False, "stock": 3}),
        ({"sku": "a", "price": "1,299"}, {"sku": "a", "price": 1299.0}),
    ],
)
def test_rows_are_read(row: dict[str, Any], known: dict[str, Any]) -> None:
    assert product_of(row) == known


@pytest.mark.parametrize("content", [b"", b"<rss></rss>", b"[1]", b"{nonsense", b"name;price\nx;1\n"])
def test_what_is_no_list_of_products_is_said(content: bytes) -> None:
    with pytest.raises(ProductProblem):
        list(rows_of(content))


@pytest.fixture
def shop() -> Iterator[Any]:
    class Handler(BaseHTTPRequestHandler):
        answer = (200, b'{"products": [{"sku": "a", "price": 1}, {"sku": "b", "price": 2}]}')

        def do_GET(self) -> None:
            self.send_response(self.answer[0])
            self.end_headers()
            self.wfile.write(self.answer[1])

        def log_message(self, format: str, *args: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server, Handler
    server.shutdown()
    server.server_close()


def test_a_feed_is_fetched_and_what_it_no_longer_names_is_no_longer_sold(db: Database, shop: Any) -> None:
    server, handler = shop
    url = f"http://127.0.0.1:{server.server_port}/feed.json"
    db.write(lambda tx: save_feed(tx, Feed(url=url)))
    assert is_due(db.look(feed_of), NOW)
    assert fetch(db, NOW) == (
        "The address leads into a private network. The owner can allow a host by `private_hosts` in sojourn.toml."
    )
    assert len(db.look(notices.all_of)) == 1
    assert fetch(db, NOW, ["127.0.0.1"]) == "2 products written."
    assert db.look(notices.all_of) == [] and not is_due(db.look(feed_of), NOW + 60_000)
    handler.answer = (200, b'[{"sku": "b", "price": 3}]')
    assert fetch(db, NOW + 1, ["127.0.0.1"]) == "1 product written, 1 no longer sold."
    assert [one["sku"] for one in db.look(lambda tx: products.found(tx, products.Which(), "", 9))] == ["b"]
    handler.answer = (500, b"")
    assert "answered 500" in fetch(db, NOW + 2, ["127.0.0.1"])
    assert db.look(products.count) == 2, "what a broken feed says changes nothing"
