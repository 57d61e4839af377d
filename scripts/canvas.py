"""`make canvas`: builds the canvas bundle from assets/canvas in a copy of it, and compares it or puts it in place."""

from __future__ import annotations

import argparse
import filecmp
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HOME = Path(__file__).parent.parent / "assets" / "canvas"
NOTICES = "LICENSES.txt"
SOURCES = ("package.json", "package-lock.json", "vite.config.js", "src")


def build(into: Path) -> Path:
    """Build in ``into``; returns the folder with the bundle and the licences of what is in it."""
    for name in SOURCES:
        source = HOME / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, into / name)
    npm = ["npm", "--silent", "--no-audit", "--no-fund", "--no-update-notifier"]
    subprocess.run([*npm, "ci", "--ignore-scripts"], cwd=into, check=True)  # noqa: S603  our own words only
    subprocess.run([*npm, "run", "build"], cwd=into, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    (into / "dist" / NOTICES).write_text(notices(into), "utf-8")
    return into / "dist"


def notices(built: Path) -> str:
    """The licence of every package whose code is in the bundle, in its own words."""
    parts = ["The canvas bundle beside this file holds code of these packages.\n"]
    for name in bundled(built):
        folder = built / "node_modules" / name
        about = json.loads((folder / "package.json").read_text("utf-8"))
        licence = next((file for file in sorted(folder.iterdir()) if file.name.lower().startswith("licen")), None)
        text = licence.read_text("utf-8").strip() if licence else f"Licence: {about['license']}"
        parts.append(f"{'=' * 100}\n{name} {about['version']}\n\n{text}\n")
    return "\n".join(parts)


def bundled(built: Path) -> list[str]:
    """What the packages we name bring along; `vue` stays outside the bundle."""
    found: set[str] = set()
    todo = list(json.loads((built / "package.json").read_text("utf-8"))["dependencies"])
    while todo:
        name = todo.pop()
        folder = built / "node_modules" / name
        if name in found or name == "vue" or not folder.exists():
            continue
        found.add(name)
        todo += json.loads((folder / "package.json").read_text("utf-8")).get("dependencies", {})
    return sorted(found)


def differences(built: Path) -> list[str]:
    """A sentence for each file that is not as it is committed."""
    here, there = HOME / "dist", built
    names = {file.name for folder in (here, there) if folder.exists() for file in folder.iterdir()}
    return [
        f"assets/canvas/dist/{name} is not what the sources give; run make canvas and commit it."
        for name in sorted(names)
        if not (here / name).exists()
        or not (there / name).exists()
        or not filecmp.cmp(here / name, there / name, shallow=False)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; fails where there is a difference")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        built = build(Path(folder))
        found = differences(built)
        if check:
            sys.stderr.writelines(f"{each}\n" for each in found)
            return 1 if found else 0
        if found:
            shutil.rmtree(HOME / "dist", ignore_errors=True)
            shutil.copytree(built, HOME / "dist")
    return 0


if __name__ == "__main__":
    sys.exit(main())
