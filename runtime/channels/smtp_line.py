"""One connection to a mail server, opened by aiosmtplib, with the DATA step in our own hands."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from ...storage.faults import fail_point

if TYPE_CHECKING:
    from .smtp import Server

DOT = re.compile(rb"(?m)^\.")
BROKEN = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, aiosmtplib.SMTPResponseException, OSError)


class NotReached(Exception):
    """No usable connection to the mail server."""


class Line:
    """An open connection. ``used``: it has carried a letter before, so it may have gone stale."""

    def __init__(self, client: aiosmtplib.SMTP, server: Server) -> None:
        self._client = client
        self._server = server
        self.used = False
        self.last_used = time.monotonic()

    @classmethod
    async def open(cls, server: Server, host_name: str) -> Line:
        """Connect, secure and sign in. Raises `NotReached` with what went wrong in words."""
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            timeout=server.connect_s,
            local_hostname=host_name,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                try:
                    await client.ehlo()
                except aiosmtplib.SMTPHeloError:
                    await client.helo()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise NotReached(f"it refuses the user name or the password ({error.code} {error.message})") from error
        except aiosmtplib.SMTPTimeoutError as error:
            raise NotReached(f"it did not answer within {server.connect_s:g} seconds") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise NotReached(str(error) or type(error).__name__) from error
        return cls(client, server)

    @property
    def connected(self) -> bool:
        """The connection stands, as far as is known here."""
        return self._client.is_connected

    async def ask(self, command: str) -> tuple[int, str]:
        """Send one command and wait for its answer."""
        protocol = self._protocol()
        answer = await protocol.execute_command(command.encode(), timeout=self._server.command_s)
        self.last_used = time.monotonic()
        return answer.code, answer.message

    async def give(self, body: bytes) -> tuple[int, str]:
        """Send the body after a 354, dots stuffed (RFC 5321 4.5.2), and wait for the answer."""
        protocol = self._protocol()
        protocol.write(DOT.sub(b"..", body) + b".\r\n")
        fail_point("after_dot")
        answer = await protocol.read_response(timeout=self._server.body_s)
        self.last_used = time.monotonic()
        return answer.code, answer.message

    async def quit(self) -> None:
        """Say goodbye."""
        try:
            if self.connected:
                await self._client.quit(timeout=2)
        except BROKEN:
            pass
        finally:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _protocol(self) -> SMTPProtocol:
        if self._client.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return self._client.protocol
