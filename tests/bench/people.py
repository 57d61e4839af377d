"""Finding contacts and comparing them for duplicates: a search beside one through everything, a page of changes."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from sojourn.runtime.chores import matches as chore
from sojourn.runtime.clock import ManualClock
from sojourn.storage import matches, migrate, views
from sojourn.storage.columns import dump
from sojourn.storage.database import Database, sqlite_url

from .figures import Figure

NOW = 1_790_000_000_000
FIRST = ("Lena", "Jan", "Petr", "Eva", "Lucie", "Martin", "Klara", "Anna", "Hana", "Filip", "Zora", "Ota")
LAST = ("Novak", "Svoboda", "Dvorak", "Cerny", "Kucera", "Vesely", "Horak", "Marek", "Kral", "Urban", "Fiala")
QUERIES = ("lena.novak77", "lena novak", "c123456", "ota", "nobody-at-all")


def found_1m() -> list[Figure]:
    """The slowest of several searches among 1,000,000 contacts, beside one look through their properties."""
    with tempfile.TemporaryDirectory() as folder:
        db = _filled(Path(folder), 1_000_000)
        took = []
        for words in QUERIES:
            began = time.perf_counter()
            db.look(lambda tx, words=words: views.contact_lines(tx, words))
            took.append(time.perf_counter() - began)
        began = time.perf_counter()
        db.look(lambda tx: tx.rows("SELECT id FROM contacts WHERE CAST(properties AS text) LIKE '%nobody%' LIMIT 50"))
        through_everything = time.perf_counter() - began
        db.close()
    more = {words: round(seconds * 1000, 1) for words, seconds in zip(QUERIES, took, strict=True)}
    return [Figure("people.search.1m", max(took) * 1000, "ms", through_everything * 1000, more)]


def compared() -> list[Figure]:
    """Comparing 10,000 changed contacts with 100,000, beside comparing them with 10,000: what changed is what costs."""
    took = []
    for among in (100_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            db = _filled(Path(folder), among)
            clock = ManualClock(NOW + 1_000_000)
            db.write(lambda tx, among=among: matches.set_mark(tx, NOW + among - 10_000, 0))
            began = time.perf_counter()
            chore.look(SimpleNamespace(db=db, clock=clock))
            took.append(time.perf_counter() - began)
            db.close()
    return [Figure("people.duplicates.10k", took[0], "s", took[1])]


def _filled(folder: Path, count: int) -> Database:
    db = Database(sqlite_url(folder / "people.db"))
    migrate.upgrade(db)
    chance = random.Random(4)
    for start in range(1, count + 1, 50_000):
        rows, names, words = [], [], []
        for key in range(start, min(start + 50_000, count + 1)):
            first, last = chance.choice(FIRST), f"{chance.choice(LAST)}{chance.randrange(3_000)}"
            email = f"{first}.{last}.{key}@example.com".lower()
            rows.append((key, f"c{key}", email, dump({"first_name": first, "last_name": last}), NOW + key, NOW + key))
            names += [("user", f"c{key}", key, NOW), ("email", email, key, NOW)]
            words += [(first.lower(), key), (last.lower(), key)]
        db.write(
            lambda tx, rows=rows, names=names, words=words: (
                tx.insert("contacts", "id,external_id,email,properties,created_at,changed_at", rows),
                tx.insert("identities", "kind,value,contact_id,created_at", names),
                tx.insert("contact_words", "word,contact_id", sorted(words)),
            )
        )
    return db
