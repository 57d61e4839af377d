"""`sojourn coupons`: pools of codes, how they stand, and codes brought in or made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .common import ACTOR, AsJson, Home, Refused, opened, put, say, table

app = typer.Typer(no_args_is_help=True, help="Single-use codes for letters.")
Pool = Annotated[str, typer.Argument(help="The pool's name, such as spring-2027.")]


@app.command("list")
def list_(as_json: AsJson = False, home: Home = None) -> None:
    """Every pool: codes left, kept for letters on their way, given, used."""
    from ...storage import coupons

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        pools = instance.db.look(coupons.pools)
        stocks = instance.db.look(lambda tx: coupons.stocks(tx, now_ms))
    lines = [
        {"pool": one.name, **stocks.get(one.id or 0, coupons.Stock(0, 0, 0, 0))._asdict(), "when_empty": one.when_empty}
        for one in pools
    ]
    if as_json:
        put(lines)
    else:
        table(("pool", "left", "reserved", "given", "redeemed", "when empty"), [[*one.values()] for one in lines])


@app.command("import")
def import_(
    pool: Pool,
    file: Annotated[Path, typer.Argument(help="One code a line, or a CSV file with a column named code.")],
    home: Home = None,
) -> None:
    """Put the codes of a file into a pool; a pool that is not there yet is made."""
    from ...runtime import coupons

    try:
        text = file.read_text("utf-8", "replace")
    except OSError as error:
        raise Refused(f"The file cannot be read: {error.strerror}.") from None
    added, came = _put_into(home, pool, lambda: coupons.codes_of(text))
    say(f"{added} of {came} codes are new to the pool {pool}.")


@app.command()
def make(
    pool: Pool,
    pattern: Annotated[str, typer.Argument(help="Letters, and ? where chance chooses: SPRING-????-????.")],
    count: Annotated[int, typer.Argument(help="How many codes.")],
    home: Home = None,
) -> None:
    """Make codes by a pattern and put them into a pool."""
    from ...runtime import coupons

    added, _ = _put_into(home, pool, lambda: list(coupons.made(pattern, count)))
    say(f"{added} codes were made for the pool {pool}.")


def _put_into(home: Path | None, pool: str, codes_of: Callable[[], list[str]]) -> tuple[int, int]:
    """Codes into a pool, which is made where there is none: how many are new, of how many."""
    from ...runtime import coupons
    from ...storage.coupons import CouponPool, pool_named

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        try:
            codes = codes_of()
            if instance.db.look(lambda tx: pool_named(tx, pool)) is None:
                fresh = CouponPool(name=pool, created_at=now_ms)
                instance.db.write(lambda tx: coupons.make(tx, fresh, ACTOR, now_ms))
            added = coupons.bring(instance.db, pool, codes, ACTOR, now_ms)
        except coupons.CouponProblem as problem:
            raise Refused(str(problem)) from None
    return added, len(codes)
