"""`sojourn init`, `users`, `keys` and `settings`: what the owner of an instance sets up."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import ACTOR, AsJson, Home, Refused, home_folder, moment, opened, put, say, table

if TYPE_CHECKING:
    from ...storage.database import Tx

FromStdin = Annotated[bool, typer.Option(help="Read the password from standard input instead of asking.")]

users = typer.Typer(no_args_is_help=True, help="People who may sign in.")
keys = typer.Typer(no_args_is_help=True, help="Keys for programs that send events or read.")
settings = typer.Typer(no_args_is_help=True, help="What the owner sets while the instance runs.")


def init(
    owner_email: Annotated[str, typer.Option(help="Who signs in first.", prompt="Owner's e-mail address")],
    owner_password_stdin: FromStdin = False,
    clock: Annotated[str | None, typer.Option(help="manual: time moves only by `sojourn clock advance`.")] = None,
    home: Home = None,
) -> None:
    """Make a new instance: its folder, its secret, its database and its owner."""
    from email_validator import EmailNotValidError, validate_email

    from ...runtime.settings import save
    from ...storage.users import any_user
    from ..config import FILE, load
    from ..instance import Instance, exists, no_database_alone
    from ..passwords import check_strength

    folder = home_folder(home)
    if not exists(folder):
        no_database_alone(folder)
    try:
        email = validate_email(owner_email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise Refused(f"{owner_email} is not an e-mail address: {error}") from None
    load(folder, clock=clock)
    password = _password(owner_password_stdin)
    check_strength(password)
    again = exists(folder)
    if not again and folder.exists() and any(entry.name != FILE for entry in folder.iterdir()):
        raise Refused(f"{folder} is not empty and holds no Sojourn instance: choose another --home.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if clock and not again:
        write_clock(folder / FILE, clock)
    instance = Instance.create(folder)
    try:
        if instance.db.look(any_user):
            raise Refused(f"{folder} has an owner already: `sojourn users add` lets another person in.")
        _add_user(instance, email, password, "owner")
        instance.db.write(lambda tx: save(tx, "sender_address", email))
    finally:
        instance.close()
    say(f"{folder} is ready. Start it with `sojourn serve --home {folder}` and sign in as {email}.")


@users.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    role: Annotated[str, typer.Option(help="What they may do: owner, editor, reviewer or viewer.")] = "owner",
    password_stdin: FromStdin = False,
    home: Home = None,
) -> None:
    """Let another person in."""
    from ..auth import PERMISSIONS
    from ..passwords import check_strength

    roles = sorted({one for allowed in PERMISSIONS.values() for one in allowed})
    if role not in roles:
        raise Refused(f"There is no role {role}: there is {', '.join(roles)}.")
    password = _password(password_stdin)
    check_strength(password)
    with opened(home) as instance:
        _add_user(instance, email, password, role)
    say(f"{email} may sign in.")


@users.command("list")
def list_users(home: Home = None, as_json: AsJson = False) -> None:
    """Who may sign in."""
    from ...storage.exports import everybody

    with opened(home) as instance:
        found = instance.db.look(everybody)
    rows = [dict(zip(("email", "name", "role"), row, strict=True)) for row in found]
    if as_json:
        put(rows)
    else:
        table(("email", "name", "role"), (list(row.values()) for row in rows))


@users.command("password")
def change_password(
    email: Annotated[str, typer.Argument(help="Whose password.")],
    password_stdin: FromStdin = False,
    home: Home = None,
) -> None:
    """Give somebody a new password; every browser they are signed in with is signed out."""
    from ...storage import users as people
    from ..passwords import hash_password

    password = _password(password_stdin)
    hashed = hash_password(password)
    with opened(home) as instance:

        def change(tx: Tx) -> None:
            user = people.user_by_email(tx, email)
            if user is None or user.id is None:
                raise Refused(f"Nobody signs in as {email}: `sojourn users list` shows who does.")
            people.change_password(tx, user.id, hashed, secrets.token_hex(8))
            people.note(tx, ACTOR, "user.password", user.email, instance.clock.now_ms())

        instance.db.write(change)
    say(f"{email} has a new password.")


@keys.command("new")
def new_key(
    kind: Annotated[str, typer.Option(help="write (events in) or admin (everything).")] = "write",
    name: Annotated[str, typer.Option(help="What it is for, like “web shop”.")] = "",
    home: Home = None,
) -> None:
    """Make a key and print it, alone on one line; it is shown this once."""
    from ...storage import users as people

    if kind not in ("write", "admin"):
        raise Refused(f"There is no kind of key {kind}: there is write and admin.")
    key = f"{kind[0]}k_{secrets.token_urlsafe(24)}"
    with opened(home) as instance:
        now_ms = instance.clock.now_ms()

        def keep(tx: Tx) -> None:
            number = people.add_key(tx, key, kind, name, now_ms)
            people.note(tx, ACTOR, "key.new", f"#{number}", now_ms, {"kind": kind, "name": name})

        instance.db.write(keep)
    say(key)


@keys.command("list")
def list_keys(home: Home = None, as_json: AsJson = False) -> None:
    """All keys by their first characters."""
    from ...storage import users as people
    from ...storage.columns import to_ms

    with opened(home) as instance:
        found = instance.db.look(people.keys)
    rows = [
        {
            "id": key.id,
            "kind": key.kind,
            "name": key.name,
            "begins": key.hint,
            "created": moment(to_ms(key.created_at)),
            "revoked": moment(to_ms(key.revoked_at)) if key.revoked_at else None,
        }
        for key in found
    ]
    if as_json:
        put(rows)
    else:
        table(("id", "kind", "name", "begins", "created", "revoked"), (list(row.values()) for row in rows))


@keys.command("revoke")
def revoke_key(
    number: Annotated[int, typer.Argument(help="Its id in `sojourn keys list`.")], home: Home = None
) -> None:
    """Make a key worthless."""
    from ...storage import users as people

    with opened(home) as instance:

        def revoke(tx: Tx) -> None:
            if number not in [key.id for key in people.keys(tx) if key.revoked_at is None]:
                raise Refused(f"There is no working key {number}: `sojourn keys list` shows all.")
            people.revoke_key(tx, number, instance.clock.now_ms())
            people.note(tx, ACTOR, "key.revoke", f"#{number}", instance.clock.now_ms())

        instance.db.write(revoke)
    say(f"Key {number} opens nothing any more.")


@settings.command("set")
def set_setting(
    key: Annotated[str, typer.Argument(help="Which setting.")],
    value: Annotated[str, typer.Argument(help="Its new value.")],
    home: Home = None,
) -> None:
    """Change a setting."""
    _save(home, key, value)


@settings.command("unset")
def unset_setting(key: Annotated[str, typer.Argument(help="Which setting.")], home: Home = None) -> None:
    """Take a setting back to its default."""
    _save(home, key, None)


@settings.command("get")
def get_setting(key: Annotated[str, typer.Argument(help="Which setting.")], home: Home = None) -> None:
    """Print one setting."""
    from ...runtime.settings import check_key

    check_key(key)
    with opened(home) as instance:
        value = getattr(instance.settings, key)
    say("" if value is None else str(value))


@settings.command("list")
def list_settings(home: Home = None, as_json: AsJson = False) -> None:
    """All settings with what they are for."""
    from ...runtime.settings import Settings

    with opened(home) as instance:
        now = instance.settings
    if as_json:
        put(now.model_dump())
    else:
        table(
            ("setting", "value", "what it does"),
            ((key, getattr(now, key), field.description) for key, field in Settings.model_fields.items()),
        )


def _save(home: Path | None, key: str, value: Any) -> None:
    from ...runtime import settings as catalogue
    from ...storage import users as people

    with opened(home) as instance:

        def change(tx: Tx) -> Any:
            kept = catalogue.save(tx, key, value)
            people.note(tx, ACTOR, "setting", key, instance.clock.now_ms(), {"value": getattr(kept, key)})
            return getattr(kept, key)

        kept = instance.db.write(change)
    say(f"{key} = {kept if kept is not None else ''}".rstrip())


def _add_user(instance: Any, email: str, password: str, role: str) -> None:
    from ...storage import users as people
    from ..passwords import hash_password

    hashed, now_ms = hash_password(password), instance.clock.now_ms()

    def add(tx: Tx) -> None:
        people.add_user(tx, email, hashed, secrets.token_hex(8), now_ms, role=role)
        people.note(tx, ACTOR, "user.add", email, now_ms, {"role": role})

    instance.db.write(add)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refused("There is no terminal to ask for a password on: use --owner-password-stdin or --password-stdin.")
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True)


def write_clock(file: Path, clock: str) -> None:
    """The clock belongs to the instance for good: its own times are written by it."""
    text = file.read_text("utf-8") if file.exists() else ""
    if not any(line.partition("=")[0].strip() == "clock" for line in text.splitlines()):
        file.write_text(f'clock = "{clock}"\n{text}', "utf-8")
