"""The laws of the house that no linter knows: small files, and every room in the package."""

import sys
import tomllib
from pathlib import Path

ROOMS = ("app", "nodes", "runtime", "storage")
LONGEST = 300


def packages() -> list[str]:
    """Every folder with Python in it, as the package's name."""
    inits = [init for room in ROOMS for init in Path(room).rglob("__init__.py")]
    return ["sojourn", *sorted("sojourn." + ".".join(init.parent.parts) for init in inits)]


def broken() -> list[str]:
    """A sentence for each law that is broken."""
    found = []
    for room in ROOMS:
        for file in sorted(Path(room).rglob("*.py")):
            lines = len(file.read_text("utf-8").splitlines())
            if lines > LONGEST and file.parent.name != "versions":
                found.append(f"{file} has {lines} lines; {LONGEST} are allowed: is it still one job?")
            if not (file.parent / "__init__.py").exists():
                found.append(f"{file.parent} has no __init__.py, so it is not in the package.")
    declared = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    found += [
        f"{name} is missing in pyproject.toml: the wheel would not have it."
        for name in packages()
        if name not in declared
    ]
    found += [f"{name} in pyproject.toml is no folder here." for name in declared if name not in packages()]
    found += [
        f"{file} would ship in the wheel: only __init__.py stands at the top."
        for file in Path().glob("*.py")
        if file.name != "__init__.py"
    ]
    return found


if __name__ == "__main__":
    problems = broken()
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    sys.exit(1 if problems else 0)
