"""What is forgotten of a person, table by table. A table that stands in none of these lists fails a test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from . import consents, entering, matches, merges, openings, search, short_links, webhooks
from .columns import dump, load
from .database import Database, Tx
from .sql import holding
from .tombstones import Name

ERASED = "(erased)"  # stands where a name stood
PAGE = 100_000  # rows a search looks at in one snapshot, so that the log of the store can be folded in between
SHORTEST = 8  # characters of an id that is worth a search; a shorter one would be found in anything

GONE = {  # rows that go, by the column that names the contact
    "alerts": "contact_id",
    "caps": "contact_id",
    "crm_tasks": "contact_id",
    "devices": "contact_id",
    "events": "contact_id",
    "features": "contact_id",
    "identities": "contact_id",
    "mail_pieces": "contact_id",
    "segment_members": "contact_id",
    "setbacks": "contact_id",
    "signups": "contact_id",
    "touches": "contact_id",
    "turned_away": "contact_id",
    "waiting_messages": "contact_id",
    "wishes": "contact_id",
}
OWN_WAYS = {  # tables that know themselves how to forget contacts
    "consents": consents.unveil,
    "contact_words": search.forget,
    "match_keys": matches.forget,
    "match_marks": matches.forget,
    "match_suggestions": matches.forget,
    "merges": merges.forget,
    "openings": openings.forget,
    "short_links": short_links.forget,
    "webhook_deliveries": webhooks.forget,  # by their events, so before those go
}
BY_ADDRESS = ("bounces", "sender_stops", "suppressions")  # rows that go by the address they are about
SHELLS = (  # rows that stay without saying whose they are, so that totals stay: the contact is an empty shell
    "contacts",
    "conversions",
    "coupons",
    "enrollments",
    "messages",
    "requests",
    "walks",
)
MENTIONS = {  # where somebody may be named in words or in somebody else's document
    "audit_entries": ("subject", "details"),
    "consents": ("source", "evidence"),
    "contacts": ("properties",),
    "decisions": ("reason", "inputs"),
    "events": ("properties",),
    "import_errors": ("reason", "raw"),
    "messages": ("reason",),
    "rejections": ("message_id", "reason", "sample"),
    "signups": ("email", "fields"),
    "violations": ("reason", "message_id", "sample"),
    "webhook_deliveries": ("said",),
}
DOCUMENTS = {"details", "evidence", "fields", "properties", "inputs"}
NOBODY = {  # tables that hold nothing of a contact, and why
    "accounts": "carriers",
    "api_keys": "programs",
    "arrivals": "totals",
    "callbacks": "digests of what carriers said, and receipts that name nobody",
    "connections": "sources of data",
    "contracts": "what events look like",
    "coupon_pools": "what codes are for",
    "dkim_keys": "keys of the owner's domains",
    "draft_edits": "people who work here",
    "forms": "what one can sign up with",
    "import_runs": "files",
    "journeys": "what was drawn",
    "letter_audits": "what was found in letters, with names masked",
    "link_answers": "pages letters lead to that are the same for everybody",
    "mail_batches": "totals",
    "node_counts": "totals",
    "node_deltas": "totals",
    "outside_answers": "facts of places, by keyed digests, for some days",
    "outside_sources": "addresses of the owner's",
    "paces": "how fast letters go to whom",
    "paths": "ways through journeys",
    "pictures": "what letters show",
    "policies": "the owner's rules",
    "presences": "totals",
    "products": "what the shop sells",
    "quotas": "totals",
    "reviews": "what was approved",
    "segment_sizes": "totals",
    "segment_versions": "rules",
    "segments": "rules",
    "sender_brakes": "what stands still, and why",
    "sender_days": "totals",
    "sender_deltas": "totals",
    "settings": "the owner's",
    "sign_ins": "people who work here",
    "taken_files": "files",
    "topics": "what one can agree to",
    "template_versions": "letters to start from",
    "templates": "letters to start from",
    "tombstones": "keyed digests",
    "trigger_cursors": "moments",
    "users": "people who work here",
    "versions": "what was approved",
    "volumes": "totals",
    "warm_up_days": "totals",
    "warm_up_places": "numbers of letters",
    "warm_ups": "the owner's plans",
    "webhooks": "addresses of programs",
    "wordings": "what was agreed to",
}


def family(tx: Tx, contact_id: int) -> list[int]:
    """The contact and everybody who was merged into it, at any remove; locked."""
    found, fresh = [contact_id], [contact_id]
    while fresh:
        among, ids = tx.among(fresh)
        fresh = [row[0] for row in tx.rows(f"SELECT id FROM contacts WHERE merged_into {among}", (ids,))]
        found += fresh
    if tx.postgres:
        among, ids = tx.among(found)
        tx.rows(f"SELECT id FROM contacts WHERE id {among} ORDER BY id FOR UPDATE", (ids,))
    return found


def records(tx: Tx, contact_id: int) -> list[int]:
    """All records of the person a contact is: its family, and every other contact with the same e-mail address."""
    found = family(tx, contact_id)
    among, ids = tx.among(found)
    others = tx.rows(
        "SELECT id FROM contacts WHERE merged_into IS NULL AND email IN "
        f"(SELECT email FROM contacts WHERE id {among}) ORDER BY id",
        (ids,),
    )
    return found + [one for (other,) in others if other not in found for one in family(tx, other)]


def names_of(tx: Tx, contacts: Sequence[int]) -> set[Name]:
    """Everything these contacts are known and addressed by."""
    among, ids = tx.among(contacts)
    names = set(tx.rows(f"SELECT kind, value FROM identities WHERE contact_id {among}", (ids,)))
    for user, email, phone in tx.rows(f"SELECT external_id, email, phone FROM contacts WHERE id {among}", (ids,)):
        names |= {(kind, value) for kind, value in (("user", user), ("email", email), ("phone", phone)) if value}
    return {(kind, value) for kind, value in names}


def forget(tx: Tx, contacts: Sequence[int], names: Iterable[Name], now_ms: int) -> None:
    """Everything by which these contacts can be told from others goes; empty shells stay, so that totals do."""
    entering.send_away(tx, contacts, now_ms)
    among, ids = tx.among(contacts)
    tx.run(
        f"UPDATE messages SET status = 'skipped', reason = 'The contact was erased.' WHERE contact_id {among}"
        " AND status = 'queued'",
        (ids,),
    )
    for way in dict.fromkeys(OWN_WAYS.values()):
        way(tx, contacts)
    for table, column in GONE.items():
        tx.run(f"DELETE FROM {table} WHERE {column} {among}", (ids,))
    tx.run(f"UPDATE enrollments SET event_id = NULL WHERE contact_id {among}", (ids,))
    for table in BY_ADDRESS:
        tx.many(f"DELETE FROM {table} WHERE address = lower(?)", [(value,) for _, value in sorted(names)])
    tx.run(
        "UPDATE contacts SET external_id = NULL, email = NULL, phone = NULL, properties = '{}', changed_at = ?,"
        f" erased_at = coalesce(erased_at, ?) WHERE id {among}",
        (now_ms, now_ms, ids),
    )


def searched_for(names: Iterable[Name]) -> list[str]:
    """The names that can be told from ordinary words and numbers wherever they stand, the longest first."""
    found = set()
    for kind, value in names:
        if kind in ("email", "phone"):
            found |= {value.lower().lstrip("+"), value.lower().lstrip("+").replace("@", "%40")}  # as in a link
        elif len(value) >= SHORTEST and re.search(r"\d", value) and re.search(r"[^\W\d]", value):
            found.add(value.lower())
    return sorted(found, key=lambda value: (-len(value), value))


def whole(words: Sequence[str]) -> str:
    """The pattern that finds these words where they stand alone: a longer name that holds one is somebody else's."""
    return "|".join(rf"(?<![\w.+-])\+?{re.escape(one)}(?!\.?[\w-])" for one in words)


def named(tx: Tx, words: Sequence[str]) -> bool:
    """Whether any row of the whole store still names somebody by one of these words."""
    pattern = re.compile(whole(words), re.IGNORECASE)
    return any(pattern.search(str(text)) for word in words for _, text in _standing(tx, word))


def unname(db: Database, names: Sequence[Name]) -> dict[str, int]:
    """Take these names out of everything they are mentioned in; returns how many rows were changed, by table."""
    wanted = searched_for(names)
    if not wanted:
        return {}
    pattern = re.compile(whole(wanted), re.IGNORECASE)
    likes = [holding(one) for one in wanted]
    changed: dict[str, int] = {}
    for table, columns in MENTIONS.items():
        last = db.look(lambda tx, table=table: tx.value(f"SELECT coalesce(max(id), 0) FROM {table}"))
        for first in range(0, last + 1, PAGE):
            rows = db.look(lambda tx, t=table, c=columns, f=first: _mentioning(tx, t, c, likes, f))
            rewritten = [_rewritten(columns, row, pattern) for row in rows]
            if rows:
                sets = ", ".join(f"{column} = ?" for column in columns)
                sql = f"UPDATE {table} SET {sets} WHERE id = ?"
                db.write(lambda tx, sql=sql, rewritten=rewritten: tx.many(sql, rewritten))
                changed[table] = changed.get(table, 0) + len(rows)
    return changed


def mentioned(tx: Tx, value: str) -> Iterator[str]:
    """Every ``table.column`` of the whole store in which a value still stands."""
    yield from dict.fromkeys(where for where, _ in _standing(tx, value))


def _standing(tx: Tx, value: str) -> Iterator[tuple[str, Any]]:
    from .tables import metadata  # it knows every table, this one's among them

    like = holding(value.lower())
    for table in metadata.sorted_tables:
        for column in table.columns:
            text = f"CAST({column.name} AS TEXT)"
            for (found,) in tx.rows(f"SELECT {text} FROM {table.name} WHERE lower({text}) LIKE ? ESCAPE '\\'", (like,)):
                yield f"{table.name}.{column.name}", found


def _mentioning(tx: Tx, table: str, columns: Sequence[str], likes: Sequence[str], first: int) -> list[Any]:
    holds = " OR ".join(f"lower(CAST({column} AS TEXT)) LIKE ? ESCAPE '\\'" for column in columns for _ in likes)
    return tx.rows(
        f"SELECT {', '.join(columns)}, id FROM {table} WHERE id >= ? AND id < ? AND ({holds})",
        (first, first + PAGE, *(like for _ in columns for like in likes)),
    )


def _rewritten(columns: Sequence[str], row: Sequence[Any], pattern: re.Pattern[str]) -> tuple[Any, ...]:
    values = [
        dump(_without(load(value), pattern)) if column in DOCUMENTS else _without(value, pattern)
        for column, value in zip(columns, row, strict=False)
    ]
    return (*values, row[-1])


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, dict):
        return {_without(key, pattern): _without(each, pattern) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, pattern) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and pattern.search(str(value)):
        return ERASED
    return value
