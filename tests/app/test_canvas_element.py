"""What the canvas is told about the kinds of steps, and where steps without a place of their own stand."""

from sojourn.app.canvas.element import catalog
from sojourn.app.canvas.views import height_of, places_for
from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.node import GROUPS, Port


def test_the_palette_is_in_the_order_of_its_groups() -> None:
    groups = [entry["group"] for entry in catalog()]
    assert groups == sorted(groups, key=GROUPS.index)


def test_nothing_leads_into_a_trigger_and_nothing_out_of_an_exit() -> None:
    by_kind = {entry["kind"]: entry for entry in catalog()}
    assert not by_kind["trigger_event"]["has_input"]
    assert by_kind["wait"]["has_input"] and by_kind["wait"]["has_output"]
    assert not by_kind["exit"]["has_output"]


def test_a_card_grows_by_its_ways_out() -> None:
    assert height_of((Port("next"),)) == 96
    assert height_of((Port("yes", "Yes"), Port("no", "No"))) == 144


def test_steps_without_a_place_do_not_cover_each_other() -> None:
    variants = [{"name": f"v{n}", "weight": 20} for n in range(5)]
    nodes = {"a": {"kind": "trigger_api", "next": {"next": "top"}}, "top": {"kind": "branch", "next": {}}}
    for name, port in (("first", "yes"), ("second", "no")):
        nodes["top"]["next"][port] = name
        nodes[name] = {"kind": "random_split", "settings": {"variants": variants}, "next": {}}
    content = {"nodes": nodes}
    places = places_for(content, JourneyGraph(content))
    (x, first), (same, second) = places["first"], places["second"]
    assert x == same and abs(first - second) >= height_of(tuple(Port(f"v{n}", "v") for n in range(5)))
    assert not [place for place in places.values() if place[0] % 8 or place[1] % 8]
