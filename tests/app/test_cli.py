"""The command line as a person and a script meet it: real processes, real folders."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .terminal import PASSWORD, sojourn

SOJOURN = Path(sys.executable).with_name("sojourn")
JOURNEY = """
journey: hello
nodes:
  start: {kind: trigger_api, next: pause}
  pause: {kind: wait, settings: {amount: 2, unit: days}, next: done}
  done: {kind: exit, settings: {reason: done}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home nothing is changed in."""
    home = tmp_path_factory.mktemp("cli") / "home"
    owner = ("--owner-email", "ann@example.com", "--owner-password-stdin")
    answer = sojourn(home, "init", *owner, "--clock", "manual", typed=PASSWORD)
    assert answer.returncode == 0, answer.stderr
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A fresh home of the test's own."""
    return Path(shutil.copytree(made, tmp_path / "home"))


@contextmanager
def served(home: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [SOJOURN, "serve", "--home", home, "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                    assert "engine_lag_seconds" in json.load(answer)
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert process.stdout
        process.stdout.close()


def test_a_journey_from_a_file_to_its_end(home: Path, tmp_path: Path) -> None:
    (tmp_path / "hello.yaml").write_text(JOURNEY)
    (tmp_path / "people.csv").write_text("email,first_name\nbea@example.com,Bea\nnobody,Nil\n")
    read = sojourn(home, "import", str(tmp_path / "people.csv"))
    assert "2 lines: 1 new, 0 changed, 0 as before, 1 left out." in read.stdout, read.stderr
    assert "line 3" in read.stderr
    assert "version 1 is live" in sojourn(home, "journeys", "import", str(tmp_path / "hello.yaml"), "--publish").stdout
    listed = json.loads(sojourn(home, "journeys", "list", "--json").stdout)
    assert [(one["name"], one["status"]) for one in listed] == [("hello", "live")]
    assert "1 of 1" in sojourn(home, "journeys", "enroll", "hello", "bea@example.com").stdout
    assert sojourn(home, "clock", "advance", "36h").returncode == 0
    nodes = json.loads(sojourn(home, "counts", "hello", "--json").stdout)["nodes"]
    assert (nodes["pause"]["entered"], nodes["pause"]["here_now"]) == (1, 1)
    sojourn(home, "clock", "advance", "1d")
    nodes = json.loads(sojourn(home, "counts", "hello", "--json").stdout)["nodes"]
    assert (nodes["pause"]["here_now"], nodes["pause"]["moved"], nodes["done"]["left"]) == (0, {"next": 1}, {"done": 1})
    assert sojourn(home, "messages", "--json").stdout == ""
    assert "journey: hello" in sojourn(home, "journeys", "export", "hello").stdout


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(home: Path, tmp_path: Path) -> None:
    answer = sojourn(home, "export", str(tmp_path / "nowhere" / "all.csv"))
    assert answer.returncode == 1
    assert "cannot be written: No such file or directory." in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_playbook_becomes_a_draft_that_can_be_published(home: Path) -> None:
    listed = json.loads(sojourn(home, "playbooks", "list", "--json").stdout)
    birthday = next(one for one in listed if one["name"] == "birthday")
    assert {"kind", "name", "for", "optional", "has"} == birthday["needs"][0].keys()
    assert not any(need["has"] for need in birthday["needs"] if need["kind"] == "property")
    assert "birthday" in sojourn(home, "playbooks", "list").stdout
    assert [sojourn(home, "playbooks", "add", "birthday").stdout.split(":")[0] for _ in range(2)] == [
        "birthday",
        "birthday-2",
    ]
    published = sojourn(home, "journeys", "publish", "birthday")
    assert published.returncode == 0 and "There is no mail server yet" in published.stderr, published.stderr
    refused = sojourn(home, "playbooks", "add", "nonsense")
    assert refused.returncode == 1 and "sojourn playbooks list" in refused.stderr


def test_a_running_server_is_found_and_moves_the_clock(home: Path) -> None:
    before = sojourn(home, "clock", "show").stdout
    with served(home) as port:
        assert f"already runs on port {port}" in sojourn(home, "serve", "--port", "1").stderr
        moved = sojourn(home, "clock", "advance", "36h")
        assert moved.returncode == 0, moved.stderr
        assert sojourn(home, "clock", "show").stdout > before
        strange = urllib.request.Request(f"http://127.0.0.1:{port}/-/control/nudge", data=b"{}")
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(strange)
        refused.value.close()
        assert "`sojourn serve` runs" in sojourn(home, "check").stdout


def test_a_key_is_printed_alone_and_shown_once(home: Path) -> None:
    key = sojourn(home, "keys", "new", "--kind", "write").stdout
    assert key.endswith("\n") and len(key.split()) == 1
    assert key.strip() not in sojourn(home, "keys", "list").stdout
    assert sojourn(home, "keys", "revoke", "1").returncode == 0
    assert "no working key 1" in sojourn(home, "keys", "revoke", "1").stderr


def test_check_says_what_is_missing_and_hides_passwords(made: Path) -> None:
    seen = sojourn(made, "check", SOJOURN_SMTP_URL="smtp://ann:geheim@127.0.0.1:1")
    assert seen.returncode == 1
    assert "postal_address" in seen.stdout and "does not answer" in seen.stdout
    assert "geheim" not in seen.stdout + seen.stderr


def test_backup_and_restore_by_hand(home: Path, tmp_path: Path) -> None:
    (tmp_path / "hello.yaml").write_text(JOURNEY)
    sojourn(home, "journeys", "import", str(tmp_path / "hello.yaml"), "--publish")
    file, other = tmp_path / "all.sojourn-backup", tmp_path / "other"
    assert sojourn(home, "backup", str(file)).returncode == 0
    assert "1 journeys are paused" in sojourn(other, "restore", str(file)).stdout
    assert json.loads(sojourn(other, "journeys", "list", "--json").stdout)[0]["status"] == "paused"
    assert "restored from a backup" in sojourn(other, "check").stdout
    assert "Live again: hello." in sojourn(other, "journeys", "resume", "--all").stdout
    assert "restored from a backup" not in sojourn(other, "check").stdout
    assert "already" in sojourn(other, "restore", str(file)).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("counts", "nothing"), "There is no journey called 'nothing'"),
        (("explain", "7"), "There is no message"),
        (("settings", "set", "sender_adress", "x"), "did you mean `sender_address`"),
        (("clock", "advance", "soon"), "is not a duration"),
        (("import", "missing.csv"), "There is no file missing.csv"),
        (("journeys", "import", "missing.yaml"), "missing.yaml cannot be read"),
        (("worker",), "Workers share a PostgreSQL"),
        (("restore", "missing"), "already"),
        (("keys", "new", "--kind", "golden"), "There is no kind of key golden"),
    ],
)
def test_a_mistake_is_one_sentence_and_never_a_traceback(made: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = sojourn(made, *arguments)
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_unknown_home_says_what_to_run(tmp_path: Path) -> None:
    for command in (("serve",), ("journeys", "list"), ("check",)):
        answer = sojourn(tmp_path / "nowhere", *command)
        assert answer.returncode == 1
        assert "sojourn init" in answer.stderr + answer.stdout
    assert not (tmp_path / "nowhere").exists()


def test_a_weak_password_leaves_no_instance_behind(tmp_path: Path) -> None:
    answer = sojourn(
        tmp_path / "home", "init", "--owner-email", "ann@example.com", "--owner-password-stdin", typed="short\n"
    )
    assert answer.returncode == 1 and "at least 10" in answer.stderr
    assert not (tmp_path / "home").exists()


def test_help_comes_at_once() -> None:
    before = os.times().children_user
    assert "sojourn demo" in sojourn(Path("/nowhere"), "--help").stdout
    assert os.times().children_user - before < 0.5


def test_init_makes_no_new_key_beside_an_old_database(home: Path) -> None:
    (home / "secret.key").unlink()
    answer = sojourn(home, "init", "--owner-email", "ann@example.com", "--owner-password-stdin", typed=PASSWORD)
    assert answer.returncode == 1
    assert "secret.key is missing" in answer.stderr


def test_every_command_answers_a_damaged_database_with_a_sentence(home: Path) -> None:
    (home / "sojourn.db").write_bytes(b"garbage" * 5_000)
    for command in (("check",), ("serve",), ("journeys", "list"), ("keys", "list")):
        answer = sojourn(home, *command)
        assert answer.returncode == 1
        assert "is damaged or no database" in answer.stdout + answer.stderr
        assert "Traceback" not in answer.stderr


def test_an_import_without_a_known_column_says_what_to_type(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Kontakt,City\nann,Brno\n")
    answer = sojourn(home, "import", str(file))
    assert answer.returncode == 1
    assert '--map "Kontakt=email"' in answer.stderr
