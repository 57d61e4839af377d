"""What a mail server's refusal means, in our words: the one table of codes (RFC 3463) and of phrases."""

from __future__ import annotations

import re

GONE, NO_DOMAIN, FULL, SPAM, BLOCKED, POLICY = "gone", "no_domain", "full", "spam", "blocked", "policy"
TOO_LARGE, RELAYING, BUSY, LOOP, UNKNOWN = "too_large", "relaying", "busy", "loop", "unknown"

SAID = {
    GONE: "There is no such mailbox, or it was closed.",
    NO_DOMAIN: "The domain of the address takes no mail or does not exist.",
    FULL: "The mailbox is full.",
    SPAM: "The letter was taken for spam.",
    BLOCKED: "The server we send from is on a block list, or has a poor name there.",
    POLICY: "A rule of the receiving side refused the letter.",
    TOO_LARGE: "The letter is too large for the mailbox.",
    RELAYING: "The server asked does not take mail for that address.",
    BUSY: "The receiving server could not be reached, or had no time.",
    LOOP: "The letter went round in circles between servers.",
    UNKNOWN: "The reason is not clear.",
}
HARD = frozenset({GONE, NO_DOMAIN})  # these say that the address itself is no good

ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
CODE = re.compile(r"(?<![\d.\w/:-])([245][0-5]\d)(?=[ \-:;,.)\]]|$)(?!\.\d)")

# RFC 3463 and what is registered beyond it, by subject and detail. Text may know better: see `word_of`.
BY_CODE = {
    "1.0": GONE, "1.1": GONE, "1.2": NO_DOMAIN, "1.3": GONE, "1.6": GONE, "1.10": NO_DOMAIN, "0.1": GONE,
    "2.1": GONE, "2.2": FULL, "2.3": TOO_LARGE, "3.4": TOO_LARGE, "3.2": BUSY, "3.1": BUSY,
    "4.0": BUSY, "4.1": BUSY, "4.2": BUSY, "4.3": BUSY, "4.4": NO_DOMAIN, "4.5": BUSY, "4.6": LOOP, "4.7": BUSY,
    "4.14": LOOP, "7.0": POLICY, "7.1": POLICY, "7.23": POLICY, "7.24": POLICY, "7.25": BLOCKED, "7.26": POLICY,
    "7.27": POLICY, "1.8": POLICY, "1.7": POLICY,
}  # fmt: skip
NAMED_GONE = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "0.1", "2.1"})

_PHRASES = {
    FULL: r"over ?quota|quota (?:is )?(?:exceeded|full|reached|violation)|exceed\w* (?:\w+ ){0,4}quota|"
    r"out of (?:disk )?storage|"
    r"(?:mailbox|inbox|mail box|account|maildir|mail folder|postfach|schr[aá]nka) \S{0,60} ?(?:is |ist |je )?"
    r"(?:currently )?(?:over ?full|full|voll|pln[aá]|too full|over(?:\b| its| the| quota| limit| storage))|"
    r"(?:insufficient|not enough|out of) (?:\w+ )?(?:disk |system )?(?:storage|space)|mailbox size limit|"
    r"disk (?:quota|full|space)|quota|size limit of (?:the )?mailbox|storage (?:limit|quota)|overquota|"
    r"(?:mailbox|inbox|account) (?:is )?(?:full|over)|mailfolder is over|mailbox_?full|boîte pleine|casella piena|"
    r"too many messages (?:in|on|for) (?:the |this )?(?:mailbox|user|recipient)",
    TOO_LARGE: r"too (?:large|big|long)|exceed\w* (?:\w+ ){0,5}(?:size|maximum|limit of \d)|message size (?:exceed|"
    r"limit)|"
    r"size limit|maximum (?:message )?size|larger than (?:the )?(?:current|maximum)|max message size|"
    r"message length exceed",
    SPAM: r"spam(?!haus|cop)\w*|unsolicited|\bube\b|\buce\b|junk|bulk mail|surbl|uribl|bayes|"
    r"looks like (?:a )?virus|\bvirus|"
    r"malware|"
    r"suspicious|phish\w*|offensive content|objectionable|content (?:rejected|filter|denied|not accepted|restriction)|"
    r"message (?:content )?(?:was )?(?:rejected|blocked|denied) (?:due to|because of|by|as) |blacklisted (?:url|link)|"
    r"bogus header|forbidden (?:attachment|content)|banned (?:attachment|content)|filter(?:ed|s|ing)? out",
    BLOCKED: r"block(?:ed|ing|list| list|lst)|black ?list\w*|rbl\b|dnsbl|spamhaus|spamcop|sorbs|reputation|barracuda|"
    r"deny ?list|(?:bad|poor) (?:sender|ip)|client host rejected|your (?:ip|host|server|mail server|network)\b|"
    r"ip address|reverse dns|\brdns\b|\bptr\b|no reverse|too many (?:connections|bad|invalid|unknown)|"
    r"(?<!relay )access denied|connection (?:rejected|refused by)|helo (?:command )?rejected|banned sending|"
    r"dynamic (?:ip|"
    r"address|pool)|"
    r"temporarily deferred|deferred due to|rate ?limit\w*|throttl\w+|cannot find your hostname|does ?n[o']t resolve|"
    r"client host \S{1,80} rejected|not allowed to connect",
    POLICY: r"polic(?:y|ies)|dmarc|\bspf\b|dkim|authenticat\w+|unauthenticated|not authori[sz]ed|not (?:permitted|"
    r"allowed)|"
    r"prohibited|restrict\w+|permission|sender (?:address )?(?:rejected|verify|denied|not)|private list|"
    r"(?:only|not) (?:accept\w*|allowed) (?:\w+ ){0,4}(?:from|senders|members)|refused by (?:local|recipient)|"
    r"administrative prohibition|refuses? (?:to accept )?(?:mail|your)|not accepting (?:mail|messages) from|"
    r"administratively denied|security|tls (?:is )?required|must (?:issue|be) (?:a )?(?:starttls|authenticated)|"
    r"rejected (?:due to|by|for|because)|transaction failed due to",
    RELAYING: r"relay\w*|not (?:in my list of|a) (?:allowed )?rcpthosts|rcpthosts|not (?:a )?local(?:ly)? (?:domain|"
    r"host)?|"
    r"not our customer|we do not (?:relay|accept mail for)|gateway\b.{0,20}not permitted",
    NO_DOMAIN: r"(?:host|domain|site|server|system|machine) (?:name )?(?:is )?(?:unknown|not (?:be )?found|"
    r"not known|invalid|"
    r"does ?n[o']t exist|lookup failed)|unknown (?:mail )?(?:host|domain|site|system)|no such (?:host|domain|site)|"
    r"nxdomain|"
    r"(?:name|domain) (?:or )?service not known|name or service not known|unrouteable (?:mail )?domain|"
    r"unrouteable address|"
    r"couldn'?t find any host|no (?:mx|mail exchanger|route to host name)|(?:bad|illegal|invalid) (?:host|domain)\b|"
    r"host or domain name not found|no (?:valid )?(?:mx|a) record|no mail ?(?:server|host)s? |null mx|"
    r"domain \S{1,80} (?:is not|not|does ?n[o']t|has no)|domain has no|no hosts? (?:found|listed)|"
    r"host \S{1,80} not found|"
    r"unable to resolve|dns (?:error|lookup)|not resolve|no such domain",
    GONE: r"(?:user|recipient|mailbox|address|account|name|destination|local ?part|addressee|rcpt|person|alias|"
    r"username|"
    r"mail ?box|userid|e-?mail(?: address| account)?|empf[aä]nger|p[rř][ií]jemce|adres[aá]t?|odbiorca)\W{1,3}"
    r"(?:\S{1,100} )?(?:\([^)\n]{0,80}\) ?)?(?:is |was |has been |are |ist |je |hat )?(?:\w+ )?(?:currently )?"
    r"(?:unknown|not (?:be )?(?:found|known|listed|exist\w*|valid|active|available|here|registered|a known|a valid|on)|"
    r"un?available|invalid|in ?active|disabled|de-?activated|suspended|deleted|removed|closed|expired|terminated|"
    r"discontinued|unbekannt|neexistuje|nie istnieje|nezn[aá]m[yý]|no longer|moved|cancel+ed|locked|illegal|"
    r"unrouteable|undeliverable|ambiguous|does ?n[o']t|do(?:es)? not (?:exist|have)|did not match|bad)|"
    r"unknown (?:or illegal |or invalid |local |e-?mail |virtual |or )?(?:user|recipient|mailbox|address|account|alias|"
    r"local-?part|local part|addressee|username)|user[_ ]?unknown|unknown[_ ]?user|"
    r"no such (?:user|recipient|mailbox|person|address|account|e-?mail|local|alias|name|mail|addressee|login|id)|"
    r"do(?:es)? ?n[o']t exist|does not exist|doesn t exist|not exist|"
    r"(?:invalid|bad|illegal|incorrect|wrong|nonexistent|non-existent|inactive|disabled|deactivated|expired|"
    r"undeliverable|"
    r"unrouteable|deleted|closed|obsolete)[_ -](?:recipient|mailbox|address|user|account|e-?mail|username|"
    r"destination|local|"
    r"rcpt)|"
    r"no (?:such )?(?:mail ?box|mail box|user|account|recipient)\b|no mailbox|not a (?:valid|known|active|current|"
    r"local) |"
    r"not (?:a )?(?:valid|known|listed|active|an active) (?:user|mailbox|recipient|address|in|at|account)|"
    r"no longer (?:on|at|with|works?|valid|active|in|available|employed|accept\w*|exist\w*|use\w*)|has (?:left|moved)|"
    r"not (?:listed|found) in (?:the |domino |our |public )|not listed in|bad ?rcpt ?to|badrcptto|bad destination|"
    r"recipnotfound|recipientnotfound|user doesn|"
    r"(?:isn'?t|is not|not) (?:\w+ ){0,3}(?:known|valid|active|existing|registered|recogni[sz]ed|a subscriber)\b|"
    r"unable to (?:find|locate) (?:\w+ ){0,3}(?:user|recipient|mailbox)|couldn'?t find (?:\w+ ){0,4}(?:user|mailbox|"
    r"recipient)|"
    r"recipient (?:address )?rejected|addresses? (?:were|was|are) unknown|can'?t create output|nobody by that name|"
    r"here by that name|unbekannter|adresse (?:inconnue|n'existe)|inconnu|utente sconosciuto|usuario desconocido|"
    r"n'existe pas|invalid final delivery userid",
    LOOP: r"mail ?loop|message looping|too many hops|hop ?count|loop(?:s|ing)? (?:back|detected|between)|loop detected|"
    r"forwarding loop|routing loop",
    BUSY: r"time[dn]?[ -]?out|try (?:again|later)|temporar\w+|gr[ae]y-?list\w*|connection (?:refused|reset|dropped|"
    r"closed|lost)|"
    r"unreachable|not respond\w*|network error|retry time|retry timeout|too busy|resources|server (?:down|busy)|"
    r"(?:local|internal|system|server) (?:\w+ )?error|i/o error|delayed|not delivered (?:yet|after)|maximum time|"
    r"expired|"
    r"no answer|lost connection|conversation with|service (?:not |un)available|deferred",
}  # fmt: skip
PHRASES = {word: re.compile(pattern, re.I) for word, pattern in _PHRASES.items()}
# Said so plainly that nothing beside it changes the meaning.
PLAINLY_GONE = re.compile(
    r"user unknown|unknown (?:user|recipient|local part|mailbox)|no such (?:user|mailbox|person|recipient|address|"
    r"account)|"
    r"user[_ ]?(?:not[_ ]?found|doesn'?t)|recipnotfound|(?:user|mailbox|account|recipient|address)\W+(?:\S{1,100} )?"
    r"(?:does ?n[o']t|does not|do not) exist|no mail ?box|non-?existent user|mailbox (?:not found|unavailable)|"
    r"not a known user|"
    r"(?:invalid|unknown)[_ ](?:recipient|mailbox)|bad ?rcpt ?to|unrouteable address|"
    r"recipient address rejected: access denied",
    re.I,
)
PLAINLY_FULL = re.compile(
    r"over ?quota|quota (?:is )?exceeded|exceed\w* (?:\w+ ){0,4}quota|(?:mailbox|inbox|account|"
    r"maildir)\W{1,3}(?:\S{1,80} )?"
    r"(?:is )?(?:currently )?(?:full|over ?full)|mailbox_?full|insufficient (?:storage|space)|disk quota|"
    r"full mailbox|enough space",
    re.I,
)
# It is the sender they do not like: whatever else is said to be unknown or not found is ours, not the recipient's.
SENDER = re.compile(
    r"sender address|domain of sender|(?:invalid|unknown) sender|sender (?:rejected|verif)|"
    r"rejected (?:due to|by|for|because of) (?:\w+ ){0,3}(?:polic|spam|spf|dmarc|content)",
    re.I,
)
OF_SENDER = re.compile(
    r"sender (?:address |domain |verif\w* )?(?:rejected|verif\w*|denied|invalid|unknown|not|does|is)|invalid sender|"
    r"unknown sender|(?:your|sending|sender'?s?) (?:domain|e-?mail address|ip|host|mail server)|helo |ehlo |"
    r"client host|"
    r"(?:mail )?from (?:address|domain)|return.?path|domain of sender|reverse dns|\bptr\b|cannot find your",
    re.I,
)
LONGEST = 2_500  # characters of an answer that are looked at
SPACES = re.compile(r"\s+")
ADDRESSES = re.compile(r"https?://\S+")
# Where no phrase is surer than the others, the first of these that stands in the text.
ORDER = (FULL, LOOP, TOO_LARGE, SPAM, BLOCKED, RELAYING, NO_DOMAIN, GONE, POLICY, BUSY)


def word_of(enhanced: str, text: str) -> str:
    """Our word for an answer; ``enhanced`` is its status (``5.1.1``) or empty, ``text`` what was said."""
    text = SPACES.sub(" ", ADDRESSES.sub(" ", text[:LONGEST]))
    detail = enhanced.partition(".")[2]
    known = BY_CODE.get(detail, "")
    if known == FULL or PLAINLY_FULL.search(text):
        return FULL
    vague = detail not in NAMED_GONE or detail in ("1.0", "0.1")
    if vague and (SENDER.search(text) or (OF_SENDER.search(text) and not PLAINLY_GONE.search(text))):
        return _first(text, (SPAM, BLOCKED)) or POLICY
    if detail in NAMED_GONE:
        other = _first(text, (FULL, TOO_LARGE, SPAM, BLOCKED)) if not PLAINLY_GONE.search(text) else ""
        if other:
            return other
        return NO_DOMAIN if known == GONE and detail == "1.0" and _only_domain(text) else known
    if PLAINLY_GONE.search(text) and not enhanced.startswith("4."):
        return GONE
    if known in (TOO_LARGE, LOOP):
        return known
    said = _first(text, ORDER)
    if known == POLICY:
        return said if said in (SPAM, BLOCKED, RELAYING, TOO_LARGE) else POLICY
    if known == NO_DOMAIN:
        return said if said in (FULL, SPAM, BLOCKED, RELAYING, LOOP) else NO_DOMAIN
    return said or known or UNKNOWN


def is_hard(word: str, enhanced: str = "", code: int = 0) -> bool:
    """Whether it says for good that the address is no address: never of what may pass, a filter or a full mailbox."""
    lasting = enhanced[:1] != "4" and (bool(enhanced) or not 400 <= code < 500)
    return word in HARD and lasting


def enhanced_in(text: str) -> str:
    """The first enhanced status in a text; one that says something before one that says nothing."""
    found = ENHANCED.findall(text[:LONGEST])
    return next((one for one in found if not one.endswith(".0.0")), found[0] if found else "")


def code_in(text: str) -> int:
    """The first three-digit answer in a text; 0 where there is none."""
    found = CODE.search(text[:LONGEST])
    return int(found[1]) if found else 0


def _first(text: str, order: tuple[str, ...]) -> str:
    return next((word for word in order if PHRASES[word].search(text)), "")


def _only_domain(text: str) -> bool:
    return bool(PHRASES[NO_DOMAIN].search(text)) and not PHRASES[GONE].search(text)
