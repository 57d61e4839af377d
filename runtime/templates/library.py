"""The library: drafts of letters and shared blocks, saved as versions, renamed, copied and put away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ...nodes.slug import SLUG_WORDS, is_slug
from ...storage import templates, users
from ...storage.columns import from_ms, to_ms
from ...storage.database import Tx
from ...storage.templates import Template, TemplateVersion
from ..drafts import free
from ..letter_parts import NoSuchShape, checked_block, checked_letter
from ..plain_words import fault
from ..program import content_hash

Kind = Literal["letter", "block"]
LONGEST_TITLE = 200
SITTING_MS = 30 * 60_000  # of writing by one person: one line of the audit trail
RESERVED = frozenset({"new"})


class NoSuchTemplate(Exception):
    """There is no template of that name. `sojourn templates list` shows what there is."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no template called “{name}”. `sojourn templates list` shows what there is.")


class TemplateProblem(Exception):
    """The template cannot be kept like this; the sentence says why."""


class ChangedMeanwhile(Exception):
    """Somebody else saved this template meanwhile: look at theirs first, then save yours again."""

    def __init__(self, template: Template) -> None:
        self.template = template
        super().__init__(f"{template.changed_by or 'Somebody else'} changed this meanwhile.")


def create(tx: Tx, title: str, source: Mapping[str, Any], actor: str, now_ms: int, kind: Kind = "letter") -> Template:
    """A new template under a name made of its title, with a number where that is taken."""
    name = free(title.strip(), templates.names(tx) | RESERVED, kind)
    return keep(tx, name, title, source, actor, now_ms, kind=kind)


def keep(
    tx: Tx,
    name: str,
    title: str,
    source: Mapping[str, Any],
    actor: str,
    now_ms: int,
    *,
    seen: str | None = None,
    kind: Kind = "letter",
) -> Template:
    """This is the draft now; a new template where there is none of that name. What is there already leaves no trace.

    ``seen`` is the hash of the draft that was changed: raises `ChangedMeanwhile` when it is no longer that one.
    Raises `TemplateProblem` too.
    """
    if not is_slug(name) or name in RESERVED:
        raise TemplateProblem(f"A template cannot be called “{name[:80]}”: use {SLUG_WORDS}.")
    template = templates.hold(tx, name)
    kind = template.kind if template else kind  # type: ignore[assignment]
    content, title = _checked(kind, source), _titled(title, name)
    digest, now = content_hash(content), from_ms(now_ms)
    if template is None:
        template = Template(name=name, title=title, kind=kind, created_at=now, changed_at=now)
        users.note(tx, actor, "template.create", name, now_ms, {"kind": kind})
    else:
        if (template.content_hash, template.title) == (digest, title):
            return template
        if seen is not None and seen != template.content_hash:
            raise ChangedMeanwhile(template)
        if template.changed_by != actor or now_ms - to_ms(template.changed_at) > SITTING_MS:
            users.note(tx, actor, "template.draft", name, now_ms)
    template.content, template.content_hash, template.title = content, digest, title
    template.changed_at, template.changed_by = now, actor
    return _stored(tx, template)


def save_version(tx: Tx, name: str, actor: str, now_ms: int, note: str = "") -> TemplateVersion:
    """Keep the draft as the next version; the newest one again where nothing has changed. A shared block is
    put into the drafts of all templates that use it, and into nothing else. Raises `NoSuchTemplate`."""
    from .shared import spread  # it saves drafts by this module

    template = held(tx, name)
    assert template.id is not None
    newest = templates.version(tx, template.id, template.version) if template.version else None
    if newest is not None and newest.content_hash == template.content_hash:
        return newest
    version = TemplateVersion(
        template_id=template.id,
        number=template.version + 1,
        content=template.content,
        content_hash=template.content_hash,
        author=actor,
        note=note.strip()[:500],
        created_at=from_ms(now_ms),
    )
    template.version += 1
    tx.session.add(version)
    _stored(tx, template)
    details: dict[str, Any] = {"version": version.number, "hash": version.content_hash}
    if template.kind == "block":
        details["templates"] = spread(tx, template, actor, now_ms)
    users.note(tx, actor, "template.save", name, now_ms, details)
    return version


def versions(tx: Tx, name: str) -> list[TemplateVersion]:
    """What was saved of a template, the newest first. Raises `NoSuchTemplate`."""
    return templates.versions(tx, named(tx, name).id or 0)


def restore(tx: Tx, name: str, number: int, actor: str, now_ms: int) -> Template:
    """Make an earlier version the draft again. Raises `NoSuchTemplate`, `TemplateProblem`."""
    template = held(tx, name)
    earlier = templates.version(tx, template.id or 0, number)
    if earlier is None:
        raise TemplateProblem(f"“{template.title}” never had a version {number}.")
    users.note(tx, actor, "template.restore", name, now_ms, {"version": number})
    return keep(tx, name, template.title, earlier.content, actor, now_ms)


def duplicate(tx: Tx, name: str, actor: str, now_ms: int) -> Template:
    """A copy of the draft under a name of its own. Raises `NoSuchTemplate`."""
    template = named(tx, name)
    title = f"{template.title} (copy)"[:LONGEST_TITLE]
    return create(tx, title, template.content, actor, now_ms, template.kind)  # type: ignore[arg-type]


def copy_aside(
    tx: Tx, template: Template, content: Mapping[str, Any], author: str, actor: str, now_ms: int
) -> Template:
    """What somebody wrote while another text was taken, kept as a template of its own."""
    ending = f" (as {author or 'somebody else'} wrote it)"[:LONGEST_TITLE]
    title = template.title[: LONGEST_TITLE - len(ending)] + ending
    return create(tx, title, content, actor, now_ms, template.kind)  # type: ignore[arg-type]


def rename(tx: Tx, name: str, title: str, actor: str, now_ms: int) -> Template:
    """Another title; the short name stays, since letters refer to it. Raises `NoSuchTemplate`, `TemplateProblem`."""
    return keep(tx, name, title, held(tx, name).content, actor, now_ms)


def put_away(tx: Tx, name: str, away: bool, actor: str, now_ms: int) -> Template:
    """Out of every list, or back into them. What was copied from it stays as it is. Raises `NoSuchTemplate`."""
    template = held(tx, name)
    if (template.archived_at is not None) != away:
        template.archived_at = from_ms(now_ms) if away else None
        _stored(tx, template)
        users.note(tx, actor, "template.archive" if away else "template.bring_back", name, now_ms)
    return template


def named(tx: Tx, name: str) -> Template:
    """The template of this short name. Raises `NoSuchTemplate`."""
    template = templates.named(tx, name)
    if template is None:
        raise NoSuchTemplate(name)
    return template


def held(tx: Tx, name: str) -> Template:
    """The same, locked until the transaction ends. Raises `NoSuchTemplate`."""
    template = templates.hold(tx, name)
    if template is None:
        raise NoSuchTemplate(name)
    return template


def _checked(kind: str, source: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return checked_block(source) if kind == "block" else checked_letter(source)
    except NoSuchShape as problem:
        raise TemplateProblem(str(problem)) from None


def _titled(title: str, name: str) -> str:
    title = title.strip() or name.replace("_", " ").replace("-", " ").capitalize()
    if len(title) > LONGEST_TITLE:
        raise TemplateProblem(f"The title is longer than {LONGEST_TITLE} characters.")
    if said := fault(title):
        raise TemplateProblem(f"The title {said}.")
    return title


def _stored(tx: Tx, template: Template) -> Template:
    tx.session.add(template)
    tx.session.flush()
    return template
