"""SPF: which servers may send for the domain (RFC 7208), with the questions a receiver would have to ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from .finding import Finding, unknown
from .keys import Record
from .lookup import Lookup

CHECK, TITLE = "spf", "Servers that may send (SPF)"
MOST = 10  # questions a receiver asks before it gives up
ASKING = {"include", "a", "mx", "ptr", "exists", "redirect"}
QUIET = {"all", "ip4", "ip6", "exp"}


@dataclass(slots=True)
class _Read:
    """What reading a record and all it includes came to."""

    lookups: int = 0
    trouble: str = ""
    known: bool = True
    seen: set[str] = field(default_factory=set)


def look(ask: Lookup, domain: str, sends: str) -> Finding:
    """``sends`` is how the record names the server letters leave by, such as ``a:mail.example.com``."""
    found = ask.texts(domain)
    if not found.known:
        return unknown(CHECK, TITLE)
    records = [text for text in found.values if _is_spf(text)]
    suggested = Record(domain, "TXT", f"v=spf1 {sends} ~all")
    if not records:
        return Finding(
            CHECK, TITLE, "missing", f"{domain} does not say which servers may send for it.",
            "Publish this record. If a provider sends for you, put the “include:” it names before “~all”.",
            (suggested,),
        )  # fmt: skip
    if len(records) > 1:
        return _wrong(
            f"{domain} has {len(records)} SPF records; receivers then believe none of them.",
            "Keep one record that names all servers, and delete the others.",
            Record(domain, "TXT", _merged(records)),
        )
    read = _Read()
    ending = _read(ask, domain, records[0], read)
    if read.trouble:
        return _wrong(read.trouble, "Correct this part of the record.")
    if read.lookups > MOST:
        return _wrong(
            f"Reading the record takes {read.lookups} questions to DNS; receivers give up after {MOST}.",
            "Take out “include:” parts that nobody sends by any more, or write their addresses as “ip4:”.",
        )
    if ending in ("-all", "~all"):
        if not read.known:
            return unknown(CHECK, TITLE, "The record is there, but a part that it includes could not be looked up.")
        plural = "" if read.lookups == 1 else "s"
        return Finding(CHECK, TITLE, "ok", f"One record, {read.lookups} question{plural} to read it, ends in {ending}.")
    if not ending and not read.known:
        return unknown(CHECK, TITLE, "The record is there, but the one it goes over to could not be looked up.")
    return _wrong(
        f"The record ends in {ending}, which lets anybody send for {domain}."
        if ending in ("+all", "?all")
        else "The record does not say what holds for all other servers.",
        "Let it end in “~all”, or in “-all” once all your servers are named.",
        Record(domain, "TXT", _ended(records[0])),
    )


def _read(ask: Lookup, domain: str, record: str, read: _Read) -> str:
    """Count what a record asks; answers how it ends."""
    read.seen.add(domain.lower())
    ending, redirect = "", ""
    for term in record.split()[1:]:
        sign, bare = (term[0], term[1:]) if term[0] in "+-~?" else ("+", term)
        name = bare.lower().partition(":")[0].partition("/")[0].partition("=")[0]
        value = bare[len(name) + 1 :]
        if name not in ASKING | QUIET and "=" not in bare:
            read.trouble = read.trouble or f"“{term}” in the record of {domain} means nothing in SPF."
        if name == "all":
            ending = ending or f"{sign}all"
        elif name == "redirect":
            redirect = value
        elif name in ASKING:
            read.lookups += 1
            if name == "include":
                _into(ask, value, read, term)
    if redirect and not ending:
        read.lookups += 1
        ending = _into(ask, redirect, read, f"redirect={redirect}")
    return ending


def _into(ask: Lookup, domain: str, read: _Read, term: str) -> str:
    """The record of a domain that another one names."""
    if domain.lower() in read.seen:
        read.trouble = read.trouble or f"“{term}” leads in a circle."
        return ""
    if "%" in domain or read.lookups > 3 * MOST:  # a macro differs from letter to letter
        return ""
    found = ask.texts(domain)
    if not found.known:
        read.known = False
        return ""
    records = [text for text in found.values if _is_spf(text)]
    if len(records) != 1:
        read.trouble = read.trouble or f"“{term}” leads to a domain with {len(records) or 'no'} SPF records."
        return ""
    ending = _read(ask, domain, records[0], read)
    read.seen.discard(domain.lower())  # two parts may include the same one
    return ending


def _is_spf(text: str) -> bool:
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def _merged(records: list[str]) -> str:
    terms = dict.fromkeys(term for one in records for term in one.split()[1:] if not term.lower().endswith("all"))
    return " ".join(["v=spf1", *terms, "~all"])


def _ended(record: str) -> str:
    return " ".join([*(term for term in record.split() if term.lower().lstrip("+-~?") != "all"), "~all"])


def _wrong(sentence: str, fix: str, *records: Record) -> Finding:
    return Finding(CHECK, TITLE, "wrong", sentence, fix, records)
