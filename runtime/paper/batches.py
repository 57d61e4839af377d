"""Batches of letters: closed in time, written as a ZIP, written anew when somebody in it was erased, handed over."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ...storage import mail_pieces
from ...storage.columns import from_ms, to_ms
from ...storage.database import Database
from ...storage.mail_pieces import Batch, Piece
from ..channels.channel import Delivered, Unclear
from ..channels.direct_mail import LINES, PaperSettings
from ..channels.hook import Hook
from ..exchange import exports
from . import pages

ANSWER_S = 300.0  # a printer's system may look at the whole batch first
KEPT = ("sender", "home_country", "paper", "window", "files")  # what a file is made from, and made again
FOLDER = "paper"
TAKEN = "The printer's system took it."
IN_HAND = "It is being handed over. When this stays, ask the printer whether it is there."


class NoSuchBatch(Exception):
    """There is no such batch, or its letters were forgotten after 90 days."""


def file_of(home: Path, batch_id: int) -> Path:
    """Where the file of a batch stands."""
    return home / FOLDER / f"batch-{batch_id}.zip"


def is_due(count: int, oldest_ms: int, settings: PaperSettings, zone: ZoneInfo, now_ms: int) -> bool:
    """Whether a batch is closed now: it is full, or the hour of closing came since its first letter."""
    return count >= settings.at_most or (count > 0 and oldest_ms < last_closing(settings.close_at, zone, now_ms))


def last_closing(close_at: str, zone: ZoneInfo, now_ms: int) -> int:
    """The newest moment at which it was this time of the day."""
    hour, minute = (int(part) for part in close_at.split(":"))
    now = from_ms(now_ms).astimezone(zone)
    today = datetime(now.year, now.month, now.day, hour, minute, tzinfo=zone)
    return to_ms(today if today <= now else today - timedelta(days=1))


def close(db: Database, account: str, settings: PaperSettings, now_ms: int) -> int | None:
    """Close one batch of an account."""
    kept = {name: getattr(settings, name) for name in KEPT}
    return db.write(lambda tx: mail_pieces.close(tx, account, kept, settings.at_most, now_ms), durable=True)


def write(db: Database, home: Path, batch_id: int, now_ms: int) -> Path:
    """The file of a batch, made now unless it is there and holds exactly those it may. Raises `NoSuchBatch`."""
    batch, pieces = db.look(lambda tx: (mail_pieces.batch(tx, batch_id), mail_pieces.pieces(tx, batch_id)))
    target = file_of(home, batch_id)
    if batch is None or not pieces:
        target.unlink(missing_ok=True)
        if batch is not None:
            db.write(lambda tx: mail_pieces.made(tx, batch_id, 0, now_ms))
        raise NoSuchBatch(NoSuchBatch.__doc__)
    if batch.outdated or not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        half = target.with_name(target.name + ".part")
        try:
            _zip(half, batch, pieces)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
        db.write(lambda tx: mail_pieces.made(tx, batch_id, len(pieces), now_ms))
    return target


async def hand_over(db: Database, hook: Hook, batch: Batch, file: Path, now_ms: int) -> None:
    """Send a batch to the printer's system. It is marked first: what a crash or a lost answer leaves open is not sent
    again by itself, since nobody should find two letters in their box."""
    headers = {
        "content-type": "application/zip",
        "content-disposition": f'attachment; filename="{file.name}"',
        "x-pieces": str(batch.left),
    }
    body = file.read_bytes()
    await db.awrite(lambda tx: mail_pieces.told(tx, batch.id, IN_HAND, now_ms), durable=True)
    outcome, _ = await hook.send(f"batch-{batch.id}", body, headers=headers)
    if isinstance(outcome, Delivered):
        said, at = TAKEN, now_ms
    elif isinstance(outcome, Unclear):
        said, at = f"{outcome.text} Ask the printer whether it is there.", now_ms
    else:
        said, at = str(getattr(outcome, "text", "")), None
    await db.awrite(lambda tx: mail_pieces.told(tx, batch.id, said, at), durable=True)


def _zip(target: Path, batch: Batch, pieces: Sequence[Piece]) -> None:
    merged = batch.settings.get("files") == "merged"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        if merged:
            file.writestr("letters.pdf", pages.document(pieces, batch.settings))
        else:
            for piece in pieces:
                file.writestr(_name(piece), pages.document([piece], batch.settings))
        file.writestr("addresses.csv", b"".join(exports.as_csv(_addresses(batch, pieces, merged))))
    target.chmod(0o600)


def _name(piece: Piece) -> str:
    return f"letters/{piece.message_id}.pdf"


def _addresses(batch: Batch, pieces: Sequence[Piece], merged: bool) -> Iterator[list[Any]]:
    """One line a letter, in the order of the letters."""
    yield ["number", "file", *LINES, "country_name"]
    for number, piece in enumerate(pieces, 1):
        said = [str(piece.address.get(name) or "") for name in LINES]
        land = pages.country(said[-1] or str(batch.settings.get("home_country", "")).upper())
        yield [number, "letters.pdf" if merged else _name(piece), *said, land]
