"""Where letters are handed in, and how its address is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

RETURN_PATH = re.compile(r"([A-Za-z0-9._-]{1,27}@)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}\Z")


class SmtpUrlProblem(Exception):
    """The address of the mail server is written smtp://user:password@host:port, or smtps:// for TLS from the start."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters are handed in. ``starttls`` None means: when the server offers it.

    ``return_path`` is a domain, or a mailbox that takes additions: each letter then has a return path of its own.
    ``helo`` is the name we greet with; "" for this machine's. ``allowed`` names hosts of a private network that may
    be called; None: any host, since the owner of this machine wrote it.
    """

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    starttls: bool | None = None
    connections: int = 4
    connect_s: float = 20
    command_s: float = 60
    body_s: float = 300
    return_path: str = ""
    helo: str = ""
    allowed: frozenset[str] | None = None

    @classmethod
    def parse(cls, url: str) -> Server:
        """From ``smtp[s]://[user:password@]host[:port]``, with ``?starttls=yes|no``, ``connections=4``, ``timeout=60``,
        ``return_path=bounces.example.com`` behind it."""
        try:
            parts = urlsplit(url)
            port, query = parts.port, {key: values[-1] for key, values in parse_qs(parts.query).items()}
            starttls = {"yes": True, "no": False, "auto": None}[query.get("starttls", "auto")]
            connections, timeout = int(query.get("connections", 4)), float(query.get("timeout", 60))
        except (ValueError, KeyError) as error:
            raise SmtpUrlProblem(SmtpUrlProblem.__doc__) from error
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not 1 <= connections <= 100 or timeout <= 0:
            raise SmtpUrlProblem(SmtpUrlProblem.__doc__)
        back = query.get("return_path", "")
        if back and not RETURN_PATH.match(back):
            raise SmtpUrlProblem("A return path is a domain like bounces.example.com, or a mailbox's address.")
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 587 if parts.username else 25),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
            starttls=None if tls else starttls,
            connections=connections,
            connect_s=min(timeout, 20),
            command_s=timeout,
            body_s=5 * timeout,
            return_path=back,
        )
