"""What people install: the wheel holds everything it needs and nothing else, and its server starts."""

import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a copy, so that no build folder is left in the tree
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return next(folder.glob("*.whl"))


def test_the_laws_of_the_house_hold() -> None:
    was = Path.cwd()
    os.chdir(ROOT)
    try:
        assert runpy.run_path("scripts/laws.py")["broken"]() == []
    finally:
        os.chdir(was)


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"sojourn", f"sojourn-{wheel.name.split('-')[1]}.dist-info"}
    assert not [name for name in names if "/tests/" in name or name.endswith("conftest.py")]
    assert "sojourn/storage/migrations/script.py.mako" in names
    assert "sojourn/assets/style/sojourn.css" in names
    assert {"sojourn/assets/blocks/hero/block.mjml.jinja", "sojourn/assets/mjml/elements.json"} <= set(names)


@pytest.mark.slow
def test_an_installed_wheel_serves_its_pages(wheel: Path, tmp_path: Path) -> None:
    """A virtual environment elsewhere; the packages it depends on are lent by ours, so that no network is needed."""
    elsewhere = tmp_path / "elsewhere"
    subprocess.run([sys.executable, "-m", "venv", elsewhere], check=True)
    site = next(elsewhere.glob("lib/python*/site-packages"))
    subprocess.run(
        [elsewhere / "bin" / "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True, cwd=tmp_path
    )
    lent = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    for entry in lent.iterdir():  # everything but our own editable install
        if "sojourn" not in entry.name and not (site / entry.name).exists():
            (site / entry.name).symlink_to(entry)
    command, home = elsewhere / "bin" / "sojourn", tmp_path / "home"
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("SOJOURN_", "PYTHON"))}
    subprocess.run(
        [command, "init", "--home", home, "--owner-email", "ann@example.com", "--owner-password-stdin"],
        input="four words that fit\n", text=True, check=True, env=environ, cwd=tmp_path, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [command, "serve", "--home", home, "--port", str(port)], env=environ, cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                    assert answer.status == 200
                break
            except OSError:
                time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/assets/style/sojourn.css") as answer:
            assert answer.status == 200 and answer.read()
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) in (0, -signal.SIGTERM)


def test_nothing_names_one_machine_or_a_registry_host() -> None:
    words = re.compile(
        "|".join(["/wo" + "rk/", "registry\\." + "npmjs", "files\\." + "pythonhosted", "py" + r"pi\.org/simple"])
    )
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        file = ROOT / name
        if file.suffix in {".py", ".md", ".toml", ".txt", ".sh", ".yaml", ".yml", ""} and file.is_file():
            found = words.search(file.read_text("utf-8", errors="replace"))
            assert not found, f"{name} holds {found[0]}"
