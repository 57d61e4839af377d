"""Letters from elsewhere: MJML, HTML and files of our own, one by one, as a folder or as a ZIP."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from html import unescape
from io import BytesIO
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import Any

from ...storage import templates
from ...storage.database import Tx
from .. import pictures as house
from ..drafts import free
from . import clean_html, enclosed, faults, html_blocks, library, merge_tags, shared, template_file
from .enclosed import Enclosed

LARGEST_FILE = 1_000_000  # bytes of one letter
LARGEST_UPLOAD = 10_000_000
MOST_FILES = 200
KINDS = (".mjml", ".html", ".htm", ".yaml", ".yml", ".json")
INCLUDE = re.compile(r"<mj-include\b[^<>]*?path\s*=\s*[\"']?([^\"'\s>]*)|<mj-include\b", re.I)
REMARK = re.compile(r"<!--(?:(?!<!--).)*?-->", re.S)
SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|\Z)", re.I | re.S)
ACTIVE = re.compile(  # what fetches or runs something, or leads the whole letter elsewhere
    r"<(object|applet|svg)\b.*?(?:</\1\s*>|\Z)|<(?:embed|base|link)\b[^<>]*>"
    r"|<meta\b[^<>]*http-equiv\s*=\s*[\"']?\s*refresh[^<>]*>|@import[^;<]*;?",
    re.I | re.S,
)
HANDLER = re.compile(r"(<[a-z][^<>]*?)\s+on[a-z]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", re.I)
BROKEN = (
    zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, ValueError, RuntimeError, NotImplementedError
)  # fmt: skip


class NotImported(Exception):
    """The file cannot be taken as a letter; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A letter or shared block as it will be kept; ``notes`` say what was turned, dropped or left to do.

    ``faults`` say what keeps it from being sent as it is, and where.
    """

    name: str
    title: str
    source: dict[str, Any]
    kind: library.Kind = "letter"
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


Kept = list[tuple[str, Imported]]


@dataclass(slots=True)
class Found:
    """What a folder or a ZIP held: the letters, why which files were not taken, and the pictures letters name."""

    letters: list[Imported] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)


def read_file(name: str, raw: bytes, beside: Enclosed | None = None) -> list[Imported]:
    """The letters of one file; a file of our own may hold several. Raises `NotImported`."""
    path = PurePosixPath(name.replace("\\", "/"))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise NotImported("Only MJML, HTML, and files of our own (YAML or JSON) can be taken.")
    if len(raw) > LARGEST_FILE:
        raise NotImported("The file is larger than 1 MB; a letter is a text of a few pages.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotImported("The file is not text in UTF-8: save it as UTF-8.") from None
    if "\x00" in text:
        raise NotImported("The file is no text.")
    text = beside.linked(str(path), text) if beside is not None else text
    return [replace(each, faults=tuple(faults.of(each.source, each.kind))) for each in reader(path.stem, text)]


def read_folder(folder: Path, base_url: str = "") -> Found:
    """All letters in a folder and the folders in it; links that lead elsewhere are not followed."""
    root = folder.resolve()
    paths = sorted(path for path in root.rglob("*") if path.is_file() and path.resolve().is_relative_to(root))

    def read(path: Path, most: int = LARGEST_FILE + 1) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(most)
        except OSError as error:
            raise NotImported(f"The file cannot be read: {error.strerror}.") from None

    return _found({path.relative_to(root).as_posix(): partial(read, path) for path in paths}, base_url)


def read_zip(raw: bytes, base_url: str = "") -> Found:
    """All letters in a ZIP; what it says of its own size is not trusted. Raises `NotImported`."""
    if len(raw) > LARGEST_UPLOAD:
        raise NotImported("The file is larger than 10 MB.")
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            entries = [each for each in packed.infolist() if _is_own(each)]

            def read(entry: zipfile.ZipInfo, most: int = LARGEST_FILE + 1) -> bytes:
                if entry.flag_bits & 1:
                    raise NotImported("The file is locked with a password.")
                try:
                    with packed.open(entry) as file:
                        return file.read(most)
                except BROKEN:
                    raise NotImported("The file is broken.") from None

            return _found({entry.filename.replace("\\", "/"): partial(read, entry) for entry in entries}, base_url)
    except (zipfile.BadZipFile, ValueError, OSError):
        raise NotImported("The file is no ZIP that can be read.") from None


def keep_all(tx: Tx, found: Found, actor: str, now_ms: int, over: bool = False) -> Kept:
    """Keep each letter as a template with a version of its own, and their pictures; returns them with their names.

    ``over``: those of the same names get a new version; else names that are taken get a number.
    """
    kept: Kept = []
    for title, raw in found.pictures.values():
        house.keep(tx, raw, title, actor, now_ms)
    for each in sorted(found.letters, key=lambda one: one.kind):  # shared blocks before the letters that hold them
        there = templates.named(tx, each.name)
        name = each.name
        if there is not None and not (over and there.kind == each.kind):
            name = free(each.name, templates.names(tx) | library.RESERVED, each.kind)
        source = shared.filled(tx, each.source) if each.kind == "letter" else each.source
        library.keep(tx, name, each.title, source, actor, now_ms, kind=each.kind)
        library.save_version(tx, name, actor, now_ms, "Imported")
        kept.append((name, each))
    return kept


# ── kinds of files ────────────────────────────────────────────────────────────────────────────────────


def _mjml(stem: str, text: str) -> list[Imported]:
    plain = REMARK.sub("", text)
    if include := INCLUDE.search(plain):
        which = f" ({include[1]})" if include[1] else ""
        raise NotImported(f"It includes another file{which}: put the text of that file in its place, and try again.")
    if not re.search(r"<mjml\b", plain, re.I):
        raise NotImported("It is no MJML: a letter begins with <mjml>.")
    text, scripts = SCRIPT.subn("", text)
    handlers = 1
    while handlers:
        text, handlers = HANDLER.subn(r"\1", text)
        scripts += handlers
    text, active = ACTIVE.subn("", text)
    tags = merge_tags.ours(text)
    title, preview = _inner("mj-title", tags.text), _inner("mj-preview", tags.text)
    mjml = re.sub(r"<mj-preview\b[^<>]*>[^<]*</mj-preview\s*>\s*", "", tags.text, flags=re.I)
    source = {"subject": title or _words(stem), "preheader": preview, "mjml": mjml.strip() + "\n"}
    dropped = {"scripts": scripts, "parts that fetch or run something": active}
    notes = [*_dropped({what: count for what, count in dropped.items() if count}), *_about(tags), *_no_subject(title)]
    return [Imported(_slug(stem), _words(stem), source, notes=tuple(notes))]


def _html(stem: str, text: str) -> list[Imported]:
    tags = merge_tags.ours(text)
    letter = clean_html.clean(tags.text)
    preview = html_blocks.preheader(letter)
    if counted := html_blocks.pixels(letter):
        letter.dropped["pictures that count openings elsewhere"] += counted
    if not any(each.tag == "img" for each in letter.body.walk()) and not letter.body.words():
        raise NotImported("There is nothing in it that could be shown: no words and no pictures.")
    title = letter.text(letter.title)[:998]
    source: dict[str, Any] = {"subject": title or _words(stem), "preheader": preview}
    try:
        source["blocks"] = html_blocks.blocks(letter)
        notes = ["It was taken apart into blocks; they look as your brand does."]
    except html_blocks.NotSimple:
        source["mjml"] = _wrapped(letter)
        notes = ["It has columns, so it was kept as it was drawn, as source."]
    notes += [*_dropped(letter.dropped), *_about(tags), *_no_subject(title)]
    return [Imported(_slug(stem), _words(stem), source, notes=tuple(notes))]


def _own(stem: str, text: str) -> list[Imported]:
    try:
        return [Imported(one.name, one.title, one.source, one.kind) for one in template_file.read(text, stem)]
    except template_file.TemplateFileProblem as problem:
        raise NotImported(" ".join(problem.sentences)) from None


READERS: dict[str, Callable[[str, str], list[Imported]]] = {
    ".mjml": _mjml,
    ".html": _html,
    ".htm": _html,
    ".yaml": _own,
    ".yml": _own,
    ".json": _own,
}


# ── helpers ───────────────────────────────────────────────────────────────────────────────────────────


def _found(files: Mapping[str, Callable[..., bytes]], base_url: str) -> Found:
    """``files`` read a file, or so many bytes of it."""
    found = Found()
    beside = Enclosed(
        base_url, {path: partial(_picture, read) for path, read in files.items() if _is(path, enclosed.KINDS)}
    )
    letters = {path: read for path, read in files.items() if _is(path, KINDS)}
    for number, (name, read) in enumerate(letters.items()):
        if number >= MOST_FILES:
            found.refused.append((name, f"Only {MOST_FILES} files are taken at a time."))
            break
        try:
            found.letters += read_file(name, read(), beside)
        except NotImported as problem:
            found.refused.append((name, str(problem)))
    found.pictures = beside.kept
    found.refused += beside.refused
    return found


def _picture(read: Callable[..., bytes], most: int) -> bytes:
    """One that cannot be read is told of by itself: the letter that shows it is taken all the same."""
    try:
        return read(most)
    except NotImported as problem:
        raise house.PictureProblem(str(problem)) from None


def _is(path: str, kinds: tuple[str, ...]) -> bool:
    return path.lower().endswith(kinds)


def _is_own(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    return not path.name.startswith(".") and "__MACOSX" not in path.parts and not entry.is_dir()


def _wrapped(letter: clean_html.Clean) -> str:
    """The letter inside MJML that leaves it alone."""
    ground = letter.body.attributes.get("bgcolor", "")
    style = "; ".join(part for part in (f"background-color: {ground}" if ground else "", _body_style(letter)) if part)
    head = f"  <mj-head>\n    <mj-style>\n{letter.text(letter.style)}\n    </mj-style>\n  </mj-head>\n"
    body = letter.html(clean_html.Element("div", {"style": style} if style else {}, letter.body.inside))
    head = head if letter.style else ""
    return f"<mjml>\n{head}  <mj-body>\n    <mj-raw>\n{body}\n    </mj-raw>\n  </mj-body>\n</mjml>\n"


def _body_style(letter: clean_html.Clean) -> str:
    return letter.body.attributes.get("style", "").strip("; ")


def _inner(tag: str, text: str) -> str:
    found = re.search(rf"<{tag}\b[^<>]*>([^<]*)</{tag}\s*>", text, re.I)
    return " ".join(unescape(found[1]).split())[:998] if found else ""


def _dropped(dropped: Mapping[str, int]) -> Iterator[str]:
    if dropped:
        named = (f"{what} ({count})" if count > 1 else what for what, count in sorted(dropped.items()))
        yield f"Left out: {'; '.join(named)}."


def _about(tags: merge_tags.Tags) -> Iterator[str]:
    if tags.turned:
        turned = ", ".join(f"{theirs} is {ours} now" for theirs, ours in [*tags.turned.items()][:8])
        more = f", and {len(tags.turned) - 8} more" if len(tags.turned) > 8 else ""
        yield f"Fields turned into ours: {turned}{more}."
    if tags.unknown:
        listed = ", ".join(tags.unknown[:8]) + (" …" if len(tags.unknown) > 8 else "")
        yield f"Fields that mean nothing here, left as they are; change them before it goes out: {listed}."


def _no_subject(title: str) -> Iterator[str]:
    if not title:
        yield "It had no subject, so its file name stands there; write a better one."


def _words(stem: str) -> str:
    return (re.sub(r"[\s_-]+", " ", stem).strip().capitalize() or "Letter")[: library.LONGEST_TITLE]


def _slug(stem: str) -> str:
    return free(stem.lower(), library.RESERVED, "letter")
