"""The docs cannot rot: every command, key and setting stands in them, and what they name exists."""

import re
from pathlib import Path
from typing import Any

import typer.main

from sojourn.app.cli import app
from sojourn.app.config import Config
from sojourn.runtime import presets
from sojourn.runtime.feature_catalogue import FEATURES
from sojourn.runtime.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def commands(group: Any = None, path: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """Every command with its options."""
    found: dict[str, set[str]] = {}
    here: Any = group or typer.main.get_command(app)
    for name, command in here.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, (*path, name))
        else:
            options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
            found[" ".join((*path, name))] = options | {"--help"}
    return found


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    for command, options in commands().items():
        section = re.search(rf"^## `sojourn {command}[` ].*?(?=^## |\Z)", text, re.M | re.S)
        assert section, f"docs/cli.md has no section for `sojourn {command}`"
        for option in options - {"--home", "--help"}:
            assert not option.startswith("--") or f"{option}" in section[0], f"{command} {option}"


def test_every_key_and_setting_is_documented_as_it_is() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    for fields in (Config.model_fields, Settings.model_fields):
        for key, field in fields.items():
            assert re.search(rf"^\| `{key}` .*{re.escape(field.description or '?')} \|$", text, re.M), key
    for key in Config.model_fields:
        assert f"`SOJOURN_{key.upper()}`" in text


def within(name: str, known: dict[str, set[str]]) -> bool:
    """Whether it is a command, or a group of some."""
    return any(one == name or one.startswith(f"{name} ") for one in known)


def test_every_command_the_docs_name_exists() -> None:
    known = commands()
    groups = {name.split()[0] for name in known if " " in name}
    for page in DOCS:
        for words in re.findall(r"(?:`|^ {4}|\$\()sojourn ([a-z]+(?: [a-z]+)?)", page.read_text(), re.M):
            first, _, second = words.partition(" ")
            assert first in known or first in groups, f"{page.name}: sojourn {words}"
            if first in groups and second:
                assert within(words, known), f"{page.name}: sojourn {words}"


def test_every_figure_and_every_segment_to_start_from_is_documented_as_it_is() -> None:
    text = (ROOT / "docs" / "features.md").read_text()
    assert all(f"| `{one.name}` | **{one.title}**: {one.sentence} |" in text for one in FEATURES)
    assert all(f"| {one.title} (`{one.name}`) | {one.kind} | {one.description} |" in text for one in presets.presets())


def test_every_make_target_the_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in DOCS:
        for target in re.findall(r"(?:`|^ {4})make ([a-z]+)", page.read_text(), re.M):
            assert target in targets, f"{page.name}: make {target}"


def test_every_page_a_page_links_to_exists() -> None:
    for page in DOCS:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} → {target}"
