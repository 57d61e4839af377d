"""`sojourn deliverability` in a real process: a key, the findings, and the door that proves."""

from __future__ import annotations

import json
from pathlib import Path

from sojourn.app.instance import Instance
from sojourn.runtime.deliverability.dns import PROOF, answer_to

from .terminal import PASSWORD, sojourn
from .visitor import Visitor


def test_keys_and_findings_from_a_terminal(tmp_path: Path) -> None:
    home = tmp_path / "home"
    owner = ("--owner-email", "ann@example.com", "--owner-password-stdin")
    assert sojourn(home, "init", *owner, typed=PASSWORD).returncode == 0
    key = json.loads(sojourn(home, "deliverability", "keys", "make", "example.com", "--json").stdout)
    assert key["record"]["name"] == f"{key['selector']}._domainkey.example.com" and key["status"] == "waiting"
    assert sojourn(home, "deliverability", "keys", "turn", key["selector"], "on").returncode == 0
    found = sojourn(home, "deliverability", "--json")
    assert found.returncode == 0
    said = json.loads(found.stdout)
    checks = {one["check"] for one in said["findings"]}
    assert checks == {
        "dkim", "spf", "dmarc", "alignment", "mx", "tracking", "helo", "ptr", "bimi", "mta_sts", "tls_rpt",
    }  # fmt: skip
    assert said["health"]["state"] == "few" and said["brakes"] == [] and said["hygiene"]["inactive_days"] == 180
    begun = sojourn(home, "deliverability", "warm", "1000", "--days", "28")
    assert begun.returncode == 0 and "Today 50 letters may go" in begun.stdout
    refused = sojourn(home, "deliverability", "warm", "1000")
    assert refused.returncode == 1 and "runs already" in refused.stderr
    refused = sojourn(home, "deliverability", "keys", "remove", key["selector"])
    assert refused.returncode == 1 and "turn it off first" in refused.stderr


def test_an_instance_shows_that_it_is_itself(stage_home: Path, stranger: Visitor, viewer: Visitor) -> None:
    answer = stranger.http.post(PROOF, content=b"abc123")
    with_secret = Instance.open(stage_home)
    try:
        assert answer.status_code == 200 and answer.text == answer_to(with_secret.secrets, "abc123")
    finally:
        with_secret.close()
    assert stranger.http.post(PROOF, content=b"a b").status_code == 400
    assert stranger.http.post(PROOF, content=b"a" * 65).status_code == 413
    page = viewer.http.get("/deliverability").text
    assert "Keys that sign letters" in page and "New key" not in page
    assert stranger.http.get("/deliverability").status_code == 303
