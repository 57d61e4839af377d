"""`sojourn deliverability`: how letters fare, what DNS says of the sender, warm-up, brakes, and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .common import ACTOR, AsJson, Home, Refused, opened, put, say, table

if TYPE_CHECKING:
    from ...runtime.deliverability.overview import Overview

app = typer.Typer(
    invoke_without_command=True, help="Whether letters reach the inbox: how they fare, what DNS says, what to do."
)
keys = typer.Typer(no_args_is_help=True, help="The keys that sign letters (DKIM).")
app.add_typer(keys, name="keys")
Selector = Annotated[str, typer.Argument(help="The key's selector, as `list` shows it.")]


@app.callback()
def look(
    context: typer.Context,
    helo: Annotated[str, typer.Option(help="The name the sending server gives, where it is not known here.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask DNS for everything receivers look at; each finding comes with what to do. Ends with 0 whatever is found."""
    if context.invoked_subcommand is not None:
        return
    from ...runtime.deliverability import dns, overview

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        seen = instance.db.look(lambda tx: overview.read(tx, now_ms))
        clean = instance.db.look(lambda tx: overview.clean(tx, now_ms))
        found = dns.look(instance, helo=helo)
    if as_json:
        findings = [one.as_json() for one in found]
        put({**seen.as_json(), "hygiene": clean, "counts": dns.counted(found), "findings": findings})
        return
    for line in fares(seen):
        say(line)
    for one in found:
        say(f"{one.state:8}{one.title}: {one.sentence}")
        if one.fix:
            say(f"        {one.fix}")
        for record in one.records:
            say(f"        {record.name}  {record.type}  {record.quoted}")


@app.command("warm")
def warm_up(
    target: Annotated[int, typer.Argument(help="Letters a day at the end.")] = 10_000,
    days: Annotated[int, typer.Option(help="How many days it takes if all goes well.")] = 35,
    start: Annotated[int, typer.Option(help="Letters on the first day.")] = 50,
    account: Annotated[str, typer.Option(help="Of one account alone; without it, of all letters.")] = "",
    home: Home = None,
) -> None:
    """Warm up a new sender: more letters each day, those who read most first, slower when letters fare ill."""
    from ...runtime.deliverability import warm_up as warming
    from ...runtime.numbers import counted, thousands

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        try:
            plan = instance.db.write(
                lambda tx: warming.begin(
                    tx, ACTOR, now_ms, account=account, start=start, target=target, days=days
                )
            )  # fmt: skip
        except warming.WarmUpProblem as problem:
            raise Refused(str(problem)) from None
    last = counted(len(warming.ladder(start, target, days)), "day")
    say(f"Today {thousands(plan.allowed)} letters may go; {thousands(plan.target)} in {last}.")


@app.command("release")
def release(home: Home = None) -> None:
    """Let everything that stopped by itself go on: marketing to providers, and warm-ups."""
    from ...runtime.deliverability import brakes
    from ...runtime.deliverability import warm_up as warming
    from ...storage import sender_brakes, warm_ups

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        standing = instance.db.look(sender_brakes.standing)
        for one in standing:
            instance.db.write(lambda tx, key=one.id or 0: brakes.release(tx, key, ACTOR, now_ms))
            brakes.forward(instance.db, one, now_ms)
            say(f"Marketing {brakes.whom(one.account, one.provider)} goes on.")
        stopped = instance.db.look(lambda tx: warm_ups.plans(tx, (warm_ups.STOPPED,)))
        for plan in stopped:
            instance.db.write(lambda tx, key=plan.id or 0: warming.go_on(tx, key, ACTOR, now_ms))
            say(f"The warm-up of {warming.whom(plan)} goes on.")
    if not standing and not stopped:
        say("Nothing stands still.")


@keys.command()
def make(
    domain: Annotated[str, typer.Argument(help="The domain letters come from; without it, the sender's.")] = "",
    algorithm: Annotated[str, typer.Option(help="rsa, which everybody reads, or ed25519 beside it.")] = "rsa",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print the record to publish. It signs nothing before it is turned on."""
    from ...runtime.deliverability import keys as making

    with opened(home) as instance:
        try:
            key = making.make(instance, domain or instance.settings.sender_address or "", algorithm, ACTOR)
        except making.KeyProblem as problem:
            raise Refused(str(problem)) from None
    if as_json:
        put(making.shown(key))
        return
    record = making.record_of(key)
    say(f"Publish this record, then `sojourn deliverability keys turn {key.selector} on`:")
    say(f"{record.name}  {record.type}  {record.quoted}")


@keys.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """Every key with its record; the private half is never shown."""
    from ...runtime.deliverability import keys as making
    from ...storage import dkim_keys

    with opened(home) as instance:
        found = [making.shown(key) for key in instance.db.look(dkim_keys.everyone)]
    if as_json:
        put(found)
        return
    heads = ("domain", "selector", "algorithm", "state", "record")
    table(heads, [(*(one[key] for key in heads[:3]), one["status"], one["record"]["quoted"]) for one in found])


@keys.command()
def turn(selector: Selector, state: Annotated[str, typer.Argument(help="on or off.")], home: Home = None) -> None:
    """Sign letters with a key, or stop to. Publish its record first: unread signatures count against the sender."""
    from ...runtime.deliverability import keys as making

    if state not in ("on", "off"):
        raise Refused("A key is turned on or off.")
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        try:
            instance.db.write(lambda tx: making.turn(tx, selector, "on" if state == "on" else "off", ACTOR, now_ms))
        except making.KeyProblem as problem:
            raise Refused(str(problem)) from None
    say(f"{selector} is {state}.")


@keys.command()
def remove(selector: Selector, home: Home = None) -> None:
    """Forget a key that is off. Leave its record in DNS for some days: letters on their way need it."""
    from ...runtime.deliverability import keys as making

    with opened(home) as instance:
        now_ms = instance.clock.now_ms()
        try:
            instance.db.write(lambda tx: making.remove(tx, selector, ACTOR, now_ms))
        except making.KeyProblem as problem:
            raise Refused(str(problem)) from None
    say(f"{selector} is forgotten.")


def fares(seen: Overview) -> list[str]:
    """How letters fare, as lines of text."""
    from ...runtime.deliverability.providers import label_of
    from ...runtime.deliverability.reputation import goals, percent
    from ...runtime.deliverability.warm_up import whom
    from ...runtime.numbers import thousands

    lines = [seen.light[1]]
    for one in seen.brakes:
        lines.append(f"stopped Marketing stands still: {one.why} `sojourn deliverability release` releases it.")
    for planned in seen.plans:
        plan = planned.plan
        went = f"{thousands(planned.used)} of {thousands(plan.allowed)} letters today"
        lines.append(f"warm-up {whom(plan)}: {went}. {plan.word}".rstrip())
    for code, figures in seen.reputation.by_provider.items():
        rates = [f"{goal.label.lower()} {percent(goal.value)}" for goal in goals(figures) if goal.value is not None]
        lines.append(f"{label_of(code)}: {thousands(figures.tried)} letters, {', '.join(rates)}")
    return [*lines, ""]
