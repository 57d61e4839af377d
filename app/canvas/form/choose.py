"""Which widget a field gets: the folder is scanned, the widget that knows most about the field wins."""

from __future__ import annotations

import inspect
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from pydantic import BaseModel

from .field import Field, fields_of
from .pair import PAIRS
from .widget import Single, Widget


@cache
def widgets() -> tuple[type[Single], ...]:
    """Every widget for a single setting, the most particular first."""
    package = __name__.rpartition(".")[0]
    found: dict[type[Single], None] = {}
    for module in iter_modules(import_module(package).__path__):
        for each in vars(import_module(f"{package}.{module.name}")).values():
            if inspect.isclass(each) and issubclass(each, Single) and "fits" in vars(each):
                found[each] = None
    return tuple(sorted((each for each in found if each is not Single), key=lambda each: -each.rank))


def widget_for(field: Field) -> type[Single]:
    """The widget of one field."""
    return next(each for each in widgets() if each.fits(field))


@cache
def parts(model: type[BaseModel]) -> tuple[tuple[type[Widget], tuple[Field, ...]], ...]:
    """The widgets of a model's form in order, each with its fields; some take two fields together."""
    left = {field.name: field for field in fields_of(model)}
    made: list[tuple[type[Widget], tuple[Field, ...]]] = []
    for name in [*left]:
        if name not in left:
            continue
        pair = next((pair for pair in PAIRS if name in pair.together and pair.suits(left)), None)
        taken = tuple(left.pop(each) for each in (pair.together if pair else (name,)))
        made.append((pair or widget_for(taken[0]), taken))
    return tuple(made)
