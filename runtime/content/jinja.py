"""Jinja for letters: plain data, a few filters, no way out, no bombs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from html import unescape
from typing import Any, ClassVar

from jinja2 import ChainableUndefined, Environment, Template, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from .asked import ASKED
from .filters import BUILT_IN, LONGEST, OURS, TESTS, TooMuch, plain_url
from .given import CALLED
from .issues import Issue, LetterProblem
from .jinja_words import in_words
from .needs import WORDS, call_problem

FUEL = 5_000  # turns of all loops of a letter together
OUTPUT = 1_000_000  # characters
RANGE = 1_000
CALLS = {"range", *CALLED}
KNOWN = frozenset(("contact", "event", "journey", "brand", "unsubscribe_url", "preferences_url", *WORDS, *CALLS))
LOOP = {"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"}
REFUSED: dict[type[nodes.Node], str] = {
    nodes.Include: "Letters do not include other templates.",
    nodes.Import: "Letters import nothing.",
    nodes.FromImport: "Letters import nothing.",
    nodes.Extends: "Letters do not extend other templates.",
    nodes.Block: "Blocks mean nothing in a letter.",
    nodes.Macro: "Letters have no macros.",
    nodes.CallBlock: "Letters have no macros.",
    nodes.AssignBlock: "Use {% set name = value %}.",
    nodes.FilterBlock: "Use {{ value|filter }}.",
    nodes.With: "Use {% set name = value %}.",
    nodes.Pow: "** is not allowed.",
}


UNFILLABLE = (  # what a filter raises for one contact's data; Jinja's truncate asserts its arguments
    TemplateError,
    SecurityError,
    TooMuch,
    ArithmeticError,
    TypeError,
    ValueError,
    LookupError,
    AssertionError,
)


class BrokenLetter(Exception):
    """This letter could not be filled for this contact; the text says what went wrong."""


@dataclass(slots=True)
class Run:
    """One rendering: how many turns are left, and what was asked for in vain. ``link`` fits an address at a place."""

    link: Callable[[str, int], str]
    fuel: int = FUEL
    missing: dict[str, None] = field(default_factory=dict)
    links: dict[tuple[str, int], str] = field(default_factory=dict)


_run: ContextVar[Run] = ContextVar("letter")


class Missing(ChainableUndefined):
    """Nothing, noted by name. It prints as an empty text, however deep it is asked."""

    def __getattr__(self, name: str) -> Missing:
        if name[:2] == "__":
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: Any) -> Missing:
        return Missing(name=f"{self._undefined_name}.{name}")

    def __str__(self) -> str:
        run = _run.get(None)
        if run is not None:
            run.missing[str(self._undefined_name)] = None
        return ""

    __html__ = __str__

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Missing)

    __hash__ = ChainableUndefined.__hash__


class LetterEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox of Jinja, narrowed to what a letter needs."""

    intercepted_binops: ClassVar[frozenset[str]] = frozenset(["+", "*", "%", "**", "//", "/", "-"])  # type: ignore[misc]

    def __init__(self, autoescape: bool) -> None:
        super().__init__(
            autoescape=autoescape, undefined=Missing, trim_blocks=not autoescape, lstrip_blocks=not autoescape
        )
        self.filters = {name: self.filters[name] for name in BUILT_IN} | dict(OURS)
        self.filters |= {"_turns": _turns, "_short": _short, "_link": _link, "_link_in_text": _link_in_text}
        self.tests = {name: self.tests[name] for name in TESTS} | ASKED
        self.tests["none"] = _nothing
        self.globals = {"range": _range, **CALLED}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            value = obj.get(attribute)
            return value if value is not None else self._missing(obj, attribute)  # what is null is not known either
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return obj[attribute] if isinstance(obj, Missing) else self._missing(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict | list | tuple | str) and isinstance(argument, str | int | slice):
            try:
                value = obj[argument]  # type: ignore[index]
                return value if value is not None else self._missing(obj, argument)
            except (LookupError, TypeError):
                return self._missing(obj, argument)
        return obj[argument] if isinstance(obj, Missing) else self._missing(obj, argument)

    def is_safe_callable(self, obj: Any) -> bool:
        return any(obj is one for one in (_range, *CALLED.values()))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str | list) and isinstance(right, str | list):
            if len(left) + len(right) > LONGEST:
                raise TooMuch(TooMuch.__doc__)
        elif not (_number(left) and _number(right)):
            raise TooMuch(f"{operator} works on numbers only.")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "_turns", [], [], None, None, lineno=loop.lineno)
        for join in list(tree.find_all(nodes.Concat)):
            join.nodes = [nodes.Filter(one, "_short", [], [], None, None, lineno=join.lineno) for one in join.nodes]
        return tree

    def _missing(self, obj: Any, name: Any) -> Missing:
        return Missing(name=str(name))


def check(source: str) -> list[Issue]:
    """Everything in a template that a letter may not do, by line."""
    try:
        tree = Environment.parse(HTML, source)
    except TemplateError as error:
        return [Issue(getattr(error, "lineno", 0) or 0, 1, in_words(error.message))]
    except RecursionError:
        return [Issue(0, 0, "The Jinja in this letter is nested too deep.")]
    issues: list[Issue] = []
    names = list(tree.find_all(nodes.Name))
    known = KNOWN.union(name.name for name in names if name.ctx != "load")
    for node in tree.find_all(nodes.Node):
        text = REFUSED.get(type(node))
        if isinstance(node, nodes.Filter) and (node.name not in HTML.filters or node.name[:1] == "_"):
            if node.name not in ("_turns", "_short"):  # put in by ourselves
                text = f"There is no filter “{node.name}” in letters."
        elif isinstance(node, nodes.Test) and node.name not in HTML.tests:
            text = f"There is no test “{node.name}” in letters."
        elif isinstance(node, nodes.For) and node.recursive:
            text = "Loops do not call themselves in letters."
        elif isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in CALLS):
            text = "Nothing can be called in a letter but range(), products() and coupon()."
        elif isinstance(node, nodes.Call):
            text = call_problem(node)
        elif isinstance(node, nodes.Getattr) and node.attr[:1] == "_":
            text = f"Names that begin with _ are not for letters: {node.attr}."
        elif isinstance(node, nodes.Name) and node.name not in known:
            text = f"Nothing is called {node.name} in a letter; a property of the contact is contact.{node.name}."
        if text:
            issues.append(Issue(node.lineno, 1, text))
    return sorted(set(issues), key=lambda one: (one.line, one.text))


def compile_template(environment: LetterEnvironment, source: str) -> Template:
    """A template ready to run. Raises `LetterProblem`."""
    try:
        return environment.from_string(source)
    except TemplateError as error:
        raise LetterProblem([Issue(0, 0, in_words(error.message))]) from error
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        raise LetterProblem([Issue(0, 0, "The Jinja in this letter is nested too deep.")]) from error


def run(template: Template, data: Mapping[str, Any], state: Run) -> str:
    """Fill a template. Raises `BrokenLetter`."""
    pieces: list[str] = []
    length = 0
    with filling(state):
        for piece in template.root_render_func(template.new_context(dict(data))):
            length += len(piece)
            if length > OUTPUT:
                raise TooMuch(f"The letter is longer than {OUTPUT} characters.")
            pieces.append(piece)
    return "".join(pieces)


@contextmanager
def filling(state: Run) -> Iterator[None]:
    """While templates run. What goes wrong with one contact's data is a `BrokenLetter`."""
    token = _run.set(state)
    try:
        yield
    except RecursionError as error:
        raise BrokenLetter("The data of this contact are nested too deep.") from error
    except UNFILLABLE as error:
        raise BrokenLetter(f"The letter could not be filled: {error}") from error
    finally:
        _run.reset(token)


# ── what the compiled letter calls ────────────────────────────────────────────────────────────────────


@pass_context
def _turns(_context: Context, items: Any) -> Any:
    """Count the turns of a loop before it begins."""
    state = _run.get()
    if isinstance(items, Missing):
        return ()
    if not hasattr(items, "__len__"):
        return _counted(items, state)
    state.fuel -= len(items)
    if state.fuel < 0:
        raise TooMuch(f"The loops of this letter take more than {FUEL} turns.")
    return items


def _counted(items: Any, state: Run) -> Iterator[Any]:
    for item in items:
        state.fuel -= 1
        if state.fuel < 0:
            raise TooMuch(f"The loops of this letter take more than {FUEL} turns.")
        yield item


def _nothing(value: Any) -> bool:
    return value is None or isinstance(value, Missing)


def _short(value: Any) -> Any:
    if isinstance(value, str | list | tuple | dict) and len(value) > LONGEST // 16:
        raise TooMuch(TooMuch.__doc__)
    return value


def _link(url: Any, place: int = 0) -> Markup:
    return escape(_link_in_text(unescape(str(url)), place))


def _link_in_text(url: str, place: int = 0) -> str:
    """The address a link gets; the page and the text part have the same ones."""
    state = _run.get()
    found = state.links.get((url, place))
    if found is None:
        found = state.links[url, place] = state.link(plain_url(url), place)
    return found


def _range(*numbers: int) -> range:
    turns = range(*numbers)
    if len(turns) > RANGE:
        raise TooMuch(f"range() counts to {RANGE} at most.")
    return turns


def _number(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**18)


HTML = LetterEnvironment(autoescape=True)
TEXT = LetterEnvironment(autoescape=False)
