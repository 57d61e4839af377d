"""The way letters travel: where they come back to (return path), and encryption on the way in (MTA-STS, TLS-RPT)."""

from __future__ import annotations

from . import spf
from .finding import Finding, tags_of, unknown
from .keys import Record
from .lookup import Lookup

RETURN, RETURN_TITLE = "return_path", "Where letters come back to (return path)"
STS, STS_TITLE = "mta_sts", "Encrypted mail to you (MTA-STS)"
RPT, RPT_TITLE = "tls_rpt", "Reports of failed encryption (TLS-RPT)"


def returning(ask: Lookup, path: str, domain: str, sends: str) -> Finding:
    """Whether the domain in the return path takes what comes back, and lets our server send for it: receivers look at
    its SPF, not at the sender's."""
    where = path.rpartition("@")[2]
    mail = ask.ask(where, "MX")
    if not mail.known:
        return unknown(RETURN, RETURN_TITLE)
    if not any(mail.values) and not ask.addresses(where):
        said = f"Letters that come back go to {where}, which takes no mail: bounces get lost."
        suggested = Record(where, "MX", "10 your-bounce-mailbox.example.")
        return Finding(
            RETURN, RETURN_TITLE, "missing", said, "Publish the server of your bounce mailbox.", (suggested,)
        )
    found = spf.look(ask, where, sends)
    if found.state != "ok":
        said = f"The return path is {where}. {found.sentence}"
        return Finding(RETURN, RETURN_TITLE, found.state, said, found.fix, found.records)
    said = f"Letters come back to {where}, which takes mail and names its servers."
    if not (where == domain or where.endswith("." + domain) or domain.endswith("." + where)):
        said += f" It is no name under {domain}, so SPF says nothing for the sender: the signature has to."
    return Finding(RETURN, RETURN_TITLE, "ok", said)


def encrypted(ask: Lookup, domain: str) -> list[Finding]:
    """Two hints; nobody needs them to send."""
    return [_sts(ask, domain), _rpt(ask, domain)]


def _sts(ask: Lookup, domain: str) -> Finding:
    name = f"_mta-sts.{domain}"
    found = ask.texts(name)
    if not found.known:
        return unknown(STS, STS_TITLE)
    records = [one for one in found.values if tags_of(one).get("v") == "STSv1"]
    suggested = Record(name, "TXT", "v=STSv1; id=20260101000000")
    if not records:
        said = "Nothing tells others to encrypt mail to you, so it may be read on the way."
        fix = f"Put a policy at https://mta-sts.{domain}/.well-known/mta-sts.txt, then publish this record."
        return Finding(STS, STS_TITLE, "missing", said, fix, (suggested,), optional=True)
    if len(records) > 1 or not tags_of(records[0]).get("id", "").isalnum():
        said = "There has to be one record with an “id=” of letters and digits."
        return Finding(STS, STS_TITLE, "wrong", said, "Publish it like this.", (suggested,), optional=True)
    host = ask.addresses(f"mta-sts.{domain}")
    if host.known and not host:
        said = f"The record is there, but mta-sts.{domain} leads nowhere: its policy cannot be read."
        fix = "Give that name an address and put the policy there."
        return Finding(STS, STS_TITLE, "wrong", said, fix, optional=True)
    return Finding(STS, STS_TITLE, "ok", "Others are told to encrypt mail to you.", optional=True)


def _rpt(ask: Lookup, domain: str) -> Finding:
    name = f"_smtp._tls.{domain}"
    found = ask.texts(name)
    if not found.known:
        return unknown(RPT, RPT_TITLE)
    records = [one for one in found.values if tags_of(one).get("v") == "TLSRPTv1"]
    suggested = Record(name, "TXT", f"v=TLSRPTv1; rua=mailto:tls@{domain}")
    if not records:
        said = "Nobody tells you when mail to you could not be encrypted."
        return Finding(RPT, RPT_TITLE, "missing", said, "Publish this record.", (suggested,), optional=True)
    if len(records) > 1 or not tags_of(records[0]).get("rua", "").startswith(("mailto:", "https://")):
        said = "There has to be one record with an address in “rua=”."
        return Finding(RPT, RPT_TITLE, "wrong", said, "Publish it like this.", (suggested,), optional=True)
    return Finding(RPT, RPT_TITLE, "ok", "Failed encryption is reported.", optional=True)
