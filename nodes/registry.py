"""Finds the node types: a scan of this folder, and the entry points ``sojourn.nodes`` of other packages."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from .node import Node

GROUP = "sojourn.nodes"
log = logging.getLogger(__name__)


@cache
def node_types() -> dict[str, type[Node]]:
    """Every node type by its kind, in alphabetical order. An extension that does not load is logged and left out."""
    found: dict[str, type[Node]] = {}
    for source, type_ in (*_built_in(), *_from_extensions(entry_points(group=GROUP))):
        if type_.kind in found:
            log.error("The node kind %s of %s is already taken; the extension is left out.", type_.kind, source)
        else:
            found[type_.kind] = type_
    return dict(sorted(found.items()))


def _built_in() -> Iterator[tuple[str, type[Node]]]:
    package = __name__.rpartition(".")[0]
    for module in iter_modules(import_module(package).__path__):
        name = f"{package}.{module.name}"
        yield from ((name, type_) for type_ in _types_in(import_module(name)))


def _from_extensions(points: Iterable[EntryPoint]) -> Iterator[tuple[str, type[Node]]]:
    for point in points:
        try:
            loaded: Any = point.load()
            types = _types_in(loaded) if isinstance(loaded, ModuleType) else [loaded]
            for type_ in types:
                if not _is_node_type(type_):
                    raise TypeError(f"{point.value} is no class derived from sojourn.nodes.node.Node with a kind")
                yield point.value, type_
        except Exception:  # whatever a foreign module does while it loads, the journeys that run must go on
            log.exception("The extension %s (%s) does not load; it is left out.", point.name, point.value)


def _types_in(module: ModuleType) -> list[type[Node]]:
    return [each for each in vars(module).values() if _is_node_type(each) and each.__module__ == module.__name__]


def _is_node_type(thing: object) -> bool:
    return inspect.isclass(thing) and issubclass(thing, Node) and hasattr(thing, "kind")
