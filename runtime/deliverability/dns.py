"""Looks at what DNS says of the sender: answers, signatures, rules, names, each with what to do."""

from __future__ import annotations

import hashlib
import hmac
import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from ...storage import accounts, dkim_keys
from ...storage.database import Tx
from ...storage.dkim_keys import ON, DkimKey
from ..accounts import AccountProblem, open_account
from ..channels.smtp import Server, SmtpUrlProblem
from ..exchange.outgoing import OutgoingProblem, get, post
from ..settings import load as load_settings
from . import dmarc, hosts, spf, transport
from .finding import Finding, tags_of, unknown
from .keys import domain_of, record_of
from .lookup import Lookup

DKIM, DKIM_TITLE = "dkim", "The signature's key (DKIM)"
PROOF = "/.well-known/sojourn"  # where an instance shows that it is itself
LOGO_BYTES = 256 * 1024
OURS = ("127.0.0.1", "::1", "localhost")


def look(parts: Any, ask: Lookup | None = None, helo: str = "") -> list[Finding]:
    """Everything at once; it takes seconds, so never on an event loop."""
    ask = ask or Lookup()

    def known(tx: Tx) -> tuple[str, str, str, list[DkimKey], list[accounts.Account]]:
        settings = load_settings(tx)
        domain = domain_of(settings.sender_address or "")
        keys = dkim_keys.everyone(tx, domain) if domain else []
        return domain, settings.base_url, settings.tracking_url, keys, accounts.everyone(tx, ["email"])

    domain, base_url, tracking_url, keys, others = parts.db.look(known)
    if not domain:
        said = "Letters have no sender yet, so there is no domain to look at."
        return [Finding("sender", "Sender", "missing", said, "Set the sender's address under Settings.")]
    base_url = tracking_url or str(dict(parts.config).get("base_url") or "") or base_url
    host, why, sends = _sending(str(dict(parts.config).get("smtp_url") or ""), helo)
    ruled, policy = dmarc.look(ask, domain)
    return [
        *(dkim(ask, key) for key in keys),
        *([] if keys else [_no_key(domain)]),
        spf.look(ask, domain, sends),
        ruled,
        dmarc.aligned(domain, keys, policy),
        hosts.answers(ask, domain, host),
        hosts.tracking(ask, urlsplit(base_url).hostname or "", domain, lambda word: _proves(parts, base_url, word)),
        *hosts.sending(ask, host, why),
        *(transport.returning(ask, path, domain, sends) for path in _return_paths(parts, others)),
        dmarc.bimi(ask, domain, policy, lambda url: _drawn(parts, url)),
        *transport.encrypted(ask, domain),
    ]


def dkim(ask: Lookup, key: DkimKey) -> Finding:
    """Whether DNS has the public half of a key."""
    record, title = record_of(key), f"{DKIM_TITLE}: {key.selector}"
    found = ask.texts(record.name)
    if not found.known:
        return unknown(DKIM, title)
    signs = "Letters are signed with it, so every one fails." if key.status == ON else "It signs nothing yet."
    if not found:
        return Finding(DKIM, title, "missing", f"The key is not in DNS. {signs}", "Publish this record.", (record,))
    theirs, ours = [tags_of(one) for one in found.values], tags_of(key.record)
    if len(theirs) > 1:
        said = f"{len(theirs)} records stand under {record.name}; receivers may take either."
        return Finding(DKIM, title, "wrong", said, "Keep this one alone.", (record,))
    if not theirs[0].get("p"):
        said = f"DNS says that this key was taken back (its “p=” is empty). {signs}"
        return Finding(DKIM, title, "wrong", said, "Publish this record.", (record,))
    if "".join(theirs[0]["p"].split()) != ours["p"] or theirs[0].get("k", "rsa").lower() != ours["k"]:
        said = f"Another key stands in DNS under {record.name}, or this one was cut short. {signs}"
        return Finding(DKIM, title, "wrong", said, "Replace the record by this one, all of it.", (record,))
    if "y" in theirs[0].get("t", "").split(":"):
        said = "The record says “t=y”: the key is only being tried, and receivers may take its signatures for none."
        return Finding(DKIM, title, "wrong", said, "Publish the record without it.", (record,))
    fix = "" if key.status == ON else "Turn it on, so that letters are signed with it."
    return Finding(DKIM, title, "ok", "DNS has this key.", fix)


def in_dns(key: DkimKey) -> Finding:
    """Whether DNS has the public half of a key, asked anew."""
    return dkim(Lookup(), key)


def answer_to(secrets: Any, word: str) -> str:
    """What only this instance can answer to a word."""
    return hmac.new(secrets.derive("well-known"), word.encode(), hashlib.sha256).hexdigest()


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings there are of each state; what nobody needs is not missing."""
    found = {"ok": 0, "wrong": 0, "missing": 0, "unknown": 0}
    for one in findings:
        found[one.state] += not (one.optional and one.state == "missing")
    return found


def _no_key(domain: str) -> Finding:
    said = f"There is no key for {domain}, so letters are not signed. Gmail, Yahoo and Outlook refuse such bulk mail."
    return Finding(DKIM, DKIM_TITLE, "missing", said, "Make an RSA key, publish its record, and turn it on.")


def _sending(smtp_url: str, helo: str) -> tuple[str, str, str]:
    """The name of the server letters leave by; why it is not known; how SPF would name it."""
    if helo:
        return helo.rstrip(".").lower(), "", f"a:{helo.rstrip('.').lower()}"
    try:
        server = Server.parse(smtp_url) if smtp_url else None
    except SmtpUrlProblem:
        server = None
    if server is None:
        return "", "No mail server is set, so its name is not known.", "mx"
    if server.user or server.port in (465, 587):
        said = f"Letters are handed to {server.host}; by which servers they leave there is not known here."
        return "", said, "mx"
    host = socket.getfqdn() if server.host in OURS else server.host
    if "." not in host or host.startswith("localhost"):
        return "", "The mail server of this machine gives a name that is not known here.", "mx"
    return host.lower(), "", f"a:{host.lower()}"


def _return_paths(parts: Any, others: Sequence[accounts.Account]) -> list[str]:
    """The domains letters come back to, where they have a return path of their own."""
    found = []
    try:
        url = str(dict(parts.config).get("smtp_url") or "")
        found = [Server.parse(url).return_path] if url else []
    except SmtpUrlProblem:
        pass
    for account in others:
        if account.status == "on":
            try:
                server = getattr(open_account(parts, account), "server", None)
            except AccountProblem:
                continue
            found.append(getattr(server, "return_path", ""))
    return sorted({path.rpartition("@")[2] for path in found if path})


def _drawn(parts: Any, url: str) -> str | None:
    try:
        status, drawn = get(url, LOGO_BYTES, dict(parts.config).get("private_hosts") or ())
    except OutgoingProblem:
        return None
    return drawn.decode("utf-8", "replace") if status == 200 else None


def _proves(parts: Any, base_url: str, word: str) -> bool | None:
    allowed = dict(parts.config).get("private_hosts") or ()
    try:
        said = post(base_url.rstrip("/") + PROOF, word.encode(), {"content-type": "text/plain"}, allowed)
    except OutgoingProblem:
        return None
    return said.status == 200 and hmac.compare_digest(
        said.text.strip().encode(), answer_to(parts.secrets, word).encode()
    )
