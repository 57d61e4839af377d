"""Bounces that say what happened only in words, as hundreds of servers do, each in its own."""

from __future__ import annotations

import re

from .automatic import from_a_server
from .fields import made
from .reading import ADDRESS, Mail, addresses, header
from .report import Report

A = ADDRESS.pattern
SUBJECT = re.compile(
    r"undeliver|returned (?:mail|to sender)|delivery (?:status|failure|has failed|report|problem|unsuccessful|error|"
    r"notif|"
    r"final|incomplete|attempt)|failure (?:notice|delivery)|mail (?:could not|delivery|system error|failure|error)|"
    r"non.?deliver|"
    r"not (?:be )?deliver|could not send|mail status report|nondeliverable|rejected|failed|failure|bounce|"
    r"unable to deliver|"
    r"undelivered|delayed|message not|errore di|unzustell|zustell|retourn|nedoru|nedostarcz|nie dor|not sent|"
    r"配送|エラー|不達|"
    r"warning|permanent|user unknown|unknown user|mailbox|message delivery|mail not|message status|blocked|disabled",
    re.I,
)
PLAINLY = re.compile(
    r"undeliver|returned mail|delivery (?:status notif|failure|has failed|report|error|problem|notif)|failure notice|"
    r"non.?deliver|could not (?:be )?deliver|mail delivery failed|unable to deliver|permanent delivery|"
    r"message not delivered|"
    r"mail system error|unzustellbar|nedoru[cč]|nedostarcz",
    re.I,
)
SPEAKS = re.compile(
    r"(?:could|can|was|were|has|have|is|be|been)(?:n'?t| ?not| unable to| failed to) (?:be )?(?:\w+ )?(?:deliver|"
    r"reach|sen[dt]|accept|"
    r"find|found|process|relay|complete)|undeliver|failed|failure|returned|reject|refus|bounc|unknown user|"
    r"user unknown|"
    r"no such|not a valid|does ?n[o']t exist|does not exist|permanent|unable to|not (?:been )?delivered|fatal error|"
    r"delivery (?:\w+ ){0,2}error|over ?quota|problems? (?:occurred|sending|delivering)|did not reach|denied|unbekannt|"
    r"nicht (?:zugestellt|erreicht)|nedoru|disabled|blocked|is full|discontinued|no longer",
    re.I,
)
LATER = re.compile(
    r"this is a warning message only|you do not need to resend|will (?:continue to (?:be )?(?:retr|try|attempt)|"
    r"keep trying|be retried|"
    r"retry)|has not (?:yet )?been delivered|delivery (?:has been |is )?delayed|warning: (?:could not send|message)|"
    r"delivery attempts will continue|not yet been delivered|still (?:being )?(?:tried|trying)|"
    r"temporary (?:non-?fatal|delivery) |no action is required on your part",
    re.I,
)
GIVEN_UP = re.compile(r"giv(?:en|ing) up|permanent(?:ly)? (?:error|fail)|could not be delivered for|"
r"will not be retried|"
                      r"has been (?:returned|rejected|removed)|retry time ?out exceeded", re.I)  # fmt: skip
PLACES = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        rf"^[ \t>*-]{{0,10}}(?:<|&lt;)?[\"']?{A}[\"']?>?[:;,.]?[ \t]*(?:\(expanded|\(reason|\(generated|$)",
        rf"^[ \t]{{0,20}}(?:rcpt to|recipients?|to|address(?:es)?|mailbox|user|invalid|failed|envelope-to|for|"
        rf"error-for|recipient address)"
        rf"[^\n@<]{{0,40}}[:=][ \t]*[\"'\[<(]{{0,2}}(?:smtp:|rfc822;)?{A}",
        rf"^[ \t]{{0,20}}[\"'<\[(]{{0,2}}(?:smtp:)?{A}[\"'>\])]{{0,2}}(?:[:;,]|[ \t]+(?:on|\(|-|–|host|delivery|"
        rf"unknown|was|is|has|user|"
        rf"the|failed|mailbox|no|\[|\d))",
        rf"(?:rcpt to:|generated from|originally addressed to)[ \t]{{0,3}}<?{A}",
        rf"(?:recipient|address|mailbox|user|rcpt|account|deliver(?:y|ed)?|reach(?:ed)?|sent|send|message|"
        rf"mail)\b[^\n@]{{0,60}}?"
        rf"[ \t:<\[(\"'`]{A}",
        rf"{A}[^\n@]{{0,80}}(?:unknown|does not exist|not found|over quota|rejected|failed|refused|undeliverable|"
        rf"timed out|"
        rf"no such|disabled|full|denied|invalid|unavailable|blocked)",
        rf"(?:no such|unknown|invalid|failed|undeliverable|not deliver)[^\n@]{{0,80}}[ \t:<\[(\"'`]{A}",
    )
)
TYPED = re.compile(r"(?:b=)?\bsmtp[=:]|mailto:|rfc822[=;]", re.I)
OURS = re.compile(r"^(?:post-?master|mailer-?daemon|mdaemon|abuse|admin(?:istrator)?|support|help(?:desk)?)@", re.I)
RETURN_PATH = re.compile(r"[+-]([a-z0-9._%-]{1,64})=([a-z0-9.-]{1,200})@")
MOST = 20  # recipients of one mail


def looks_returned(mail: Mail) -> bool:
    """Whether a machine tells of a letter that did not arrive: its sender and its words both have to say so."""
    daemon = from_a_server(mail) or mail.header("Return-Path") == "<>"
    if mail.head.get_content_type() == "multipart/report" or mail.header("X-Failed-Recipients"):
        return True
    titled = bool(SUBJECT.search(mail.header("Subject")))
    says = bool(SPEAKS.search(mail.text[:12_000])) or mail.returned is not None
    return (daemon and (titled or says)) or (
        bool(PLAINLY.search(mail.header("Subject")))
        and says
        and not mail.header("In-Reply-To")
        and not mail.header("References")
    )


def by_words(mail: Mail) -> list[Report]:
    """Whom the words name; if nobody, whom the letter that came back was for."""
    delayed = is_delayed(mail)
    named = addresses(mail.header("X-Failed-Recipients"))
    apart = set(addresses(" ".join(mail.header(name) for name in ("To", "Delivered-To", "From", "Reply-To", "Cc"))))
    apart |= set(addresses(" ".join(header(mail.returned, name) for name in ("From", "Return-Path", "Sender"))))
    sent_to = addresses(" ".join(header(mail.returned, name) for name in ("To", "X-Original-To", "Delivered-To")))
    apart -= set(named)
    text = TYPED.sub(" ", mail.text)
    for place in PLACES if not named else ():
        found = [one for said in place.findall(text) for one in addresses(said)]
        named = [one for one in dict.fromkeys(found) if one not in apart and not OURS.match(one)]
        if named:
            break
    named = named or _in_return_path(mail)
    if not named:
        named = [one for one in sent_to if one not in apart][:1] or sent_to[:1]
    if len(named) > 1 and sent_to and set(named) & set(sent_to):
        named = [one for one in named if one in sent_to] if len(sent_to) == 1 else named
    return [made(one, "", _about(mail.text, one), mail, delayed) for one in named[:MOST]]


def is_delayed(mail: Mail) -> bool:
    """Whether it is only a word that it takes longer."""
    return bool(LATER.search(mail.text[:8_000])) and not GIVEN_UP.search(mail.text[:8_000])


def _about(text: str, address: str) -> str:
    """What is said of one of several: the lines after it, until the next one is named."""
    at = text.lower().find(address)
    if at < 0:
        return text
    line = text.rfind("\n", 0, at) + 1
    return text[max(0, line - 300) : at + 900]


def _in_return_path(mail: Mail) -> list[str]:
    """Whom a return path names that was made for them alone: list+who=example.com@our.example."""
    found = RETURN_PATH.search(mail.header("To").lower())
    return addresses(f"{found[1]}@{found[2]}") if found else []
