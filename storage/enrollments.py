"""Who stands where in which journey: enrollments, walks, their paths, node counts and caps."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Text, text
from sqlmodel import Field

from .columns import Key
from .naming import Table

LIVE = "ended_at IS NULL"


class Enrollment(Table, table=True):
    """One stay of a contact in a journey. Moments are milliseconds: this row belongs to the engine.

    At rest it has a ``due_at``, a ``wait_event``, both, or (``outbox`` = 1) a message on its way.
    ``interrupt`` is the node an event pulled the contact to, taken up by the next walk.
    """

    __tablename__ = "enrollments"
    __table_args__ = (
        Index(
            "ix_enrollments_due",
            "version_id",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ux_enrollments_live",
            "contact_id",
            "journey_id",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index("ix_enrollments_history", "journey_id", "contact_id", "entered_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    journey_id: int = Field(sa_type=Key)
    version_id: int = Field(sa_type=Key)
    contact_id: int = Field(sa_type=Key)
    node: int = Field(sa_type=Integer)  # index of the node in the version's program
    seq: int = Field(default=0, sa_type=Integer)  # walks done so far
    due_at: int | None = Field(default=None, sa_type=BigInteger)
    wait_event: str | None = Field(default=None, sa_type=Text)
    outbox: int = Field(default=0, sa_type=Integer)
    outcome: str | None = Field(default=None, sa_type=Text)
    interrupt: int | None = Field(default=None, sa_type=Integer)
    entered_at: int = Field(sa_type=BigInteger)
    since_at: int = Field(sa_type=BigInteger)
    event_id: int | None = Field(default=None, sa_type=Key)  # the event that started it
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    reason: str | None = Field(default=None, sa_type=Text)


class Walk(Table, table=True):
    """One walk of one enrollment: which path it took, when."""

    __tablename__ = "walks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    enrollment_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    path_id: int = Field(sa_type=Key)
    at: int = Field(sa_type=BigInteger)


class Path(Table, table=True):
    """A way through a version, interned: ``node:port`` steps joined by blanks."""

    __tablename__ = "paths"
    __table_args__ = (Index("ux_paths_version_id_steps", "version_id", "steps", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    version_id: int = Field(sa_type=Key)
    steps: str = Field(sa_type=Text)


class NodeDelta(Table, table=True):
    """What one batch added to a count; folded into `NodeCount` later, so that workers never queue on one row."""

    __tablename__ = "node_deltas"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    version_id: int = Field(sa_type=Key)
    node: int = Field(sa_type=Integer)
    port: str = Field(sa_type=Text)
    day: int = Field(sa_type=Integer)  # days since 1970, UTC
    n: int = Field(sa_type=Integer)


class NodeCount(Table, table=True):
    """How many went in at a node ("in"), out by a port (its name), or left there ("left:reason"), by day."""

    __tablename__ = "node_counts"

    version_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    node: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    port: str = Field(sa_column=Column(Text, primary_key=True))
    day: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    n: int = Field(default=0, sa_type=BigInteger)


class Conversion(Table, table=True):
    """An enrollment that reached a goal, once for each goal."""

    __tablename__ = "conversions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    enrollment_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    node: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: int = Field(sa_type=BigInteger)


class Cap(Table, table=True):
    """Messages counted against a contact in one hour: reserved with the walk that queues them."""

    __tablename__ = "caps"
    __table_args__ = ({"sqlite_with_rowid": False},)

    contact_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    hour: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))  # hours since 1970
    channel: str = Field(sa_column=Column(Text, primary_key=True))
    journey_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))
    n: int = Field(default=0, sa_type=Integer)
