"""How fast a long file of contacts comes in, and how much memory that takes."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .figures import Figure

ROWS = 1_000_000
CITIES = ("Brno", "Wien", "Košice")

CHILD = """
import json, resource, sys, time
from pathlib import Path
from sojourn.runtime.clock import SystemClock
from sojourn.runtime.imports import run
from sojourn.storage.database import Database, sqlite_url
from sojourn.storage.tables import metadata
db = Database(sqlite_url(Path(sys.argv[1])))
db.write(lambda tx: metadata.create_all(tx.connection))
started, cpu = time.monotonic(), time.process_time()
done = run(db, Path(sys.argv[2]), None, SystemClock(), "bench")
took, cpu = time.monotonic() - started, time.process_time() - cpu
db.close()
print(json.dumps({"rows": done.rows, "new": done.created, "bad": done.bad, "took_s": took, "cpu_s": cpu,
                  "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
"""


def million(rows: int = ROWS) -> list[Figure]:
    """Rows per CPU second of a file where one in a thousand is bad, the limit being the csv module and an executemany
    of the same rows into two tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        _write(path, rows)
        limit = _barely(path, Path(folder) / "bare.db")
        answer = subprocess.run(
            [sys.executable, "-c", CHILD, str(Path(folder) / "sojourn.db"), str(path)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    got = json.loads(answer.stdout)
    if got["rows"] != rows or got["bad"] != rows // 1_000:
        raise SystemExit(f"{got} is not what stands in the file")
    return [Figure("import.1m", rows / got["cpu_s"], "rows/CPU s", limit, got)]


def _write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("email", "user id", "first name", "city", "orders", "signed up"))
        for n in range(rows):
            email = f"no address {n}" if n % 1_000 == 7 else f"person{n}@example.com"
            writer.writerow((email, f"u{n}", f"Name {n}", CITIES[n % 3], n % 9, f"2026-0{n % 9 + 1}-11"))


def _barely(path: Path, target: Path) -> float:
    started = time.process_time()
    store = sqlite3.connect(target)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, user TEXT, properties TEXT)")
    store.execute("CREATE TABLE names (name TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID")
    rows = 0
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        while part := [row for _, row in zip(range(2_000), lines, strict=False)]:
            known = [(rows + n, row[0], row[1], json.dumps(row[2:])) for n, row in enumerate(part)]
            store.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", known)
            store.executemany("INSERT INTO names VALUES (?, ?)", [(name, one[0]) for one in known for name in one[1:3]])
            store.commit()
            rows += len(part)
    store.close()
    return rows / (time.process_time() - started)
