"""Finding contacts by how a name of theirs begins: through indexes, however many contacts there are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from .columns import Key
from .database import Tx
from .naming import Table

NEWEST = 10_000  # contacts that are looked through as a whole: those nobody has taken the words of yet
FEW = 5_000  # contacts one word may lead to before it is too common to begin with
MOST_WORDS, SHORTEST, LONGEST = 12, 2, 40

ByBytes = Text().with_variant(Text(collation="C"), "postgresql")  # so that both stores order letters in one way


class ContactWord(Table, table=True):
    """A word of somebody's name, place or address, folded: lower case, without accents."""

    __tablename__ = "contact_words"
    __table_args__ = (Index("ix_contact_words_contact_id", "contact_id"), {"sqlite_with_rowid": False})

    word: str = Field(sa_column=Column(ByBytes, primary_key=True))
    contact_id: int = Field(sa_column=Column(Key, primary_key=True, autoincrement=False))


def words_of(texts: Iterable[Any]) -> set[str]:
    """The words of texts, folded."""
    found: dict[str, None] = {}
    for text in texts:
        if isinstance(text, str):
            plain = "".join(
                letter if letter.isalnum() else " "
                for letter in unicodedata.normalize("NFKD", text[:200]).casefold()
                if not unicodedata.combining(letter)
            )
            found |= dict.fromkeys(word[:LONGEST] for word in plain.split() if len(word) >= SHORTEST)
    return set(list(found)[:MOST_WORDS])


def set_words(tx: Tx, words: dict[int, set[str]]) -> None:
    """The words contacts are found by, in place of those they had."""
    among, ids = tx.among(list(words))
    tx.run(f"DELETE FROM contact_words WHERE contact_id {among}", (ids,))
    tx.insert(
        "contact_words",
        "word,contact_id",
        sorted((word, contact) for contact, own in words.items() for word in own),
    )


def forget(tx: Tx, contacts: Sequence[int]) -> None:
    """These contacts are found no more: they are gone, or somebody else by now."""
    among, ids = tx.among(contacts)
    tx.run(f"DELETE FROM contact_words WHERE contact_id {among}", (ids,))


def found(tx: Tx, text: str, before: int, limit: int) -> list[int]:
    """Contacts, the last to come first, of whom every word of ``text`` begins a name, an address or an id.

    In the newest contacts a word may also stand anywhere in an address or a property.
    """
    words = text.split()[:5]
    if not words:
        return []
    highest = tx.value("SELECT coalesce(max(id), 0) FROM contacts")
    few, rarest = min((_count(tx, word), word) for word in words)
    wheres, values = [_among(tx, few > FEW)], _ranges(rarest)
    for word in words:
        if word != rarest:
            wheres.append(_has(tx))
            values += _ranges(word)
    by_index = tx.rows(
        "SELECT c.id FROM contacts c WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND c.id < ?"
        f" AND {' AND '.join(wheres)} ORDER BY c.id DESC LIMIT ?",
        (before, *values, limit),
    )
    wheres, values = [], []
    for word in words:
        wheres.append(
            "(lower(coalesce(email, '')) LIKE ? ESCAPE '!' OR lower(coalesce(external_id, '')) LIKE ? ESCAPE '!'"
            " OR lower(CAST(properties AS text)) LIKE ? ESCAPE '!' OR CAST(id AS text) = ?)"
        )
        values += [_holding(word.lower())] * 3 + [word]
    by_looking = tx.rows(
        "SELECT id FROM contacts WHERE merged_into IS NULL AND erased_at IS NULL AND id < ? AND id > ?"
        f" AND {' AND '.join(wheres)} ORDER BY id DESC LIMIT ?",
        (before, highest - NEWEST, *values, limit),
    )
    ids = sorted({key for (key,) in (*by_index, *by_looking)}, reverse=True)
    if len(words) == 1 and text.isascii() and text.isdigit() and highest < before:  # the contact of this number first
        ids = list(dict.fromkeys([int(text), *ids]))
    return ids[:limit]


_NAMES = "SELECT contact_id FROM identities WHERE {}"
_WORDS = "SELECT contact_id FROM contact_words WHERE word >= ? AND word < ?"


def _between(tx: Tx) -> str:
    """On PostgreSQL only these operators are served by an index whatever the language of the database."""
    one = "value ~>=~ ? AND value ~<~ ?" if tx.postgres else "value >= ? AND value < ?"
    return f"({one} OR {one})"


def _among(tx: Tx, many: bool) -> str:
    limit = f" LIMIT {FEW}" if many else ""
    names = f"SELECT contact_id FROM ({_NAMES.format(_between(tx))}{limit}) AS by_name"
    return f"c.id IN ({names} UNION ALL SELECT contact_id FROM ({_WORDS}{limit}) AS by_word)"


def _has(tx: Tx) -> str:
    return f"(EXISTS ({_NAMES.format(_between(tx))} AND contact_id = c.id) OR EXISTS ({_WORDS} AND contact_id = c.id))"


def _count(tx: Tx, word: str) -> int:
    """How many contacts a word leads to, counted a little beyond `FEW`."""
    return tx.value(
        f"SELECT (SELECT count(*) FROM ({_NAMES.format(_between(tx))} LIMIT ?) AS n)"
        f" + (SELECT count(*) FROM ({_WORDS} LIMIT ?) AS w)",
        (*_ranges(word)[:4], FEW + 1, *_ranges(word)[4:], FEW + 1),
    )


def _ranges(word: str) -> list[str]:
    """What begins with the word: a name as it was typed, an address in lower case, a word without accents."""
    pieces = words_of([word])
    folded = pieces.pop() if len(pieces) == 1 else word.casefold()  # of several pieces none is what was asked for
    return [end for begin in (word, word.lower(), folded) for end in (begin, begin + "\U0010ffff")]


def _holding(word: str) -> str:
    return "%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
