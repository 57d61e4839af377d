"""One instance: a home folder with its secret, its database, its clock, and the runtime that works on them."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DatabaseError, OperationalError

from ..runtime.clock import Clock, ManualClock, SystemClock
from ..runtime.program import ProgramShelf
from ..runtime.settings import SERVED_AT, Settings
from ..runtime.settings import load as load_settings
from ..storage import migrate
from ..storage import settings as rows
from ..storage.database import Database, Tx
from .config import STORE, Config, load, masked
from .lock import Running
from .secrets import FILE as KEY_FILE
from .secrets import Secrets

if TYPE_CHECKING:
    from ..runtime.service import Runtime

STAMP = "instance.stamp"
CLOCK = "instance.clock_ms"
BACKED_UP = "instance.backed_up_ms"


class InstanceProblem(Exception):
    """An instance cannot be opened; the message says what to do."""


class NoInstance(InstanceProblem):
    """There is no Sojourn instance in this folder: make one with `sojourn init`, or look at one with `sojourn demo`."""


class NoKey(InstanceProblem):
    """The instance's secret.key is missing: put it back from a backup made with its key; no other one fits."""


class Unreachable(InstanceProblem):
    """The database does not answer: look at its address and whether it runs."""


class Damaged(InstanceProblem):
    """The database is damaged or no database: restore a backup into an empty home folder with `sojourn restore`."""


class ForeignDatabase(InstanceProblem):
    """This database belongs to another instance (its secret.key is not the one in this home folder)."""


class KeptClock(ManualClock):
    """A clock moved by hand whose time is written down whenever it moves, so that a restart goes on from there."""

    def __init__(self, db: Database, start_ms: int) -> None:
        super().__init__(start_ms)
        self._db = db

    def set(self, at_ms: int, speed: float | None = None) -> None:
        super().set(at_ms, speed)
        self.keep()

    def keep(self) -> None:
        """Write down how late it is; never earlier than what is written."""
        now_ms = self.now_ms()
        self._db.write(lambda tx: rows.store(tx, CLOCK, max(now_ms, rows.fetch(tx, CLOCK) or 0)))


class Instance:
    """Everything a command or a page needs. Open it once in a process and close it in the end."""

    def __init__(self, home: Path, config: Config, db: Database, clock: Clock, secrets: Secrets) -> None:
        self.home = home
        self.config = config
        self.db = db
        self.clock = clock
        self.secrets = secrets
        self.shelf = ProgramShelf()  # the compiled live journeys
        self.running: Running | None = None  # who holds the home folder, in the process that does

    @classmethod
    def open(cls, home: Path, **given: Any) -> Instance:
        """Open the instance in ``home``, its database brought to now. ``given`` wins over environment and file."""
        home = home.expanduser().absolute()
        must_exist(home)
        secrets = Secrets.read(home)
        config = load(home, **given)
        with _opening(config):
            db = Database(config.database_url, secrets.derive("digests"))
            try:
                migrate.upgrade(db)
                now_ms = time.time_ns() // 1_000_000
                start_ms = db.write(lambda tx: _recognise(tx, config, secrets, now_ms))
            except BaseException:
                db.close()
                raise
        clock = KeptClock(db, start_ms) if config.clock == "manual" else SystemClock()
        return cls(home, config, db, clock, secrets)

    @classmethod
    def create(cls, home: Path, **given: Any) -> Instance:
        """Make the home folder and its key where they are missing, and open the instance."""
        home = home.expanduser().absolute()
        load(home, **given)  # a mistake in the configuration leaves no half-made folder behind
        if not exists(home):
            no_database_alone(home)
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            Secrets.make(home)
        return cls.open(home, **given)

    @cached_property
    def runtime(self) -> Runtime:
        """The engine, the outbox and the schedule; they stand still until ``runtime.start()``."""
        from ..runtime.service import Runtime

        return Runtime(self)

    @property
    def settings(self) -> Settings:
        """The owner's settings, as they are at this moment."""
        return self.db.look(load_settings)

    def announce(self, address: str) -> None:
        """Remember where the web server is reached: links in letters start there unless the owner says otherwise."""
        self.db.write(lambda tx: rows.store(tx, SERVED_AT, address))

    def close(self) -> None:
        """Stop what runs and close the database."""
        if "runtime" in self.__dict__:
            self.runtime.stop()
        if isinstance(self.clock, KeptClock) and self.clock.speed:
            self.clock.keep()
        self.db.close()


def default_home() -> Path:
    """SOJOURN_HOME, or ``.sojourn`` in the user's own folder."""
    return Path(os.environ.get("SOJOURN_HOME") or Path.home() / ".sojourn")


def exists(home: Path) -> bool:
    """True when an instance was made in ``home``."""
    return (home / KEY_FILE).exists()


def must_exist(home: Path) -> None:
    """Raise a sentence that says what to do when no instance can be opened in ``home``."""
    if exists(home):
        return
    no_database_alone(home)
    raise NoInstance(
        f"There is no Sojourn instance in {home}. Make one with `sojourn init --home {home}`, "
        "look at an example with `sojourn demo`, or say where yours is with --home or SOJOURN_HOME."
    )


def no_database_alone(home: Path) -> None:
    """A new key beside an old database would make it nobody's."""
    if (home / STORE).exists():
        raise NoKey(
            f"{home} holds a database ({STORE}), but its {KEY_FILE} is missing. Put {KEY_FILE} back from a copy, or "
            f"restore a backup made with its key into an empty folder (`sojourn restore`). No other key fits."
        )


@contextmanager
def _opening(config: Config) -> Iterator[None]:
    """What a driver says of a file or an address, as a sentence that names it."""
    where = masked(config.database_url)
    try:
        yield
    except DatabaseError as error:
        said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        if isinstance(error, OperationalError) and config.database_url.startswith("postgresql"):
            raise Unreachable(
                f"The database at {where} cannot be reached ({said}): see that it runs there, or correct "
                "SOJOURN_DATABASE (`database` in sojourn.toml)."
            ) from error
        if "not a database" in said or "malformed" in said:
            raise Damaged(
                f"The database at {where} is damaged or no database ({said}): move it away and restore a backup with "
                "`sojourn restore` into an empty home folder."
            ) from error
        raise


def stamp(secrets: Secrets) -> str:
    """What a database carries to show which instance it belongs to."""
    return secrets.derive("instance stamp").hex()


def _recognise(tx: Tx, config: Config, secrets: Secrets, now_ms: int) -> int:
    """Check that the database is ours, or make it so when it is new; return the time of a manual clock."""
    found = rows.fetch(tx, STAMP)
    if found is None:
        rows.store(tx, STAMP, stamp(secrets))
    elif not hmac.compare_digest(found, stamp(secrets)):
        raise ForeignDatabase(
            f"The database belongs to another instance: its secret.key is not the one in {config.home}. "
            "Use that instance's home folder, or name another database."
        )
    if config.clock != "manual":
        return now_ms
    kept = rows.fetch(tx, CLOCK)
    if kept is None:
        rows.store(tx, CLOCK, now_ms)
        return now_ms
    return int(kept)
