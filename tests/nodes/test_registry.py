"""The registry: built-in types by a scan, foreign ones by their entry points, and no harm from a broken one."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from sojourn.nodes import registry
from sojourn.nodes.comparison import Comparison
from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.node import GROUPS, Face
from sojourn.nodes.operators import OPERATORS

BUILT_IN = registry.node_types()

GREET = """
from sojourn.nodes.node import Face, Node
from sojourn.nodes.step import Go

class Greet(Node):
    kind = "greet"
    face = Face("Greet", "waving_hand", "Actions", "Waves.")

    def step(self, batch):
        return [(Go("next"), batch.rows)]

class Impostor(Greet):
    kind = "wait"
"""


@pytest.fixture
def extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A package of somebody else, as an installer would leave it on the path."""
    (tmp_path / "greeting.py").write_text(GREET)
    (tmp_path / "broken.py").write_text("raise RuntimeError('no')")
    info = tmp_path / "greeting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
    points = ["greet = greeting:Greet", "fake = greeting:Impostor", "broken = broken:Node", "odd = greeting:GREET"]
    (info / "entry_points.txt").write_text("[sojourn.nodes]\n" + "\n".join(points))
    monkeypatch.syspath_prepend(tmp_path)
    registry.node_types.cache_clear()
    yield
    registry.node_types.cache_clear()
    sys.modules.pop("greeting", None)


def test_every_type_is_found_in_the_file_named_after_it():
    assert {"trigger_event", "branch", "wait", "email", "goal"} <= set(BUILT_IN)
    assert [type_.__module__ for type_ in BUILT_IN.values()] == [f"sojourn.nodes.{kind}" for kind in BUILT_IN]


@pytest.mark.parametrize("kind", sorted(BUILT_IN))
def test_every_type_is_complete(kind):
    """A face, words for each setting, an example that works, and a test of its own."""
    type_ = BUILT_IN[kind]
    assert isinstance(type_.face, Face)
    assert type_.face.group in GROUPS
    assert type_.face.help.endswith(".")
    assert all(field.description for field in type_.Settings.model_fields.values())
    assert type_("it", type_.example).summary()
    assert import_module(type_.__module__).__doc__
    assert Path(__file__).with_name(f"test_{kind}.py").exists()


def test_a_node_of_another_package_is_found(extension):
    types = registry.node_types()
    assert types["greet"].face.label == "Greet"
    nodes = {"t": {"kind": "trigger_api", "next": {"next": "g"}}, "g": {"kind": "greet"}}
    assert JourneyGraph({"name": "j", "nodes": nodes}).errors() == []


def test_an_extension_that_is_broken_or_takes_a_name_is_left_out_and_logged(extension, caplog):
    types = registry.node_types()
    assert types["wait"].__module__ == "sojourn.nodes.wait"
    assert sorted(types) == sorted([*BUILT_IN, "greet"])
    assert "The node kind wait of greeting:Impostor is already taken" in caplog.text
    assert "The extension broken (broken:Node) does not load" in caplog.text
    assert "The extension odd (greeting:GREET) does not load" in caplog.text


def test_rules_offer_every_operator():
    assert set(Comparison.model_json_schema()["properties"]["op"]["enum"]) == set(OPERATORS)
