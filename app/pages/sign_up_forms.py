"""Sign-up forms: what they ask, where they stand, how many signed up and confirmed; the code for one's own pages."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from ...nodes.slug import SLUG_WORDS, is_slug
from ...runtime import signups
from ...runtime.governance.approval import ReviewRefused
from ...runtime.governance.problems import JourneyHasProblems
from ...storage import signups as rows
from ...storage import topics, users
from ...storage.database import Tx
from ...storage.signups import Form
from ..auth import may, permitted
from ..frame import button, card, chip, empty, headline, here, opened, sentence, sure, table, visitor
from ..plain import document
from ..public_words import LANGUAGES, Words

LEAD = "Whoever enters an address gets a letter, and is written to only once they have pressed its button."
ASKED = {"first_name": "First name", "last_name": "Last name", "company": "Company"}


@ui.page("/sign-up-forms", title="Sign-up forms · Sojourn")
@permitted("see")
async def sign_up_forms() -> None:
    """The forms, each with its figures."""
    who, known = await visitor()
    editable = may(who, "edit")

    @ui.refreshable
    async def listing() -> None:
        forms, counts, titles, ready = await here().db.aread(_read)
        if not ready and forms:
            _not_ready(may(who, "publish"), again)
        if not forms:
            empty("how_to_reg", "No form yet", "A form has a page of its own, and code for the pages you have.")
            return
        table(
            ("Form", "Agrees to", "Entered", "Confirmed", ""),
            [_row(form, counts.get(form.name, (0, 0)), titles, editable, again) for form in forms],
            ("Entered", "Confirmed"),
        )

    @permitted("see")
    async def again() -> None:
        await listing.refresh()

    with opened("Sign-up forms", who, known, "Sign-up forms", LEAD) as actions:
        with actions:
            if editable:
                button("New form", lambda: _edit(Form(name="", changed_at=0), again), "add", kind="main")
        await listing()


def _read(tx: Tx) -> tuple[list[Form], dict[str, tuple[int, int]], dict[str, str], bool]:
    titles = {topic.name: topic.said("en") for topic in topics.catalogue(tx)}
    return rows.forms(tx), rows.counts(tx), titles, signups.ready(here().shelf, tx)


def _not_ready(may_publish: bool, again: Any) -> None:
    @permitted("publish")
    async def put_live() -> None:
        who, _ = await visitor()
        try:
            await here().db.awrite(lambda tx: signups.prepare(tx, who.email, here().clock.now_ms()))
        except (ReviewRefused, JourneyHasProblems) as problem:
            ui.notify(str(problem), type="negative", multi_line=True)
            return
        here().runtime.nudge()
        await again()

    with card("Nobody can sign up yet"):
        sentence("No live journey asks people to confirm. The one called Double opt-in does, and can be changed later.")
        if may_publish:
            button("Put Double opt-in live", put_live, "play_arrow", kind="main")


def _row(form: Form, count: tuple[int, int], titles: dict[str, str], editable: bool, again: Any) -> list[Any]:
    def name() -> None:
        title = signups.said(form, "en", "title") or form.name
        ui.link(title, f"/sign-up/{form.name}", new_tab=True).classes("sj-strong")
        if title != form.name:
            ui.label(form.name).classes("sj-soft")

    def agrees() -> None:
        with ui.element("div").classes("sj-row"):
            for topic in form.topics:
                chip(titles.get(topic, topic), "" if topic in titles else "warn")

    @permitted("edit")
    async def archive() -> None:
        if await sure(f"Close the form {form.name}?", "Its page says that it is not open.", "Close it", kind="danger"):
            await _keep(form.model_copy(update={"archived_at": here().clock.now_ms()}), "form closed")
            await again()

    def buttons() -> None:
        with ui.element("div").classes("sj-row"):
            button("Code", lambda: _code(form))
            if editable:
                button("Edit", lambda: _edit(form, again))
                button("Close", archive)

    return [name, agrees, f"{count[0]:,}", f"{count[1]:,}", buttons]


async def _code(form: Form) -> None:
    """What to put into a page of one's own: a form without script that posts to the hosted one."""
    _, known = await visitor()
    language = known.language.partition("-")[0]
    words = Words(language if language in LANGUAGES else "en")
    agree = await here().db.aread(lambda tx: signups.consent_words(tx, form, words.language))
    fields = [(name, signups.FIELDS[name]) for name in form.fields if name in signups.FIELDS]
    button_text = signups.said(form, words.language, "button") or words("form_button")
    base = known.base_url or here().config.address.rstrip("/")
    html = document("embed.html", t=words, base=base, form=form, agree=agree, fields=fields, button=button_text)
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "For your own page")
        sentence(f"A page of its own: `{base}/sign-up/{form.name}`")
        ui.textarea("HTML", value=html).props("outlined readonly autogrow").classes("sj-field sj-typed")
        with ui.element("div").classes("sj-dialog-actions"):
            button("Copy", lambda: ui.clipboard.write(html), "content_copy")
            button("Close", dialog.close)


async def _edit(form: Form, again: Any) -> None:
    fresh, said = not form.name, dict[tuple[str, str], Any]()
    offered = await here().db.aread(lambda tx: {one.name: one.said("en") for one in topics.catalogue(tx)})
    with ui.dialog(value=True) as dialog, ui.element("div").classes("sj-dialog is-large"):
        dialog.on("hide", dialog.delete)
        headline(dialog, "A sign-up form")
        name = ui.input("Short name, as in its address", value=form.name).props("outlined dense maxlength=64")
        name.classes("sj-field").set_enabled(fresh)
        chosen = [topic for topic in form.topics if topic in offered] or list(offered)[:1]
        about = ui.select(offered, value=chosen, multiple=True, label="They agree to")
        asks = ui.select(ASKED, value=form.fields, multiple=True, label="Asked besides the address")
        for made in (about, asks):
            made.props("outlined dense").classes("sj-field")
        for language in LANGUAGES:
            spoken = Words(language)("language_name")
            with ui.expansion(spoken).classes("sj-field"):
                for field, label in (
                    ("title", "Title"), ("lead", "Sentence below it"), ("button", "Button"),
                    ("consent", "What they agree to, in full (empty: made of the topics)"),
                ):  # fmt: skip
                    made = ui.input(label, value=form.words.get(language, {}).get(field, ""))
                    made.props["aria-label"] = f"{label} · {spoken}"
                    said[language, field] = made.props("outlined dense maxlength=1000").classes("sj-field")
        onward = ui.input("Where to go once they have confirmed (empty: nowhere)", value=form.then_url)
        onward.props("outlined dense maxlength=500").classes("sj-field")
        wrong = ui.label("").classes("sj-problem").props('role="alert"')

        @permitted("edit")
        async def save() -> None:
            short, url = (name.value or "").strip(), (onward.value or "").strip()
            wrong.text = ""
            if not is_slug(short):
                wrong.text = f"The short name has to be {SLUG_WORDS}."
            elif not about.value:
                wrong.text = "Choose what they agree to."
            elif url and not url.startswith(("https://", "http://")):
                wrong.text = "The address to go on to has to begin with https://."
            elif fresh and await here().db.aread(lambda tx: short in {one.name for one in rows.forms(tx, True)}):
                wrong.text = "There is a form of that name already, perhaps a closed one."
            if wrong.text:
                return
            words: dict[str, dict[str, str]] = {}
            for (language, field), made in said.items():
                if text := (made.value or "").strip():
                    words.setdefault(language, {})[field] = text
            changes = {"name": short, "topics": list(about.value), "fields": list(asks.value), "words": words}
            now_ms = here().clock.now_ms()
            await _keep(form.model_copy(update={**changes, "then_url": url, "changed_at": now_ms}), "form")
            dialog.close()
            await again()

        with ui.element("div").classes("sj-dialog-actions"):
            button("Cancel", dialog.close)
            button("Save", save, kind="main")


async def _keep(form: Form, what: str) -> None:
    who, _ = await visitor()
    now_ms = here().clock.now_ms()

    def job(tx: Tx) -> None:
        rows.keep_form(tx, form)
        users.note(tx, who.email, what, form.name, now_ms, {"topics": form.topics})

    await here().db.awrite(job)
