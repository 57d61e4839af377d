"""The contracts that ship with Sojourn, those of this instance, and contracts as a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from ...storage import contracts
from ...storage.columns import from_ms
from ...storage.contracts import Contract
from ...storage.database import Tx
from . import schema
from .learning import effective

FOLDER = Path(__file__).parent.parent.parent / "assets" / "contracts"
MODES = {
    "learn": "Learn: nothing is judged, the schema is learnt from what arrives",
    "warn": "Warn: what breaks it is kept, counted and listed",
    "strict": "Strict: what breaks it is refused alone, with a sentence",
}
MOST = 2_000  # contracts in a file


class BadContracts(Exception):
    """This is no file of contracts; the message says what is wrong with it."""


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """The schemas of the standard names."""
    return {file.stem: orjson.loads(file.read_bytes()) for file in sorted(FOLDER.glob("*.json"))}


def everyone(tx: Tx, now_ms: int) -> list[Contract]:
    """Every event's contract: those kept, and the shipped ones nobody has touched, by name."""
    kept = {contract.name: contract for contract in contracts.everyone(tx)}
    for name, form in shipped().items():
        if name not in kept:
            kept[name] = _of(name, form, now_ms)
        elif not kept[name].form and kept[name].origin == "learnt":
            _dress(kept[name], form)
    return [kept[name] for name in sorted(kept)]


def named(tx: Tx, name: str, now_ms: int) -> Contract | None:
    """One event's contract."""
    contract = contracts.named(tx, name)
    form = shipped().get(name)
    if contract is None:
        return None if form is None else _of(name, form, now_ms)
    if form is not None and not contract.form and contract.origin == "learnt":
        _dress(contract, form)
    return contract


def properties(tx: Tx, event: str) -> dict[str, str]:
    """What an event's contract names, each with its description."""
    named_here = contracts.named(tx, event)
    form = (named_here.form if named_here else None) or shipped().get(event) or {}
    told = (form.get("properties") or {}).items()
    return {name: str(about.get("description", "")) if isinstance(about, dict) else "" for name, about in told}


def known_names(tx: Tx) -> list[str]:
    """Every event a contract speaks of."""
    return sorted({*contracts.names(tx), *shipped()})


def change(
    tx: Tx, name: str, form: dict[str, Any], mode: str, actor: str, now_ms: int, title: str = "", words: str = ""
) -> Contract:
    """Write an event's schema and mode. Raises `BadSchema`, `BadContracts`."""
    name = name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise BadContracts("An event needs a name of at most 200 characters.")
    if mode not in MODES:
        raise BadContracts(f"There is no mode {mode!r}: it is {', '.join(MODES)}.")
    schema.check(form)
    contract = contracts.named(tx, name) or Contract(name=name, created_at=from_ms(now_ms), changed_at=from_ms(now_ms))
    contract.form, contract.mode, contract.origin = form, mode, "edited"
    contract.title, contract.description = title[:200], words[:2_000]
    contract.changed_at, contract.changed_by = from_ms(now_ms), actor
    contracts.keep(tx, contract)
    return contract


def freeze(contract: Contract) -> dict[str, Any]:
    """The schema as it would be enforced from now on."""
    return effective(contract.form, contract.learnt)


def written(found: Sequence[Contract]) -> bytes:
    """Contracts as a file."""
    document = {
        "contracts": [
            {
                "event": one.name,
                "title": one.title,
                "description": one.description,
                "mode": one.mode,
                "schema": freeze(one),
            }
            for one in found
        ]
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def bring_in(tx: Tx, text: bytes, actor: str, now_ms: int) -> int:
    """Take contracts from a file; returns how many. Raises `BadContracts`, `BadSchema`; then nothing was changed."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadContracts(f"This is not JSON: {error}.") from None
    listed = document.get("contracts") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST:
        raise BadContracts(f'The file needs {{"contracts": [...]}}, with at most {MOST} of them.')
    for each in listed:
        if not isinstance(each, dict) or not isinstance(each.get("event"), str):
            raise BadContracts("Each contract needs the name of its event in “event”, and its “schema”.")
        try:
            words = [str(each.get(key) or "") for key in ("title", "description")]
            change(tx, each["event"], each.get("schema") or {}, str(each.get("mode", "warn")), actor, now_ms, *words)
        except schema.BadSchema as problem:
            raise BadContracts(f"The contract of {each['event'][:80]}: {problem}") from None
    return len(listed)


def _of(name: str, form: dict[str, Any], now_ms: int) -> Contract:
    contract = Contract(name=name, created_at=from_ms(now_ms), changed_at=from_ms(now_ms))
    _dress(contract, form)
    return contract


def _dress(contract: Contract, form: dict[str, Any]) -> None:
    contract.form, contract.origin = form, "shipped"
    contract.title, contract.description = form["title"], form["description"]
