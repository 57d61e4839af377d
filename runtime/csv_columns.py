"""What the columns of a file of contacts are: recognised by their names and by what stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from .consent_words import target_of

RESERVED = ("email", "external_id", "phone")
NAMES = {  # what a column is called in English, Czech, Slovak and German, without accents and punctuation
    "email": "email emailaddress mail mailaddress emailova emailovaadresa emailadresa adresaemail elektronickaposta "
    "kontaktniemail epost emailadresse mailadresse",
    "external_id": "userid externalid customerid customernumber contactid memberid uid id cislozakaznika idzakaznika "
    "zakaznickecislo zakaznikid kundennummer kundennr kundenid benutzerid",
    "phone": "phone phonenumber mobile mobil mobilephone mobilenumber cell cellphone tel telephone telefon "
    "telefonnicislo telefonnecislo telefonecislo telefonnummer handy handynummer mobilnummer",
    "first_name": "firstname givenname forename jmeno krestnijmeno meno krstnemeno vorname",
    "last_name": "lastname surname familyname prijmeni priezvisko nachname familienname",
    "name": "name fullname celejmeno jmenoaprijmeni celemeno menoapriezvisko vollername",
    "city": "city town mesto obec stadt ort",
    "country": "country zeme stat krajina land",
    "postcode": "postcode zip zipcode postalcode psc plz postleitzahl",
    "street": "street ulice ulica strasse",
    "birthday": "birthday birthdate dateofbirth datumnarozeni narozeniny datumnarodenia geburtsdatum geburtstag",
    "gender": "gender sex pohlavi pohlavie geschlecht",
    "company": "company firma spolecnost spolocnost unternehmen",
    "language": "language jazyk sprache",
}
EVENT_RESERVED = ("email", "external_id", "anonymous_id", "event", "at", "message_id")
EVENT_NAMES = {  # the same, in a file of events
    "email": NAMES["email"],
    "external_id": NAMES["external_id"],
    "anonymous_id": "anonymousid deviceid cookieid visitorid anonymniid",
    "event": "event eventname eventtype action udalost nazovudalosti nazevudalosti akce akcia ereignis ereignisname",
    "at": "at time timestamp datetime date moment occurredat happenedat createdat eventtime eventat receivedat "
    "originaltimestamp cas datum datumacas zeit zeitpunkt zeitstempel",
    "message_id": "messageid eventid insertid",
}
TARGETS = {
    kind: {name: target for target, words in names.items() for name in words.split()}
    for kind, names in (("contacts", NAMES), ("events", EVENT_NAMES))
}
ALWAYS_TEXT = ("postcode", *RESERVED, *EVENT_RESERVED)

LOOKS_LIKE_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
COMMA_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:,[0-9]{1,15})?")
ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
DOT_DATE = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})")
YES = frozenset(("true", "yes", "ano", "áno", "ja"))
NO = frozenset(("false", "no", "ne", "nie", "nein"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the file, what it becomes ("" is left out), and what stands in it."""

    name: str
    target: str
    kind: str = "text"  # text, number, comma_number, yes_no, date
    samples: tuple[str, ...] = ()


def columns_of(rows: Sequence[Sequence[str]], kind: str = "contacts") -> tuple[list[Column], bool]:
    """The columns of a file of contacts or events, from its first rows, and whether the first row is a header."""
    first = [cell.strip() for cell in rows[0]]
    header = _is_header(first)
    body = rows[1:] if header else rows
    names = _unique([name or f"column {n}" for n, name in enumerate(first, 1)]) if header else []
    names = names or [f"column {n}" for n in range(1, len(first) + 1)]
    columns = []
    used: set[str] = set()
    values = [[row[n].strip() for row in body if n < len(row) and row[n].strip()] for n in range(len(names))]
    for n, name in enumerate(names):
        target = TARGETS[kind].get(_bare(name)) or (kind == "contacts" and _consent(name)) or _snake(name)
        if target in used:
            target = _snake(name) if _snake(name) not in used else f"{_snake(name)}_{n + 1}"
        used.add(target)
        columns.append(Column(name, target, "text", tuple(values[n][:5])))
    if "email" not in used and not (kind == "events" and "external_id" in used):
        columns = _find_email(columns, values)
    return [
        replace(column, kind="text" if column.target in ALWAYS_TEXT else kind_of(values[n]))
        for n, column in enumerate(columns)
    ], header


def kind_of(values: Sequence[str]) -> str:
    """What all the values of a column are."""
    if values:
        for kind, read in READERS.items():
            if all(read(value) is not None for value in values):
                return kind
    return "text"


def _number(text: str) -> int | float | None:
    if not NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def _comma_number(text: str) -> int | float | None:
    return _number(text.replace(",", ".")) if COMMA_NUMBER.fullmatch(text) else None


def _yes_no(text: str) -> bool | None:
    word = text.casefold()
    return True if word in YES else False if word in NO else None


def _date(text: str) -> str | None:
    iso, dotted = ISO_DATE.fullmatch(text), DOT_DATE.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3])).isoformat()
        if dotted:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1])).isoformat()
    except ValueError:
        pass
    return None


READERS: dict[str, Callable[[str], object | None]] = {
    "number": _number,
    "comma_number": _comma_number,
    "yes_no": _yes_no,
    "date": _date,
}


def _is_header(cells: Sequence[str]) -> bool:
    """Names are no addresses, numbers or dates."""
    if any(
        "@" in cell or _comma_number(cell) is not None or _number(cell) is not None or _date(cell) for cell in cells
    ):
        return False
    return any(cells)


def _find_email(columns: list[Column], values: Sequence[Sequence[str]]) -> list[Column]:
    for n, column in enumerate(columns):
        found = sum(bool(LOOKS_LIKE_EMAIL.fullmatch(value)) for value in values[n])
        if values[n] and found >= len(values[n]) * 0.8:
            return [*columns[:n], replace(column, target="email"), *columns[n + 1 :]]
    return columns


def _unique(names: list[str]) -> list[str]:
    seen: set[str] = set()
    answer = []
    for name in names:
        number, candidate = 2, name
        while candidate in seen:
            candidate, number = f"{name} {number}", number + 1
        seen.add(candidate)
        answer.append(candidate)
    return answer


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", _plain(name))


def _consent(name: str) -> str:
    """``consent.email.newsletter`` for a column headed so, or "Consent email newsletter"; "" for any other."""
    parts = [part for part in re.split(r"[\W_]+", _plain(name)) if part]
    target = ".".join([*parts[:2], "_".join(parts[2:])])
    return target if target_of(target) else ""


def _snake(name: str) -> str:
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.sub(r"[\W_]+", "_", _plain(words)).strip("_")[:200] or "column"
