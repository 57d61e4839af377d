"""Which facts a letter asks for, read from its Jinja: so that a chunk is loaded with one query for each, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateError

from .names import POOL
from .selections import Selection, SelectionProblem

ANY = "*"  # the letter goes through all of it, or nobody can tell which of it
WORDS = ("segments", "features", "catalogue", "place", "outside", "now")
CALLED = ("products", "coupon")


@dataclass(frozen=True, slots=True)
class Needs:
    """By word what is asked of it: names of segments, features and sources, skus, pools, keys of selections."""

    wanted: Mapping[str, frozenset[str]]

    def __bool__(self) -> bool:
        return bool(self.wanted)

    def of(self, word: str) -> frozenset[str]:
        """What is asked of one word."""
        return self.wanted.get(word, frozenset())

    def __or__(self, other: Needs) -> Needs:
        words = self.wanted.keys() | other.wanted.keys()
        return Needs({word: self.of(word) | other.of(word) for word in words})


NOTHING = Needs({})


def needs_of(environment: Environment, sources: Iterable[str]) -> Needs:
    """What these templates ask for. What cannot be read asks for nothing: it is refused elsewhere."""
    wanted: dict[str, set[str]] = {}
    for source in sources:
        if not any(word in source for word in (*WORDS, *CALLED)):
            continue
        try:
            tree = Environment.parse(environment, source)
        except (TemplateError, RecursionError):
            continue
        for word, what in _asked(tree):
            wanted.setdefault(word, set()).add(what)
    return Needs({word: frozenset(names) for word, names in wanted.items()})


def call_problem(call: nodes.Call) -> str | None:
    """Why a call of `products` or `coupon` cannot stand in a letter, as a sentence; None where it can."""
    name = call.node.name if isinstance(call.node, nodes.Name) else ""
    try:
        if name == "coupon":
            _pool(call)
        elif name == "products":
            _selection(call)
    except (_Unclear, SelectionProblem) as problem:
        return str(problem)
    return None


class _Unclear(Exception):
    """What is asked for has to be written out, so that it can be loaded before the letter is filled."""


def _asked(node: nodes.Node) -> Iterator[tuple[str, str]]:
    """``(word, what)`` of a node and all below it."""
    below = list(node.iter_child_nodes())
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in CALLED:
        with suppress(_Unclear, SelectionProblem):
            yield (node.node.name, _pool(node) if node.node.name == "coupon" else _selection(node).key)
    elif isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Test):
        inner = node.node
        word = inner.name if isinstance(inner, nodes.Name) and inner.ctx == "load" else ""
        if word in WORDS:
            yield word, _part(node)
            below.remove(inner)
    elif isinstance(node, nodes.Name) and node.ctx == "load" and node.name in WORDS:
        yield node.name, ANY
    for child in below:
        yield from _asked(child)


def _part(node: nodes.Getattr | nodes.Getitem | nodes.Test) -> str:
    """What of a word is asked for: ``features.orders``, ``features["orders"]``, ``features is meets("orders", …)``."""
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node, nodes.Getitem):
        return _written(node.arg) or ANY
    return (_written(node.args[0]) if node.args and node.name == "meets" else "") or ANY


def _written(node: Any) -> str:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""


def _pool(call: nodes.Call) -> str:
    pool = _written(call.args[0]) if len(call.args) == 1 and not call.kwargs else ""
    if not pool:
        raise _Unclear('The pool of coupons is written out: coupon("spring").')
    if not POOL.fullmatch(pool):
        raise _Unclear("The name of a pool of coupons has small letters, digits, - and _ only.")
    return pool


def _selection(call: nodes.Call) -> Selection:
    if call.args or call.dyn_args or call.dyn_kwargs:
        raise _Unclear('Say by name which products: products(category="Shoes", limit=3).')
    try:
        given = {pair.key: pair.value.as_const() for pair in call.kwargs}
    except nodes.Impossible:
        raise _Unclear(
            "Which products are meant is written out, not worked out: limit=3, not limit=contact.n."
        ) from None
    return Selection.of(given)
