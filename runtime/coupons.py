"""Coupons: pools filled by a list or a pattern, codes for messages that are never given twice, what became of them."""

from __future__ import annotations

import csv
import io
import math
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..nodes.operators import reader
from ..storage import coupons as rows
from ..storage import held, users
from ..storage.columns import load
from ..storage.coupons import CouponPool
from ..storage.database import Database, Tx
from . import notices
from .content.names import POOL
from .coupon_uses import journeys_with
from .numbers import counted, thousands

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are read for another
LONGEST = 100  # characters of a code
MOST = 1_000_000  # codes brought or made at once
PAGE = 5_000
NOTICE = "coupons"


class CouponProblem(Exception):
    """A pool or its codes cannot be kept as they are; the message says why."""


@dataclass(frozen=True, slots=True)
class NoCoupon:
    """No code for a message: its pool is empty and waits for more, or there is no such pool (``broken``)."""

    pool: str
    broken: bool = False

    def __str__(self) -> str:
        if self.broken:
            return f"The letter asks for a pool of coupons “{self.pool}” that is not there."
        return f"The pool of coupons “{self.pool}” is empty: the letter waits for more codes."


# ── pools ─────────────────────────────────────────────────────────────────────────────────────────────


def make(tx: Tx, pool: CouponPool, actor: str, now_ms: int) -> int:
    """A new pool. Raises `CouponProblem`."""
    if not POOL.fullmatch(pool.name):
        raise CouponProblem("The name has small letters, digits, - and _ only, such as spring-2027.")
    if rows.pool_named(tx, pool.name) is not None:
        raise CouponProblem(f"There is a pool “{pool.name}” already: choose another name.")
    pool.created_at, pool.created_by, pool.seen = now_ms, actor, rows.newest_event(tx)
    users.note(tx, actor, "coupons.pool", pool.name, now_ms, {})
    return rows.keep(tx, check(pool))


def check(pool: CouponPool) -> CouponPool:
    """Raise `CouponProblem` for settings that mean nothing."""
    if pool.per not in ("message", "contact") or pool.when_empty not in ("wait", "leave_out"):
        raise CouponProblem("A code is given for each message or for each contact; an empty pool waits or leaves out.")
    if not pool.event.strip() or not pool.property.strip():
        raise CouponProblem("Say by which event, and which property of it, a code comes back as used.")
    if not 0 <= pool.low <= MOST:
        raise CouponProblem("Warn at a number of codes of 0 or more.")
    return pool


def delete(tx: Tx, pool: CouponPool, actor: str, now_ms: int) -> None:
    """Take a pool away with its codes. Raises `CouponProblem` while a live journey gives them out."""
    if using := journeys_with(tx, pool.name):
        names = ", ".join(f"“{title}”" for title in using)
        raise CouponProblem(
            f"The pool “{pool.name}” is needed by {names}: end it, or publish it without these coupons, and delete the "
            "pool then."
        )
    rows.remove(tx, pool.id or 0)
    users.note(tx, actor, "coupons.delete", pool.name, now_ms)


def codes_of(text: str) -> list[str]:
    """The codes of a pasted list or a CSV file: the column named code, else the first; doubles and blanks fall away.

    Raises `CouponProblem`.
    """
    lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    head = [cell.strip().lower() for cell in lines[0]] if lines else []
    column = head.index("code") if "code" in head else 0
    found: dict[str, None] = {}
    for number, line in enumerate(lines[1:] if "code" in head else lines, 1):
        code = line[column].strip() if column < len(line) else ""
        if not code:
            continue
        if len(code) > LONGEST or not code.isprintable():
            raise CouponProblem(f"Line {number} has no code: at most {LONGEST} characters that can be printed.")
        found[code] = None
        if len(found) > MOST:
            raise CouponProblem(f"These are more than {thousands(MOST)} codes: bring them in parts.")
    if not found:
        raise CouponProblem("There are no codes in this list: one a line, or a column named code.")
    return list(found)


def made(pattern: str, count: int) -> Iterator[str]:
    """Codes by a pattern such as SPRING-????-??, each ? a letter or digit by chance. Raises `CouponProblem`."""
    if not 1 <= count <= MOST:
        raise CouponProblem(f"Make between 1 and {thousands(MOST)} codes at once.")
    if len(pattern) > LONGEST or not re.fullmatch(r"[A-Za-z0-9_?-]+", pattern):
        raise CouponProblem("A pattern has letters, digits, - and _, and ? where chance chooses: SPRING-????-????.")
    if pattern.count("?") * math.log(len(LETTERS)) < math.log(count * 10_000):
        raise CouponProblem("So few ? make codes that can be guessed: put more of them into the pattern.")
    found: set[str] = set()
    while len(found) < count:
        code = re.sub(r"\?", lambda _: secrets.choice(LETTERS), pattern)
        if code not in found:
            found.add(code)
            yield code


def bring(db: Database, name: str, codes: Iterable[str], actor: str, now_ms: int, expires_at: int | None = None) -> int:
    """Put codes into a pool; returns how many were new. Letters that waited for them go on. Raises `CouponProblem`."""
    pool = db.look(lambda tx: rows.pool_named(tx, name))
    if pool is None or pool.id is None:
        raise CouponProblem(f"There is no pool “{name}”: make it first.")
    key, added, all_codes = pool.id, 0, list(codes)
    for first in range(0, len(all_codes), PAGE):
        some = all_codes[first : first + PAGE]
        added += db.write(lambda tx, some=some: rows.add(tx, key, some, expires_at))

    def end(tx: Tx) -> None:
        held.again(tx, str(NoCoupon(name)), now_ms)
        users.note(tx, actor, "coupons.bring", name, now_ms, {"codes": added})

    db.write(end)
    return added


# ── giving ────────────────────────────────────────────────────────────────────────────────────────────


def reserve(tx: Tx, wanted: Sequence[tuple[int, int, str]], now_ms: int) -> dict[tuple[int, str], str | NoCoupon]:
    """By message and pool: a code, "" where the block is left out, or why there is none."""
    given = rows.reserve(tx, wanted, now_ms)
    lacking = {pool for (_, pool), code in given.items() if code is None}
    pools = {name: rows.pool_named(tx, name) for name in lacking}
    answer: dict[tuple[int, str], str | NoCoupon] = {}
    for (message, name), code in given.items():
        pool = pools.get(name)
        if code is not None:
            answer[message, name] = code
        elif pool is None:
            answer[message, name] = NoCoupon(name, broken=True)
        else:
            answer[message, name] = "" if pool.when_empty == "leave_out" else NoCoupon(name)
    return answer


# ── afterwards ────────────────────────────────────────────────────────────────────────────────────────


def look_after(db: Database, now_ms: int) -> None:
    """What left is given, what never left goes back, what was used is noted, and what runs low is said."""
    while sum(db.write(lambda tx: rows.settle(tx, PAGE))) >= PAGE:
        pass
    for pool in db.look(rows.pools):
        _redeem(db, pool)
    db.write(lambda tx: notices.put(tx, NOTICE, _warnings(tx, now_ms)))


def _redeem(db: Database, pool: CouponPool) -> None:
    assert pool.id is not None
    key, read, newest = pool.id, reader(pool.property), db.look(rows.newest_event)
    if newest <= pool.seen:
        return
    told = db.look(lambda tx: rows.told(tx, pool.event, pool.seen, newest))
    used = [(at, code) for at, said in told if isinstance(code := read(load(said) or {}), str)]
    db.write(lambda tx: rows.redeem(tx, key, used, newest))


def _warnings(tx: Tx, now_ms: int) -> list[str]:
    found, stocks = [], rows.stocks(tx, now_ms)
    for pool in rows.pools(tx):
        stock = stocks.get(pool.id or 0)
        if stock is None or not (stock.given or stock.reserved):
            continue  # never used so far
        over = pool.expires_at is not None and pool.expires_at <= now_ms
        left = 0 if over else stock.left
        if left == 0:
            what = "its letters wait" if pool.when_empty == "wait" else "its blocks are left out"
            found.append(f"The pool of coupons “{pool.name}” {'has run out of time' if over else 'is empty'}: {what}.")
        elif left < pool.low:
            found.append(f"The pool of coupons “{pool.name}” has only {counted(left, 'code')} left.")
    return found
