"""`sojourn serve`, `worker`, `demo` and `check`: what runs an instance, and what looks it over."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import AsJson, Home, Refused, home_folder, opened, progress, put, say

if TYPE_CHECKING:
    import uvicorn

    from ..instance import Instance
    from ..lock import HomeLock

HostOption = Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")]
PortOption = Annotated[int | None, typer.Option(help="The port to listen on.", show_default="8321")]


def serve(home: Home = None, host: HostOption = None, port: PortOption = None) -> None:
    """Run the instance: pages, doors for programs, engine and outbox, until Ctrl+C."""
    from ..instance import Instance
    from ..lock import HomeLock

    folder = _existing(home)
    lock = HomeLock(folder)
    lock.take("serve")
    try:
        instance = Instance.open(folder, host=host, port=port)
        try:
            run_server(instance, lock)
        finally:
            instance.close()
    finally:
        lock.release()


def run_server(instance: Instance, lock: HomeLock, then: Callable[[], object] | None = None) -> None:
    """Serve this instance until it is told to stop; ``then()`` is called once it answers."""
    import uvicorn

    from ...storage.users import any_user
    from ..auth import set_up_token
    from ..main import create_app

    config = instance.config
    _log(config.log_level)
    with _listening(config.host, config.port) as listener:
        door = "127.0.0.1" if config.host in ("0.0.0.0", "localhost") else config.host  # noqa: S104
        instance.running = lock.tell(config.port, "::1" if door == "::" else door)
        instance.announce(config.address)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(instance),
                log_level="warning" if config.log_level == "info" else config.log_level,
                log_config=None,
                access_log=config.log_level == "debug",
                proxy_headers=True,
                forwarded_allow_ips=list(config.trusted_proxies),
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        say(f"Sojourn runs at {config.address} (Ctrl+C stops it).")
        if not instance.db.look(any_user):
            say(f"Make its owner at {config.address}/set-up?token={set_up_token(instance)}")
        if then:
            threading.Thread(target=_once_up, args=(server, then), daemon=True).start()
        server.run(sockets=[listener])


def worker(home: Home = None) -> None:
    """Run engine and outbox alone, beside a server on the same PostgreSQL; any number on any hosts."""
    with opened(home) as instance:
        if not instance.db.postgres:
            raise Refused(
                "Workers share a PostgreSQL: with SQLite `sojourn serve` does all the work itself. "
                "Set SOJOURN_DATABASE=postgresql://… to spread it."
            )
        _log(instance.config.log_level)
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        instance.runtime.start(with_chores=False)
        say("The worker runs (Ctrl+C stops it).")
        stop.wait()


def demo(
    home: Annotated[Path | None, typer.Option("--home", help="Its folder.", show_default="~/.sojourn-demo")] = None,
    host: HostOption = None,
    port: PortOption = None,
    browser: Annotated[bool, typer.Option(help="Open a browser when there is a display.")] = True,
) -> None:
    """A shop with contacts, events and live journeys in a folder of its own, and a mailbox that shows its letters."""
    from ...runtime.channels.inbox import Inbox
    from ..config import FILE
    from ..demo import DOOR, prepare
    from ..demo_shoppers import Shoppers
    from ..instance import Instance
    from ..lock import HomeLock
    from .owner import write_clock

    folder = (home or Path.home() / ".sojourn-demo").expanduser().absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = HomeLock(folder)
    lock.take("demo")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # else the mail server reports every line it hears
    mailbox = Inbox(folder / "inbox")
    mailbox.start()
    try:
        write_clock(folder / FILE, "manual")  # so that every other command knows it too
        instance = Instance.create(folder, host=host, port=port, clock="manual", smtp_url=mailbox.url)
        try:
            config = instance.config
            _listening(config.host, config.port).close()  # a port in use is better known before the shop is filled
            say(f"The demo lives in {folder}; delete that folder to start anew.")
            with progress("Filling the shop") as shown:
                keys = prepare(instance, shown)
            link = f"{config.address}/demo/{DOOR}"
            say(f"Sign in with one click, on this machine: {link}")
            say(f"or as {keys.email} with the password {keys.password}")
            say(f"Send events of your own with the write key {keys.write_key}")
            shoppers = Shoppers(instance)
            try:
                run_server(instance, lock, _all(shoppers.start, _open_browser(link) if browser else None))
            finally:
                shoppers.stop()
        finally:
            instance.close()
    finally:
        mailbox.stop()
        lock.release()


def check(home: Home = None, as_json: AsJson = False) -> None:
    """Look the instance over: what is set up, what is missing, what to do. Ends with 1 when something is wrong."""
    from ..doctor import inspect

    findings = inspect(home_folder(home))
    if as_json:
        put([{"level": finding.level, "text": finding.text} for finding in findings])
    else:
        marks = {"ok": "ok  ", "warning": "look", "error": "BAD "}
        for finding in findings:
            say(f"{marks[finding.level]}  {finding.text}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


def _existing(home: Path | None) -> Path:
    from ..instance import must_exist

    folder = home_folder(home)
    must_exist(folder)
    return folder


def _log(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if level != "debug":
        logging.getLogger("apscheduler").setLevel("WARNING")  # it would write two lines a second


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Refused(f"Port {port} on {host} cannot be used ({error.strerror}): name another with --port.") from None
    return listener


def _once_up(server: uvicorn.Server, then: Callable[[], object]) -> None:
    while not server.started:
        threading.Event().wait(0.1)
    then()


def _all(*calls: Callable[[], object] | None) -> Callable[[], object]:
    return lambda: [call() for call in calls if call]


def _open_browser(address: str) -> Callable[[], object] | None:
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.name == "nt"):
        return None
    import webbrowser

    return lambda: webbrowser.open(address)
