"""How PostgreSQL reads and compares a value inside a JSON document, exactly as the operators of rules do."""

from __future__ import annotations

from dataclasses import dataclass

from .segment_terms import Wanted
from .sql import FALSE, Sql, joined, sql

_WHOLE = "abs({n}) < 9223372036854775808"
_READ = (  # the text t as a number: whole ones exactly in 64 bits, everything else by way of a double
    "CASE WHEN t ~ '^[+-]{0,1}[0-9]+$' AND " + _WHOLE.format(n="t::numeric") + " THEN t::numeric"
    " ELSE t::float8::text::numeric END"
)
_SPELLS = "length(t) <= 40 AND t ~ '^[+-]{0,1}([0-9]+([.][0-9]*){0,1}|[.][0-9]+)([eE][+-]{0,1}[0-9]{1,2}){0,1}$'"
_NUMBER = (
    f"CASE k WHEN 'number' THEN CASE WHEN {_WHOLE.format(n='t::numeric')} THEN t::numeric"
    f" ELSE t::float8::text::numeric END WHEN 'string' THEN CASE WHEN {_SPELLS} THEN {_READ} END END"
)
_TEXT = (
    "CASE WHEN k IN ('string', 'boolean') THEN t WHEN k = 'number' AND (t::numeric = 0 OR abs(t::numeric) >= 0.0001"
    " AND abs(t::numeric) < 1e16) THEN t END"
)
_SHAPE = (
    "t ~ '^[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}){0,1}){0,1}"
    "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]){0,1}){0,1}$' AND t >= '0001' COLLATE \"C\""
)
_DAY = (
    "substr(t, 9, 2)::integer BETWEEN 1 AND extract(day FROM (substr(t, 1, 7) || '-01')::date"
    " + interval '1 month' - interval '1 day')"
)
_ZONED = (
    "(CASE WHEN length(t) = 10 THEN t || ' 00:00+00' WHEN t ~ '(Z|[+-][0-9]{2}:[0-9]{2})$' THEN t ELSE t || '+00' END)"
)
_WRITTEN = (
    f"CASE WHEN {_SHAPE} THEN CASE WHEN {_DAY}"
    f" THEN floor(extract(epoch FROM {_ZONED}::timestamptz) * 1000)::bigint END END"
)
_UNIX = (
    "CASE WHEN n > -1000000000000001 AND n < 1000000000000001 THEN CASE WHEN abs(n) >= 1e11 THEN trunc(n)::bigint"
    " WHEN n = trunc(n) THEN (n * 1000)::bigint ELSE trunc(n::float8 * 1000)::bigint END END"
)


@dataclass(frozen=True, slots=True)
class PostgresValue:
    """A value as JSONB, NULL where there is none."""

    x: Sql

    def known(self) -> Sql:
        return sql("coalesce(jsonb_typeof({}) <> 'null', FALSE)", self.x)

    def same(self, wanted: Wanted) -> Sql:
        if wanted.kind == "number":
            return self.compared("=", wanted.number)
        if wanted.kind == "truth":
            return self._read("k IN ('boolean', 'string') AND t = {}", wanted.text)
        parts = [sql("k = 'string' AND t = {}", wanted.text)]
        if wanted.text in ("true", "false"):
            parts.append(sql("k = 'boolean' AND t = {}", wanted.text))
        if wanted.number is not None:
            parts.append(sql(f"k = 'number' AND ({_NUMBER}) = {{}}", _exact(wanted.number)))
        return self._read("{}", joined("OR", parts))

    def compared(self, sign: str, number: int | float | None) -> Sql:
        return FALSE if number is None else self._read(f"({_NUMBER}) {sign} {{}}", _exact(number))

    def holds_item(self, wanted: Wanted) -> Sql:
        item = PostgresValue(Sql("i.value"))
        return sql(
            "EXISTS (SELECT 1 FROM jsonb_array_elements(CASE jsonb_typeof({}) WHEN 'array' THEN {} ELSE '[]' END) i"
            " WHERE {})",
            self.x, self.x, item.same(wanted),
        )  # fmt: skip

    def contains(self, part: str) -> Sql:
        return self._read(f"strpos({_TEXT}, {{}}) > 0", part)

    def starts_with(self, part: str) -> Sql:
        return self._read(f"left({_TEXT}, {{}}) = {{}}", len(part), part) if part else self.known()

    def ends_with(self, part: str) -> Sql:
        return self._read(f"right({_TEXT}, {{}}) = {{}}", len(part), part) if part else self.known()

    def within(self, first: int | None, last: int | None) -> Sql:
        unix = f"(SELECT {_UNIX} FROM (SELECT t::numeric AS n) m)"
        at = f"(CASE k WHEN 'string' THEN {_WRITTEN} WHEN 'number' THEN {unix} END)"
        parts = [sql(f"{at} {sign} {{}}", ms) for sign, ms in ((">=", first), ("<=", last)) if ms is not None]
        return self._read("{}", joined("AND", parts))

    def summand(self) -> Sql:
        """Ten thousandths of a number, 0 for anything else: sums of them are exact."""
        return self._read(
            "CASE WHEN n >= -1e12 AND n <= 1e12 THEN"
            " trunc(n::float8 * 10000 + CASE WHEN n >= 0 THEN 0.5 ELSE -0.5 END)::bigint ELSE 0 END",
            source=f"(SELECT {_NUMBER} AS n FROM {{}}) o",
            otherwise="0",
        )

    def _read(self, test: str, *params: object, source: str = "{}", otherwise: str = "FALSE") -> Sql:
        """A test of the value, where ``k`` is its type and ``t`` its text."""
        row = sql("(SELECT jsonb_typeof(x) AS k, x #>> {} AS t FROM (SELECT {} AS x) w) q", _ITSELF, self.x)
        return sql(f"coalesce((SELECT {{}} FROM {{}}), {otherwise})", sql(test, *params), sql(source, row))


_ITSELF = Sql("ARRAY[]::text[]")  # the path to the value itself


def inside(document: str, path: str, nested: bool) -> PostgresValue:
    """A property of a document; a name with dots comes before the way into ``nested`` objects."""
    exact = sql(f"{document} -> {{}}::text", path)
    if not nested:
        return PostgresValue(exact)
    deep = Sql(document)
    for name in path.split("."):
        deep = sql("{} -> {}::text", deep, name)
    return PostgresValue(sql("coalesce({}, {})", exact, deep))


def column(expression: Sql) -> PostgresValue:
    """A column or a number worked out."""
    return PostgresValue(sql("to_jsonb({})", expression))


def _exact(number: int | float) -> Sql:
    return sql("{}::numeric", repr(number))
