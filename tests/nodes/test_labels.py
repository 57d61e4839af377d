"""What people read of steps and their settings is English: no names from files, no words of the libraries below."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, Field, ValidationError
from pydantic_core.core_schema import ErrorType

from sojourn.nodes.complaints import complaints, sentence
from sojourn.nodes.graph import JourneyGraph
from sojourn.nodes.labels import label, subject, value_words
from sojourn.nodes.node import Node
from sojourn.nodes.registry import node_types
from sojourn.nodes.rule import EventTest, MessageTest, PropertyTest, TriggerTest
from sojourn.nodes.zones import TimeOfDay

RAW = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b|\bHH:MM\b")
FOREIGN = re.compile(
    r"\b(?:input should|should (?:be|have|match)|pydantic|tag|valid (?:string|dict\w*)|NoneType)\b", re.I
)
CODED = re.compile(r"(?<!\w)'|'(?!\w)|[\[\]{}]")
QUOTED = re.compile(r"“[^”]*”")  # names that somebody typed may look like anything
WRONG: list[Any] = [None, "", "two words", -1, 10**9, 3.5, True, [], ["x"], {}, {"drop": 1}, {"property": ""}, [[1]]]


def is_english(text: str) -> bool:
    plain = QUOTED.sub("", text)
    return not (RAW.search(plain) or FOREIGN.search(plain) or CODED.search(plain))


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for info in model.model_fields.values():
        for inner in get_args(info.annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from models(inner)


@pytest.mark.parametrize("kind", sorted(node_types()))
def test_a_step_and_its_settings_speak_english(kind: str) -> None:
    type_ = node_types()[kind]
    step = type_("step", type_.example)
    said = [type_.face.label, type_.face.help, *(each.label for each in type_.measures)]
    said += [port.label for port in step.ports()]
    for model in models(type_.Settings):
        for name, info in model.model_fields.items():
            said += [label(name, info), info.description or ""]
            assert name == "root" or info.description, f"{model.__name__}.{name} has no description"
            for value in get_args(info.annotation):
                if isinstance(value, str) and "_" in value:
                    assert value_words(info, value), f"{value} of {name} has no words"
    assert [text for text in said if not is_english(text)] == []


@pytest.mark.parametrize("model", [PropertyTest, TriggerTest, EventTest, MessageTest])
def test_the_tests_of_a_rule_speak_english(model: type[BaseModel]) -> None:
    assert [info.description for info in model.model_fields.values() if not is_english(info.description or "")] == []


def wrong_settings(type_: type[Node]) -> Iterator[dict[str, Any]]:
    for name, info in type_.Settings.model_fields.items():
        for value in WRONG:
            yield {**type_.example, info.alias or name: value}


@pytest.mark.parametrize("kind", sorted(node_types()))
def test_whatever_is_wrong_with_a_step_is_said_in_english(kind: str) -> None:
    type_ = node_types()[kind]
    said: set[str] = set()
    for settings in ({}, {"drop": 1}, *wrong_settings(type_)):
        for ways in ({}, {"next": "a"}, {port.name: "a" for port in type_("b", type_.example).ports()}):
            step = {"kind": kind, "settings": settings, "next": ways}
            content = {"name": "j", "nodes": {"a": {"kind": "wait", "settings": {}}, "b": step}}
            said |= {problem.text.removeprefix("b: ") for problem in JourneyGraph(content).problems()}
    assert len(said) > 2
    assert [text for text in sorted(said) if not is_english(text)] == []


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_nothing_of_what_the_checker_says_is_passed_on(kind: str) -> None:
    limits = dict.fromkeys(("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tag"), 2)
    said = sentence(
        {"type": kind, "msg": "Input should be a valid thing", "input": "x", "ctx": {"expected": "'a'", **limits}}
    )
    assert is_english(said.replace("Input should be a valid thing", "") if kind == "value_error" else said), said


class Stop(BaseModel):
    where: str = Field(min_length=1, title="Town")


class Trip(BaseModel):
    stops: list[Stop] = Field(min_length=1, title="Stops")
    fare: int | str = 0
    site: str = Field("https://example.com", pattern=r"^https?://\S+$", title="Site")
    leaves: TimeOfDay = "09:00"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stops": [{"where": ""}]}, ["Stops · 1 · Town cannot be empty"]),
        ({"stops": []}, ["Stops cannot be empty"]),
        (
            {"stops": [{"where": "Ely"}], "site": "ely", "leaves": "9"},
            ["Site does not have the form it needs: “ely”", "Leaves has to be a time such as 09:30, not “9”"],
        ),
        ({"stops": [{"where": "Ely"}], "fare": [1]}, ["Fare cannot be a list"]),
        ({"stops": [{"where": "Ely"}, {}], "fare": None}, ["Stops · 2 · Town is missing", "Fare cannot be nothing"]),
    ],
)
def test_a_place_is_named_by_its_labels(given: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(ValidationError) as error:
        Trip.model_validate(given)
    assert [f"{subject(Trip, place)} {text}" for place, text in complaints(error.value)] == said
