"""The brand: how everything you send looks and whom it is from, with a letter beside it that changes along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ...runtime import settings
from ...runtime.content.colours import READABLE, contrast
from ...runtime.content.kit import FONTS, LABELS, LEAST_MOST, NETWORKS, Kit, KitProblem
from ...runtime.settings import SettingProblem, Settings
from ...storage.database import Tx
from ..auth import may, permitted
from ..frame import button, card, here, opened, stylesheet, visitor
from ..picture_upload import picture_upload
from ..sealed import letter_frame
from .brand_sample import address

LIGHT = ("primary", "heading", "text", "muted", "background", "sheet")
DARK = tuple(f"dark_{name}" for name in LIGHT)
PAIRS = (  # what is written on what
    ("Text", "text", "sheet"),
    ("Headings", "heading", "sheet"),
    ("Small print", "muted", "background"),
    ("Text in dark mode", "dark_text", "dark_sheet"),
    ("Small print in dark mode", "dark_muted", "dark_background"),
)
SENDER = {  # settings of the same names
    "brand_name": "Name of the brand",
    "sender_name": "Sender's name",
    "sender_address": "Sender's address",
    "reply_to": "Answers go to",
    "postal_address": "Postal address",
}
ELSEWHERE = {"primary": "brand_color", "logo": "brand_logo"}  # of the kit, and settings that public pages use too


@ui.page("/brand", title="Brand · Sojourn")
@permitted("see")
async def brand() -> None:
    """The form, and the sample."""
    who, known = await visitor()
    lead = "Letters made of blocks look like this. Letters of journeys keep the look they were approved with."
    with opened("Brand", who, known, "Brand", lead) as actions:
        for sheet in ("forms.css", "templates.css"):
            stylesheet(sheet)
        Form(known, may(who, "settings"), actions)


class Form:
    def __init__(self, known: Settings, editable: bool, actions: Any) -> None:
        self._kit = Kit.of(known).as_dict()
        self._sender = {name: str(getattr(known, name) or "") for name in SENDER}
        self._editable = editable
        with ui.element("div").classes("tp-brand"):
            with ui.element("div").classes("tp-brand-form"):
                self._sections()
            with ui.element("div").classes("tp-sample"):
                self._frame = letter_frame("A letter in your brand", address(self._kit)).props('data-mark="sample"')
                ui.label("A sample letter. It changes as you type; nothing is saved yet.").classes("sj-soft")
        if editable:
            with actions:
                button("Save", self._save, kind="main").props('data-mark="save-brand"')

    # ── the form ──────────────────────────────────────────────────────────────────────────────────────

    def _sections(self) -> None:
        with card("Logo", "PNG with twice the width it is shown with looks sharp."), _fields():
            for name in ("logo", "logo_dark"):
                with ui.element("div"):
                    field = self._text(name)
                    if self._editable:
                        picture_upload(name, LABELS[name], field.set_value)
            self._text("logo_link")
            self._number("logo_width")
        with card("Colours", "Text has to stand out from its ground at least 4.5 to 1."):
            for title, names in (("", LIGHT), ("In dark mode", DARK)):
                if title:
                    ui.label(title).classes("tp-sub").props('role="heading" aria-level="3"')
                with _fields():
                    for name in names:
                        self._colour(name)
            self._hints = ui.element("div").classes("tp-hints").props('role="status"')
            self._hint()
        with card("Type and shape"), _fields():
            for name in ("font", "heading_font"):
                self._choice(name, {each: each.capitalize() for each in FONTS})
            for name in ("radius", "button_radius"):
                self._number(name)
        with card("Whom it is from", "Every letter says so; a marketing letter has to."), _fields():
            for name, label in SENDER.items():
                self._sent_by(name, label)
        with card("Footer and pages elsewhere"):
            field = ui.textarea(LABELS["footer"], value=self._kit["footer"]).props("outlined dense autogrow")
            field.classes("sj-form-input").on_value_change(lambda e: self._take("footer", str(e.value or "")))
            self._lock(field)
            there = dict(self._kit["social"])
            with _fields():
                for network, label in NETWORKS.items():
                    field = ui.input(label, value=there.get(network, ""), placeholder="https://").props(LINE)
                    field.on_value_change(lambda e, network=network: self._page(network, str(e.value or "").strip()))
                    self._lock(field)

    def _text(self, name: str) -> ui.input:
        field = ui.input(LABELS[name], value=self._kit[name], placeholder="https://").props(LINE)
        field.on_value_change(lambda e: self._take(name, str(e.value or "").strip()))
        self._lock(field)
        return field

    def _colour(self, name: str) -> None:
        field = ui.color_input(_short(name), value=self._kit[name], preview=True).props("outlined dense debounce=300")
        field.props["data-colour"] = name
        field.on_value_change(lambda e: self._take(name, str(e.value or "").strip().lower()))
        self._lock(field)

    def _number(self, name: str) -> None:
        least, most = LEAST_MOST[name]
        field = ui.number(LABELS[name], value=self._kit[name], min=least, max=most, precision=0, suffix="px")
        field.props("outlined dense debounce=300")
        field.on_value_change(lambda e: self._take(name, int(e.value) if e.value is not None else least))
        self._lock(field)

    def _choice(self, name: str, options: Mapping[str, str]) -> None:
        field = ui.select(dict(options), label=LABELS[name], value=self._kit[name]).props("outlined dense")
        field.on_value_change(lambda e: self._take(name, e.value))
        self._lock(field)

    def _sent_by(self, name: str, label: str) -> None:
        made = ui.textarea if name == "postal_address" else ui.input
        field = made(label, value=self._sender[name]).props("outlined dense")
        if name == "postal_address":
            field.props("autogrow").classes("tp-wide")
        field.on_value_change(lambda e: self._sender.update({name: str(e.value or "").strip()}))
        self._lock(field)

    def _lock(self, field: Any) -> None:
        if not self._editable:
            field.props("readonly disable")

    # ── what follows ──────────────────────────────────────────────────────────────────────────────────

    def _page(self, network: str, target: str) -> None:
        there = {**dict(self._kit["social"]), network: target}
        self._take("social", [[name, there[name]] for name in NETWORKS if there.get(name)])

    def _take(self, name: str, value: Any) -> None:
        self._kit[name] = value
        try:
            Kit.read(self._kit)
        except KitProblem:
            return  # half a colour or address: the sample waits; saving says it
        self._frame.props["src"] = address(self._kit)
        self._hint()

    def _hint(self) -> None:
        self._hints.clear()
        with self._hints:
            for label, ink, ground in PAIRS:
                ratio = contrast(self._kit[ink], self._kit[ground])
                if ratio < READABLE:
                    said = f"{label} is hard to read: {ratio:.1f} to 1. Make it darker or lighter than its ground."
                    with ui.element("div").classes("tp-hint"):
                        ui.icon("contrast")
                        ui.label(said)

    @permitted("settings")
    async def _save(self) -> None:
        try:
            Kit.read(self._kit)
            await here().db.awrite(self._keep)
        except (KitProblem, SettingProblem) as problem:
            ui.notify(str(problem), type="warning", multi_line=True)
            return
        ui.notify("Saved. New letters look like this from now on.", type="positive")

    def _keep(self, tx: Tx) -> None:
        """What public pages use too stands in settings of its own, the rest in the kit; defaults are not written."""
        defaults = Kit().as_dict()
        for name, key in ELSEWHERE.items():
            settings.save(tx, key, self._kit[name])
        kit = {
            name: value for name, value in self._kit.items() if name not in ELSEWHERE and value != defaults.get(name)
        }
        settings.save(tx, "brand_kit", kit)
        for name, value in self._sender.items():
            settings.save(tx, name, value)


LINE = "outlined dense debounce=300"


def _fields() -> ui.element:
    return ui.element("div").classes("tp-fields")


def _short(name: str) -> str:
    """What a colour is called below its heading."""
    said = LABELS[name].removesuffix(" in dark mode").removeprefix("The ").removeprefix("colour of ")
    return said[:1].upper() + said[1:]
