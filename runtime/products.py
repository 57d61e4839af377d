"""The catalogue filled: by a file, by a program, and by a feed that is fetched again and again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..storage import products as rows
from ..storage import settings as kept
from ..storage.database import Database, Tx
from . import notices
from .exchange.outgoing import OutgoingProblem, check, get
from .numbers import counted
from .product_rows import ProductProblem, product_of, rows_of

__all__ = ["Brought", "Feed", "ProductProblem", "bring", "bring_file", "feed_of", "fetch", "save_feed"]

PAGE = 500
LARGEST = 50_000_000  # bytes of a file or a feed
LISTED = 100  # of what could not be read
KEY, NOTICE = "products.feed", "products"
ANSWER_S = 60.0
MINUTE_MS = 60_000


@dataclass(slots=True)
class Brought:
    """What came of an import: how many were written, and by number of the row what was wrong with others."""

    written: int = 0
    left_out: int = 0
    wrong: list[tuple[int, str]] = field(default_factory=list)
    gone: int = 0  # sold no more, since the whole feed did not name them

    def words(self) -> str:
        """As a sentence."""
        said = f"{counted(self.written, 'product')} written"
        said += f", {self.left_out} left out" if self.left_out else ""
        said += f", {self.gone} no longer sold" if self.gone else ""
        return f"{said}."


class Feed(BaseModel):
    """Where products are fetched by themselves. ``whole``: what the feed does not name is sold no more."""

    model_config = ConfigDict(extra="ignore")

    url: str = ""
    minutes: int = Field(default=60, ge=5, le=10_080)
    whole: bool = True
    said: str = ""  # how the last time went
    failed: bool = False
    at_ms: int = 0


def bring(db: Database, given: Iterable[Mapping[str, Any]], now_ms: int, whole: bool = False) -> Brought:
    """Write products, page by page; a row that cannot be read is left out and said."""
    done, page = Brought(), []

    def put() -> None:
        some = list(page)
        db.write(lambda tx: rows.put(tx, some, now_ms))
        done.written += len({one["sku"] for one in some})
        page.clear()

    for number, row in enumerate(given, 1):
        try:
            page.append(product_of(row))
        except ProductProblem as problem:
            done.left_out += 1
            if len(done.wrong) < LISTED:
                done.wrong.append((number, str(problem)))
        if len(page) >= PAGE:
            put()
    if page:
        put()
    if whole and done.written:
        done.gone = db.write(lambda tx: rows.hide_others(tx, now_ms, now_ms))
    return done


def bring_file(db: Database, content: bytes, now_ms: int, whole: bool = False) -> Brought:
    """Products of a JSON or CSV file. Raises `ProductProblem`."""
    if len(content) > LARGEST:
        raise ProductProblem(f"The file has more than {LARGEST // 1_000_000} MB: bring it in parts.")
    return bring(db, rows_of(content), now_ms, whole)


# ── the feed ──────────────────────────────────────────────────────────────────────────────────────────


def feed_of(tx: Tx) -> Feed:
    """The feed as it is set."""
    return Feed.model_validate(kept.fetch(tx, KEY) or {})


def save_feed(tx: Tx, feed: Feed) -> None:
    """Keep where products are fetched. Raises `ProductProblem`."""
    if feed.url:
        try:
            check(feed.url)
        except OutgoingProblem as problem:
            raise ProductProblem(str(problem)) from None
    kept.store(tx, KEY, feed.model_dump())
    if not feed.url:
        notices.put(tx, NOTICE, [])


def fetch(db: Database, now_ms: int, private_hosts: Collection[str] = ()) -> str:
    """Fetch the feed now; returns how it went as a sentence, which is kept and, where it failed, shown as a warning."""
    feed = db.look(feed_of)
    if not feed.url:
        return "There is no feed."
    try:
        status, content = get(feed.url, LARGEST + 1, private_hosts, ANSWER_S)
        if status != 200:
            raise ProductProblem(f"The feed answered {status}, not 200.")
        said, failed = bring_file(db, content, now_ms, feed.whole).words(), False
    except (OutgoingProblem, ProductProblem) as problem:
        said, failed = str(problem), True

    def job(tx: Tx) -> None:
        kept.store(tx, KEY, {**feed_of(tx).model_dump(), "said": said, "failed": failed, "at_ms": now_ms})
        notices.put(tx, NOTICE, [f"The feed of products could not be fetched: {said}"] if failed else [])

    db.write(job)
    return said


def is_due(feed: Feed, now_ms: int) -> bool:
    """Whether it is time to fetch again."""
    return bool(feed.url) and now_ms - feed.at_ms >= feed.minutes * MINUTE_MS
