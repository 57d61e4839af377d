"""Pictures uploaded for letters: what is taken, and the public address each has from then on."""

from __future__ import annotations

from hashlib import sha256

from ..storage import pictures as rows
from ..storage import users
from ..storage.database import Tx
from ..storage.pictures import Picture

LARGEST = 2_000_000  # bytes; more would make a letter slow on a phone
PATH = "/public/pictures/"
BEGINS = {  # how a file of this ending begins, and its media type
    "png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    "jpg": (b"\xff\xd8\xff", "image/jpeg"),
    "gif": (b"GIF8", "image/gif"),
}


class PictureProblem(Exception):
    """The picture cannot be taken; the sentence says why."""


def ending(raw: bytes) -> str:
    """What it is, by how it begins: png, jpg or gif, which every mail program shows. Raises `PictureProblem`."""
    if len(raw) > LARGEST:
        raise PictureProblem("The picture is larger than 2 MB: make it smaller, 1200 pixels are wide enough.")
    for name, (begin, _) in BEGINS.items():
        if raw.startswith(begin):
            return name
    raise PictureProblem("It is no PNG, JPEG or GIF: mail programs show no others, so save it as one of these.")


def named(raw: bytes) -> str:
    """The name it has here, the same for the same picture. Raises `PictureProblem`."""
    return f"{sha256(raw).hexdigest()[:40]}.{ending(raw)}"


def address(base_url: str, name: str) -> str:
    """Where everybody sees it. Raises `PictureProblem` where the instance does not know its public address."""
    if not base_url:
        raise PictureProblem("Readers could not load it: set the public address under Settings first.")
    return f"{base_url.rstrip('/')}{PATH}{name}"


def keep(tx: Tx, raw: bytes, title: str, actor: str, now_ms: int) -> str:
    """Keep it, and say its name; one that is there already stays as it is. Raises `PictureProblem`."""
    name = named(raw)
    kind = BEGINS[name.rpartition(".")[2]][1]
    made = Picture(
        name=name, kind=kind, title=title[:200], size=len(raw), content=raw, created_at=now_ms, created_by=actor
    )
    if rows.put(tx, made):
        users.note(tx, actor, "picture.add", name, now_ms, {"title": title[:200], "bytes": len(raw)})
    return name
