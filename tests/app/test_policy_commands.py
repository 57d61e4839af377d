"""`sojourn policy` in real processes: in from a file, told, kept, asked about one person."""

from __future__ import annotations

import json
from pathlib import Path

from sojourn.storage import consents
from sojourn.storage.columns import dump
from sojourn.storage.consents import Said
from sojourn.storage.database import Database, sqlite_url

from .terminal import PASSWORD, sojourn

NOV_20 = 1_795_132_800_000  # 2026
FILE = """
caps: [{name: few, max: 3, in: 7 days, classes: [promo]}]
quiet_hours: [{channels: [sms], from: "20:00", to: "08:00", spread_minutes: 0}]
groups: [{name: winter, journeys: [winter-sale, winter-news]}]
"""


def test_in_from_a_file_told_kept_and_asked_about_one_person(tmp_path: Path) -> None:
    home = tmp_path / "home"
    owner = ("--owner-email", "ann@example.com", "--owner-password-stdin")
    assert sojourn(home, "init", *owner, typed=PASSWORD).returncode == 0
    db = Database(sqlite_url(home / "sojourn.db"))
    ann = (1, "ann", "+420600000001", dump({"timezone": "Europe/Prague"}), NOV_20, NOV_20)
    db.write(lambda tx: tx.insert("contacts", "id,external_id,phone,properties,created_at,changed_at", [ann]))
    db.write(lambda tx: tx.insert("identities", "kind,value,contact_id,created_at", [("user", "ann", 1, 1)]))
    db.write(lambda tx: consents.append(tx, [Said(1, "sms", "granted", "test", "marketing")], NOV_20))
    db.close()
    file = tmp_path / "policy.yaml"
    file.write_text(FILE, "utf-8")

    answer = sojourn(home, "policy", "import", str(file), "--note", "to begin with")
    assert answer.stdout == "The policy applies from now on.\n"
    assert "journey “winter-sale”, which is not there (yet)" in answer.stderr
    assert "nothing was changed" in sojourn(home, "policy", "import", str(file)).stdout
    assert json.loads(sojourn(home, "policy", "show", "--json").stdout)["caps"][0]["max"] == 3
    written = sojourn(home, "policy", "show", "--yaml").stdout
    file.write_text(written.replace("max: 3", "max: 2"), "utf-8")
    assert sojourn(home, "policy", "import", str(file)).returncode == 0
    versions = json.loads(sojourn(home, "policy", "history", "--json").stdout)
    assert [(each["status"], each["note"]) for each in versions] == [("in_force", ""), ("past", "to begin with")]
    assert versions[0]["changes"][1].startswith("Enough is enough: new: At most 2 messages in any 7 days")

    asked = ("policy", "test", "--contact", "ann", "--channel", "sms", "--json", "--at")
    night = json.loads(sojourn(home, *asked, "2026-11-22T21:30").stdout)
    assert (night["answer"], night["until"], night["rule"]) == ("defer", "2026-11-23T07:00:00.000Z", "quiet_hours")
    assert [each["code"] for each in night["questions"] if each["answer"] != "go"] == ["hours"]
    assert json.loads(sojourn(home, *asked, "2026-11-22T11:30:00Z").stdout)["answer"] == "go"
    assert "Nobody is known as eve" in sojourn(home, "policy", "test", "--contact", "eve", "--channel", "sms").stderr

    file.write_text(FILE.replace("max", "maxx"), "utf-8")
    refused = sojourn(home, "policy", "import", str(file))
    assert refused.returncode == 1
    assert refused.stderr == "Line 2: caps[0].maxx is not known here: did you mean max?\n"
