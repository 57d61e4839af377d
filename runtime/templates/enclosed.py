"""Pictures that came beside letters in a folder or a ZIP: found where letters name them, and named anew by address."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from .. import pictures
from ..pictures import PictureProblem

KINDS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff", ".avif", ".ico")
MOST = 100  # pictures at a time
MOST_BYTES = 30_000_000  # of all of them
NAMED = re.compile(
    r"(\b(?:src|background|background-url)\s*=\s*|\burl\(\s*)(\"[^\"]{1,500}\"|'[^']{1,500}'|[^\s\"'<>()]{1,500})", re.I
)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#|\{", re.I)


class Enclosed:
    """``files`` read so many bytes of a picture, by its path: a path that is none of theirs leads nowhere.

    ``kept`` are the pictures that letters name, by the name each gets; ``refused`` says why which were not taken.
    """

    def __init__(self, base_url: str, files: Mapping[str, Callable[[int], bytes]]) -> None:
        self._base_url, self._files = base_url, files
        self._known: dict[str, str] = {}
        self._bytes = 0
        self.kept: dict[str, tuple[str, bytes]] = {}
        self.refused: list[tuple[str, str]] = []

    def linked(self, letter: str, text: str) -> str:
        """The letter with the addresses its pictures will have."""

        def turned(found: re.Match[str]) -> str:
            said = found[2].strip("\"'")
            address = self._address(letter, said)
            return found[1] + found[2].replace(said, address) if address else found[0]

        return NAMED.sub(turned, text) if self._files else text

    def _address(self, letter: str, said: str) -> str:
        if ELSEWHERE.match(said):
            return ""
        written = unquote(re.split(r"[?#]", said, maxsplit=1)[0]).replace("\\", "/")
        near = posixpath.normpath(posixpath.join(posixpath.dirname(letter), written.lstrip("/")))
        rooted = posixpath.normpath(written.lstrip("/"))
        path = next((one for one in (near, rooted) if one in self._files and not one.startswith("..")), "")
        if not path:
            return ""
        if path not in self._known:
            try:
                self._known[path] = self._taken(path)
            except PictureProblem as problem:
                self._known[path] = ""
                self.refused.append((path, str(problem)))
        return self._known[path]

    def _taken(self, path: str) -> str:
        if len(self._known) >= MOST or self._bytes >= MOST_BYTES:
            raise PictureProblem(f"Only {MOST} pictures and 30 MB of them are taken at a time.")
        raw = self._files[path](pictures.LARGEST + 1)  # what a ZIP says of its own sizes is not trusted
        self._bytes += len(raw)
        name = pictures.named(raw)
        address = pictures.address(self._base_url, name)
        self.kept[name] = (path.rpartition("/")[2], raw)
        return address
