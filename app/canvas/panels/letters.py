"""The letters and messages of the journey, each with its picture: to open, rename, copy and take away."""

from __future__ import annotations

from collections.abc import Set
from functools import partial
from typing import Any, NamedTuple

from nicegui import background_tasks, ui

from ....nodes.sending import medium_of
from ....nodes.slug import SLUG_WORDS, is_slug
from ....runtime.channels.channel import media
from ...auth import permitted
from ...frame import button, chip, empty, headline, stylesheet
from ...row_menu import row_menu
from ...studio.blocks import is_blocks
from ...studio.window import StudioWindow
from .. import asking, beginnings, contents, template_picker
from ..desk import Desk, Panel
from ..form.thumbnail import about, thumbnail
from ..letter_desk import LetterDesk
from ..message_desk import MessageDesk


def build(desk: Desk) -> None:
    """Draw the list, and follow the journey."""
    stylesheet("forms.css")
    stylesheet("messages.css")
    stylesheet("studio.css")
    LetterPanel(desk)


class Row(NamedTuple):
    """One letter in the list."""

    place: ui.element
    card: ui.element
    badge: ui.element


class LetterPanel:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows: dict[str, Row] = {}
        self._writing: LetterDesk | MessageDesk | StudioWindow | None = None
        with ui.element("div").classes("sj-letters").props('data-panel="letters"') as self._place:
            pass
        desk.on_change(self._changed)
        desk.on_open(self._opened)
        self._draw()
        self._opened("letters")

    @property
    def _letters(self) -> dict[str, Any]:
        return self._desk.room.content.get("letters") or {}

    def _opened(self, key: str | None) -> None:
        """Somebody asked for one letter from elsewhere, such as the form of a step."""
        if key == "letters" and self._desk.letter in self._letters:
            name, self._desk.letter = self._desk.letter, ""
            self._open(name)

    def _changed(self, ids: frozenset[str]) -> None:
        changed = {each.removeprefix("letter:") for each in ids if each.startswith("letter:")}
        if changed:
            self._show(changed)
            if self._writing is not None:
                self._writing.refresh()

    def _draw(self) -> None:
        with self._place:
            with ui.element("div") as self._nothing:
                empty("mail", "Nothing written yet", "A step that sends a message chooses from those here.")
            with ui.element("div").classes("sj-form-letters is-list") as self._list:
                pass
            if self._desk.may_edit:
                with ui.element("div").classes("sj-form-tools"):
                    made = ui.button("New letter", icon="add", on_click=partial(self._new, "email"), color=None)
                    made.props("flat dense no-caps").classes("sj-form-tool").props["data-mark"] = "new-letter"
                    picked = ui.button("From a template", icon="dashboard_customize", on_click=self._pick, color=None)
                    picked.props("flat dense no-caps").classes("sj-form-tool").props["data-mark"] = "from-template"
                    self._others()
        self._show(set(self._letters))

    def _show(self, changed: Set[str]) -> None:
        """Bring the list to what there is now. A card stays the same element, so that a click under way finds it."""
        letters = self._letters
        self._nothing.visible = not letters
        for name in self._rows.keys() - letters.keys():
            self._rows.pop(name).place.delete()
        for index, (name, letter) in enumerate(sorted(letters.items())):
            if name not in self._rows:
                with self._list:
                    self._rows[name] = self._row(name)
                self._rows[name].place.move(self._list, index)
            if name in changed:
                self._fill(name, letter)
        background_tasks.create(self._tell_newer(), name="letters are compared with their templates")

    async def _tell_newer(self) -> None:
        """Say which letters their templates have left behind."""
        letters, rows = self._letters, dict(self._rows)
        newer = await template_picker.newer(self._desk, letters)
        for name, row in rows.items():
            if row.badge.is_deleted:
                continue
            row.badge.clear()
            if name not in newer:
                continue
            with row.badge:
                chip("Newer version", "warn")
                if self._desk.may_edit:
                    act = partial(template_picker.update, self._desk, name, letters[name])
                    made = ui.button("Update", on_click=act, color=None).props("flat dense no-caps")
                    made.classes("sj-form-tool").props["data-mark"] = "update-letter"

    async def _pick(self) -> None:
        await template_picker.pick(self._desk, self._taken)

    async def _taken(self, template: str, source: dict[str, Any]) -> None:
        name = template if template not in self._letters else beginnings.free_name(template[:60], self._letters)
        if await self._submit({"op": "journey", "letters": {name: source}}):
            self._open(name)

    def _others(self) -> None:
        """What else may be written: the media whose messages stand among the letters, and letters as source."""
        opener = ui.button("New message", icon="add", color=None).props("flat dense no-caps")
        opener.classes("sj-form-tool").props["data-mark"] = "new-message"
        with opener, ui.menu().classes("sj-menu"):
            for medium in contents.written_here():
                with ui.menu_item(on_click=partial(self._new, medium.name)).classes("sj-form-act") as item:
                    item.props["data-medium"] = medium.name
                    ui.icon(medium.icon)
                    ui.label(medium.label)
            with ui.menu_item(on_click=self._new_source).classes("sj-form-act") as item:
                item.props["data-medium"] = "mjml"
                ui.icon("code")
                ui.label("Letter as MJML")

    def _row(self, name: str) -> Row:
        with ui.element("div").classes("sj-form-letter-row") as place:
            place.props["data-letter"] = name
            card = ui.element("button").classes("sj-form-letter").props('type="button"')
            card.on("click", partial(self._open, name), args=[])
            badge = ui.element("div").classes("sj-form-newer")
            if self._desk.may_edit:
                row_menu(
                    name,
                    [
                        ("Rename", "edit", partial(self._rename, name)),
                        ("Duplicate", "content_copy", partial(self._duplicate, name)),
                        ("Delete", "delete", partial(self._delete, name)),
                    ],
                )
        return Row(place, card, badge)

    def _fill(self, name: str, letter: dict[str, Any]) -> None:
        card = self._rows[name].card
        card.clear()
        with card:
            thumbnail(asking.picture(self._desk, name), letter)
            with ui.element("div").classes("sj-form-letter-words"):
                ui.label(name).classes("sj-strong sj-clip")
                ui.label(about(letter)).classes("sj-form-note sj-clip")

    def _open(self, name: str) -> None:
        with self._place.parent_slot.parent if self._place.parent_slot else self._place:
            medium = medium_of(self._letters[name])
            if medium == "email" and is_blocks(self._letters[name]):
                self._writing = StudioWindow(self._desk, name)
            elif medium == "email":
                self._writing = LetterDesk(self._desk, name)
            elif medium in media():
                self._writing = MessageDesk(self._desk, name)
            else:
                ui.notify(f"There is no channel “{medium}” here; install the extension it comes from.", type="warning")

    async def _new(self, medium: str, _clicked: object = None) -> None:
        name = beginnings.free_name(contents.stem(medium), self._letters)
        if await self._submit({"op": "journey", "letters": {name: contents.fresh(medium)}}):
            self._open(name)

    async def _new_source(self, _clicked: object = None) -> None:
        name = beginnings.free_name(contents.stem("email"), self._letters)
        if await self._submit({"op": "journey", "letters": {name: dict(beginnings.SOURCE)}}):
            self._open(name)

    async def _duplicate(self, name: str, _clicked: object = None) -> None:
        fresh = beginnings.free_name(name[:60], self._letters)
        await self._submit({"op": "journey", "letters": {fresh: dict(self._letters[name])}})

    async def _delete(self, name: str, _clicked: object = None) -> None:
        users = used_by(self._desk, name)
        if users:
            ui.notify(f"{' and '.join(users)} sends {name}. Choose another letter there first.", type="warning")
            return
        await self._submit({"op": "journey", "letters": {name: None}})

    def _rename(self, name: str, _clicked: object = None) -> None:
        with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog"):
            dialog.on("hide", dialog.delete)
            headline(dialog, "Rename the letter")
            field = (
                ui.input("Name", value=name).props('outlined dense autofocus maxlength="64"').classes("sj-form-input")
            )
            ui.label(f"Use {SLUG_WORDS}.").classes("sj-form-help")

            async def rename() -> None:
                fresh = str(field.value or "").strip()
                if fresh == name:
                    dialog.close()
                elif not is_slug(fresh):
                    ui.notify(f"“{fresh}” cannot be its name: use {SLUG_WORDS}.", type="warning")
                elif fresh in self._letters:
                    ui.notify(f"There is another letter called {fresh}.", type="warning")
                elif await self._renamed(name, fresh):
                    dialog.close()

            field.on("keydown.enter", rename)
            with ui.element("div").classes("sj-dialog-actions"):
                button("Cancel", dialog.close)
                button("Rename", rename, kind="main")

    async def _renamed(self, name: str, fresh: str) -> bool:
        """The letter and every step that sends it, in one go, so that one undo takes it back."""
        made: list[bool] = []

        @permitted("edit")
        async def rename() -> None:
            content = self._desk.room.content
            letters = {fresh if key == name else key: letter for key, letter in (content.get("letters") or {}).items()}
            nodes = {
                key: {**node, "settings": contents.renamed(node.get("settings") or {}, {name: fresh})}
                for key, node in (content.get("nodes") or {}).items()
            }
            wanted = {**content, "letters": letters, "nodes": nodes}
            answer = self._desk.room.replace(self._desk.viewer, wanted, f"Rename “{name}”")
            made.append(answer.ok)
            if not answer.ok:
                ui.notify(answer.error or "", type="warning")

        if name in self._letters:
            await rename()
        return made == [True]

    async def _submit(self, intent: dict[str, Any]) -> bool:
        made: list[bool] = []

        @permitted("edit")
        async def submit() -> None:
            answer = self._desk.submit(intent)
            made.append(answer.ok)
            if not answer.ok:
                ui.notify(answer.error or "", type="warning")

        await submit()
        return made == [True]


def used_by(desk: Desk, name: str) -> list[str]:
    """The titles of the steps that send this letter."""
    return [f"“{node.title}”" for node in desk.room.graph.nodes.values() if name in node.contents()]


PANEL = Panel("letters", "Letters", "mail", 20, build)
