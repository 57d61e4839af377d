"""`sojourn templates`: letters in from a folder, shown as a contact gets them, out again."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path

from typer.testing import CliRunner, Result

from sojourn.app.cli import app
from sojourn.app.instance import Instance
from sojourn.runtime import settings
from sojourn.storage.columns import dump


def sojourn(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["templates", *words, "--home", str(home)])


OWN = """
template: spring-offer
title: Spring offer
subject: Hello {{ contact.first_name }}
blocks:
  - {id: b1, kind: heading, settings: {text: "Twenty per cent off"}}
  - {id: b2, kind: footer}
"""


def test_letters_in_from_a_folder_shown_and_out_again(tmp_path: Path) -> None:
    home, letters, out = tmp_path / "home", tmp_path / "letters", tmp_path / "out"
    instance = Instance.create(home)
    db = instance.db
    ada = (1, "u1", "ada@example.org", dump({"first_name": "Ada"}), 1, 1)
    db.write(lambda tx: tx.insert("contacts", "id,external_id,email,properties,created_at,changed_at", [ada]))
    db.write(lambda tx: settings.save(tx, "sender_address", "news@example.com"))
    instance.close()
    letters.mkdir()
    (letters / "offer.yaml").write_text(OWN)
    (letters / "old-news.html").write_text("<title>News for *|FNAME|*</title><p>Some news</p><script>x</script>")
    (letters / "bad.mjml").write_text("<mjml><mj-include path='x.mjml'></mjml>")

    answer = sojourn(home, "import", str(letters))
    assert answer.exit_code == 1  # one of them could not be taken
    assert "spring-offer: kept." in answer.stdout and "Left out: scripts." in answer.stdout
    assert "bad.mjml: It includes another file (x.mjml)" in answer.stdout
    listed = json.loads(sojourn(home, "list", "--json").stdout)
    assert {(each["name"], each["version"]) for each in listed} == {("spring-offer", 1), ("old-news", 1)}

    eml = sojourn(home, "render", "spring-offer", "--contact", "ada@example.org", "--format", "eml")
    letter = message_from_bytes(eml.stdout.encode(), policy=policy.default)
    assert (letter["subject"], letter["to"]) == ("Hello Ada", "ada@example.org"), eml.output
    assert "Twenty per cent off" in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    nobody = sojourn(home, "render", "spring-offer", "--contact", "u9")
    assert (nobody.exit_code, "Nobody is known as u9" in str(nobody.exception)) == (1, True)

    assert sojourn(home, "export", str(out)).exit_code == 0
    assert sorted(file.name for file in out.iterdir()) == ["old-news.yaml", "spring-offer.yaml"]
    again = json.loads(sojourn(home, "import", str(out), "--json").stdout)
    assert (len(again["taken"]), again["refused"]) == (2, [])

    (letters / "broken.mjml").write_text(
        "<mjml><mj-body><mj-text>\nHi {{ contact.first_name </mj-text></mj-body></mjml>"
    )
    again = sojourn(home, "import", str(letters))
    assert "broken: kept." in again.stdout and "cannot be sent before this is mended" in again.stdout
    assert "Line 2: " in again.stdout and again.stdout.count("mended") == 1, "the others are whole"
