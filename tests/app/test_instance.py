"""A home folder: made once, private, its database its own, its clock kept."""

import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sojourn.app.doctor import inspect
from sojourn.app.instance import Damaged, ForeignDatabase, Instance, NoInstance, NoKey, Unreachable
from sojourn.app.lock import AlreadyRunning, HomeLock, running
from sojourn.app.secrets import CannotOpen, KeyIsDamaged, Secrets
from sojourn.runtime.chores.chore import Chore, chores
from sojourn.runtime.clock import ManualClock


def test_a_new_home_is_private_and_ready(tmp_path: Path) -> None:
    home = tmp_path / "home"
    instance = Instance.create(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
    assert instance.settings.brand_name == "Sojourn"
    instance.close()


def test_an_unknown_home_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoInstance, match=r"sojourn init --home"):
        Instance.open(tmp_path)


def test_the_database_of_another_instance_is_refused(tmp_path: Path) -> None:
    Instance.create(tmp_path / "a").close()
    Instance.create(tmp_path / "b").close()
    with pytest.raises(ForeignDatabase, match="another instance"):
        Instance.open(tmp_path / "b", database=f"sqlite:///{tmp_path / 'a' / 'sojourn.db'}")


def test_a_manual_clock_goes_on_where_it_stood_even_after_a_crash(tmp_path: Path) -> None:
    first = Instance.create(tmp_path, clock="manual")
    assert isinstance(first.clock, ManualClock)
    first.clock.set(first.clock.now_ms() + 86_400_000)
    later = Instance.open(tmp_path, clock="manual")  # the first one was never closed
    assert later.clock.now_ms() == first.clock.now_ms()
    later.close()
    first.close()


@pytest.mark.parametrize("chore", chores(), ids=lambda chore: chore.name)
def test_every_chore_is_done_in_a_new_instance(tmp_path: Path, chore: Chore) -> None:
    instance = Instance.create(tmp_path)
    assert chore.run(instance) == 0  # nobody is due
    instance.close()


def test_links_lead_to_where_the_server_is_unless_the_owner_says_otherwise(tmp_path: Path) -> None:
    instance = Instance.create(tmp_path)
    instance.announce("http://127.0.0.1:9")
    assert instance.settings.base_url == "http://127.0.0.1:9"
    instance.close()


def test_a_home_is_used_by_one_process_at_a_time(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path)
    lock.take("serve")
    lock.tell(8321, "127.0.0.1")
    with pytest.raises(AlreadyRunning, match="`sojourn serve` already runs on port 8321"):
        HomeLock(tmp_path).take("serve")
    held = running(tmp_path)
    assert held and held.port == 8321
    lock.release()
    assert running(tmp_path) is None


def test_a_killed_process_leaves_the_home_free(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from sojourn.app.lock import HomeLock;"
        f"HomeLock(Path({str(tmp_path)!r})).take('serve'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    assert running(tmp_path) is None
    HomeLock(tmp_path).take("serve")


def test_secrets_are_apart_by_purpose_and_by_instance(tmp_path: Path) -> None:
    one, other = Secrets(b"1" * 32), Secrets(b"2" * 32)
    assert one.derive("a") != one.derive("b") != other.derive("b")
    assert one.open(one.seal("geheim")) == "geheim"
    with pytest.raises(CannotOpen):
        other.open(one.seal("geheim"))
    with pytest.raises(KeyIsDamaged):
        Secrets(b"short")


@pytest.mark.parametrize("kept", [0, 4096])
def test_a_damaged_database_is_answered_with_what_to_do(tmp_path: Path, kept: int) -> None:
    Instance.create(tmp_path).close()
    file = tmp_path / "sojourn.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:kept] + b"garbage" * ((len(whole) - kept) // 7))
    with pytest.raises(Damaged, match=r"damaged or no database.*sojourn restore"):
        Instance.open(tmp_path)
    assert any(finding.level == "error" and "sojourn restore" in finding.text for finding in inspect(tmp_path))


def test_a_missing_key_beside_a_database_is_to_be_put_back_not_made_anew(tmp_path: Path) -> None:
    Instance.create(tmp_path).close()
    (tmp_path / "secret.key").unlink()
    for attempt in (Instance.open, Instance.create):
        with pytest.raises(NoKey, match=r"secret.key is missing.*Put secret.key back"):
            attempt(tmp_path)
    assert not (tmp_path / "secret.key").exists()
    assert "secret.key is missing" in inspect(tmp_path)[0].text


def test_a_server_never_reached_is_named_within_seconds(tmp_path: Path) -> None:
    Instance.create(tmp_path).close()
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=r"postgresql://nobody:\*+@127\.0\.0\.1:1/x cannot be reached"):
        Instance.open(tmp_path, database="postgresql://nobody:secret@127.0.0.1:1/x")
    assert time.monotonic() - begun < 4
