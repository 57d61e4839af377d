"""A template of the library on the studio's bench: its draft kept as one writes, versions saved when one says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ...runtime.content.brand import Brand
from ...runtime.settings import load as load_settings
from ...runtime.templates import library
from ...storage import catalog, views
from ...storage.columns import to_ms
from ...storage.database import Tx
from ...storage.handover import Filling
from ...storage.templates import Template
from ..auth import Who, may
from .document import Kept

if TYPE_CHECKING:
    from ..instance import Instance

ALONE = "b1"  # the id a shared block has while it is written
OPEN: WeakSet[TemplateDocument] = WeakSet()


class TemplateDocument:
    """``kind`` "block" is shown as a letter that holds nothing else.

    Every window that has one template open hears of what another one saved.
    """

    keeps_versions = True
    marketing = True
    conflict = ""

    def __init__(self, instance: Instance, template: Template, who: Who) -> None:
        self.instance, self._who = instance, who
        self.name, self.title, self.kind = template.name, template.title, template.kind
        self.version_number = template.version
        self._seen, self._source = template.content_hash, self._as_letter(template.content)
        self._listeners: list[Callable[[], bool]] = []
        OPEN.add(self)

    @property
    def source(self) -> Mapping[str, Any]:
        return self._source

    @property
    def may_edit(self) -> bool:
        return may(self._who, "edit")

    async def save(self, source: Mapping[str, Any]) -> str | None:
        content = self._as_kept(source)

        def job(tx: Tx) -> Template:
            now, title = self.instance.clock.now_ms(), library.named(tx, self.name).title
            return library.keep(tx, self.name, title, content, self._who.email, now, seen=self._seen)

        try:
            self._is_now(await self.instance.db.awrite(job))
        except library.ChangedMeanwhile as problem:
            self.conflict = str(problem)
            return self.conflict
        except library.TemplateProblem as problem:
            return str(problem)
        return None

    async def settle(self, source: Mapping[str, Any], theirs: bool) -> str:
        content = self._as_kept(source)

        def job(tx: Tx) -> tuple[Template, Template]:
            now, there = self.instance.clock.now_ms(), library.held(tx, self.name)
            author = self._who.email if theirs else there.changed_by
            aside = library.copy_aside(tx, there, content if theirs else there.content, author, self._who.email, now)
            if not theirs:
                there = library.keep(tx, self.name, there.title, content, self._who.email, now)
            return there, aside

        try:
            there, aside = await self.instance.db.awrite(job)
        except (library.NoSuchTemplate, library.TemplateProblem) as problem:
            return str(problem)
        self._is_now(there)
        return f"{'Yours' if theirs else 'Theirs'} is kept as “{aside.title}”."

    def _is_now(self, template: Template) -> None:
        """What is kept, as it stands here from now on; other windows take it, unless they have text of their own."""
        self.conflict = ""
        self._seen, self._source = template.content_hash, self._as_letter(template.content)
        for each in [*OPEN]:
            if each is not self and (each.instance, each.name) == (self.instance, self.name):
                each._changed_elsewhere(template)

    def leave(self) -> None:
        """Its window is gone."""
        OPEN.discard(self)

    def _changed_elsewhere(self, template: Template) -> None:
        before = self._seen, self._source
        self._seen, self._source = template.content_hash, self._as_letter(template.content)
        if not all(callback() for callback in self._listeners):
            self._seen, self._source = before

    async def rename(self, title: str) -> str | None:
        """Another title; a sentence when it was refused."""

        def job(tx: Tx) -> Template:
            return library.rename(tx, self.name, title, self._who.email, self.instance.clock.now_ms())

        try:
            self.title = (await self.instance.db.awrite(job)).title
        except (library.NoSuchTemplate, library.TemplateProblem) as problem:
            return str(problem)
        return None

    async def filling(self, contact_id: int | None) -> tuple[Filling | None, Brand]:
        def read(tx: Tx) -> tuple[Filling | None, Brand]:
            known = load_settings(tx)
            newest = views.contact_lines(tx, limit=1) if contact_id is None else []
            key = newest[0].id if newest else contact_id or 0
            return catalog.filling(tx, key, None, "", ""), Brand.of(known)

        return await self.instance.db.aread(read)

    async def kept(self) -> Sequence[Kept]:
        found = await self.instance.db.aread(lambda tx: library.versions(tx, self.name))
        return [Kept(each.number, to_ms(each.created_at), each.author, each.note) for each in found]

    async def version(self, number: int) -> Mapping[str, Any] | None:
        found = await self.instance.db.aread(lambda tx: library.versions(tx, self.name))
        return next((self._as_letter(each.content) for each in found if each.number == number), None)

    async def keep_version(self, note: str) -> str | None:
        def job(tx: Tx) -> int:
            return library.save_version(tx, self.name, self._who.email, self.instance.clock.now_ms(), note).number

        try:
            self.version_number = await self.instance.db.awrite(job)
        except (library.NoSuchTemplate, library.TemplateProblem) as problem:
            return str(problem)
        return None

    def started_by(self) -> str | None:
        return None

    def on_change(self, callback: Callable[[], bool]) -> None:
        self._listeners.append(callback)

    def _as_letter(self, content: Mapping[str, Any]) -> dict[str, Any]:
        if self.kind != "block":
            return dict(content)
        block = {"id": ALONE, "kind": content.get("kind"), "settings": content.get("settings") or {}}
        said = {code: {"blocks": {ALONE: each}} for code, each in (content.get("languages") or {}).items()}
        return {"subject": self.title, "blocks": [block], **({"languages": said} if said else {})}

    def _as_kept(self, source: Mapping[str, Any]) -> dict[str, Any]:
        if self.kind != "block":
            return dict(source)
        block = next(iter(source.get("blocks") or ()), {})
        said = {
            code: (each.get("blocks") or {}).get(ALONE) or {} for code, each in (source.get("languages") or {}).items()
        }
        return {
            "kind": block.get("kind"),
            "settings": block.get("settings") or {},
            **({"languages": said} if said else {}),
        }
