"""`sojourn bounces` from a terminal: what a mail would be taken for, and what came back taken in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sojourn.app.cli import app
from sojourn.app.instance import Instance

MAIL = """Return-Path: <>
From: MAILER-DAEMON@mx.example.org
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; ann@example.org
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 mailbox full

--b--
"""


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["bounces", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout


def test_a_mail_says_whom_it_is_about_and_what_follows(tmp_path: Path) -> None:
    file = tmp_path / "x.eml"
    file.write_text(MAIL)
    (report,) = json.loads(run("parse", str(file), "--json"))["reports"]
    said = {key: report[key] for key in ("recipient", "class", "word", "action", "code", "enhanced")}
    assert said == {
        "recipient": "ann@example.org", "class": "soft", "word": "full", "action": "count", "code": 552,
        "enhanced": "5.2.2",
    }  # fmt: skip
    assert "Counted; after several in a row" in run("parse", str(file))


def test_what_lies_in_the_folder_is_taken_in_and_the_mailbox_keeps_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    Instance.create(home).close()
    (home / "bounces" / "new").mkdir(parents=True)
    (home / "bounces" / "new" / "1").write_text(MAIL)
    assert "Nobody with this address was written to" in run("collect", "--home", str(home))
    assert "Nothing came back" in run("collect", "--home", str(home))

    monkeypatch.setenv("SOJOURN_BOUNCES_PASSWORD", "open sesame")
    shown = run("mailbox", "imaps://bounces@mail.example.com/Back", "--home", str(home))
    assert (
        shown == run("mailbox", "--home", str(home)) == "Letters come back to bounces at mail.example.com:993, Back.\n"
    )
    assert b"open sesame" not in (home / "sojourn.db").read_bytes()
    run("mailbox", "none", "--home", str(home))
    assert "no bounce mailbox" in run("mailbox", "--home", str(home))
