"""Erasing somebody: out of every table, every mention, every file of ours; what stays is a keyed digest and totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...storage import erasing, merges, requests, scrubbing, tombstones, users
from ...storage.database import Database, Tx
from ...storage.tombstones import Name
from ..numbers import counted

FOLDERS = ("uploads", "inbox")  # of the instance's home: files waiting to be imported, letters of a demo's mailbox


class NobodyToErase(Exception):
    """There is no such contact, or it was erased already: `sojourn contacts show` knows who is known."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done. ``clean`` says that the store's files were read through; None where they are not ours to read."""

    contacts: int  # the contact, those who were merged into it, and others with the same e-mail address
    names: int
    mentions: dict[str, int]
    files: int
    rewritten: bool
    clean: bool | None

    @property
    def words(self) -> str:
        """One sentence for whoever asked."""
        seen = {
            True: "The files of the store were read through: nothing of them is left.",
            False: (
                "A trace is left: a reader still holds an older state of the store, which goes with a restart, "
                "or a setting or a person who works here has the same name."
            ),
            None: "The database's own log and archives are its administrator's to age out.",
        }
        return (
            f"Erased, with {counted(self.names, 'name')}; a keyed digest of each stays, so that nobody imports them "
            "again. " + (seen[self.clean])
        )


def erase(db: Database, home: Path | None, contact_id: int, actor: str, now_ms: int) -> Erased:
    """Erase a contact with every record of the same person. Raises `NobodyToErase`; see `finish` if it is cut short."""
    contacts, names = db.write(lambda tx: _forget(tx, contact_id, actor, now_ms), durable=True)
    return _clean_up(db, home, names, contacts)


def finish(db: Database, home: Path | None, name: str) -> Erased | None:
    """Take one name of somebody who was erased out of what is left, where that was cut short; None for anybody else."""
    wanted = name.strip()
    kinds = {("email", wanted.lower()), ("phone", wanted), ("user", wanted)}
    names = db.look(lambda tx: tombstones.buried(tx, kinds))
    return _clean_up(db, home, sorted(names), 0) if names else None


def _clean_up(db: Database, home: Path | None, names: list[Name], contacts: int) -> Erased:
    mentions = erasing.unname(db, names)
    wanted = erasing.searched_for(names)
    files = _clear(home, wanted) if home else 0
    scrubbed = scrubbing.scrub(db, wanted, lambda: db.look(lambda tx: erasing.named(tx, wanted)))
    return Erased(contacts, len(names), mentions, files, scrubbed.rewritten, scrubbed.clean)


def _forget(tx: Tx, contact_id: int, actor: str, now_ms: int) -> tuple[int, list[Name]]:
    root = merges.root(tx, contact_id)
    if root is None:
        raise NobodyToErase(NobodyToErase.__doc__)
    contacts = erasing.records(tx, root)
    names = erasing.names_of(tx, contacts)
    if not names and tx.value("SELECT erased_at FROM contacts WHERE id = ?", (root,)) is not None:
        raise NobodyToErase(NobodyToErase.__doc__)
    tombstones.bury(tx, names, now_ms)
    erasing.forget(tx, contacts, names, now_ms)
    requests.settle(tx, requests.ERASURE, contacts, actor, now_ms)
    users.note(tx, actor, "erase", f"contact {root}", now_ms, {"names": len(names)})
    return len(contacts), sorted(names)


def _clear(home: Path, words: Sequence[str]) -> int:
    """Remove files of ours that name them: letters in a demo's mailbox, uploads nobody finished."""
    found = [file for folder in FOLDERS for file in (home / folder).rglob("*") if file.is_file()]
    named = [file for file in found if words and scrubbing.names(file, erasing.whole(words))]
    for file in named:
        file.unlink(missing_ok=True)
    return len(named)
