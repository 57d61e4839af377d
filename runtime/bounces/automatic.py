"""Answers no person wrote (RFC 3834): absence notes, tickets, challenges. They say nothing against an address."""

from __future__ import annotations

import re

from .reading import Mail

HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Vacation", "X-Mail-Autoreply")
SUBJECT = re.compile(
    r"^(?:re: ?|aw: ?|antw: ?)?[\[(]?(?:auto(?:matic|mated|matisch\w*)?[ :_-]{0,3}(?:re(?:ply|sponse)|answer|"
    r"antwort|ack)|"
    r"autorepl|autorespon|auto: |automatick\w (?:odpov\w+)|automaattinen|autosvar|risposta automatica|"
    r"r[eé]ponse automatique|"
    r"respuesta autom|odpowied[zź] automat|out of (?:the )?(?:office|town)|vacation|away from|i am away|"
    r"on (?:holiday|leave)|"
    r"abwesen\w*|nep[rř][ií]tom\w*|ne[jn]sem v|dovolen|absence|absent|afwezig|urlaub|nieobecn\w*)|"
    r"out of (?:the )?office|is out of the|auto-?reply|autoresponse|auto-?response|automatic reply|"
    r"automatische antwort|"
    r"(?:thank you|thanks) for (?:your|contacting)|has been received|ticket (?:created|received)|"
    r"please confirm|confirm (?:your|that)|verify your (?:e-?mail|message)|action required.{0,40}deliver|"
    r"requires? (?:your )?(?:confirmation|verification)",
    re.I,
)
DAEMON = re.compile(
    r"m(?:ailer-?)?daemon|post-?master|mail delivery|delivery (?:sub)?system|mail system|mailsweeper|bounce", re.I
)
REFUSES = re.compile(r"reject|refus|undeliver|fail|quota|not deliver", re.I)
CHALLENGE = re.compile(r"not pre-?approved|requires? confirmation|to confirm this", re.I)
ASKS = re.compile(
    r"(?:click|follow|visit|reply|respond|use) .{0,80}(?:to (?:deliver|release|verify|confirm|complete|be added|"
    r"approve)|"
    r"confirm|verif)|one[- ]time (?:verification|confirmation)|spam (?:arrest|blocking) (?:to|service)|"
    r"approved? senders? list|"
    r"challenge[- ]response|white ?list|not pre-?approved|requires? confirmation",
    re.I,
)


def is_automatic(mail: Mail) -> bool:
    """Whether a machine answered for a person who was reached."""
    kind = mail.header("Auto-Submitted").lower()
    daemon = from_a_server(mail)
    if "multipart/report" in mail.types[:1] or mail.statuses:
        told_of = "disposition-notification" in mail.header("Content-Type").lower()
        return told_of and not REFUSES.search(mail.header("Subject"))
    if SUBJECT.search(mail.header("Subject")):
        return not (daemon and mail.header("X-Failed-Recipients"))
    if daemon:
        return False
    if any(mail.header(name) for name in HEADERS) or mail.header("Precedence").lower() in ("auto_reply", "auto-reply"):
        return True
    return kind.startswith(("auto-replied", "auto-notified"))


def from_a_server(mail: Mail) -> bool:
    """Whether a mail server speaks for itself."""
    sender = mail.header("From")
    return bool(DAEMON.search(sender)) or sender in ("", "<>")


def asks_for_proof(mail: Mail) -> bool:
    """Whether it wants a person to prove that they are one: a challenge, not a refusal."""
    return not from_a_server(mail) and bool(ASKS.search(mail.text[:6_000]))
