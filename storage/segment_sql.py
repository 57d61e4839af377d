"""The terms of a rule as one query, the same on both stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from . import segment_postgres, segment_sqlite
from .facts import RECENCY, STAYS, feature_sql
from .segment_terms import (
    AllTerm,
    AnyTerm,
    ConsentTerm,
    EventTerm,
    FeatureTerm,
    Figure,
    MemberTerm,
    MessageTerm,
    NotTerm,
    PropertyTerm,
    StayTerm,
    Term,
    ValueTest,
    Wanted,
)
from .sql import FALSE, TRUE, Sql, joined, sql

LIVE = Sql("c.merged_into IS NULL AND c.erased_at IS NULL")
ADDRESSED = {"email": "c.email", "phone": "c.phone", "external_id": "c.external_id", "created_at": "c.created_at"}
SIGNS = {"more_than": ">", "less_than": "<", "at_least": ">=", "at_most": "<="}
SUM_UNITS = "10000.0"


class Value(Protocol):
    """A value as a store reads it; every answer is TRUE or FALSE, never NULL."""

    def known(self) -> Sql: ...
    def same(self, wanted: Wanted) -> Sql: ...
    def compared(self, sign: str, number: int | float | None) -> Sql: ...
    def holds_item(self, wanted: Wanted) -> Sql: ...
    def contains(self, part: str) -> Sql: ...
    def starts_with(self, part: str) -> Sql: ...
    def ends_with(self, part: str) -> Sql: ...
    def within(self, first: int | None, last: int | None) -> Sql: ...
    def summand(self) -> Sql: ...


@dataclass(frozen=True, slots=True)
class Compiler:
    """Makes SQL for one store. ``probe`` says of a term whether it is better asked contact by contact."""

    postgres: bool
    probe: Callable[[EventTerm | MessageTerm | StayTerm], bool] = lambda term: False

    def who(self, term: Term, select: str = "c.id", among: Sql | None = None) -> Sql:
        """``SELECT`` those contacts ``c`` who meet the term; ``among`` narrows to some (``c.id IN …``)."""
        tests = [LIVE, self.test(term)] if among is None else [among, LIVE, self.test(term)]
        features = " LEFT JOIN features f ON f.contact_id = c.id" if _asks_features(term) else ""
        where = Sql(" AND ".join(each.text for each in tests), tuple(p for each in tests for p in each.params))
        return sql(f"SELECT {select} FROM contacts c{features} WHERE {{}}", where)

    def test(self, term: Term) -> Sql:
        """TRUE or FALSE for each contact ``c``."""
        if isinstance(term, AllTerm):
            return joined("AND", map(self.test, term.parts))
        if isinstance(term, AnyTerm):
            return joined("OR", map(self.test, term.parts))
        if isinstance(term, NotTerm):
            return sql("NOT ({})", self.test(term.part))
        if isinstance(term, PropertyTerm):
            addressed = ADDRESSED.get(term.test.path)
            if addressed:
                return self._value(self._column(Sql(addressed)), term.test)
            return self._value(self._inside("c.properties", term.test.path, addressed=True), term.test)
        if isinstance(term, FeatureTerm):
            return self._feature(term)
        if isinstance(term, MemberTerm):
            return self._member(term)
        if isinstance(term, ConsentTerm):
            return _consent(term)
        return self._counted(term)

    # ── values ────────────────────────────────────────────────────────────────────────────────────────

    def _inside(self, document: str, path: str, *, addressed: bool = False) -> Value:
        """A property; what a contact is addressed by is a plain value with nothing nested in it."""
        nested = "." in path and not (addressed and path.split(".")[0] in ADDRESSED)
        return (segment_postgres if self.postgres else segment_sqlite).inside(document, path, nested)

    def _column(self, expression: Sql) -> Value:
        return (segment_postgres if self.postgres else segment_sqlite).column(expression)

    def _value(self, value: Value, test: ValueTest) -> Sql:
        op, wanted = test.op, test.wanted
        if op.startswith("not_"):
            return sql("NOT ({})", self._value(value, ValueTest(test.path, op[4:], wanted, test.within)))
        if op == "missing":
            return sql("NOT ({})", value.known())
        if op == "exists":
            return value.known()
        if op in ("before", "after", "within_days"):
            return value.within(*test.within)
        if op in ("equals", "in"):
            return joined("OR", map(value.same, wanted))
        (one,) = wanted
        if op in SIGNS:
            return value.compared(SIGNS[op], one.number)
        part = one.text or ""
        if op == "starts_with":
            return value.starts_with(part)
        if op == "ends_with":
            return value.ends_with(part)
        contains = FALSE if one.text is None else value.contains(part)
        return joined("OR", [contains, value.holds_item(one)])

    def _feature(self, term: FeatureTerm) -> Sql:
        column = Sql(feature_sql(term.test.path))
        if term.test.path in RECENCY:
            now = sql("{}::bigint" if self.postgres else "{}", term.now_ms)
            column = sql(f"({{}} - {column.text}) / {'86400000.0::float8' if self.postgres else '86400000.0'}", now)
        elif column.text == "NULL":
            column = Sql("NULL::text" if self.postgres else "NULL")
        return self._value(self._column(column), term.test)

    # ── what happened ─────────────────────────────────────────────────────────────────────────────────

    def _counted(self, term: EventTerm | MessageTerm | StayTerm) -> Sql:
        """Who did nothing has no row to be counted, so a figure that nothing meets is asked by its opposite."""
        source, figure = self._source(term), self._figure(term)
        opposite = term.figure.holds(0)
        if self.probe(term):
            if not self._once(term):
                counted = sql("(SELECT {} FROM {} AND r.contact_id = c.id)", figure, source)
                return _compared(counted, term.figure, False, self.postgres)
            exists = sql("EXISTS (SELECT 1 FROM {} AND r.contact_id = c.id)", source)
        else:
            inner = sql("SELECT r.contact_id FROM {}", source)
            if not self._once(term):
                held = _compared(figure, term.figure, opposite, self.postgres)
                inner = sql("{} GROUP BY r.contact_id HAVING {}", inner, held)
            exists = sql("c.id IN ({})", inner)
        return sql("NOT ({})", exists) if opposite else exists

    def _once(self, term: EventTerm | MessageTerm | StayTerm) -> bool:
        """Whether any row at all is enough to know."""
        summed = isinstance(term, EventTerm) and term.sum is not None
        return not summed and term.figure in (*_ONCE, *_NEVER)

    def _source(self, term: EventTerm | MessageTerm | StayTerm) -> Sql:
        if isinstance(term, EventTerm):
            tests = [self._value(self._inside("r.properties", each.path), each) for each in term.where]
            where = sql("r.name = {} AND {}", term.event, _between("r.at", term.start, term.until))
            return sql("events r WHERE {}", joined("AND", [where, *tests]))
        if isinstance(term, MessageTerm):
            done = {"sent": "r.sent_at", "opened": "r.opened_at", "clicked": "r.clicked_at"}[term.what]
            where = sql(f"{done} IS NOT NULL AND {{}}", _between("r.queued_at", term.start, term.until))
            channel = sql("r.channel = {}", term.channel) if term.channel else TRUE
            return sql("messages r WHERE {}", joined("AND", [where, channel]))
        moments = () if term.was == "inside" else (term.start, term.until)
        stay = Sql(STAYS[term.was].replace("e.", "r."), moments)
        return sql(
            "enrollments r WHERE r.journey_id = (SELECT j.id FROM journeys j WHERE j.name = {}) AND {}",
            term.journey,
            stay,
        )

    def _figure(self, term: EventTerm | MessageTerm | StayTerm) -> Sql:
        if isinstance(term, EventTerm) and term.sum is not None:
            summand = self._inside("r.properties", term.sum).summand()
            if self.postgres:
                return sql(f"coalesce(sum({{}}), 0)::float8 / {SUM_UNITS}::float8", summand)
            return sql(f"total({{}}) / {SUM_UNITS}", summand)
        if isinstance(term, EventTerm) and term.on_days:
            return Sql("count(DISTINCT r.at / 86400000)")
        return Sql("count(*)")

    def _member(self, term: MemberTerm) -> Sql:
        inside = sql(
            "EXISTS (SELECT 1 FROM segment_members m WHERE m.contact_id = c.id"
            " AND m.segment_id = (SELECT s.id FROM segments s WHERE s.name = {}))",
            term.segment,
        )
        return inside if term.member else sql("NOT ({})", inside)


_ONCE = (Figure(">=", 1), Figure(">", 0))
_NEVER = (Figure("<", 1), Figure("<=", 0), Figure("=", 0))
_OPPOSITE = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "=": "<>"}


def _compared(value: Sql, figure: Figure, opposite: bool, postgres: bool) -> Sql:
    sign = _OPPOSITE[figure.sign] if opposite else figure.sign
    cast = "::float8" if postgres and isinstance(figure.value, float) else ""
    return sql(f"{{}} {sign} {{}}{cast}", value, figure.value)


def _between(column: str, start: int, until: int) -> Sql:
    """Half open; what has no end is not compared with one."""
    begins = sql(f"{column} >= {{}}", start)
    return begins if until >= 2**62 else sql(f"{{}} AND {column} < {{}}", begins, until)


def _consent(term: ConsentTerm) -> Sql:
    last = sql(
        "(SELECT s.action FROM consents s WHERE s.contact_id = c.id AND s.channel = {} AND s.topic = {}"
        " ORDER BY s.id DESC LIMIT 1)",
        term.channel, term.topic,
    )  # fmt: skip
    if term.state == "unknown":
        return sql("{} IS NULL", last)
    return sql("coalesce({} = {}, FALSE)", last, term.state)


def _asks_features(term: Term) -> bool:
    if isinstance(term, AllTerm | AnyTerm):
        return any(map(_asks_features, term.parts))
    return _asks_features(term.part) if isinstance(term, NotTerm) else isinstance(term, FeatureTerm)
