"""DMARC: what receivers do with letters that only look like yours; and BIMI, the logo that rests on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from ...storage.dkim_keys import ON, DkimKey
from .finding import Finding, tags_of, unknown
from .keys import Record
from .logo import problems as drawn_wrong
from .lookup import UNKNOWN, Answer, Lookup

CHECK, TITLE = "dmarc", "What happens to forged letters (DMARC)"
ALIGNED, ALIGNED_TITLE = "alignment", "Signature and sender agree"
BIMI, BIMI_TITLE = "bimi", "Your logo beside letters (BIMI)"
Fetch = Callable[[str], str | None]
POLICIES = ("none", "quarantine", "reject")


def nothing(url: str) -> str | None:
    """Gets no logo."""
    return None


def look(ask: Lookup, domain: str) -> tuple[Finding, str]:
    """The finding, and the policy in force: "" where there is none, "?" where it is not known."""
    where, found = _nearest(ask, domain)
    if not found.known:
        return unknown(CHECK, TITLE), "?"
    suggested = Record(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}")
    if not found:
        fix = "Publish this record, with an address where you read reports. Gmail and Yahoo want one of every sender."
        return Finding(CHECK, TITLE, "missing", f"{domain} has no DMARC record.", fix, (suggested,)), ""
    if len(found.values) > 1:
        said = f"{where} has {len(found.values)} DMARC records; receivers then believe none of them."
        return Finding(CHECK, TITLE, "wrong", said, "Delete all but one."), ""
    tags = tags_of(found.values[0])
    policy = tags.get("p", "").lower()
    if where != f"_dmarc.{domain}":
        policy = tags.get("sp", policy).lower()
    if policy not in POLICIES:
        said = "The record does not say what receivers shall do: “p=” has to be none, quarantine or reject."
        return Finding(CHECK, TITLE, "wrong", said, "Publish this record instead.", (suggested,)), ""
    return _told(ask, domain, where, found.values[0], tags, policy), policy


def _told(ask: Lookup, domain: str, where: str, record: str, tags: dict[str, str], policy: str) -> Finding:
    """Whether somebody hears the reports."""
    addresses = [one.strip().partition("!")[0] for one in tags.get("rua", "").split(",") if one.strip()]
    if not addresses:
        better = Record(where, "TXT", f"{record.rstrip('; ')}; rua=mailto:dmarc@{domain}")
        said = f"Forged letters are met with “{policy}”, but nobody is told of them: the record has no “rua=”."
        return Finding(CHECK, TITLE, "wrong", said, "Add an address where you read reports.", (better,))
    for one in addresses:
        kind, _, address = one.partition(":")
        other = address.rpartition("@")[2].lower()
        if kind.lower() != "mailto" or "@" not in address:
            said = f"“{one}” in “rua=” is no address: it has to look like mailto:dmarc@{domain}."
            return Finding(CHECK, TITLE, "wrong", said, "Correct it in the record.")
        if not _family(other, where.removeprefix("_dmarc.")):
            agrees = Record(f"{where.removeprefix('_dmarc.')}._report._dmarc.{other}", "TXT", "v=DMARC1")
            if (answer := ask.texts(agrees.name)).known and not answer:
                said = f"Reports should go to {other}, which has not agreed to take them."
                return Finding(CHECK, TITLE, "wrong", said, f"Have {other} publish this record.", (agrees,))
    fix = ""
    if policy == "none":
        fix = "Once the reports name no server of yours that fails, go on to “p=quarantine” and then “p=reject”."
    return Finding(CHECK, TITLE, "ok", f"Forged letters are met with “{policy}”; reports are sent.", fix)


def aligned(domain: str, keys: Sequence[DkimKey], policy: str) -> Finding:
    """Whether letters pass by a signature of the sender's own domain, which is what survives forwarding."""
    if any(key.status == ON for key in keys):
        said = f"Letters are signed by {domain} itself, so they pass under strict and relaxed rules."
        return Finding(ALIGNED, ALIGNED_TITLE, "ok", said)
    said = f"No key of {domain} is on: letters pass by the sending server alone, and fail when they are forwarded."
    if policy in ("quarantine", "reject"):
        said += f" Those that fail are met with “{policy}”."
    first = "Publish the record of its key" if keys else "Make a key, publish its record"
    return Finding(ALIGNED, ALIGNED_TITLE, "wrong", said, f"{first}, and turn it on.")


def bimi(ask: Lookup, domain: str, policy: str, fetch: Fetch = nothing) -> Finding:
    """The logo; nobody needs one. ``fetch`` gets it; None where it cannot be had now."""
    name = f"default._bimi.{domain}"
    found = ask.texts(name)
    if not found.known:
        return unknown(BIMI, BIMI_TITLE)
    suggested = Record(name, "TXT", f"v=BIMI1; l=https://{domain}/logo.svg; a=")
    if not found:
        said = "No logo is published. Letters arrive without it just as well."
        fix = "If you want one: a square SVG (Tiny PS), DMARC at “quarantine” or “reject”, then this record."
        return Finding(BIMI, BIMI_TITLE, "missing", said, fix, (suggested,), optional=True)
    tags = tags_of(found.values[0])
    logo = urlsplit(tags.get("l", ""))
    if tags.get("v") != "BIMI1" or logo.scheme != "https" or not logo.path.lower().endswith((".svg", ".svgz")):
        said = "The record names no logo: “l=” has to be the https:// address of an SVG."
        return Finding(BIMI, BIMI_TITLE, "wrong", said, "Publish it like this.", (suggested,), optional=True)
    if policy in ("", "none"):
        said = "The logo is published, but it is shown only where DMARC is at “quarantine” or “reject”."
        return Finding(BIMI, BIMI_TITLE, "wrong", said, "Raise the DMARC policy first.", optional=True)
    drawn = fetch(tags["l"])
    if drawn is not None and (ill := drawn_wrong(drawn)):
        said = f"The logo at {tags['l']} is not shown. {' '.join(ill)}"
        fix = "Have it exported as SVG Tiny PS, and put it there again."
        return Finding(BIMI, BIMI_TITLE, "wrong", said, fix, optional=True)
    note = "" if tags.get("a") else "Gmail and Apple show it only with a certificate of the mark in “a=”."
    return Finding(BIMI, BIMI_TITLE, "ok", f"The logo is at {tags['l']}.", note, optional=True)


def _nearest(ask: Lookup, domain: str) -> tuple[str, Answer]:
    """The record of the domain, or of the nearest one above it that has one."""
    labels = domain.split(".")
    for at in range(len(labels) - 1):
        name = "_dmarc." + ".".join(labels[at:])
        found = ask.texts(name)
        if not found.known:
            return name, UNKNOWN
        records = tuple(one for one in found.values if tags_of(one).get("v") == "DMARC1")
        if records:
            return name, Answer(records)
    return f"_dmarc.{domain}", Answer()


def _family(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)
