"""The demo's own templates and the block they share, so that the library is not empty."""

from __future__ import annotations

from pathlib import Path

from ..runtime.templates import importing, template_file
from ..runtime.templates.importing import Imported
from ..storage.database import Tx

FOLDER = Path(__file__).parent.parent / "assets" / "demo" / "templates"


def written() -> list[Imported]:
    """What the files say."""
    files = sorted(FOLDER.glob("*.yaml"))
    found = [one for file in files for one in template_file.read(file.read_text("utf-8"), file.stem)]
    return [Imported(one.name, one.title, one.source, one.kind) for one in found]


def fill(tx: Tx, actor: str, now_ms: int) -> None:
    """Keep them; the shared block is put into those that hold it."""
    importing.keep_all(tx, importing.Found(written()), actor, now_ms, over=True)
