"""`sojourn journeys overlap` in a real process: a pair of journeys with what to do about it."""

from __future__ import annotations

import json
from pathlib import Path

from .terminal import PASSWORD, sojourn

JOURNEY = """
journey: {name}
title: {name}
message_type: marketing
topic: marketing
letters:
  hello: {{subject: Hello, mjml: '<mjml><mj-body><mj-section><mj-column><mj-text><a href="{{{{ unsubscribe_url }}}}">x</a></mj-text></mj-column></mj-section></mj-body></mjml>'}}
nodes:
  start: {{kind: trigger_api, next: day}}
  day: {{kind: wait, settings: {{amount: 1, unit: days}}, next: letter}}
  letter: {{kind: email, settings: {{letter: hello}}}}
"""  # noqa: E501


def test_whom_two_journeys_reach(tmp_path: Path) -> None:
    home = tmp_path / "home"
    owner = ("--owner-email", "ann@example.com", "--owner-password-stdin")
    assert sojourn(home, "init", *owner, typed=PASSWORD).returncode == 0
    people = tmp_path / "people.csv"
    people.write_text("email\na@example.com\nb@example.com\nc@example.com\n", "utf-8")
    assert sojourn(home, "import", str(people)).returncode == 0
    for name, who in (("spring", "abc"), ("summer", "ab")):
        file = tmp_path / f"{name}.yaml"
        file.write_text(JOURNEY.format(name=name), "utf-8")
        assert "is live" in sojourn(home, "journeys", "import", str(file), "--publish").stdout
        came = sojourn(home, "journeys", "enroll", name, *(f"{one}@example.com" for one in who))
        assert f"{len(who)} of {len(who)}" in came.stdout, came.stderr
    (pair,) = json.loads(sojourn(home, "journeys", "overlap", "--json").stdout)["pairs"]
    assert (pair["inside_both"], pair["shared"], pair["share"], pair["per_week"]) == (2, 2, 1.0, 1.0)
    assert pair["suggestion"].startswith("They share 100% of the smaller one’s people")
