"""Templates: letters to start from and blocks that letters share, each with its draft and its saved versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, col, select

from .columns import Json, Key, Moment
from .database import Tx
from .naming import Table


class Template(Table, table=True):
    """A letter or a shared block under its short name. ``content`` is the draft; ``version`` counts what was saved."""

    __tablename__ = "templates"

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    name: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    title: str = Field(sa_type=Text)
    kind: str = Field(default="letter", sa_type=Text)  # letter or block
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    content_hash: str = Field(default="", sa_type=Text)
    version: int = 0
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    changed_by: str = Field(default="", sa_type=Text)
    archived_at: datetime | None = Field(default=None, sa_type=Moment)


class TemplateVersion(Table, table=True):
    """A template as somebody saved it. It never changes."""

    __tablename__ = "template_versions"
    __table_args__ = (Index("ux_template_versions_template_id_number", "template_id", "number", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(Key, primary_key=True))
    template_id: int = Field(sa_type=Key)
    number: int
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Json, nullable=False))
    content_hash: str = Field(sa_type=Text)
    author: str = Field(default="", sa_type=Text)
    note: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)


def templates(tx: Tx, kind: str = "letter", archived: bool = False) -> list[Template]:
    """Those of a kind, the last changed first; ``archived`` asks for those put away instead."""
    put_away = col(Template.archived_at).is_not(None) if archived else col(Template.archived_at).is_(None)
    wanted = select(Template).where(col(Template.kind) == kind, put_away)
    return list(tx.session.exec(wanted.order_by(col(Template.changed_at).desc(), col(Template.name))).all())


def named(tx: Tx, name: str) -> Template | None:
    """The template of this short name, put away or not."""
    return tx.session.exec(select(Template).where(col(Template.name) == name)).first()


def names(tx: Tx) -> set[str]:
    """Every name that is taken."""
    return {name for (name,) in tx.rows("SELECT name FROM templates")}


def newest(tx: Tx) -> dict[str, int]:
    """The number of the newest saved version of every template, by name; 0 where none was saved."""
    return dict(tx.rows("SELECT name, version FROM templates"))  # type: ignore[arg-type]


def hold(tx: Tx, name: str) -> Template | None:
    """The template, which nobody else can change until the transaction ends."""
    if tx.postgres:
        tx.run("SELECT id FROM templates WHERE name = ? FOR UPDATE", (name,))
    template = named(tx, name)
    if tx.postgres and template is not None:
        tx.session.refresh(template)  # it may have been read before it was held
    return template


def version(tx: Tx, template_id: int, number: int) -> TemplateVersion | None:
    """One saved version."""
    wanted = select(TemplateVersion).where(
        col(TemplateVersion.template_id) == template_id, col(TemplateVersion.number) == number
    )
    return tx.session.exec(wanted).first()


def versions(tx: Tx, template_id: int) -> list[TemplateVersion]:
    """Every saved version, the newest first."""
    wanted = select(TemplateVersion).where(col(TemplateVersion.template_id) == template_id)
    return list(tx.session.exec(wanted.order_by(col(TemplateVersion.number).desc())).all())


def remove(tx: Tx, template_id: int) -> None:
    """Take a template away with every version of it."""
    tx.session.flush()
    tx.run("DELETE FROM template_versions WHERE template_id = ?", (template_id,))
    tx.run("DELETE FROM templates WHERE id = ?", (template_id,))
