"""`sojourn backup` and `restore`: everything into one file, and back into an empty place, at rest."""

from __future__ import annotations

import secrets as randomness
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from .common import Home, Refused, home_folder, opened, progress, say


def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; without it a dated file in this folder.")] = None,
    with_key: Annotated[
        bool, typer.Option("--with-key/--without-key", help="Put secret.key in too; keep such a file like a password.")
    ] = True,
    home: Home = None,
) -> None:
    """Write everything into one file, while the instance runs."""
    from ... import __version__
    from ...storage import settings
    from ...storage.backup import SUFFIX, back_up
    from ..instance import BACKED_UP, stamp
    from ..secrets import FILE

    target = file or Path(f"sojourn-{datetime.now(UTC):%Y-%m-%d-%H%M%S}{SUFFIX}")
    with opened(home) as instance:
        now_ms = time.time_ns() // 1_000_000
        with progress("Copying") as shown:
            back_up(
                instance.db,
                target,
                version=__version__,
                stamp=stamp(instance.secrets),
                now_ms=now_ms,
                key=(instance.home / FILE).read_bytes() if with_key else None,
                progress=shown,
            )
        instance.db.write(lambda tx: settings.store(tx, BACKED_UP, now_ms))
    say(f"{target} holds everything{' and the secret key: keep it safe' if with_key else ' but the secret key'}.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by `sojourn backup`.")],
    key: Annotated[Path | None, typer.Option(help="The secret.key, when the backup was made without it.")] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make a new one: links in letters already sent stop working.")
    ] = False,
    home: Home = None,
) -> None:
    """Put a backup into an empty home folder. Its journeys are paused until you resume them."""
    from ...storage import restore as putting
    from ...storage.backup import BackupProblem
    from ..config import load
    from ..instance import exists, stamp
    from ..secrets import SIZE, Secrets

    folder = home_folder(home)
    if exists(folder):
        raise BackupProblem(f"There is an instance in {folder} already: a backup goes into an empty home folder only.")
    config = load(folder)
    putting.look(file)
    if key:
        if not key.is_file():
            raise Refused(f"There is no file {key}.")
        secret = key.read_bytes()
    else:
        secret = putting.key(file) or (randomness.token_bytes(SIZE) if new_key else None)
    if secret is None:
        raise Refused(f"{file} was made without its secret key: name it with --key, or make a new one with --new-key.")
    opened_key = Secrets(secret)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = putting.put_back(file, config.database_url, now_ms=time.time_ns() // 1_000_000, stamp=stamp(opened_key))
    Secrets.keep(folder, secret)
    say(
        f"{folder} holds what {file.name} held. {held['journeys']} journeys are paused and {held['messages']} messages "
        "wait: they may have gone out since the backup was made. Look through, then `sojourn journeys resume --all`."
    )
