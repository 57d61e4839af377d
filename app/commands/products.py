"""`sojourn products`: a file of products brought into the catalogue, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .common import AsJson, Home, Refused, opened, put, say, table

app = typer.Typer(no_args_is_help=True, help="The catalogue: what letters show in their grids.")
MOST = 1_000


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON (a list) or CSV with a column sku, id or product_id.")],
    whole: Annotated[bool, typer.Option("--whole", help="What the file does not name is sold no more.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Bring products in: new ones, and what the file says anew of known ones."""
    from ...runtime.products import ProductProblem, bring_file

    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refused(f"The file cannot be read: {error.strerror}.") from None
    with opened(home) as instance:
        try:
            done = bring_file(instance.db, content, instance.clock.now_ms(), whole)
        except ProductProblem as problem:
            raise Refused(str(problem)) from None
    if as_json:
        wrong = [{"row": number, "error": why} for number, why in done.wrong]
        put({"written": done.written, "left_out": done.left_out, "gone": done.gone, "errors": wrong})
        return
    say(done.words())
    for number, why in done.wrong:
        say(f"Row {number}: {why}")


@app.command("list")
def list_(
    words: Annotated[str, typer.Argument(help="Part of a title, a sku or a category.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="At most so many.")] = 50,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """The products, in order of their skus."""
    from ...storage import products

    with opened(home) as instance:
        found = instance.db.look(lambda tx: products.listed(tx, words, "", limit))
    if as_json:
        put(found)
        return
    lines = [
        (one["sku"], one["title"], one["price"], one["currency"], one["category"], one["stock"], one["active"])
        for one in found
    ]
    table(("sku", "title", "price", "currency", "category", "stock", "sold"), lines)
