"""Who keeps a mailbox, by the domain of its address: what one of them thinks of us says nothing of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..safe_yaml import parse

FILE = Path(__file__).parent.parent.parent / "assets" / "providers" / "providers.yaml"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Provider:
    """One of those who keep most mailboxes. ``per_minute`` letters it takes in peace (0: nobody knows), over
    ``at_once`` connections."""

    code: str
    label: str
    domains: tuple[str, ...]
    per_minute: int
    at_once: int


@cache
def providers() -> Mapping[str, Provider]:
    """All of them by code, in the order they are shown; the last is everybody else."""
    document, _ = parse(FILE.read_text(encoding="utf-8"))
    found = [Provider(**{**one, "domains": tuple(one["domains"])}) for one in document]
    return {one.code: one for one in found}


def group_of(address: str) -> str:
    """The code of whoever keeps the mailboxes of an address or a domain."""
    return _by_domain().get(address.rpartition("@")[2].strip(" .").lower(), OTHER)


def label_of(code: str) -> str:
    """How it is called; of one that is known no longer, its code."""
    found = providers().get(code)
    return found.label if found else code


@cache
def _by_domain() -> Mapping[str, str]:
    return {domain: one.code for one in providers().values() for domain in one.domains}
