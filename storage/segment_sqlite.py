"""How SQLite reads and compares a value inside a JSON document, exactly as the operators of rules do."""

from __future__ import annotations

from dataclasses import dataclass

from .segment_terms import Wanted
from .sql import FALSE, Sql, joined, sql

_IS_NUMBER = "('integer','real')"
# A text that spells a number, the affinity of whose comparison says so; not longer, nor with a larger exponent, than
# the operators read.
_SPELLS = (
    "(length(v) <= 40 AND v NOT GLOB '*[^0-9+.eE-]*' AND v NOT GLOB '*[eE]*[0-9][0-9][0-9]*'"
    " AND CAST(9e999 AS NUMERIC) >= v)"
)
_NUMBER = Sql(f"CASE WHEN k IN {_IS_NUMBER} THEN v WHEN k = 'text' AND {_SPELLS} THEN CAST(v AS NUMERIC) END")
_TEXT = Sql(
    "CASE WHEN k = 'text' THEN v WHEN k IN ('true','false') THEN k"
    " WHEN k = 'integer' AND v > -1e16 AND v < 1e16 THEN CAST(v AS TEXT)"
    " WHEN k = 'real' AND v = 0 THEN '0.0'"
    " WHEN k = 'real' AND (v >= 1e-4 OR v <= -1e-4) AND v > -1e16 AND v < 1e16 THEN r END"
)
_DATE = "date(substr(v, 1, 10), '+0 days') = substr(v, 1, 10) AND v >= '0001'"
_CLOCK = (
    "(core = '' AND tz = '' OR substr(core, 2, 2) <= '23' AND (core GLOB '[T ][0-2][0-9]:[0-5][0-9]'"
    " OR core GLOB '[T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9]' OR core GLOB '[T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9]*'"
    " AND length(core) <= 16 AND substr(core, 11) NOT GLOB '*[^0-9]*'))"
)
_OFFSET = (
    "CASE WHEN tz IN ('', 'Z') THEN 0 ELSE (CASE substr(tz, 1, 1) WHEN '-' THEN -1 ELSE 1 END)"
    " * (CAST(substr(tz, 2, 2) AS INTEGER) * 60 + CAST(substr(tz, 5, 2) AS INTEGER)) * 60000 END"
)
_WRITTEN = (  # milliseconds of a text, NULL when it is no moment
    f"CASE WHEN v GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND {_DATE} AND {_CLOCK}"
    " AND (length(tz) < 6 OR substr(tz, 2, 2) <= '14')"
    " THEN CAST(strftime('%s', substr(v, 1, 10) || ' ' || CASE core WHEN '' THEN '00:00' ELSE substr(core, 2, 8) END)"
    f" AS INTEGER) * 1000 + CAST(substr(substr(core, 11) || '000', 1, 3) AS INTEGER) - ({_OFFSET}) END"
)
_PARTS = (
    "(SELECT k, v, tz, substr(s, 1, length(s) - length(tz)) AS core FROM (SELECT k, v, s, CASE WHEN s GLOB '*Z'"
    " THEN 'Z' WHEN s GLOB '*[+-][0-1][0-9]:[0-5][0-9]' THEN substr(s, -6) ELSE '' END AS tz"
    " FROM (SELECT k, v, substr(v, 11) AS s FROM (SELECT {} AS k, {} AS v))))"
)
_MOMENT = (
    f"(SELECT CASE WHEN k = 'text' THEN {_WRITTEN} WHEN k IN {_IS_NUMBER} AND v > -1000000000000001.0"
    " AND v < 1000000000000001.0 THEN CAST(CASE WHEN v >= 1e11 OR v <= -1e11 THEN v ELSE v * 1000 END AS INTEGER) END"
    f" FROM {_PARTS})"
)


@dataclass(frozen=True, slots=True)
class SqliteValue:
    """A value: its type as `json_type` has it, the value itself, and its raw text."""

    k: Sql
    v: Sql
    r: Sql
    items: Sql | None = None  # what runs over the entries of a list

    def known(self) -> Sql:
        return sql("coalesce({} <> 'null', FALSE)", self.k)

    def same(self, wanted: Wanted) -> Sql:
        if wanted.kind == "truth":
            spelt = sql("{} = 'text' AND {} = {}", self.k, self.v, wanted.text)
            return sql("coalesce({} = {} OR {}, FALSE)", self.k, wanted.text, spelt)
        if wanted.kind == "number":
            return self.compared("=", wanted.number)
        parts = [sql("{} = 'text' AND {} = {}", self.k, self.v, wanted.text)]
        if wanted.text in ("true", "false"):
            parts.append(sql("{} = {}", self.k, wanted.text))
        if wanted.number is not None:
            parts.append(sql(f"{{}} IN {_IS_NUMBER} AND {{}} = {{}}", self.k, self.v, wanted.number))
        return sql("coalesce({}, FALSE)", joined("OR", parts))

    def compared(self, sign: str, number: int | float | None) -> Sql:
        if number is None:
            return FALSE
        return sql(f"coalesce({{}} {sign} {{}}, FALSE)", self.number(), number)

    def number(self) -> Sql:
        return sql(f"(SELECT {_NUMBER.text} FROM (SELECT {{}} AS k, {{}} AS v))", self.k, self.v)

    def holds_item(self, wanted: Wanted) -> Sql:
        if self.items is None:
            return FALSE
        item = SqliteValue(Sql("i.type"), Sql("i.value"), Sql("NULL"))
        found = sql("EXISTS (SELECT 1 FROM {} i WHERE {})", self.items, item.same(wanted))
        return sql("(coalesce({} = 'array', FALSE) AND {})", self.k, found)

    def text(self, test: str, *params: object) -> Sql:
        """A test of the value as text, where ``t`` stands for it."""
        read = sql(f"SELECT {_TEXT.text} AS t FROM (SELECT {{}} AS k, {{}} AS v, {{}} AS r)", self.k, self.v, self.r)
        return sql("coalesce((SELECT {} FROM ({})), FALSE)", sql(test, *params), read)

    def contains(self, part: str) -> Sql:
        return self.text("instr(t, {}) > 0", part)

    def starts_with(self, part: str) -> Sql:
        return self.text("substr(t, 1, {}) = {}", len(part), part) if part else self.known()

    def ends_with(self, part: str) -> Sql:
        return self.text("substr(t, {}) = {}", -len(part), part) if part else self.known()

    def within(self, first: int | None, last: int | None) -> Sql:
        at = sql(_MOMENT, self.k, self.v)
        if first is not None and last is not None:
            return sql("coalesce({} BETWEEN {} AND {}, FALSE)", at, first, last)
        sign, edge = (">=", first) if last is None else ("<=", last)
        return sql(f"coalesce({{}} {sign} {{}}, FALSE)", at, edge)

    def summand(self) -> Sql:
        """Ten thousandths of a number, 0 for anything else: sums of them are exact."""
        return sql(
            "(SELECT CASE WHEN n >= -1e12 AND n <= 1e12 THEN CAST(CAST(n AS REAL) * 10000"
            f" + CASE WHEN n >= 0 THEN 0.5 ELSE -0.5 END AS INTEGER) ELSE 0 END"
            f" FROM (SELECT {_NUMBER.text} AS n FROM (SELECT {{}} AS k, {{}} AS v)))",
            self.k, self.v,
        )  # fmt: skip


def inside(document: str, path: str, nested: bool) -> SqliteValue:
    """A property of a document; a name with dots comes before the way into ``nested`` objects."""
    base, where = Sql(document), sql("{}", _spelt([path]))
    if nested:
        exact = _spelt([path])
        where = sql(
            "CASE WHEN json_type({}, {}) IS NULL THEN {} ELSE {} END", base, exact, _spelt(path.split(".")), exact
        )
    return SqliteValue(
        sql("json_type({}, {})", base, where),
        sql("json_extract({}, {})", base, where),
        sql("{} -> {}", base, where),
        sql("json_each({}, {})", base, where),
    )


def column(expression: Sql) -> SqliteValue:
    """A column or a number worked out."""
    value = sql("+({})", expression)
    kind = sql("CASE typeof({}) WHEN 'null' THEN NULL ELSE typeof({}) END", expression, expression)
    return SqliteValue(kind, value, sql("CAST({} AS TEXT)", expression))


def _spelt(names: list[str]) -> str:
    return "$" + "".join(f'."{name}"' for name in names)
