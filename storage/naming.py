"""What all tables share: their metadata, with fixed names of constraints so that a migration can find them."""

from typing import Any, ClassVar

from sqlmodel import SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """The base of every table."""

    __tablename__: ClassVar[Any]
