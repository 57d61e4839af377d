"""`sojourn consents` from a terminal: written down, shown, proven, and a forged entry named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sojourn.app.cli import app
from sojourn.app.instance import Instance


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = Instance.create(tmp_path / "home")
    rows = [(1, "ann@example.com", "{}", 1, 1)]
    made.db.write(lambda tx: tx.insert("contacts", "id,email,properties,created_at,changed_at", rows))
    made.db.write(lambda tx: tx.run("INSERT INTO identities (kind, value, contact_id, created_at)"
                                    " VALUES ('email', 'ann@example.com', 1, 1)"))  # fmt: skip
    made.close()
    return tmp_path / "home"


def run(home: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["consents", *arguments, "--home", str(home)])
    assert done.exit_code == code, done.output
    return done.stdout


def test_written_down_shown_and_proven(home: Path) -> None:
    said = ("record", "ann@example.com", "news")
    assert "Written down" in run(home, *said, "yes", "--why", "told us on the phone")
    assert "nothing was added" in run(home, *said, "yes", "--why", "again")
    run(home, *said, "no", "--why", "changed her mind")
    shown = json.loads(run(home, "show", "ann@example.com", "--json"))
    assert shown["state"] == [{"channel": "email", "topic": "news", "state": "withdrawn"}]
    first = shown["ledger"][0]
    assert (first["source"], first["actor"], first["evidence"]) == (
        "by hand",
        "command line",
        {"why": "told us on the phone"},
    )
    assert first["confirmed_at"] is None and first["at"].startswith("20")
    assert "nothing was changed" in run(home, "verify")
    counts = json.loads(run(home, "topics", "--json"))
    assert {"topic": "marketing", "channel": "email", "granted": 0, "denied": 0, "withdrawn": 0, "unknown": 1} in counts

    opened = Instance.open(home)
    opened.db.write(lambda tx: tx.run("UPDATE consents SET action = 'granted' WHERE action = 'withdrawn'"))
    opened.close()
    found = json.loads(run(home, "verify", "--json", code=1))
    assert [one["contact"] for one in found["breaks"]] == [1]
