"""`sojourn journeys`: list, import, export, publish, pause, resume, enroll."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..control import ask
from .common import ACTOR, AsJson, Home, Refused, home_folder, opened, put, say, table

if TYPE_CHECKING:
    from ...nodes.node import Problem
    from ...storage.database import Tx
    from ...storage.journeys import Journey

app = typer.Typer(no_args_is_help=True, help="Journeys: what there is, in and out as files, start and stop.")
Name = Annotated[str, typer.Argument(help="The journey's short name.", metavar="JOURNEY")]


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """All journeys with their state and counts."""
    from ...storage.views import journey_lines

    with opened(home) as instance:
        lines = instance.db.look(journey_lines)
    if as_json:
        put([asdict(line) for line in lines])
        return
    heads = ("name", "title", "status", "version", "inside", "entered", "sent")
    rows = [asdict(line) for line in lines]
    table(heads, ([row.get(head) for head in heads] for row in rows))
    if not rows:
        say("No journeys yet: `sojourn journeys import FILE.yaml --publish`, or draw one in the browser.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A journey in its written form (YAML or JSON).")],
    publish: Annotated[bool, typer.Option("--publish", help="Make it live at once.")] = False,
    home: Home = None,
) -> None:
    """Read a journey from a file into its draft."""
    from ...runtime import journey_file
    from ...runtime.governance import versions
    from ...runtime.governance.missing import missing

    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not text in UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None
    content = journey_file.read(text, file.parent)
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()

        def keep(tx: Tx) -> int | None:
            journey_id = versions.save_draft(tx, content, ACTOR, now_ms)
            return versions.publish(tx, journey_id, ACTOR, now_ms).number if publish else None

        found = versions.problems(content)
        if publish:  # its errors are named by the refusal
            _warn(each for each in found if each.severity != "error")
            _warn(instance.db.look(lambda tx: missing(tx, content, bool(instance.config.smtp_url))))
        number = instance.db.write(keep)
        if not publish:
            _warn(each for each in found if each.severity == "error")
    if number is None:
        say(f"{content['name']}: draft saved. `sojourn journeys publish {content['name']}` makes it live.")
    else:
        say(f"{content['name']}: version {number} is live.")
        ask(home_folder(home), "nudge")


@app.command()
def export(name: Name, home: Home = None) -> None:
    """Write a journey's draft to standard output in its written form."""
    from ...runtime import journey_file

    with opened(home) as instance:
        content = instance.db.look(lambda tx: named(tx, name).draft)
    typer.echo(journey_file.write(content), nl=False)


@app.command()
def publish(name: Name, home: Home = None) -> None:
    """Freeze the draft as the next version and make it live."""
    from ...runtime.governance import versions
    from ...runtime.governance.missing import missing

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        draft = instance.db.look(lambda tx: named(tx, name).draft)
        _warn(each for each in versions.problems(draft) if each.severity != "error")
        _warn(instance.db.look(lambda tx: missing(tx, draft, bool(instance.config.smtp_url))))
        number = instance.db.write(
            lambda tx: versions.publish(tx, named(tx, name).id or 0, ACTOR, now_ms).number,
        )
    say(f"{name}: version {number} is live.")
    ask(home_folder(home), "nudge")


@app.command()
def pause(name: Name, home: Home = None) -> None:
    """Stop everybody in a journey where they stand; nothing is sent."""
    from ...runtime.governance import versions

    with opened(home) as instance:
        instance.db.write(lambda tx: versions.pause(tx, named(tx, name).id or 0, ACTOR, instance.clock.now_ms()))
    say(f"{name} is paused.")


@app.command()
def resume(
    name: Annotated[str | None, typer.Argument(help="The journey's short name.", metavar="JOURNEY")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every paused journey; also ends the rest after a restore.")
    ] = False,
    home: Home = None,
) -> None:
    """Let a paused journey run on."""
    from ...runtime import settings
    from ...runtime.governance import versions
    from ...storage import journeys

    if (name is None) == (not all_):
        raise Refused("Name a journey, or say --all.")
    with opened(home) as instance:

        def turn(tx: Tx) -> list[str]:
            found = [named(tx, name)] if name else [one for one in journeys.journeys(tx) if one.status == "paused"]
            for journey in found:
                versions.resume(tx, journey.id or 0, ACTOR, instance.clock.now_ms())
            if all_:
                settings.save(tx, "restored_at", None)
            return [journey.name for journey in found]

        resumed = instance.db.write(turn)
    say(f"Live again: {', '.join(resumed)}." if resumed else "No journey is paused.")
    ask(home_folder(home), "nudge")


@app.command()
def enroll(
    name: Name,
    who: Annotated[
        list[str], typer.Argument(help="Contacts, by e-mail address or your own user id.", metavar="CONTACT…")
    ],
    home: Home = None,
) -> None:
    """Let contacts into a journey with a manual trigger."""
    from ...runtime import entries
    from ...storage import people

    with opened(home) as instance:

        def let_in(tx: Tx) -> int:
            found = dict(people.identities(tx, "user", who))
            found |= dict(people.identities(tx, "email", [one.lower() for one in who]))
            missing = [one for one in who if one not in found and one.lower() not in found]
            if missing:
                raise Refused(
                    f"Not known: {', '.join(missing)}. `sojourn import` or an `identify` event makes contacts."
                )
            return entries.enroll(tx, instance.shelf, name, sorted(set(found.values())), instance.clock.now_ms())

        entered = instance.db.write(let_in)
    say(f"{entered} of {len(set(who))} came into {name}.")
    ask(home_folder(home), "nudge")


@app.command()
def overlap(home: Home = None, as_json: AsJson = False) -> None:
    """Which live journeys reach the same people, how much those will hear, and what to do about it."""
    from ...runtime.overlap import overlap as report

    with opened(home) as instance:
        found = instance.db.look(lambda tx: report(tx, instance.shelf, instance.clock.now_ms()))
    if as_json:
        put(asdict(found))
        return
    say(
        f"{found.several} of {found.people} people are in more than one live journey; they will get about "
        f"{found.several_per_week:.1f} messages a week."
    )
    heads = ("one", "other", "inside both", "shared", "share", "a week", "capped", "what to do")
    rows = [
        (
            pair.one, pair.other, pair.inside_both, pair.shared, f"{pair.share:.0%}", f"{pair.per_week:.1f}",
            f"{pair.capped:.0%}", pair.suggestion,
        )
        for pair in found.pairs
    ]  # fmt: skip
    table(heads, rows)


def _warn(problems: Iterable[Problem]) -> None:
    """Say on the side what deserves a look."""
    for problem in problems:
        typer.echo(problem.text, err=True)


def named(tx: Tx, name: str) -> Journey:
    """The journey of that name. Raises NoSuchJourney."""
    from ...runtime.governance.versions import NoSuchJourney
    from ...storage import journeys

    journey = journeys.journey_named(tx, name)
    if journey is None:
        raise NoSuchJourney(name)
    return journey
