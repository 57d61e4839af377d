"""`sojourn policy`: import, show, history, presets, schema, and whether a message may go to somebody at a time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import ACTOR, AsJson, Home, Refused, moment, opened, put, say, table

if TYPE_CHECKING:
    from ...runtime.policy.policy import Class, Policy
    from ...runtime.policy.supposed import Answer, Supposed
    from ...storage.database import Tx

app = typer.Typer(no_args_is_help=True, help="What holds for all journeys: caps, quiet hours and the rest.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The policy in its written form (YAML or JSON).")],
    note: Annotated[str, typer.Option("--note", help="Why; kept with the version.")] = "",
    home: Home = None,
) -> None:
    """Put the policy of a file in the place of the one that applies; with four eyes it waits for somebody to agree."""
    from ...runtime.policy import policies, policy_file, policy_names

    read = policy_file.read(_text(file))
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        try:
            status = instance.db.write(lambda tx: policies.propose(tx, read, ACTOR, now_ms, note).status)
        except policies.NothingNew:
            say("This is the policy that applies already; nothing was changed.")
            return
        hints = instance.db.look(lambda tx: policy_names.hints(tx, read))
    for hint in hints:
        typer.echo(hint, err=True)
    if status == "in_force":
        say("The policy applies from now on.")
    else:
        say("This instance asks for four eyes: the change waits on the page Policy until somebody else agrees.")


@app.command()
def show(
    as_json: AsJson = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="In its written form.")] = False,
    home: Home = None,
) -> None:
    """The policy that applies, in words; or as a program or a file has it."""
    from ...runtime.policy import policies, policy_file, words

    with opened(home) as instance:
        policy = instance.db.look(policies.current)
    if as_json:
        put(policy.written())
    elif as_yaml:
        typer.echo(policy_file.write(policy), nl=False)
    else:
        for section in words.sections(policy):
            say(section.title)
            for sentence in section.sentences or (section.nothing,):
                say(f"  {sentence}")


@app.command()
def history(
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many versions.")] = 20,
    home: Home = None,
) -> None:
    """The versions of the policy, the newest first, each with what it changed."""
    from ...runtime.policy.past import past

    with opened(home) as instance:
        found = instance.db.look(lambda tx: past(tx, limit))
    lines = [
        {
            "version": each.number, "status": each.status, "author": each.author, "at": moment(each.at_ms),
            "decided_by": each.decided_by, "note": each.note, "hash": each.content_hash, "changes": each.said,
        }
        for each in found
    ]  # fmt: skip
    if as_json:
        put(lines)
        return
    for line in lines:
        table(_HEADS, [[line[key] for key in _HEADS]])
        for sentence in line["changes"]:
            say(f"  {sentence}")
    if not lines:
        say("Nothing was set yet: `sojourn policy import FILE.yaml`, or the page Policy.")


@app.command()
def presets(
    name: Annotated[str | None, typer.Argument(help="Which to write to standard output.", show_default=False)] = None,
) -> None:
    """Policies to start from: a list, or one of them in its written form."""
    from ...runtime.policy import policy_file
    from ...runtime.policy import presets as ready

    if name is None:
        table(("name", "what it is for"), ((each.name, each.description) for each in ready.presets()))
        return
    found: Policy | None = next((each.policy for each in ready.presets() if each.name == name), None)
    if found is None:
        raise Refused(f"There is no policy called {name} to start from: there are {', '.join(ready.TITLES)}.")
    typer.echo(policy_file.write(found), nl=False)


@app.command()
def schema() -> None:
    """The JSON Schema of the written form of a policy."""
    import json

    from ...runtime.policy import policy_file

    typer.echo(json.dumps(policy_file.schema(), indent=2, ensure_ascii=False))


@app.command()
def test(
    contact: Annotated[str, typer.Option("--contact", help="Their id, e-mail address, phone number or number here.")],
    channel: Annotated[str, typer.Option("--channel", help="email, sms, push …")],
    at: Annotated[str | None, typer.Option("--at", help="When, as 2026-11-22T21:30; now unless told.")] = None,
    class_: Annotated[
        str | None, typer.Option("--class", help="transactional, automation, lifecycle or promo; promo unless told.")
    ] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="The topic; marketing unless told.")] = None,
    journey: Annotated[
        str | None, typer.Option("--journey", help="As a message of this journey: its class, weight and topic.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """May a message go to somebody then? The gate's whole decision, question by question. Nothing is written."""
    from ...runtime.policy.standing import CLASS_WORDS
    from ...runtime.policy.supposed import suppose

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()

        def ask(tx: Tx) -> Answer:
            return suppose(tx, _supposed(tx, contact, channel, at, class_, topic, journey, now_ms), now_ms)

        answer = instance.db.look(ask)
    if as_json:
        said = answer.written()
        times = {key: moment(said[key]) for key in ("at", "until")}
        put({"contact": contact, "channel": channel, **said, **times})
        return
    where = f"in {answer.place.zone}, from {answer.place.source}"
    say(f"{answer.local(answer.at_ms)} ({where}), as {CLASS_WORDS[answer.class_].lower()} about {answer.topic}:")
    for question in answer.questions:
        against = question.verdict
        say(f"  {'yes' if against is None else against.answer:5}  {against.reason if against else question.title}")
    until = f" until {answer.local(answer.verdict.until_ms)}" if answer.verdict.until_ms else ""
    say(f"{answer.verdict.answer}{until}: {answer.verdict.reason}")


_HEADS = ("version", "status", "author", "at", "decided_by", "note")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not text in UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None


def _supposed(
    tx: Tx, contact: str, channel: str, at: str | None, class_: str | None, topic: str | None, journey: str | None,
    now_ms: int,
) -> Supposed:  # fmt: skip
    from ...runtime.policy.policy import CLASSES
    from ...runtime.policy.policy_names import known_channels
    from ...runtime.policy.supposed import Supposed
    from ...storage import people

    number = people.whose(tx, contact)
    if number is None:
        raise Refused(f"Nobody is known as {contact}: an id, an e-mail address or a contact's number is wanted.")
    if channel not in known_channels():
        raise Refused(f"There is no channel {channel}: there are {', '.join(sorted(known_channels()))}.")
    chosen: Class | None = next((each for each in CLASSES if each == class_), None)
    if class_ is not None and chosen is None:
        raise Refused(f"There is no class {class_}: there are {', '.join(CLASSES)}.")
    try:
        when = datetime.fromisoformat(at) if at else now_ms
    except ValueError:
        raise Refused(f"{at} is no time: write it as 2026-11-22T21:30, or with Z at its end for UTC.") from None
    return Supposed(number, channel, when, chosen, topic, journey)
