"""The channel of docs/add-a-channel.md is put where the page says, is found, and passes the page's own test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sojourn.nodes.registry import node_types
from sojourn.runtime.accounts import Given, checked, kind_of
from sojourn.runtime.channels.channel import Channel, found, media
from sojourn.runtime.content.forms import compile_form
from sojourn.runtime.exchange.signing import new_secret

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "add-a-channel.md").read_text("utf-8")
PLUGIN = """
import sojourn.runtime.channels as room
room.__path__.append({folder!r})
"""


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)


def test_the_channel_of_the_page_works(tmp_path: Path) -> None:
    channel, test = blocks()
    room = tmp_path / "room"
    room.mkdir()
    (room / "pager.py").write_text(channel)
    (tmp_path / "conftest.py").write_text(PLUGIN.format(folder=str(room)))
    (tmp_path / "test_pager.py").write_text(test)
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "test_pager.py"]
    ran = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_word_of_the_page_is_a_word_of_the_contract() -> None:
    table = re.findall(r"^\|[^|]+\| `(\w+)\(([\w, ]*)\)` \|", PAGE, re.M)
    import sojourn.runtime.channels.channel as contract

    assert {name for name, _ in table} == {"Delivered", "TryLater", "Refused", "Unreachable", "Held", "Unclear"}
    for name, fields in table:
        known = list(getattr(contract, name).__dataclass_fields__)
        assert [field.strip() for field in fields.split(",") if field.strip()] == known[
            : fields.count(",") + bool(fields)
        ]
    for method in ("serves", "price", "senders", "warnings", "room", "health", "read", "open", "at_home", "hand_over"):
        assert f"`{method}" in PAGE and hasattr(Channel, method)


@pytest.mark.parametrize(
    "kind", [kind for kind in found() if kind.Settings is not None], ids=lambda kind: kind.__name__
)
def test_every_carrier_describes_its_settings_and_shows_those_it_needs(kind: type[Channel]) -> None:
    assert kind.Settings is not None and kind.carrier and kind.label
    fields = kind.Settings.model_fields
    assert all(field.description for field in fields.values()), kind.__name__
    assert {name for name, field in fields.items() if field.is_required()} <= set(kind.example) <= set(fields)


def test_every_medium_has_words_and_a_form_with_descriptions() -> None:
    for name, medium in media().items():
        assert medium.label and medium.help and medium.icon, name
        for field, about in medium.form.model_fields.items():
            assert about.description, f"{name}.{field}"


@pytest.mark.parametrize("page", ["on-site.md", "your-systems.md", "sending-mail.md"])
def test_every_account_message_and_step_of_the_pages_can_be_used(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8").replace("whsec_…", new_secret())
    used = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)]
    assert used
    for document in used:
        for one in document.get("accounts", ()):
            given = Given.model_validate(one)
            checked(kind_of(given.medium, given.carrier), given.settings)
        for letter in document.get("letters", {}).values():
            compile_form(letter, media()[letter["medium"]])
        for node in document.get("nodes", {}).values():
            node_types()[node["kind"]].Settings.model_validate(node["settings"])
            medium, said = media()[node["kind"]], node["settings"]
            compile_form({name: said[name] for name in medium.form.model_fields if name in said}, medium)
