"""`sojourn templates`: list, import, export, render, check."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import ACTOR, AsJson, Home, Refused, moment, opened, put, say, table

if TYPE_CHECKING:
    from ...runtime.templates.rendering import Ready
    from ..instance import Instance

app = typer.Typer(
    no_args_is_help=True, help="Templates: letters to start from, in and out as files, shown and checked."
)
Name = Annotated[str, typer.Argument(help="The template's short name.", metavar="NAME")]


class Format(StrEnum):
    """What a letter is shown as."""

    html = "html"
    text = "text"
    eml = "eml"


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """All templates and shared blocks, the last changed first, with their newest saved version."""
    from ...storage import templates
    from ...storage.columns import to_ms

    with opened(home) as instance, instance.db.read() as tx:
        found = [*templates.templates(tx), *templates.templates(tx, "block")]
    lines = [
        {
            "name": each.name,
            "title": each.title,
            "kind": each.kind,
            "version": each.version,
            "changed_at": moment(to_ms(each.changed_at)),
            "changed_by": each.changed_by,
        }
        for each in found
    ]
    if as_json:
        put(lines)
        return
    table(("name", "title", "kind", "version"), ([*line.values()][:4] for line in lines))
    if not lines:
        say("No templates yet: `sojourn templates import DIR`, or make one in the browser.")


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="A folder with letters: .mjml, .html, .yaml.", metavar="DIR")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Keep every letter of a folder as a template; those of the same names get a new version. Ends with 1 when a file
    could not be taken, or a letter has to be mended before it can be sent."""
    from ...runtime.templates import faults, importing

    if not folder.is_dir():
        raise Refused(f"{folder} is no folder: name one with .mjml, .html or .yaml files in it.")
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        found = importing.read_folder(folder, instance.settings.base_url)
        if not found.letters and not found.refused:
            raise Refused(f"There is no .mjml, .html or .yaml file in {folder}.")
        kept = instance.db.write(lambda tx: importing.keep_all(tx, found, ACTOR, now_ms, over=True))
    if as_json:
        taken = [
            {"name": name, "title": one.title, "notes": [*one.notes], "faults": [*one.faults]} for name, one in kept
        ]
        put({"taken": taken, "refused": [{"file": file, "why": why} for file, why in found.refused]})
    else:
        for name, one in kept:
            say(f"{name}: kept.")
            for note in one.notes:
                say(f"  {note}")
            if one.faults:
                say(f"  {faults.MEND}")
            for fault in one.faults:
                say(f"    {fault}")
        for file, why in found.refused:
            say(f"{file}: {why}")
    if found.refused or any(one.faults for _, one in kept):
        raise typer.Exit(1)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where to; made when it is not there.", metavar="DIR")],
    names: Annotated[list[str] | None, typer.Argument(help="Short names; all where none is said.")] = None,
    home: Home = None,
) -> None:
    """Write templates as files, as `import` takes them: one a template."""
    from ...runtime.templates import library, template_file
    from ...storage import templates

    with opened(home) as instance, instance.db.read() as tx:
        every = [*templates.templates(tx), *templates.templates(tx, "block")]
        found = [library.named(tx, name) for name in names] if names else every
        texts = {each.name: template_file.write(each.name, each.title, each.kind, each.content) for each in found}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    say(f"{len(texts)} written to {folder}.")


@app.command()
def render(
    name: Name,
    contact: Annotated[
        str | None, typer.Option("--contact", help="Whom for: their own id, e-mail address, or the contact's number.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to show.")] = Format.html,
    home: Home = None,
) -> None:
    """Show a template as one contact would get it, the newest one where nobody is named. Nothing is sent or counted."""
    from ...runtime.templates import rendering
    from ...storage.people import whose

    with opened(home) as instance:
        with instance.db.read() as tx:
            who = whose(tx, contact) if contact else None
            if contact and who is None:
                raise Refused(
                    f"Nobody is known as {contact}: an id, an e-mail address or a contact's number is wanted."
                )
            ready = rendering.named(tx, name, who)
        proof = ready.proof(instance)
        if proof.rendered is None:
            places = (f"Line {issue.line}: {issue.text}" if issue.line else issue.text for issue in proof.issues)
            raise Refused("\n".join(places))
        if format_ is Format.eml:
            typer.echo(_eml(instance, ready), nl=False)
        else:
            typer.echo(proof.rendered.html if format_ is Format.html else proof.rendered.text, nl=False)


@app.command()
def check(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Look a template over: what keeps it back, what to consider, what would be better. Ends with 1 on an error."""
    from ...runtime.content.checking.named import check_named

    with opened(home) as instance:
        found = check_named(instance, name)
    if as_json:
        put([each.as_dict() for each in found])
    else:
        for each in found:
            say(f"{each.severity}: {each.sentence}" + (f" {each.fix}" if each.fix else ""))
        if not found:
            say("Nothing is wrong with it.")
    if any(each.severity == "error" for each in found):
        raise typer.Exit(1)


def _eml(instance: Instance, ready: Ready) -> bytes:
    """The letter as it would be handed over, signed, to the contact it was rendered for."""
    from ...runtime.channels.parcel import Parcel
    from ...runtime.channels.smtp_letter import SmtpLetter
    from ...runtime.content.proof import NOWHERE

    rendered = ready.proof(instance).rendered
    assert rendered is not None
    to = str((ready.filling.contact if ready.filling else {}).get("email") or "")
    if not ready.brand.sender_address:
        raise Refused("Letters have no sender yet: set sender_address under Settings.")
    parcel = Parcel(0, to or "nobody@example.com", rendered, ready.brand, NOWHERE, instance.clock.now_ms())
    framed = SmtpLetter.of(parcel).framed()
    return b"".join(framed.signed([signer.signature(data) for signer, _, data in framed.asked]))
