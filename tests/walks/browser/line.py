"""A line between a browser and a server that can be cut, or fall silent, and be mended; also to another server."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Line:
    """Listens on a port of its own and carries bytes to the server and back."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._carries = threading.Event()
        self._carries.set()
        self._open = True
        self._ends: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def fall_silent(self) -> None:
        """Everything stays open, nothing comes through."""
        self._carries.clear()

    def cut(self) -> None:
        """Nothing is open, nothing can be opened."""
        self._open = False
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self, server: str | None = None) -> None:
        """As before; to this server, if one is given."""
        self._server = server or self._server
        self._open = True
        self._carries.set()

    def close(self) -> None:
        """For good."""
        self.cut()
        self._carries.set()
        self._door.close()

    def _listen(self) -> None:
        while True:
            try:
                end, _ = self._door.accept()
            except OSError:
                return
            if not self._open:
                end.close()
                continue
            target = urlsplit(self._server)
            try:
                other = socket.create_connection((target.hostname, target.port))
            except OSError:
                end.close()
                continue
            threading.Thread(target=self._join, args=(end, other), daemon=True).start()
            del end, other

    def _join(self, end: socket.socket, other: socket.socket) -> None:
        self._ends |= {end, other}
        back = threading.Thread(target=self._carry, args=(other, end), daemon=True)
        back.start()
        self._carry(end, other)
        back.join()
        self._ends -= {end, other}
        end.close()
        other.close()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65_536):
                self._carries.wait()
                there.sendall(data)
        for end in (here, there):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
