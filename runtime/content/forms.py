"""Messages that are no letters: the fields of a medium's form, checked, compiled once, and filled for each contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Template
from pydantic import ValidationError

from ..channels.medium import Form, Medium
from .escapes import WITHIN
from .issues import Issue, LetterProblem
from .jinja import TEXT, Run, check, compile_template, run
from .links import Links
from .needs import NOTHING, Needs, needs_of
from .rendered import Rendered

MARKS = ("medium",)  # of an entry among a journey's letters; what is left is the form
SIZE = 100_000  # characters of one field


@dataclass(frozen=True, slots=True)
class Compiled:
    """A message ready to be filled: fields as they are, and those that are templates."""

    medium: Medium
    fields: Mapping[str, Any]
    templates: Mapping[str, Template]
    links: frozenset[str]  # names of fields that hold an address
    needs: Needs = NOTHING


def medium_of(source: Mapping[str, Any]) -> str:
    """Which medium an entry among a journey's letters is for."""
    return str(source.get("medium") or "email")


def compile_form(source: Mapping[str, Any], medium: Medium) -> Compiled:
    """Compile a message. Raises `LetterProblem` with everything that is wrong with it."""
    said = {key: value for key, value in source.items() if key not in MARKS}
    try:
        form = medium.form.model_validate(said)
    except ValidationError as error:
        raise LetterProblem([Issue(0, 0, _in_words(one, medium.form)) for one in error.errors()]) from None
    issues = [Issue(0, 0, problem) for problem in medium.form.problems(said)]
    fields = form.model_dump()
    for name in _templates(medium.form):
        for key, text in _texts(name, fields[name]):
            if len(text) > SIZE:
                issues.append(Issue(0, 0, f"{_label(medium.form, name)} is longer than {SIZE:,} characters."))
            issues += [Issue(0, 0, f"In {key}: {issue.text}") for issue in check(text)]
    if issues:
        raise LetterProblem(issues)
    templates = {
        key: compile_template(WITHIN[form.within(name)], text)
        for name in _templates(medium.form)
        for key, text in _texts(name, fields[name])
    }
    texts = [text for name in _templates(medium.form) for _, text in _texts(name, fields[name])]
    return Compiled(medium, fields, templates, frozenset(_with(medium.form, "link")), needs_of(TEXT, texts))


def fill_form(compiled: Compiled, data: Mapping[str, Any], links: Links | None = None, message_id: int = 0) -> Rendered:
    """Fill a message for one contact. With ``links`` that have a base address its addresses are counted.

    Raises `BrokenLetter`.
    """
    tracked = links if links is not None and links.base_url else None
    state = Run(link=lambda url, place: url)
    filled = {key: run(template, data, state).strip() for key, template in compiled.templates.items()}
    fields: dict[str, Any] = {}
    for name, value in compiled.fields.items():
        fields[name] = _put_back(name, value, filled)
        if tracked is not None and name in compiled.links and str(fields[name]).startswith(("http:", "https:")):
            fields[name] = tracked.followed(message_id, str(fields[name]))
    if tracked is not None:
        fields |= compiled.medium.form.signed(fields, tracked, message_id)
    short = tuple(fields.pop("short", ()))
    title, text = str(fields.get("title") or ""), str(fields.get("text") or fields.get("body") or "")
    return Rendered(subject=title, text=text, missing=tuple(state.missing), fields=fields, short=short)


def _texts(name: str, value: Any) -> list[tuple[str, str]]:
    """The texts of a field, by a key of their own: itself, or the values of a mapping, or the items of a list."""
    if isinstance(value, str):
        return [(name, value)]
    if isinstance(value, Mapping):
        return [(f"{name}.{key}", str(text)) for key, text in value.items()]
    if isinstance(value, list | tuple):
        return [(f"{name}.{place}", str(text)) for place, text in enumerate(value)]
    return []


def _put_back(name: str, value: Any, filled: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: filled.get(f"{name}.{key}", text) for key, text in value.items()}
    if isinstance(value, list | tuple):
        return [filled.get(f"{name}.{place}", text) for place, text in enumerate(value)]
    return filled.get(name, value)


def _templates(form: type[Form]) -> list[str]:
    return _with(form, "template")


def _with(form: type[Form], mark: str) -> list[str]:
    """The fields whose schema carries a mark, also where the type does (a list or mapping of templates too)."""
    properties = form.model_json_schema()["properties"]
    return [name for name in form.model_fields if _marked(properties.get(name, {}), mark)]


def _marked(schema: Mapping[str, Any], mark: str) -> bool:
    below = [schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())]
    return bool(schema.get(mark)) or any(isinstance(one, Mapping) and _marked(one, mark) for one in below)


def _label(form: type[Form], name: str) -> str:
    field = form.model_fields.get(name)
    return (field.title if field and field.title else name.replace("_", " ")).capitalize()


def _in_words(error: Any, form: type[Form]) -> str:
    where = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing":
        return f"{_label(form, where)} is missing."
    if error["type"] == "extra_forbidden":
        return f"A message of this kind has no “{where}”."
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{_label(form, where)}: {said[:1].lower()}{said[1:]}." if where else f"{said}."
