"""`sojourn segments` in real processes: in from a file, counted, listed and out again."""

from __future__ import annotations

import json
from pathlib import Path

from sojourn.storage.columns import dump
from sojourn.storage.database import Database, sqlite_url

from .terminal import PASSWORD, sojourn

FILE = """
segments:
  - name: quiet
    title: Quiet ones
    rule: {not: {segment: buyers}}
  - name: buyers
    rule: {event: purchased, sum: total, op: at_least, value: 10}
"""


def test_in_from_a_file_counted_listed_and_out_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    owner = ("--owner-email", "ann@example.com", "--owner-password-stdin")
    assert sojourn(home, "init", *owner, typed=PASSWORD).returncode == 0
    db = Database(sqlite_url(home / "sojourn.db"))
    people = [(n, f"u{n}" if n < 3 else None, "{}", 1, 1) for n in (1, 2, 3)]
    bought = [(1, "purchased", 5, 5, dump({"total": "12.50"})), (2, "purchased", 5, 5, dump({"total": 9}))]
    db.write(lambda tx: tx.insert("contacts", "id,external_id,properties,created_at,changed_at", people))
    db.write(lambda tx: tx.insert("events", "contact_id,name,at,received_at,properties", bought))
    db.close()
    file = tmp_path / "segments.yaml"
    file.write_text(FILE, "utf-8")

    answer = sojourn(home, "segments", "import", str(file))
    assert answer.stdout == "buyers: revision 1\nquiet: revision 1\n", answer.stderr
    assert json.loads(sojourn(home, "segments", "count", "buyers", "--json").stdout) == {
        "segment": "buyers", "count": 1, "contacts": 3,
    }  # fmt: skip
    assert sojourn(home, "segments", "ids", "quiet").stdout == "u2\n3\n"
    taken = tmp_path / "buyers.csv"
    assert sojourn(home, "export", "--segment", "buyers", str(taken)).returncode == 0
    assert [line.split(",")[0] for line in taken.read_text("utf-8-sig").splitlines()] == ["external_id", "u1"]
    done = json.loads(sojourn(home, "segments", "refresh", "--json").stdout)
    assert [(each["name"], each["size"]) for each in done] == [("buyers", 1), ("quiet", 2)]
    assert sojourn(home, "segments", "export", "quiet").stdout.startswith("name: quiet\ntitle: Quiet ones\n")
    file.write_text("name: loop\nrule: {segment: loop}\n", "utf-8")
    refused = sojourn(home, "segments", "import", str(file))
    assert refused.returncode == 1 and "depend on itself: loop → loop" in refused.stderr
    assert "no segment of that name" in sojourn(home, "segments", "count", "nobody").stderr
