"""The committed canvas bundle is what its sources give, small enough, and names whose code is in it."""

import gzip
import json
import runpy
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CANVAS = ROOT / "assets" / "canvas"


def bundle() -> Path:
    (found,) = (CANVAS / "dist").glob("*.js")
    return found


def test_the_bundle_stays_small() -> None:
    assert len(gzip.compress(bundle().read_bytes(), 9)) < 150_000


def test_vue_stays_outside_and_nothing_is_fetched_from_elsewhere() -> None:
    text = bundle().read_text("utf-8")
    assert 'from"vue"' in text
    assert "process.env" not in text
    assert "import(" not in text


def test_whose_code_is_in_the_bundle_stands_beside_it() -> None:
    notices = (CANVAS / "dist" / "LICENSES.txt").read_text("utf-8")
    for name in json.loads((CANVAS / "package.json").read_text("utf-8"))["dependencies"]:
        assert f"\n{name} " in notices
    assert "Permission is hereby granted" in notices


def test_versions_are_pinned_and_no_host_is_named() -> None:
    package = json.loads((CANVAS / "package.json").read_text("utf-8"))
    locked = json.loads((CANVAS / "package-lock.json").read_text("utf-8"))["packages"]
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert not [name for name, entry in locked.items() if "resolved" in entry]


@pytest.mark.slow
def test_a_rebuild_gives_the_committed_file(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed; make test installs it")
    script = runpy.run_path(str(ROOT / "scripts" / "canvas.py"))
    assert script["differences"](script["build"](tmp_path)) == []
